//! Texts, one for each row: the names of rows, and the columns that are carried along.

use crate::memory::{Memory, NoRoom};

/// Texts in a row, one after another in one piece of memory: each costs its letters and eight bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    letters: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Texts {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Text `i`.
    ///
    /// # Panics
    /// When `i` is not below their number.
    #[must_use]
    pub fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        // Whole texts were added, so these are whole letters.
        std::str::from_utf8(&self.letters[start..self.ends[i]]).unwrap_or_default()
    }

    /// All texts in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Those named by `indices`, in that order; an index may come more than once.
    ///
    /// # Panics
    /// When an index is not below their number.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        indices.iter().map(|&i| self.get(i)).collect()
    }

    /// Adds one, where there is room for it.
    pub(crate) fn push(&mut self, text: &str, memory: &Memory) -> Result<(), NoRoom> {
        memory.reserve(&mut self.ends, 1, usize::MAX)?;
        memory.reserve(&mut self.letters, text.len(), usize::MAX)?;
        self.letters.extend_from_slice(text.as_bytes());
        self.ends.push(self.letters.len());
        Ok(())
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<T: IntoIterator<Item = &'a str>>(texts: T) -> Self {
        let mut all = Self::default();
        for text in texts {
            all.letters.extend_from_slice(text.as_bytes());
            all.ends.push(all.letters.len());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_was_added() {
        let memory = Memory::new(Some(100_000));
        let mut texts = Texts::default();
        for text in ["é", "", "two words"] {
            texts.push(text, &memory).unwrap();
        }
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["é", "", "two words"]);
        assert_eq!(texts.select(&[2, 0, 2]), ["two words", "é", "two words"].into_iter().collect());
        assert!(texts.push(&"x".repeat(100_000), &memory).is_err());
        assert_eq!(texts.len(), 3, "what found no room was not added");
    }
}
