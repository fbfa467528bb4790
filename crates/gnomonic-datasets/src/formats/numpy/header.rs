//! The header of `.npy`: a literal of a Python dictionary with three keys, of which only what numpy writes is read.

use crate::shown;

/// NumPy's own bound (`NPY_MAXDIMS` of version 2; 32 in version 1).
const MOST_DIMENSIONS: usize = 64;

/// The three keys of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    /// The type, as in `<f4`; for records their literal, shortened.
    pub(crate) descr: String,
    /// Whether `descr` is a list of fields.
    pub(crate) structured: bool,
    pub(crate) fortran_order: bool,
    pub(crate) shape: Vec<u64>,
}

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }` in any order of the keys.
pub(crate) fn parse_fields(text: &str) -> Result<Fields, String> {
    let mut literal = Literal { text, at: 0 };
    let (mut descr, mut structured) = (None, false);
    let (mut fortran_order, mut shape) = (None, None);
    literal.expect('{')?;
    while !literal.accept('}') {
        let key = literal.string()?;
        literal.expect(':')?;
        match key {
            "descr" if literal.next_is('[') => {
                descr = Some(literal.list()?);
                structured = true;
            }
            "descr" => descr = Some(literal.string()?.to_owned()),
            "fortran_order" => fortran_order = Some(literal.boolean()?),
            "shape" => shape = Some(literal.lengths()?),
            other => return Err(format!("it has the unknown key '{}'", shown::text(other))),
        }
        if !literal.accept(',') {
            literal.expect('}')?;
            break;
        }
    }
    match (descr, fortran_order, shape) {
        (Some(descr), Some(fortran_order), Some(shape)) => {
            Ok(Fields { descr, structured, fortran_order, shape })
        }
        _ => Err("one of the keys descr, fortran_order and shape is missing".to_owned()),
    }
}

/// A literal being read.
struct Literal<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Literal<'a> {
    /// What is left, without leading white space.
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    fn next_is(&mut self, expected: char) -> bool {
        self.rest().starts_with(expected)
    }

    fn accept(&mut self, expected: char) -> bool {
        let accepted = self.next_is(expected);
        if accepted {
            self.at += expected.len_utf8();
        }
        accepted
    }

    fn expect(&mut self, expected: char) -> Result<(), String> {
        if self.accept(expected) {
            return Ok(());
        }
        match self.rest().chars().next() {
            Some(found) => Err(format!("{expected:?} is expected where {found:?} stands")),
            None => Err(format!("it ends where {expected:?} is expected")),
        }
    }

    /// A string without escapes, for numpy's type names need none.
    fn string(&mut self) -> Result<&'a str, String> {
        let quote = if self.next_is('"') { '"' } else { '\'' };
        self.expect(quote)?;
        let text = &self.text[self.at..];
        let length = text.find(quote).ok_or("a string does not end")?;
        self.at += length + quote.len_utf8();
        Ok(&text[..length])
    }

    fn boolean(&mut self) -> Result<bool, String> {
        let rest = self.rest();
        for (word, value) in [("True", true), ("False", false)] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err("fortran_order is neither True nor False".to_owned())
    }

    /// A tuple of lengths; Python 2 wrote `3L`.
    fn lengths(&mut self) -> Result<Vec<u64>, String> {
        let mut lengths = Vec::new();
        self.expect('(')?;
        while !self.accept(')') {
            let rest = self.rest();
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let length = rest[..digits].parse();
            lengths.push(length.map_err(|_| "the shape is not a tuple of lengths below 2^64")?);
            if lengths.len() > MOST_DIMENSIONS {
                return Err(format!("its shape has more than {MOST_DIMENSIONS} dimensions"));
            }
            self.at += digits;
            self.accept('L');
            if !self.accept(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(lengths)
    }

    /// A list, its brackets counted and its content unread.
    fn list(&mut self) -> Result<String, String> {
        let rest = self.rest();
        let mut depth = 0_usize;
        for (at, character) in rest.char_indices() {
            match character {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at += at + 1;
                let shown: String = rest[..=at].chars().take(60).collect();
                return Ok(if shown.len() <= at { shown + " …" } else { shown });
            }
        }
        Err("a list does not end".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_numpy_writes_is_read() {
        let fields =
            parse_fields("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   \n").unwrap();
        assert_eq!((fields.descr.as_str(), fields.fortran_order), ("<f4", false));
        assert_eq!(fields.shape, [3, 4]);
        let fields = parse_fields(r#"{"shape": (5L,), "descr": "|u1", "fortran_order": True}"#).unwrap();
        assert_eq!((fields.shape.as_slice(), fields.fortran_order), ([5].as_slice(), true));
        assert_eq!(
            parse_fields("{'descr': '<f8', 'fortran_order': False, 'shape': ()}").unwrap().shape,
            [0_u64; 0]
        );
    }

    #[test]
    fn records_are_told_from_plain_types() {
        let text =
            "{'descr': [('a', '<f4'), ('b', [('c', '<i4')])], 'fortran_order': False, 'shape': (2,), }";
        let fields = parse_fields(text).unwrap();
        assert!(fields.structured);
        assert!(fields.descr.ends_with(")])]"), "{}", fields.descr);
    }

    #[test]
    fn every_prefix_is_refused() {
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
        for end in 0..text.len() {
            assert!(parse_fields(&text[..end]).is_err(), "{}", &text[..end]);
        }
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        let cases = [
            ("{'descr': '<f4', 'fortran_order': 0, 'shape': (3,), }", "True nor False"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }", "tuple of lengths"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "below 2^64"),
            ("{'descr': '<f4', 'fortran_order': False, }", "missing"),
            ("{'décor': 1}", "unknown key"),
            ("[1]", "'{' is expected"),
        ];
        for (text, reason) in cases {
            let error = parse_fields(text).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
