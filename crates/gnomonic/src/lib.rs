//! t-SNE, and nothing else: no files, no terminal, no clock, no globals.
//!
//! Data flows one way, and every arrow is a public function, so a program can enter or leave at any of them:
//!
//! ```text
//! Matrix (n × d) → scale → sample → PCA → Neighbors (n × k) → Affinities (sparse P) → Embedding (n × 2) → quality
//! ```

pub mod error;
pub mod matrix;
pub mod observer;
pub mod random;

pub mod affinities;
mod embedding;
mod gemm;
pub mod neighbors;
mod parallel;
pub mod pca;
pub mod preprocessing;
mod simd;

pub use affinities::Affinities;
pub use embedding::Embedding;
pub use error::{Error, ErrorKind, Result};
pub use matrix::{Matrix, MatrixRef};
pub use neighbors::Neighbors;
pub use observer::Observer;
