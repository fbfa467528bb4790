//! Options on how tables of text are read.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use gnomonic_datasets::{Header, Missing, ReadOptions};

/// Which columns of a table count, what becomes of missing values, and how it is written where that is not told by its first lines.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Tables")]
pub(crate) struct TableArgs {
    /// The columns that are mapped, by name, number or range, as in a,4,x1-x9 [default: all that hold numbers]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    columns: Option<Vec<String>>,

    /// Columns that are left out of everything
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    exclude: Vec<String>,

    /// The column that names the rows
    #[arg(long, value_name = "NAME|N")]
    index_column: Option<String>,

    /// What becomes of rows that lack values: refused, left out, or filled with the column's mean or median
    #[arg(long, value_name = "error|drop|mean|median", default_value = "error", value_parser = missing())]
    missing: Missing,

    /// What separates the cells: one character, or tab or blanks [default: told by the first lines]
    #[arg(long, value_name = "CHAR", value_parser = separator)]
    separator: Option<u8>,

    /// What stands before decimals, a period or a comma [default: told by the first lines]
    #[arg(long, value_name = ".|,", value_parser = decimal)]
    decimal: Option<u8>,

    /// Skip lines that begin with this character [default: hash and percent signs before the data]
    #[arg(long, value_name = "CHAR", value_parser = character)]
    comment: Option<u8>,

    /// Map columns in place of rows, as of a table with a row for each gene and a column for each cell
    #[arg(long)]
    transpose: bool,

    /// The field of JSON Lines that holds the vector [default: the only one that does]
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
}

impl TableArgs {
    /// What these options and the one on headers say of reading a table.
    pub(crate) fn options(&self, header: Header) -> ReadOptions {
        ReadOptions {
            header,
            columns: self.columns.clone(),
            exclude: self.exclude.clone(),
            index_column: self.index_column.clone(),
            missing: self.missing,
            delimiter: self.separator,
            decimal: self.decimal,
            comment: self.comment,
            transpose: self.transpose,
            field: self.field.clone(),
            ..ReadOptions::default()
        }
    }
}

fn missing() -> impl TypedValueParser<Value = Missing> {
    PossibleValuesParser::new(["error", "drop", "mean", "median"]).map(|name| match name.as_str() {
        "drop" => Missing::Drop,
        "mean" => Missing::Mean,
        "median" => Missing::Median,
        _ => Missing::Error,
    })
}

/// How [`missing`] calls it.
pub(crate) fn missing_name(missing: Missing) -> &'static str {
    match missing {
        Missing::Error => "error",
        Missing::Drop => "drop",
        Missing::Mean => "mean",
        Missing::Median => "median",
    }
}

fn separator(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        "blanks" | "blank" | "space" | "spaces" => Ok(b' '),
        "comma" => Ok(b','),
        "semicolon" => Ok(b';'),
        _ => match text.as_bytes() {
            [b'"' | b'\n' | b'\r'] => Err("must be another character than a quote or a line's end".into()),
            [byte] if byte.is_ascii() => Ok(*byte),
            _ => Err("must be one character of ASCII, or tab or blanks".into()),
        },
    }
}

fn decimal(text: &str) -> Result<u8, String> {
    match text {
        "." | "period" => Ok(b'.'),
        "," | "comma" => Ok(b','),
        _ => Err("must be a period or a comma".into()),
    }
}

fn character(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii_graphic() => Ok(*byte),
        _ => Err("must be one character of ASCII".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_have_names() {
        assert_eq!(
            ["tab", "blanks", ";", "|"].map(|text| separator(text).unwrap()),
            [b'\t', b' ', b';', b'|']
        );
        for text in ["", "\"", "ab", "é", "\n"] {
            assert!(separator(text).is_err(), "{text:?}");
        }
        assert!(decimal("'").is_err() && character("//").is_err());
    }
}
