//! How to read a file, as far as its content does not say.

/// How to read a file. What is said of tables of text, binary formats say themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Whether the first line names the columns.
    pub header: Header,
    /// Which column holds the labels.
    pub label_column: LabelColumn,
    /// What separates the cells; `None` decides by the first line among comma, tab, semicolon and space.
    pub delimiter: Option<u8>,
    /// The most bytes that reading may hold in memory, of any format; `None` for no bound. Asked while it reads, so that also a
    /// file that unpacks to a thousand times its size, or a pipe without an end, ends in an error there. What is mapped does
    /// not count, nor do 200 kB of buffers.
    pub memory: Option<u64>,
}

/// Whether the first line of a table names its columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// Decided by the first two rows: it does when none of its cells is a number, when each that is not stands over
    /// one that is, or when it is exactly 0, 1, …, d−1 with d ≥ 3, as pandas names columns that have no names (unless
    /// the second row counts on from d). Data whose first row is that needs [`Header::Absent`]; two columns under the
    /// header 0, 1 need [`Header::Present`].
    #[default]
    Auto,
    /// It does.
    Present,
    /// It is data.
    Absent,
}

/// Which column of a table holds the labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LabelColumn {
    /// The one that the header names `label`, in any case of letters; without it there are no labels.
    #[default]
    Auto,
    /// None: `label` is a column of numbers as any other.
    Absent,
    /// The one of this name in the header, or else of this number, counted from 1.
    At(String),
}
