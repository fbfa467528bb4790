//! The bundled data set: 1,797 handwritten digits of 8 × 8 pixels, so that the first run needs no network.
//!
//! Its license and authors are in the crate's `NOTICE`; the script that packs it is `reference/datasets/digits.py`.

use std::io::BufReader;

use flate2::bufread::GzDecoder;

use crate::dataset::Dataset;
use crate::error::Result;
use crate::formats::idx;
use crate::input::Input;
use crate::memory::Memory;
use crate::source::Source;

const IMAGES: &[u8] = include_bytes!("../data/digits-images-idx3-ubyte.gz");
const LABELS: &[u8] = include_bytes!("../data/digits-labels-idx1-ubyte.gz");

/// Rows and columns.
pub(crate) const N_SAMPLES: usize = 1797;
pub(crate) const N_FEATURES: usize = 64;

/// Bytes that the program carries.
pub(crate) fn bytes() -> u64 {
    (IMAGES.len() + LABELS.len()) as u64
}

/// Unpacks the digits: pixels from 0 to 16, and the digit as the label.
pub(crate) fn load() -> Result<Dataset> {
    let source = Source::file("digits");
    let mut images = open(&source, IMAGES)?;
    let matrix = idx::read_header(&mut images)?.read_matrix(&mut images)?;
    let mut labels = open(&source, LABELS)?;
    let labels = idx::read_header(&mut labels)?.read_labels(&mut labels)?;
    Ok(Dataset { labels: Some(labels), ..Dataset::new("digits", matrix) })
}

fn open(source: &Source, packed: &'static [u8]) -> Result<Input<'static>> {
    let reader = BufReader::new(GzDecoder::new(packed));
    Input::new(source, Box::new(reader), 1 << 20, false, &Memory::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums made with scikit-learn 1.9.1: `load_digits(return_X_y=True)`.
    #[test]
    fn the_digits_are_those_of_scikit_learn() {
        let digits = load().unwrap();
        let view = digits.matrix.view();
        assert_eq!((view.n_samples(), view.n_features()), (1797, 64));
        assert_eq!(view.as_slice().iter().sum::<f32>(), 561_718.0);
        assert_eq!(&view.row(0)[..8], [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
        let labels = digits.labels.unwrap();
        assert_eq!(labels.names.join(""), "0123456789");
        let mut counts = [0; 10];
        for &class in &labels.classes {
            counts[class as usize] += 1;
        }
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    }
}
