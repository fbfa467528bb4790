//! Word vectors as GloVe and word2vec write them in text: a word, a blank, and numbers between single blanks; of word2vec under a line
//! that counts words and numbers. No word is quoted, and some are quotation marks.

use memchr::memrchr;

use crate::options::{Header, ReadOptions};

/// Lines that are looked at.
const LOOKED_AT: usize = 20;

/// The numbers after each word and the lines before the first, when the first bytes of a file are those of word vectors.
pub(crate) fn told(prefix: &[u8], options: &ReadOptions) -> Option<(usize, usize)> {
    let asked = options.header == Header::Present
        || options.comment.is_some()
        || options.decimal.is_some()
        || options.delimiter.is_some_and(|delimiter| delimiter != b' ');
    if asked {
        return None;
    }
    let mut lines: Vec<&[u8]> = prefix.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end).collect();
    // Of the last line there may be more.
    let last = lines.pop().unwrap_or_default();
    let first = lines.first().copied()?;
    if let Some(d) = counted(first) {
        let whole = &lines[1..lines.len().min(LOOKED_AT)];
        let numbers = last.split(|&byte| byte == b' ').skip(1);
        let begins = || {
            let numbers: Vec<&[u8]> = numbers.collect();
            numbers.len() > 8 && numbers[..numbers.len() - 1].iter().all(|cell| is_plain(cell))
        };
        let fits = whole.iter().all(|line| word(line, d).is_some());
        return (fits && d > 1 && (!whole.is_empty() || begins())).then_some((d, 1));
    }
    let d = first.split(|&byte| byte == b' ').rev().take_while(|cell| is_plain(cell)).count();
    let of_words = |line: &&&[u8]| word(line, d).is_some_and(|word| !is_plain(word));
    let lines = &lines[..lines.len().min(LOOKED_AT)];
    let fits = lines.iter().all(|line| word(line, d).is_some_and(|word| !is_quoted(word)));
    let is_text = 2 * lines.iter().filter(of_words).count() > lines.len();
    (d > 1 && lines.len() > 1 && fits && is_text && !first.contains(&b'\t')).then_some((d, 0))
}

/// What stands before the last `d` numbers of a line.
fn word(line: &[u8], d: usize) -> Option<&[u8]> {
    let mut rest = line;
    for _ in 0..d {
        let blank = memrchr(b' ', rest)?;
        if !is_plain(&rest[blank + 1..]) {
            return None;
        }
        rest = &rest[..blank];
    }
    (!rest.is_empty()).then_some(rest)
}

/// Where the last `d` cells of a line between single blanks begin, each with its blank, in order; fewer where there are fewer.
pub(crate) fn starts(line: &[u8], d: usize) -> Vec<usize> {
    let mut end = line.len();
    let mut starts = Vec::new();
    while starts.len() < d
        && let Some(blank) = memrchr(b' ', &line[..end])
    {
        starts.push(blank);
        end = blank;
    }
    starts.reverse();
    starts
}

/// The second of two whole numbers.
fn counted(line: &[u8]) -> Option<usize> {
    let (words, numbers) = str::from_utf8(line).ok()?.split_once(' ')?;
    let is_whole = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    words.parse::<usize>().ok().filter(|_| is_whole(words))?;
    numbers.parse().ok().filter(|_| is_whole(numbers))
}

/// A number as programs write it.
fn is_plain(cell: &[u8]) -> bool {
    str::from_utf8(cell).is_ok_and(|cell| cell.parse::<f64>().is_ok_and(f64::is_finite))
}

fn is_quoted(word: &[u8]) -> bool {
    word.len() > 1 && word.starts_with(b"\"") && word.ends_with(b"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(usize, usize)> {
        told(text.as_bytes(), &ReadOptions::default())
    }

    #[test]
    fn told_by_words_before_numbers() {
        assert_eq!(of("the 0.1 0.2\n, 0.3 -4e-2\n\" 1 2\n"), Some((2, 0)));
        assert_eq!(of("2 3\na 1 2 3\n7 1 2 3 \n"), Some((3, 1)));
        assert_eq!(of(". . . 1 2 3\nb 4 5 6\n"), Some((3, 0)));
        let long = format!("1 4000\nword {}", "0.125 ".repeat(2_000));
        assert_eq!(of(&long), Some((4_000, 1)));
        for text in [
            "1 2\n3 4\n",
            "1 2 3\n4 5 6\n",
            "# a b\n1 2\n3 4\n",
            "\"a\" 1 2\n\"b\" 3 4\n",
            "a b c\n1 2 3\n",
            "a  1  2\nb  3  4\n",
            "a\t1\t2\nb\t3\t4\n",
            "word 1 2\n",
            "",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
