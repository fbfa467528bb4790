//! Maps, of any format; what is read is written and read again.
#![no_main]

mod reading;

use gnomonic_datasets::write::{MapTable, map_csv_to};
use gnomonic_datasets::{Source, read_map};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, content)) = bytes.split_first() else { return };
    let options = reading::options(choice);
    reading::check(content, |source| {
        let map = read_map(source, &options)?;
        let n = map.points.n_samples();
        assert!(map.index.as_ref().is_none_or(|index| index.len() == n));
        assert!(map.labels.as_ref().is_none_or(|labels| labels.len() == n));
        if map.points.n_features() != 2 || !map.points.as_slice().iter().all(|value| value.is_finite()) {
            return Ok(());
        }
        let table = MapTable { points: map.points.view(), index: map.index.as_deref(), labels: None, carried: &[] };
        let mut written = Vec::new();
        map_csv_to(&mut written, &table).expect("memory can be written to");
        let again = read_map(&Source::file(reading::file(&written)), &reading::options(0));
        assert_eq!(again.expect("what was written is a map").points, map.points);
        Ok(())
    });
});
