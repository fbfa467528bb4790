//! t-SNE, and nothing else: no files, no terminal, no clock, and no global but one variable of the environment, below.
//!
//! Data flows one way, and every arrow is a public function, so a program can enter or leave at any of them:
//!
//! ```text
//! Matrix (n × d) → scale → sample → PCA → Neighbors (n × k) → Affinities (sparse P) → Embedding (n × c) → quality
//! ```
//!
//! [`Tsne`] runs the pipeline:
//!
//! ```
//! use gnomonic::{Matrix, Tsne};
//!
//! fn main() -> gnomonic::Result<()> {
//!     // 200 samples of 10 features, row after row: put your data here.
//!     let data = (0..2000).map(|i| ((i * i) % 97) as f32).collect();
//!     let x = Matrix::new(data, 200, 10)?;
//!
//!     let fit = Tsne::new().perplexity(30.0).fit(&x)?;
//!
//!     println!("the first sample lies at {:?}", fit.embedding.row(0));
//!     println!("KL divergence {:.3}", fit.record.kl_divergence);
//!     Ok(())
//! }
//! ```
//!
//! `examples/doors.rs` enters and leaves at every stage with a matrix, sample, principal components, neighbors, affinities and
//! starting positions of its own. The modules stand in the order of the flow and use only what stands before them.
//!
//! A map depends on the data, the parameters and the seed, and not on the number of threads. Processors with different vector
//! instructions may give different bits; the [`Record`] names those used. With `GNOMONIC_SIMD=avx2` or `baseline` in the environment a
//! processor uses no more than AVX2, or than every one of its kind has, to show how gnomonic works there: slower, just as well.

// In the order of the flow, not of the alphabet: `tests/architecture.rs` checks that each uses only those above it.
pub mod error;
pub mod matrix;
mod rows;
pub mod random;
pub mod observer;
mod parallel;
mod simd;
mod gemm;
pub mod preprocessing;
pub mod pca;
mod distance;
pub mod neighbors;
pub mod affinities;
mod embedding;
mod alignment;
pub mod initialization;
pub mod schedule;
pub mod gradient;
mod optimizer;
mod parameters;
mod record;
mod descent;
mod model;
pub mod quality;
mod estimate;
mod system;
mod tsne;

pub use affinities::{Affinities, Affinity};
pub use alignment::{Procrustes, align};
pub use distance::Distance;
pub use embedding::Embedding;
pub use error::{Error, ErrorKind, Result};
pub use estimate::{Estimate, StageEstimate};
pub use gradient::repulsion::RepulsionMethod;
pub use initialization::{Initialization, Start};
pub use matrix::{Matrix, MatrixRef};
pub use model::{Model, Preparation};
pub use neighbors::{NeighborMethod, Neighbors};
pub use observer::Observer;
pub use parameters::Parameters;
pub use record::Record;
pub use rows::{Distances, Rows, SparseMatrix};
pub use schedule::{LearningRate, Momentum, Schedule, Stop};
pub use system::on_threads;
pub use tsne::{Fit, Tsne};
