//! word2vec's binary vectors: a line that counts words and numbers, and then each word, a blank, and its numbers as little-endian `f32`.

use gnomonic::Matrix;

use crate::dataset::{Carried, Dataset, Shape};
use crate::error::{ErrorKind, Place, Result};
use crate::formats::format::Format;
use crate::input::Input;
use crate::labels::Labels;
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;
use crate::texts::Texts;

/// The format.
pub(crate) struct Word2vec;

/// Letters of a word, at most.
const LONGEST_WORD: usize = 1 << 12;

impl Format for Word2vec {
    fn name(&self) -> &'static str {
        "word2vec (binary)"
    }

    fn matches(&self, prefix: &[u8]) -> bool {
        let Some((_, d, start)) = header(prefix) else { return false };
        let rest = &prefix[start..];
        let Some(blank) = rest.iter().take(LONGEST_WORD).position(|&byte| byte == b' ') else { return false };
        let numbers = &rest[blank + 1..];
        let numbers = &numbers[..numbers.len().min(d.saturating_mul(4))];
        // The same in text has nothing but letters there.
        str::from_utf8(&rest[..blank]).is_ok()
            && blank > 0
            && numbers.len() >= 4
            && numbers.iter().any(|&byte| byte < 0x20 && !byte.is_ascii_whitespace() || byte >= 0x80)
    }

    fn shape(&self, input: Input<'static>) -> Result<Option<Shape>> {
        let told = header(input.prefix());
        Ok(told.map(|(n_samples, n_features, _)| Shape { n_samples, n_features, is_mapped: false }))
    }

    fn read(&self, mut input: Input<'static>, _: &ReadOptions, _: &mut Narrowing) -> Result<Dataset> {
        let name = input.source().name();
        let (n, d, start) = header(input.prefix())
            .ok_or_else(|| input.error(ErrorKind::Malformed, "begins with no count of words and numbers"))?;
        let count = n.checked_mul(d).filter(|count| *count <= isize::MAX as usize / 4).ok_or_else(|| {
            input.error(
                ErrorKind::TooLarge,
                format!("{n} words of {d} numbers overflow; the first line is damaged"),
            )
        })?;
        let mut line = vec![0; start];
        input.read_exact(&mut line, "the first line")?;
        // Of each word at least a letter and a blank.
        input.expect((count as u64).saturating_mul(4).saturating_add(2 * n as u64), "words and vectors")?;
        let mut values: Vec<f32> = Vec::new();
        input.reserve(&mut values, input.room(count, 4), count)?;
        let mut bytes: Vec<u8> = Vec::new();
        input.reserve(&mut bytes, 4 * d, 4 * d)?;
        bytes.resize(4 * d, 0);
        let (mut texts, mut word) = (Texts::default(), Vec::new());
        for row in 0..n {
            word.clear();
            loop {
                let mut letter = [0];
                input.read_exact(&mut letter, "a word")?;
                match letter[0] {
                    b' ' => break,
                    // Some writers end each vector with a line.
                    b'\n' if word.is_empty() => {}
                    letter => word.push(letter),
                }
                if word.len() > LONGEST_WORD {
                    let message = format!("a word has more than {LONGEST_WORD} bytes; the file is damaged");
                    return Err(input
                        .error(ErrorKind::Malformed, message)
                        .at(Place::Row { row: row + 1, line: None }));
                }
            }
            let text = String::from_utf8_lossy(&word);
            texts.push(&text, input.memory()).map_err(|no_room| input.source().no_room(no_room))?;
            input.read_exact(&mut bytes, "a vector")?;
            input.reserve(&mut values, d, count)?;
            values.extend(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
        }
        let matrix = Matrix::new(values, n, d);
        let matrix = matrix.map_err(|error| input.error(ErrorKind::Malformed, error.to_string()))?;
        let carried = vec![Carried { name: "name".to_owned(), texts, names_rows: true }];
        Ok(Dataset { carried, dialect: vec!["word2vec".to_owned()], ..Dataset::new(name, matrix) })
    }

    fn read_labels(&self, input: Input<'static>, _: &ReadOptions) -> Result<Labels> {
        Err(input.error(ErrorKind::UnknownColumn, "holds word vectors and no labels"))
    }
}

/// The words, the numbers of each, and the length of the line that counts them.
fn header(prefix: &[u8]) -> Option<(usize, usize, usize)> {
    let end = prefix.iter().take(64).position(|&byte| byte == b'\n')?;
    let (words, numbers) = str::from_utf8(&prefix[..end]).ok()?.trim_end().split_once(' ')?;
    let whole = |text: &str| text.parse::<usize>().ok().filter(|count| *count > 0);
    Some((whole(words)?, whole(numbers)?, end + 1))
}
