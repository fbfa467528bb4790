//! What is done to data before t-SNE: rows brought to one sum, logarithms, the columns that vary most, columns brought to one scale, and a
//! sample of the rows. The command does them in this order, and learns from all rows what it learns.

mod counts;
mod sample;
mod scale;

pub use counts::{RowNorm, arcsinh, log1p, normalize_rows, select_columns, top_variance};
pub use sample::{sample_stratified, sample_with_replacement, sample_without_replacement};
pub(crate) use scale::column_means;
pub use scale::{ColumnMap, MinMaxScaler, StandardScaler};
