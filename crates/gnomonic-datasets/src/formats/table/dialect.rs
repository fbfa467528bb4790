//! What the first lines of a file tell of how it is written: what separates the cells, what stands before the decimals, which lines are
//! comments.

use crate::error::{ErrorKind, Remedy, Result};
use crate::formats::table::cell::is_number;
use crate::formats::table::noise::is_frame;
use crate::formats::table::{titles, words};
use crate::input::Input;
use crate::options::ReadOptions;
use crate::shown;

/// What lines begin with that are comments before the data.
const COMMENTS: [&[u8]; 3] = [b"#", b"%", b"//"];

/// Lines that are looked at.
const LINES: usize = 40;

/// How a table is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// What separates the cells; a space stands for any run of blanks.
    pub(crate) delimiter: u8,
    /// Whether a comma stands before the decimals.
    pub(crate) comma: bool,
    /// Lines before the data that are skipped.
    pub(crate) skipped: usize,
    /// What the lines begin with that are skipped wherever they stand.
    pub(crate) comment: Option<u8>,
    /// Whether the file is in UTF-16.
    pub(crate) utf16: bool,
    /// Of word vectors, how many numbers follow each word; words may hold anything but a line's end.
    pub(crate) words: Option<usize>,
    /// The last comment before the data without its mark: perhaps the names of the columns.
    pub(crate) last_comment: Option<Vec<u8>>,
}

impl Dialect {
    /// Tells the dialect by the first bytes, as far as `options` do not say.
    ///
    /// # Errors
    /// When `1,234` may be a thousand or one.
    pub(crate) fn of(input: &Input<'_>, options: &ReadOptions) -> Result<Self> {
        let prefix = input.prefix();
        let prefix = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
        if let Some((d, skipped)) = words::told(prefix, options) {
            return Ok(Self {
                delimiter: b' ',
                comma: false,
                skipped,
                comment: None,
                utf16: input.is_utf16(),
                words: Some(d),
                last_comment: None,
            });
        }
        let lines = lines(prefix);
        let comment = options.comment;
        let (mut skipped, mut said, mut last_comment) = preamble(&lines, comment);
        if let Some((titles, delimiter)) = titles::told(&lines[skipped..], options.delimiter.or(said)) {
            skipped += titles;
            said = Some(delimiter);
            last_comment = None;
        }
        let rest: Vec<&[u8]> = lines[skipped..]
            .iter()
            .copied()
            .filter(|line| !line.trim_ascii().is_empty() && !is_frame(line))
            .collect();
        let rest = &rest[..rest.len().min(LINES)];
        let first = rest.first().copied().unwrap_or_default();
        let delimiter = match options.delimiter.or(said) {
            Some(delimiter) => delimiter,
            None => separator(first, rest),
        };
        let comma = match options.decimal {
            Some(decimal) => decimal == b',',
            None if delimiter == b',' => false,
            None => has_decimal_commas(rest, delimiter).map_err(|cell| {
                let cell = shown::text(&String::from_utf8_lossy(&cell));
                let message = format!(
                    "\"{cell}\" may be a thousand or have decimals after a comma; say which the file means"
                );
                input.error(ErrorKind::NotANumber, message).remedied_by(&[Remedy::Decimal])
            })?,
        };
        Ok(Self { delimiter, comma, skipped, comment, utf16: input.is_utf16(), words: None, last_comment })
    }

    /// What is not usual of it, in a few words each.
    pub(crate) fn said(&self) -> Vec<String> {
        let mut said = Vec::new();
        if self.utf16 {
            said.push("UTF-16".to_owned());
        }
        if self.words.is_some() {
            said.push("word vectors".to_owned());
            return said;
        }
        match self.delimiter {
            b',' | b'\t' => {}
            b';' => said.push("separated by semicolons".to_owned()),
            b' ' => said.push("separated by blanks".to_owned()),
            other => said.push(format!("separated by {}", shown::text(&char::from(other).to_string()))),
        }
        if self.comma {
            said.push("decimal comma".to_owned());
        }
        match self.skipped {
            0 => {}
            1 => said.push("1 line before the data skipped".to_owned()),
            several => said.push(format!("{several} lines before the data skipped")),
        }
        said
    }
}

/// The whole lines of the first bytes, and the last piece if there is but one.
fn lines(prefix: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = prefix.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end).collect();
    if lines.len() > 1 {
        lines.pop();
    }
    lines
}

/// How many lines stand before the data; the separator that one of them says (`sep=;`), and the last comment.
fn preamble(lines: &[&[u8]], comment: Option<u8>) -> (usize, Option<u8>, Option<Vec<u8>>) {
    let marked = |line: &[u8]| match comment {
        Some(comment) => line.starts_with(&[comment]).then_some(1),
        None => COMMENTS.iter().find(|mark| line.starts_with(mark)).map(|mark| mark.len()),
    };
    let (mut skipped, mut said, mut last) = (0, None, None);
    for (number, line) in lines.iter().enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        if let [b's', b'e', b'p', b'=', delimiter] = line {
            said = Some(*delimiter);
        } else if let Some(length) = marked(line) {
            last = Some(line[length..].to_vec());
        } else {
            break;
        }
        skipped = number + 1;
    }
    let data = lines[skipped..].iter().find(|line| !line.trim_ascii().is_empty());
    // Where no other lines follow, or the last one looks like a row of them, it is none.
    let is_row =
        |data: &&&[u8]| comment.is_none() && last.is_some() && looks_like_row(lines[skipped - 1], data);
    match data {
        None => (0, None, None),
        Some(_) if data.as_ref().is_some_and(is_row) => (0, None, None),
        Some(_) => (skipped, said, last),
    }
}

/// Whether a line with a mark has as many cells as `data`, of which one but the first is a number.
fn looks_like_row(line: &[u8], data: &[u8]) -> bool {
    let delimiter = separator(data, &[data]);
    let cells = cells(line, delimiter);
    cells.len() > 1
        && cells.len() == self::cells(data, delimiter).len()
        && cells[1..].iter().any(|cell| is_number(cell, false))
}

/// The separator: of comma, tab, semicolon and bar that which the first line holds most of, outside quotes; blanks where it holds none of
/// these, and a comma where it holds no blanks. Where all cells between other separators are numbers with a decimal comma, these are.
fn separator(first: &[u8], rest: &[&[u8]]) -> u8 {
    const CANDIDATES: [u8; 4] = [b',', b'\t', b';', b'|'];
    let count = |delimiter: u8| unquoted(first).filter(|&byte| byte == delimiter).count();
    let counts = CANDIDATES.map(count);
    let best = (0..CANDIDATES.len()).max_by_key(|&at| (counts[at], CANDIDATES.len() - at)).unwrap_or(0);
    let blanks = first.trim_ascii().contains(&b' ');
    let best = match counts[best] {
        0 if blanks => return b' ',
        0 => return b',',
        _ => CANDIDATES[best],
    };
    if best != b',' {
        return best;
    }
    let data = rest.get(1).copied().unwrap_or(first);
    for delimiter in [b';', b'\t', b'|', b' '] {
        let cells = cells(data, delimiter);
        let commas = cells.iter().filter(|cell| cell.contains(&b',')).count();
        // A comma before a blank, as in `1, 2`, stands before no decimals.
        let is_one = |cell: &&[u8]| !cell.ends_with(b",") && is_number(cell, true);
        if cells.len() > 1 && commas > 0 && cells.iter().all(is_one) {
            return delimiter;
        }
    }
    best
}

/// Whether a comma stands before decimals in `rest`, of cells between `delimiter`. The error is a cell of which it cannot be told.
fn has_decimal_commas(rest: &[&[u8]], delimiter: u8) -> std::result::Result<bool, Vec<u8>> {
    let (mut commas, mut periods, mut open) = (false, false, None);
    for line in rest {
        for cell in cells(line, delimiter) {
            let cell = cell.trim_ascii();
            if !cell.contains(&b',') {
                periods |= cell.contains(&b'.') && is_number(cell, false);
                continue;
            }
            match (is_number(cell, true), is_number(cell, false)) {
                (true, false) => commas = true,
                (false, true) => periods = true,
                (true, true) => open = open.or(Some(cell)),
                (false, false) => {}
            }
        }
    }
    match (commas, periods, open) {
        (true, false, _) => Ok(true),
        (false, false, Some(cell)) => Err(cell.to_vec()),
        _ => Ok(false),
    }
}

/// The cells of a line, without the quotes around them.
pub(crate) fn cells(line: &[u8], delimiter: u8) -> Vec<&[u8]> {
    let mut quoted = false;
    let split = |&byte: &u8| {
        quoted ^= byte == b'"';
        byte == delimiter && !quoted
    };
    let bare = |cell: &'_ [u8]| -> Option<(usize, usize)> {
        let trimmed = cell.trim_ascii();
        (trimmed.len() > 1 && trimmed.starts_with(b"\"") && trimmed.ends_with(b"\""))
            .then(|| (1, trimmed.len() - 1))
    };
    let pieces = line.split(split).map(<[u8]>::trim_ascii);
    let pieces = pieces.map(|cell| bare(cell).map_or(cell, |(from, to)| &cell[from..to]));
    if delimiter == b' ' { pieces.filter(|cell| !cell.is_empty()).collect() } else { pieces.collect() }
}

/// The bytes outside of quotes.
fn unquoted(line: &[u8]) -> impl Iterator<Item = u8> {
    let mut quoted = false;
    line.iter().copied().filter(move |&byte| {
        quoted ^= byte == b'"';
        !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;
    use crate::source::Source;

    fn dialect(text: &str) -> Result<Dialect> {
        let bytes = std::io::Cursor::new(text.to_owned().into_bytes());
        let input = Input::new(&Source::file("a.csv"), Box::new(bytes), 1 << 20, false, &Memory::default());
        Dialect::of(&input.unwrap(), &ReadOptions::default())
    }

    #[test]
    fn separators_are_those_of_the_first_lines() {
        for (text, delimiter) in [
            ("a,b\n1,2\n", b','),
            ("a\tb\n1\t2\n", b'\t'),
            ("a;b\n1;2\n", b';'),
            ("a|b\n1|2\n", b'|'),
            ("  1.0   2.0\n", b' '),
            ("a\n1\n", b','),
            ("a, b\n1, 2\n", b','),
            ("red car\tblue car\n", b'\t'),
            ("\"a;b;c\",d\n", b','),
            ("1,5;2,5;3,5\n1,0;2,5;3,5\n", b';'),
            ("1,5 2,5 3,5\n1,0 2,5 3,5\n", b' '),
            ("sep=;\na,b;c\n", b';'),
        ] {
            assert_eq!(dialect(text).unwrap().delimiter, delimiter, "{text}");
        }
    }

    #[test]
    fn decimal_commas_are_told_from_thousands() {
        let comma = |text: &str| dialect(text).unwrap().comma;
        assert!(comma("a;b\n1,5;2\n"));
        assert!(!comma("a;b\n1.5;2\n"));
        assert!(!comma("a;b\n1,500.5;2\n"));
        assert!(!comma("a,b\n\"1,500\",2\n"), "a comma that separates is none");
        let error = dialect("a;b\n1,500;2\n").unwrap_err();
        assert!(error.to_string().contains("\"1,500\" may be a thousand"), "{error}");
        assert_eq!(error.remedies(), [Remedy::Decimal]);
    }

    #[test]
    fn comments_stand_before_the_data() {
        let skipped = |text: &str| dialect(text).unwrap().skipped;
        assert_eq!(skipped("# one\n# two\na,b\n1,2\n"), 2);
        assert_eq!(skipped("% one\n\n1,2\n"), 1);
        assert_eq!(skipped("#1 song,2,3\n#2 song,3,4\n"), 0, "what is all that there is");
        assert_eq!(skipped("#1 song,2,3\nsecond,3,4\n"), 0, "what is a row");
        let named = dialect("# a b\n1 2\n").unwrap();
        assert_eq!((named.skipped, named.last_comment.as_deref()), (1, Some(b" a b".as_slice())));
    }
}
