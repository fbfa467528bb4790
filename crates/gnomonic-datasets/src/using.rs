//! What the columns of a file are for.

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Use {
    /// It is mapped.
    Value,
    /// It holds the labels.
    Label,
    /// It names the rows.
    RowNames,
    /// It numbers the rows, and is left out.
    Numbers,
    /// It is carried along.
    Carried,
    /// It is left out.
    LeftOut,
}
