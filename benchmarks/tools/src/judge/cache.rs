//! Neighbors are searched once for each file of data: they are kept, named by the file's digest.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use gnomonic::{MatrixRef, Neighbors};
use sha2::{Digest, Sha256};

use super::{Truth, truth};

/// What stands before the numbers: a name and a version of the layout.
const MAGIC: &[u8; 16] = b"gnomonic-truth-1";

/// The neighbors in `x`, kept in `folder` from the first time on.
///
/// # Errors
/// When the search fails, or the folder cannot be written.
pub fn truth_of(x: MatrixRef<'_>, perplexity: f64, folder: &Path) -> Result<Truth> {
    let path = place(x, perplexity, folder);
    if let Ok(bytes) = fs::read(&path) {
        return decode(&bytes).with_context(|| format!("{}: remove it to search again", path.display()));
    }
    let found = truth(x, perplexity)?;
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    // Whole or absent: an interrupted search leaves nothing that looks like one.
    let unfinished = path.with_extension("partial");
    fs::write(&unfinished, encode(&found)).with_context(|| unfinished.display().to_string())?;
    fs::rename(&unfinished, &path).with_context(|| path.display().to_string())?;
    Ok(found)
}

fn place(x: MatrixRef<'_>, perplexity: f64, folder: &Path) -> PathBuf {
    let mut digest = Sha256::new();
    for values in x.as_slice().chunks(1 << 14) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        digest.update(&bytes);
    }
    let name: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    folder.join(format!("{}x{}-perplexity{perplexity}-{name}.truth", x.n_samples(), x.n_features()))
}

/// Little-endian: the magic, n, k, the recall, the indices, the squared distances.
fn encode(truth: &Truth) -> Vec<u8> {
    let neighbors = &truth.neighbors;
    let mut bytes = MAGIC.to_vec();
    bytes.extend((neighbors.n_samples() as u64).to_le_bytes());
    bytes.extend((neighbors.k() as u64).to_le_bytes());
    bytes.extend(truth.recall.to_le_bytes());
    for i in 0..neighbors.n_samples() {
        bytes.extend(neighbors.indices(i).iter().flat_map(|index| index.to_le_bytes()));
    }
    for i in 0..neighbors.n_samples() {
        bytes.extend(neighbors.squared_distances(i).iter().flat_map(|distance| distance.to_le_bytes()));
    }
    bytes
}

fn decode(bytes: &[u8]) -> Result<Truth> {
    let Some((header, body)) = bytes.strip_prefix(MAGIC).and_then(|rest| rest.split_at_checked(24)) else {
        bail!("not a file of neighbors");
    };
    let [n, k, recall] =
        [0, 1, 2].map(|i| <[u8; 8]>::try_from(&header[8 * i..8 * i + 8]).unwrap_or_default());
    let (n, k) = (u64::from_le_bytes(n) as usize, u64::from_le_bytes(k) as usize);
    let words = body.as_chunks::<4>().0;
    if n.checked_mul(k).and_then(|entries| entries.checked_mul(8)) != Some(body.len()) {
        bail!("{} bytes for {n} rows of {k} neighbors", body.len());
    }
    let (indices, distances) = words.split_at(n * k);
    let indices = indices.iter().map(|&word| u32::from_le_bytes(word)).collect();
    let distances = distances.iter().map(|&word| f32::from_le_bytes(word)).collect();
    Ok(Truth { neighbors: Neighbors::new(n, k, indices, distances)?, recall: f64::from_le_bytes(recall) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gnomonic::Matrix;

    #[test]
    fn what_was_found_is_read_back_and_broken_files_are_refused() {
        let x = Matrix::new((0..300).map(|i| ((i * i) % 101) as f32).collect(), 100, 3).unwrap();
        let found = truth(x.view(), 5.0).unwrap();
        let bytes = encode(&found);
        let read = decode(&bytes).unwrap();
        assert_eq!((read.neighbors, read.recall), (found.neighbors, found.recall));
        for cut in [0, 10, 30, bytes.len() - 1] {
            assert!(decode(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn other_data_and_another_perplexity_have_another_name() {
        let folder = Path::new("cache");
        let x = Matrix::new(vec![1.0, 2.0, 3.0, 4.0], 2, 2).unwrap();
        let y = Matrix::new(vec![1.0, 2.0, 3.0, 5.0], 2, 2).unwrap();
        let names =
            [place(x.view(), 30.0, folder), place(y.view(), 30.0, folder), place(x.view(), 5.0, folder)];
        assert!(names[0] != names[1] && names[0] != names[2] && names[1] != names[2]);
        assert_eq!(names[0], place(x.view(), 30.0, folder));
    }
}
