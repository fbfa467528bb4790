//! What is done to data before t-SNE: bring its columns to one scale, and draw a sample of its rows.

mod sample;
mod scale;

pub use sample::{sample_stratified, sample_with_replacement, sample_without_replacement};
pub(crate) use scale::column_means;
pub use scale::{ColumnMap, MinMaxScaler, StandardScaler};
