//! t-SNE, and nothing else: no files, no terminal, no clock, no globals.
//!
//! Data flows one way, and every arrow is a public function, so a program can enter or leave at any of them:
//!
//! ```text
//! Matrix (n × d) → scale → sample → PCA → Neighbors (n × k) → Affinities (sparse P) → Embedding (n × 2) → quality
//! ```

pub mod error;
#[allow(
    dead_code,
    reason = "the principal axes and the neighbor search that follow are its callers"
)]
mod gemm;
pub mod matrix;
pub mod preprocessing;
pub mod random;

pub use error::{Error, ErrorKind, Result};
pub use matrix::{Matrix, MatrixRef};
