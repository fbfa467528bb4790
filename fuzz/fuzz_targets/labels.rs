//! Files of labels, of any format, with any setting.
#![no_main]

mod reading;

use gnomonic_datasets::read_labels;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, content)) = bytes.split_first() else { return };
    let options = reading::options(choice);
    reading::check(content, |source| {
        let labels = read_labels(source, &options)?;
        let mut used = vec![false; labels.names.len()];
        labels.classes.iter().for_each(|&class| used[class as usize] = true);
        assert!(used.into_iter().all(|used| used), "every name is in use");
        Ok(())
    });
});
