//! What the readers return: a table of numbers, and one label for each of its rows.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::error::{ErrorKind, Remedy, Result};
use crate::joining::join;
use crate::options::Header;
use crate::shown::hexadecimal;
use crate::source::Source;
use crate::texts::Texts;
use crate::values::Values;

/// Rows and columns of a data set, as its header or the catalog says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows, n.
    pub n_samples: usize,
    /// Columns, d.
    pub n_features: usize,
    /// Whether the values will be mapped into memory where they lie rather than copied: see [`Values`].
    pub is_mapped: bool,
}

/// A table of numbers, `n_samples × n_features`, with a name and, when they are known, the labels of its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// What to call it: the name in the catalog, or the file's name.
    pub name: String,
    /// The values, one sample per row.
    pub matrix: Values,
    /// One label for each row.
    pub labels: Option<Labels>,
    /// What was taken away from each column (0 from most) to keep the digits by which its rows differ, when narrowing
    /// to `f32` would have lost more than 10⁻⁴ of some column's range: `X + 10⁹` in a file of `f64`, integers or text.
    /// The value in the file is about the one in the matrix plus this. `None` for ordinary data.
    ///
    /// Distances do not depend on it, nor do t-SNE, PCA and scaling to a range or to unit variance.
    pub offsets: Option<Vec<f64>>,
    /// The name, which may be empty, of a column of the table that numbers the rows and was left out of the values.
    pub left_out: Option<String>,
    /// What that column holds: the number of each row.
    pub numbers: Option<Texts>,
    /// The names of the columns of values, when they have some.
    pub column_names: Option<Texts>,
    /// Columns that are no values and are carried along, in the order of the file.
    pub carried: Vec<Carried>,
    /// Of rows that lacked values and were left out, which others remain.
    pub kept: Option<Kept>,
    /// How many values were missing, and had the mean or the median of their column take their place.
    pub filled: usize,
    /// How the file is written where that is not usual, in a few words each: `decimal comma`.
    pub dialect: Vec<String>,
    /// What a reader of the result should know.
    pub notes: Vec<Note>,
}

/// A column that is carried along: it tells rows apart, and counts for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Carried {
    /// The name in the header; of a column without one `column_N`, or `name` where it names the rows.
    pub name: String,
    /// The text of each row.
    pub texts: Texts,
    /// Whether it names the rows.
    pub names_rows: bool,
}

impl Carried {
    /// The texts of the rows named by `indices`, in that order.
    ///
    /// # Panics
    /// When an index is not below the number of rows.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self { name: self.name.clone(), texts: self.texts.select(indices), names_rows: self.names_rows }
    }
}

/// Rows of the input that remain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// The rows in the file.
    pub of: usize,
    /// Those that remain, counted from 0 and ascending.
    pub rows: Vec<usize>,
}

/// Something that a reader of the result should know, and the setting that would change it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// What there is to know.
    pub text: String,
    /// The settings that would change it.
    pub remedies: Vec<Remedy>,
}

impl Note {
    pub(crate) fn new(text: impl Into<String>, remedies: &[Remedy]) -> Self {
        Self { text: text.into(), remedies: remedies.to_vec() }
    }
}

impl Dataset {
    /// The values, under a name, and nothing else that is known of them.
    #[must_use]
    pub fn new(name: impl Into<String>, matrix: impl Into<Values>) -> Self {
        Self {
            name: name.into(),
            matrix: matrix.into(),
            labels: None,
            offsets: None,
            left_out: None,
            numbers: None,
            column_names: None,
            carried: Vec::new(),
            kept: None,
            filled: 0,
            dialect: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Rows and columns, and whether the values lie in a file.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape {
            n_samples: self.matrix.n_samples(),
            n_features: self.matrix.n_features(),
            is_mapped: self.matrix.is_mapped(),
        }
    }

    /// The names of the rows, when a column holds them.
    #[must_use]
    pub fn row_names(&self) -> Option<&Texts> {
        self.carried.iter().find(|column| column.names_rows).map(|column| &column.texts)
    }

    /// What tells the rows apart: their names, or else their numbers, when a column holds either.
    #[must_use]
    pub fn keys(&self) -> Option<&Texts> {
        self.row_names().or(self.numbers.as_ref())
    }

    /// Sets the labels, which were read from `source`. Where both name their rows they are joined by name, else by position.
    ///
    /// # Errors
    /// As [`with_labels`](Self::with_labels) when joined by position; [`ErrorKind::LengthMismatch`] when a row of the data has no label
    /// of its name.
    pub fn with_named_labels(mut self, mut named: NamedLabels, source: &Source) -> Result<Self> {
        let joined = match (self.keys(), named.names.take()) {
            (Some(here), Some(there)) => join(here, &there, source)?,
            _ => None,
        };
        let Some(rows) = joined else { return self.with_labels(named.labels, source) };
        self.labels = Some(named.labels.select(&rows));
        self.dialect.push("labels joined by the names of the rows".to_owned());
        Ok(self)
    }

    /// Sets the labels, which were read from `source`, by position.
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] when there is not exactly one label for each row of the file. Of rows that were left out the labels
    /// are too.
    pub fn with_labels(mut self, mut labels: Labels, source: &Source) -> Result<Self> {
        match &self.kept {
            Some(kept) => {
                check_lengths(kept.of, labels.len(), source)?;
                labels = labels.select(&kept.rows);
            }
            None => check_lengths(self.matrix.n_samples(), labels.len(), source)?,
        }
        self.labels = Some(labels);
        Ok(self)
    }

    /// The SHA-256, in hexadecimal, of the shape (two 64-bit numbers) and the values (32-bit floats), little-endian: by
    /// it a run's record tells whether another run saw the same numbers, whatever file they came from.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for length in [self.matrix.n_samples(), self.matrix.n_features()] {
            digest.update((length as u64).to_le_bytes());
        }
        let mut bytes = Vec::with_capacity(1 << 16);
        let Ok(()) = self.matrix.try_for_each_block(|_, rows| {
            for values in rows.as_slice().chunks(1 << 14) {
                bytes.clear();
                bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                digest.update(&bytes);
            }
            Ok::<(), Infallible>(())
        });
        hexadecimal(&digest.finalize())
    }
}

/// Refuses as many as `found` labels, read from `source`, when they are not one for each of `n_samples` rows.
pub(crate) fn check_lengths(n_samples: usize, found: usize, source: &Source) -> Result<()> {
    if found == n_samples {
        return Ok(());
    }
    let (remedy, remedies): (_, &[Remedy]) = if found == n_samples + 1 {
        ("if its first line is a header, read it with a header", &[Remedy::LabelsHeader(Header::Present)])
    } else if found + 1 == n_samples {
        let header = &[Remedy::Header(Header::Present)];
        ("if the first line of the table is a header, read the table with a header", header)
    } else {
        ("check that both belong together", [].as_slice())
    };
    let labels = if found == 1 { "label" } else { "labels" };
    let rows = if n_samples == 1 { "row" } else { "rows" };
    let message = format!("{found} {labels} for {n_samples} {rows}: each row needs exactly one; {remedy}");
    Err(source.error(ErrorKind::LengthMismatch, message).remedied_by(remedies))
}

/// Labels with the names of the rows that they belong to, where these stand beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedLabels {
    /// The labels.
    pub labels: Labels,
    /// The name of each row.
    pub names: Option<Texts>,
}

/// One class for each sample, and the classes' names.
///
/// Classes are numbered from 0 in the order of their names: by value when all labels are numbers (2 before 10), else as people count
/// (`apple` before `pear`, and `cluster 2` before `cluster 10`). When read, every name is in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// The class of each sample, an index into `names`; [`Labels::NONE`] of a sample without one, where that was allowed.
    pub classes: Vec<u32>,
    /// The name of each class, as text; the number 3.0 is called `3`.
    pub names: Vec<String>,
}

impl Labels {
    /// The class of a sample that has no label.
    pub const NONE: u32 = u32::MAX;

    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// The samples that have a label.
    pub fn labeled(&self) -> impl Iterator<Item = usize> {
        (0..self.classes.len()).filter(|&i| self.classes[i] != Self::NONE)
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The name of sample `i`'s class; empty where it has none.
    ///
    /// # Panics
    /// When `i` is not below the number of samples.
    #[must_use]
    pub fn name(&self, i: usize) -> &str {
        match self.classes[i] {
            Self::NONE => "",
            class => &self.names[class as usize],
        }
    }

    /// The labels of the samples named by `indices`, in that order. Names that no longer occur are kept, so that a
    /// class has the same number, and the same color, in every sample of the data.
    ///
    /// # Panics
    /// When an index is not below the number of samples.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self { classes: indices.iter().map(|&i| self.classes[i]).collect(), names: self.names.clone() }
    }

    /// Labels given as text. When every one is a finite number they are ordered by value, and equal values written
    /// differently (`3` and `3.0`) are one class.
    #[must_use]
    pub fn from_text<T: AsRef<str>>(labels: &[T]) -> Self {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let number_of = |text: &T| {
            let text = text.as_ref().trim();
            match numbers.get(text) {
                Some(&number) => number,
                None => {
                    let next = numbers.len() as u32;
                    numbers.insert(text.to_owned(), next);
                    next
                }
            }
        };
        let classes = labels.iter().map(number_of).collect();
        Self::from_numbered(numbers, classes)
    }

    /// Integer labels, ordered by value.
    #[must_use]
    pub fn from_integers(labels: &[i64]) -> Self {
        let texts: Vec<String> = labels.iter().map(ToString::to_string).collect();
        Self::from_text(&texts)
    }

    /// Labels of which `numbers` has each text with its number, and `classes` the number of each sample's. The texts are
    /// without space around them, and every one is in use.
    pub(crate) fn from_numbered(numbers: HashMap<String, u32>, mut classes: Vec<u32>) -> Self {
        let mut rank = vec![0_u32; numbers.len()];
        let mut names: Vec<String> = Vec::new();
        let mut name = |text: String, number: u32| {
            if names.last() != Some(&text) {
                names.push(text);
            }
            rank[number as usize] = (names.len() - 1) as u32;
        };
        let values: Option<Vec<(Number, u32)>> =
            numbers.iter().map(|(text, &number)| Some((Number::parse(text)?, number))).collect();
        match values {
            // Equal values, however they are written, come one after another and have one name.
            Some(mut values) => {
                values.sort_by(|(a, _), (b, _)| a.compare(*b));
                values.into_iter().for_each(|(value, number)| name(value.to_string(), number));
            }
            None => {
                let mut texts: Vec<(String, u32)> = numbers.into_iter().collect();
                texts.sort_by(|(a, _), (b, _)| naturally(a, b));
                texts.into_iter().for_each(|(text, number)| name(text, number));
            }
        }
        for class in classes.iter_mut().filter(|class| **class != Self::NONE) {
            *class = rank[*class as usize];
        }
        Self { classes, names }
    }
}

/// Order as people count: digits in a row are one number, whatever zeros it begins with.
fn naturally(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (digits, others) = (digits(left), digits(right));
        if !digits.is_empty() && !others.is_empty() {
            let (x, y) = (digits.trim_start_matches('0'), others.trim_start_matches('0'));
            match x.len().cmp(&y.len()).then_with(|| x.cmp(y)) {
                Ordering::Equal => (left, right) = (&left[digits.len()..], &right[others.len()..]),
                order => return order,
            }
            continue;
        }
        let (mut x, mut y) = (left.chars(), right.chars());
        match (x.next(), y.next()) {
            (Some(one), Some(other)) if one == other => (left, right) = (x.as_str(), y.as_str()),
            // What is equal but for zeros has an order too.
            (None, None) => return a.cmp(b),
            (one, other) => return one.cmp(&other),
        }
    }
}

/// The digits that a text begins with.
fn digits(text: &str) -> &str {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

/// A numeric label. Integers stay exact: identifiers may exceed the 53 bits of an `f64`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Integer(i128),
    /// Always finite.
    Real(f64),
}

impl Number {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(integer) = text.parse() {
            return Some(Self::Integer(integer));
        }
        let value: f64 = text.parse().ok()?;
        let real = value.is_finite().then_some(Self::Real(value))?;
        // Whole numbers are integers however they are written, so that equal ones are the same.
        Some(real.to_string().parse().map_or(real, Self::Integer))
    }

    /// A total order of what `parse` returns.
    fn compare(self, other: Self) -> Ordering {
        /// 2¹²⁷: where integers end.
        const LARGEST: f64 = -(i128::MIN as f64);
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(&b),
            (Self::Integer(_), Self::Real(b)) if b.abs() >= LARGEST => 0.0_f64.total_cmp(&b),
            (Self::Real(a), Self::Integer(_)) if a.abs() >= LARGEST => a.total_cmp(&0.0),
            (a, b) => a.to_f64().total_cmp(&b.to_f64()),
        }
    }

    fn to_f64(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Real(value) => value,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Integer(value) => write!(f, "{value}"),
            // Adding zero turns -0 into 0.
            Self::Real(value) => write!(f, "{}", value + 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sort_by_value_and_text_by_name() {
        let labels = Labels::from_text(&["10", "2", "2.0", "-1", "0.5"]);
        assert_eq!(labels.names, ["-1", "0.5", "2", "10"]);
        assert_eq!(labels.classes, [3, 2, 2, 0, 1]);
        let labels = Labels::from_text(&["10", "2", "pear", "2"]);
        assert_eq!(labels.names, ["2", "10", "pear"]);
        assert_eq!(labels.classes, [1, 0, 2, 0]);
        let labels = Labels::from_text(&["cluster 10", "cluster 2", "Cluster 3", "cluster 02", "cluster"]);
        assert_eq!(labels.names, ["Cluster 3", "cluster", "cluster 02", "cluster 2", "cluster 10"]);
    }

    #[test]
    fn integers_beyond_a_double_stay_apart() {
        let labels = Labels::from_integers(&[9_007_199_254_740_993, 9_007_199_254_740_992]);
        assert_eq!(labels.classes, [1, 0]);
        assert_eq!(labels.names[1], "9007199254740993");
    }

    #[test]
    fn equal_values_have_one_name_however_large() {
        let texts = ["9007199254740993", "9007199254740992.0", "9007199254740992", "9.007199254740992e15"];
        let labels = Labels::from_text(&texts);
        assert_eq!(labels.names, ["9007199254740992", "9007199254740993"]);
        assert_eq!(labels.classes, [1, 0, 0, 0]);
        let texts = ["3e38", "170141183460469231731687303715884105727", "-1e300", "0.5", "-3"];
        assert_eq!(Labels::from_text(&texts).classes, [4, 3, 0, 2, 1]);
    }

    #[test]
    fn not_a_number_is_text() {
        let labels = Labels::from_text(&["1", "nan"]);
        assert_eq!(labels.names, ["1", "nan"]);
        assert_eq!(Labels::from_text(&["-0.0", "0"]).names, ["0"]);
    }

    #[test]
    fn a_selection_keeps_the_numbering() {
        let labels = Labels::from_text(&["a", "b", "c"]).select(&[2, 2, 0]);
        assert_eq!(labels.classes, [2, 2, 0]);
        assert_eq!(labels.names, ["a", "b", "c"]);
        assert_eq!(labels.name(0), "c");
    }
}
