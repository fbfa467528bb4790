//! One class for each sample, and the order of the classes' names.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;

use crate::texts::Texts;

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
