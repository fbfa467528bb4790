//! Binary formats of other fields.

pub(crate) mod fcs;
pub(crate) mod safetensors;
pub(crate) mod word2vec;
