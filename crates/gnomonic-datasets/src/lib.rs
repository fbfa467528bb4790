//! Data for [`gnomonic`]: readers of files, writers of results, and data sets by name.
//!
//! Every reader ends in a [`Dataset`]: a dense table of `f32` with one sample per row and, when they are known, the labels
//! of the rows. Every error names the file, the place in it, the bound and the remedy.
//!
//! ```
//! use gnomonic_datasets::{Sources, named};
//! use std::ops::ControlFlow;
//!
//! let digits = named("digits", &Sources::from_env(), &mut |_| ControlFlow::Continue(()))?;
//! assert_eq!(digits.matrix.n_samples(), 1797);
//! assert_eq!(digits.labels.unwrap().names.len(), 10);
//! # Ok::<(), gnomonic_datasets::Error>(())
//! ```
//!
//! | format | told by | notes |
//! |---|---|---|
//! | IDX | two zero bytes | all six types; plain or gzip |
//! | `.npy` | `\x93NUMPY` | versions 1.0 to 3.0; bool, 8 to 64 bit integers, 16 to 64 bit floats; both byte orders, C and Fortran; strings as labels; plain or gzip |
//! | `.npz` | `PK` | `FILE.npz:key`; without a key Keras' `x_train` with `y_train`, or the only array, or the sparse matrix that SciPy keeps so |
//! | FCS | `FCS2.0`, `FCS3.0`, `FCS3.1` | events of a flow cytometer, named by their markers |
//! | safetensors | the length of a header of JSON | `FILE.safetensors:tensor`, or the only one |
//! | word2vec, binary | a line of two counts, and then bytes | words name the rows |
//! | Matrix Market | `%%MatrixMarket` | made dense; a folder of 10x Genomics is read with its barcodes and features, cells as rows |
//! | JSON Lines | an object on the first line | one field holds a vector, or several numbers; plain or gzip |
//! | LIBSVM | a label and `index:value` by rising index | made dense; plain or gzip |
//! | CSV, TSV, word vectors | otherwise | with or without a header, quoted or not, byte-order mark, CRLF; plain or gzip |

// What a table is.
mod options;
mod using;
pub mod shown;
mod memory;
mod texts;
mod error;
mod source;
mod mapped;
mod values;
mod joining;
mod labels;
mod dataset;
mod gathering;
mod narrowing;
// How bytes are opened and bounded.
mod encoding;
mod unpacking;
mod input;
// The formats, and which of them a file has.
mod formats;
mod detect;
mod missing;
mod transposing;
mod tenx;
mod read;
mod inspection;
mod coordinates;
mod map;
mod model;
pub mod write;
// Data sets by name, and where they come from.
mod digits;
mod catalog;
mod shape;
mod sources;
mod download;
mod named;
mod endless_digits;

pub use catalog::{Entry, Standing, is_named, nearest_name};
pub use dataset::{Carried, Dataset, Kept, Note, Shape};
pub use download::DownloadEvent;
pub use endless_digits::EndlessDigits;
pub use error::{Error, ErrorKind, Place, Remedy, Result};
pub use inspection::{Column, Inspection, inspect};
pub use joining::join;
pub use labels::{Labels, NamedLabels};
pub use map::{Map, read_map};
pub use model::{model_to, read_model};
pub use named::{load, named};
pub use options::{Header, LabelColumn, Missing, ReadOptions};
pub use read::{read_labels, read_matrix, read_named_labels};
pub use shape::shape;
pub use source::Source;
pub use sources::{Sources, catalog};
pub use texts::Texts;
pub use using::Use;
pub use values::Values;
