//! Text in UTF-16, as spreadsheets of some systems save it, turned into UTF-8 while it is read.

use std::io::{self, BufRead, Read};

/// The marks at the start of a file in UTF-16, and whether the more significant byte of a unit comes second.
pub(crate) fn utf16_order(start: &[u8]) -> Option<bool> {
    match start {
        [0xff, 0xfe, rest @ ..] if !rest.starts_with(&[0, 0]) => Some(true),
        [0xfe, 0xff, ..] => Some(false),
        _ => None,
    }
}

/// UTF-8 from a reader of UTF-16. What makes no character becomes U+FFFD.
pub(crate) struct FromUtf16<R> {
    units: R,
    little: bool,
    /// The first half of a character, when the second is still to come.
    half: Option<u16>,
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: BufRead> FromUtf16<R> {
    /// Reads `units`, from the mark of the order of bytes on.
    pub(crate) fn new(units: R, little: bool) -> Self {
        Self { units, little, half: None, text: Vec::new(), at: 0, ended: false }
    }

    /// The next unit of two bytes. One byte alone at the end is an error.
    fn unit(&mut self) -> io::Result<Option<u16>> {
        let mut bytes = [0; 2];
        if self.units.by_ref().take(1).read(&mut bytes[..1])? == 0 {
            return Ok(None);
        }
        if self.units.by_ref().take(1).read(&mut bytes[1..])? == 0 {
            return Err(io::Error::other(
                "the text in UTF-16 ends within a character; the file was cut short",
            ));
        }
        Ok(Some(if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }))
    }

    fn refill(&mut self) -> io::Result<()> {
        const CHARACTERS: usize = 1 << 13;
        self.text.clear();
        self.at = 0;
        let mut units = Vec::with_capacity(CHARACTERS + 1);
        units.extend(self.half.take());
        while units.len() < CHARACTERS {
            match self.unit()? {
                Some(unit) => units.push(unit),
                None => {
                    self.ended = true;
                    break;
                }
            }
        }
        if !self.ended && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            self.half = units.pop();
        }
        let mut buffer = [0; 4];
        for character in char::decode_utf16(units) {
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.text.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        }
        Ok(())
    }
}

impl<R: BufRead> BufRead for FromUtf16<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.text.len() && !self.ended {
            self.refill()?;
        }
        Ok(&self.text[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.text.len());
    }
}

impl<R: BufRead> Read for FromUtf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_give_the_text() {
        let text = "a,é,손,🦀\n".repeat(5_000);
        for little in [true, false] {
            let unit = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            let bytes: Vec<u8> = text.encode_utf16().flat_map(unit).collect();
            let mut read = String::new();
            FromUtf16::new(bytes.as_slice(), little).read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
    }

    #[test]
    fn halves_are_replaced_or_refused() {
        let mut read = String::new();
        FromUtf16::new([0x00, 0xd8, b'a', 0].as_slice(), true).read_to_string(&mut read).unwrap();
        assert_eq!(read, "\u{fffd}a");
        assert!(FromUtf16::new([b'a', 0, b'b'].as_slice(), true).read_to_string(&mut read).is_err());
    }

    #[test]
    fn utf_32_is_something_else() {
        assert_eq!(utf16_order(&[0xff, 0xfe, 0, 0]), None);
        assert_eq!(utf16_order(b"\xff\xfea\0"), Some(true));
        assert_eq!(utf16_order(b"\xfe\xff\0a"), Some(false));
    }
}
