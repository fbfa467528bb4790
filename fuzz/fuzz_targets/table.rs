//! Tables of text, with any setting.
#![no_main]

mod reading;

use gnomonic_datasets::read_matrix;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, text)) = bytes.split_first() else { return };
    let options = reading::options(choice);
    reading::check(text, |source| {
        let data = read_matrix(source, &options)?;
        let shape = (data.matrix.n_samples(), data.matrix.n_features());
        assert_eq!(data.matrix.as_slice().len(), shape.0 * shape.1);
        assert!(data.matrix.as_slice().iter().all(|value| value.is_finite()));
        if let Some(labels) = data.labels {
            assert_eq!(labels.len(), shape.0);
            assert!(labels.classes.iter().all(|&class| (class as usize) < labels.names.len()));
        }
        Ok(())
    });
});
