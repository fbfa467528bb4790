//! t-SNE, and nothing else: no files, no terminal, no clock, no globals.
//!
//! Data flows one way, and every arrow is a public function, so a program can enter or leave at any of them:
//!
//! ```text
//! Matrix (n × d) → scale → sample → PCA → Neighbors (n × k) → Affinities (sparse P) → Embedding (n × 2) → quality
//! ```
//!
//! [`Tsne`] runs the pipeline; its modules stand in the order of the flow and use only what stands before them.

// In the order of the flow, not of the alphabet: `tests/architecture.rs` checks that each uses only those above it.
pub mod error;
pub mod matrix;
pub mod random;
pub mod observer;
mod parallel;
mod simd;
mod gemm;
pub mod preprocessing;
pub mod pca;
pub mod neighbors;
pub mod affinities;
mod embedding;
pub mod initialization;
pub mod gradient;
mod optimizer;
mod record;
mod descent;
pub mod quality;
mod tsne;

pub use affinities::Affinities;
pub use descent::LearningRate;
pub use embedding::Embedding;
pub use error::{Error, ErrorKind, Result};
pub use gradient::repulsion::RepulsionMethod;
pub use initialization::Initialization;
pub use matrix::{Matrix, MatrixRef};
pub use neighbors::{NeighborMethod, Neighbors};
pub use observer::Observer;
pub use record::{Record, Stop};
pub use tsne::{Fit, Tsne};

/// The example of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
