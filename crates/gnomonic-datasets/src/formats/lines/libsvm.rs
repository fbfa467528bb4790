//! LIBSVM's sparse rows, one a line: the label, and then `index:value` for the values that are not 0, by rising index.

use gnomonic::Matrix;

use super::{Lines, first_lines};
use crate::dataset::{Dataset, Shape};
use crate::error::{ErrorKind, Result};
use crate::formats::format::Format;
use crate::formats::refusals::out_of_range;
use crate::gathering::Gathering;
use crate::input::Input;
use crate::labels::Labels;
use crate::narrowing::Narrowing;
use crate::options::{LabelColumn, ReadOptions};
use crate::shown;

/// The format.
pub(crate) struct Libsvm;

/// Lines that are looked at to tell it.
const LOOKED_AT: usize = 20;

impl Format for Libsvm {
    fn name(&self) -> &'static str {
        "LIBSVM"
    }

    fn matches(&self, prefix: &[u8]) -> bool {
        let (lines, whole) = first_lines(prefix);
        let mut pairs = 0;
        for line in lines.iter().take(LOOKED_AT) {
            let mut words: Vec<&str> = match str::from_utf8(without_comment(line)) {
                Ok(text) => text.split_ascii_whitespace().collect(),
                Err(_) => return false,
            };
            if !whole {
                // The last word may be cut.
                words.pop();
            }
            let mut last = None;
            for (place, word) in words.iter().enumerate() {
                match pair(word) {
                    Some((index, _)) if last.is_none_or(|last| index > last) => {
                        last = Some(index);
                        pairs += 1;
                    }
                    None if place == 0 && is_label(word) => {}
                    None if place == 1 && word.starts_with("qid:") => {}
                    _ => return false,
                }
            }
        }
        pairs > 0
    }

    fn shape(&self, _: Input<'static>) -> Result<Option<Shape>> {
        Ok(None)
    }

    fn read(&self, input: Input<'static>, options: &ReadOptions, _: &mut Narrowing) -> Result<Dataset> {
        let mut lines = Lines::new(input);
        let entries = Entries::read(&mut lines)?;
        let name = lines.source().name();
        let (n, d) = (entries.ends.len(), entries.width());
        let count = entries.values.len();
        let (matrix, labels) = entries.into_dense(&lines, d)?;
        let matrix = Matrix::new(matrix, n, d)
            .map_err(|error| lines.source().error(ErrorKind::Malformed, error.to_string()))?;
        let labels = labels.filter(|_| options.label_column != LabelColumn::Absent);
        let dialect = vec![format!("LIBSVM, sparse rows of {count} values made dense")];
        Ok(Dataset { labels, dialect, ..Dataset::new(name, matrix) })
    }

    fn read_labels(&self, input: Input<'static>, _: &ReadOptions) -> Result<Labels> {
        let mut lines = Lines::new(input);
        let entries = Entries::read(&mut lines)?;
        entries.labels.map(Gathering::finish).ok_or_else(|| {
            lines.source().error(ErrorKind::UnknownColumn, "its lines have no labels before the values")
        })
    }
}

/// The values that are not 0.
struct Entries {
    /// The label of each row, where they have them.
    labels: Option<Gathering>,
    indices: Vec<u32>,
    values: Vec<f32>,
    /// Where the values of each row end.
    ends: Vec<usize>,
    /// The least index and the greatest.
    range: (u32, u32),
}

impl Entries {
    fn read(lines: &mut Lines<'_>) -> Result<Self> {
        let mut labels = Gathering::new(lines.memory());
        let mut labeled = 0;
        let mut entries = Self {
            labels: None,
            indices: Vec::new(),
            values: Vec::new(),
            ends: Vec::new(),
            range: (u32::MAX, 0),
        };
        while lines.next(|line| !without_comment(line).is_empty())? {
            let text = without_comment(lines.text());
            let mut last = None;
            let words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            for (place, word) in words.enumerate() {
                let word = String::from_utf8_lossy(word);
                let Some((index, value)) = pair(&word) else {
                    if place == 0 {
                        labels.push(&word, usize::MAX).map_err(|no_room| lines.no_room(no_room))?;
                        labeled += 1;
                        continue;
                    }
                    if place == 1 && word.starts_with("qid:") {
                        continue;
                    }
                    let message = format!("\"{}\" is no index:value", shown::text(&word));
                    return Err(lines.error(ErrorKind::NotANumber, message));
                };
                if last.is_some_and(|last| index <= last) {
                    let message = format!("the index {index} does not rise; it names a column twice");
                    return Err(lines.error(ErrorKind::Malformed, message));
                }
                last = Some(index);
                if value.is_finite() && !(value as f32).is_finite() {
                    return Err(out_of_range(lines.source(), &value.to_string()));
                }
                lines.reserve(&mut entries.indices, 1, usize::MAX)?;
                lines.reserve(&mut entries.values, 1, usize::MAX)?;
                entries.indices.push(index);
                entries.values.push(value as f32);
                entries.range = (entries.range.0.min(index), entries.range.1.max(index));
            }
            lines.reserve(&mut entries.ends, 1, usize::MAX)?;
            entries.ends.push(entries.values.len());
            if labeled != 0 && labeled != lines.row() {
                return Err(lines.error(ErrorKind::Malformed, "has a label where others have none, or none"));
            }
        }
        if entries.ends.is_empty() {
            return Err(lines.empty());
        }
        if entries.values.is_empty() {
            return Err(lines.source().error(ErrorKind::Empty, "holds no values, only labels"));
        }
        entries.labels = (labeled > 0).then_some(labels);
        Ok(entries)
    }

    /// Columns: indices count from 1, unless one is 0.
    fn width(&self) -> usize {
        self.range.1 as usize + usize::from(self.range.0 == 0)
    }

    /// The values row after row, with the labels. What it takes is asked for before.
    fn into_dense(self, lines: &Lines<'_>, d: usize) -> Result<(Vec<f32>, Option<Labels>)> {
        let mut dense = Vec::new();
        let size = self.ends.len().saturating_mul(d);
        lines.reserve(&mut dense, size, size)?;
        dense.resize(size, 0.0);
        let first = usize::from(self.range.0 != 0);
        let mut start = 0;
        for (row, &end) in self.ends.iter().enumerate() {
            for entry in start..end {
                dense[row * d + self.indices[entry] as usize - first] = self.values[entry];
            }
            start = end;
        }
        Ok((dense, self.labels.map(Gathering::finish)))
    }
}

fn without_comment(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|&byte| byte == b'#').unwrap_or(line.len());
    line[..end].trim_ascii()
}

/// `index:value`.
fn pair(word: &str) -> Option<(u32, f64)> {
    let (index, value) = word.split_once(':')?;
    let is_index = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
    Some((index.parse().ok().filter(|_| is_index)?, value.parse().ok()?))
}

/// A number, or several between commas.
fn is_label(word: &str) -> bool {
    word.split(',').all(|part| part.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_by_rising_indices_after_a_label() {
        for text in ["1 1:0.5 3:2\n-1 2:1e-3\n", "1 0:5\n", "+1,2 qid:7 4:1 # note\n", "# a\n1:2 2:3\n"] {
            assert!(Libsvm.matches(text.as_bytes()), "{text}");
        }
        for text in ["1 2 3\n", "a 1:2\n", "1 3:1 2:1\n", "10:30 10:20\n", "1,2,3\n", "1\n2\n", "\n"] {
            assert!(!Libsvm.matches(text.as_bytes()), "{text}");
        }
    }
}
