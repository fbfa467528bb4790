//! Labels as they come from a file, each text kept once: a row of a million costs four bytes where there are ten of them.

use std::collections::HashMap;
use std::fmt::{Display, Write as _};

use crate::labels::Labels;
use crate::memory::{Memory, NoRoom};

/// What the table of texts and the names made of it take for one, beside its letters.
const TEXT: u64 = 100;

/// Labels so far.
pub(crate) struct Gathering {
    memory: Memory,
    /// The texts, numbered in the order of their first use.
    texts: HashMap<String, u32>,
    classes: Vec<u32>,
    /// Where a number is written before it is looked up.
    written: String,
}

impl Gathering {
    pub(crate) fn new(memory: &Memory) -> Self {
        Self { memory: memory.clone(), texts: HashMap::new(), classes: Vec::new(), written: String::new() }
    }

    /// Adds the label of the next row; `in_all` are the most that will come.
    pub(crate) fn push(&mut self, label: &str, in_all: usize) -> Result<(), NoRoom> {
        self.memory.reserve(&mut self.classes, 1, in_all)?;
        let class = match self.texts.get(label) {
            Some(&class) => class,
            None => self.add(label)?,
        };
        self.classes.push(class);
        Ok(())
    }

    /// Adds a row without a label.
    pub(crate) fn push_none(&mut self) -> Result<(), NoRoom> {
        self.memory.reserve(&mut self.classes, 1, usize::MAX)?;
        self.classes.push(Labels::NONE);
        Ok(())
    }

    /// The same of a number.
    pub(crate) fn push_number(&mut self, label: impl Display, in_all: usize) -> Result<(), NoRoom> {
        let mut written = std::mem::take(&mut self.written);
        written.clear();
        let _ = write!(written, "{label}");
        let pushed = self.push(&written, in_all);
        self.written = written;
        pushed
    }

    fn add(&mut self, label: &str) -> Result<u32, NoRoom> {
        let bytes = label.len() as u64 + TEXT;
        self.memory.take(bytes)?;
        let mut text = String::new();
        let room = text.try_reserve_exact(label.len()).and_then(|()| self.texts.try_reserve(1));
        room.map_err(|_| NoRoom::Refused(bytes))?;
        text.push_str(label);
        let class = u32::try_from(self.texts.len()).map_err(|_| NoRoom::Refused(u64::MAX))?;
        self.texts.insert(text, class);
        Ok(class)
    }

    pub(crate) fn finish(self) -> Labels {
        Labels::from_numbered(self.texts, self.classes)
    }
}
