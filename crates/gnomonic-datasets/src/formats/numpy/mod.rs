//! NumPy's files: one array (`npy`), or several in an archive (`npz`), in which SciPy keeps sparse matrices too (`sparse`).

pub(crate) mod header;
pub(crate) mod npy;
pub(crate) mod archive;
mod sparse;
pub(crate) mod npz;
