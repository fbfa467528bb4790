//! The gradient in any number of dimensions, with any degrees of freedom: plain loops beside those that are written for two dimensions and
//! the Cauchy kernel.
//!
//! `attraction` reads P as it is; `pairs` sums over all pairs; `lattice` is the field of one to three dimensions, on a
//! grid, with `near` pairs where its `resolution` is coarse.

pub(super) mod attraction;
mod convolution;
mod lattice;
mod near;
mod pairs;
mod resolution;
mod spectrum;
mod student;

pub(super) use lattice::Lattice;
pub(super) use pairs::Pairs;

/// The most dimensions of which there is a field.
pub(crate) const MOST_FIELD_COMPONENTS: usize = 3;

#[cfg(test)]
mod tests;
