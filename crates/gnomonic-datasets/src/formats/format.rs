//! What a format has to answer: is it this one, how large is it, what does it hold?

use crate::dataset::{Dataset, Shape};
use crate::error::Result;
use crate::input::Input;
use crate::labels::{Labels, NamedLabels};
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;

/// A format that can be read. Its functions are asked in the order in which they stand here, of a file whose first bytes are known.
pub(crate) trait Format: Sync {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// Whether a file that begins so is meant to be of this format.
    fn matches(&self, prefix: &[u8]) -> bool;

    /// Whether one file holds several arrays, each with a key.
    fn has_keys(&self) -> bool {
        false
    }

    /// Whether its columns can be named in [`ReadOptions`].
    fn has_columns(&self) -> bool {
        false
    }

    /// Whether it has columns or fields, one of which may hold labels.
    fn has_fields(&self) -> bool {
        self.has_columns()
    }

    /// The shape, where it is known before the values are read.
    fn shape(&self, input: Input<'static>) -> Result<Option<Shape>>;

    /// Reads the values, and the labels that stand beside them. Takes the offsets of `narrowing` away, or else learns which are needed.
    fn read(
        &self,
        input: Input<'static>,
        options: &ReadOptions,
        narrowing: &mut Narrowing,
    ) -> Result<Dataset>;

    /// Reads one label for each sample, and their names, which `key` is what the data calls the column of.
    fn read_named_labels(
        &self,
        input: Input<'static>,
        options: &ReadOptions,
        _key: Option<&str>,
    ) -> Result<NamedLabels> {
        Ok(NamedLabels { labels: self.read_labels(input, options)?, names: None })
    }

    /// Reads one label for each sample.
    fn read_labels(&self, input: Input<'static>, options: &ReadOptions) -> Result<Labels>;
}
