//! How to read a file, as far as its content does not say.

/// How to read a file. What is said of tables of text, binary formats say themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Whether the first line names the columns.
    pub header: Header,
    /// Which column holds the labels.
    pub label_column: LabelColumn,
    /// The columns that are the values, each a name, a number from 1, or a range of either (`a-d`, `3-17`); `None` takes all that hold
    /// numbers. One that holds no numbers is refused.
    pub columns: Option<Vec<String>>,
    /// Columns that are left out of everything, named as in [`columns`](Self::columns).
    pub exclude: Vec<String>,
    /// The column that names the rows; `None` takes the first one where it holds text and has no name, or one such as `name`, `id` or
    /// `barcode`.
    pub index_column: Option<String>,
    /// What becomes of rows that lack values.
    pub missing: Missing,
    /// What separates the cells, of which a space stands for any run of blanks; `None` decides by the first lines among comma, tab,
    /// semicolon, bar and blanks.
    pub delimiter: Option<u8>,
    /// What stands before the decimals, a period or a comma; `None` decides by the first lines.
    pub decimal: Option<u8>,
    /// What the lines begin with that are skipped, wherever they stand; `None` skips lines with `#`, `%` or `//` before the data.
    pub comment: Option<u8>,
    /// Of a map, which columns are its coordinates, as in [`columns`](Self::columns); `None` goes by the names.
    pub coordinates: Option<[String; 2]>,
    /// Whether rows may lack a label, which is empty then, `NA` or `NaN`: their class is [`Labels::NONE`](crate::Labels::NONE).
    pub unlabeled: bool,
    /// Of JSON Lines the field that holds the vector, with periods between the names of fields in fields; `None` takes the only one.
    pub field: Option<String>,
    /// Whether rows and columns change places, as of a table with a row for each gene and a column for each cell. The names of the
    /// columns name the rows then. What is carried along is not.
    pub transpose: bool,
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

/// What becomes of rows that lack values: cells that are empty, NaN, or say so (`NA`, `N/A`, `null`, `None`, `.`, `?`, `-`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// They are refused, and counted by column.
    #[default]
    Error,
    /// They are left out; [`Dataset::kept`](crate::Dataset::kept) says which rows remain.
    Drop,
    /// The mean of the column's other values takes their place.
    Mean,
    /// The median of the column's other values takes their place.
    Median,
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
