//! What the targets of the readers share: a file of the bytes given, read in each way that it can be.

use std::path::PathBuf;
use std::sync::OnceLock;

use gnomonic_datasets::{Header, LabelColumn, Missing, ReadOptions, Result, Source};

/// The most that a reading may hold. The fuzzer's own bound on one allocation stands a little above it.
const MEMORY: u64 = 64 << 20;

/// A file of these bytes. One process writes to one file, again and again.
pub fn file(bytes: &[u8]) -> PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    let path = PATH.get_or_init(|| std::env::temp_dir().join(format!("gnomonic-fuzz-{}", std::process::id())));
    std::fs::write(path, bytes).expect("the scratch file can be written");
    path.clone()
}

/// The settings that a byte stands for.
pub fn options(choice: u8) -> ReadOptions {
    ReadOptions {
        header: [Header::Auto, Header::Present, Header::Absent][usize::from(choice % 3)],
        label_column: match choice / 3 % 4 {
            0 => LabelColumn::Auto,
            1 => LabelColumn::Absent,
            2 => LabelColumn::At("1".to_owned()),
            _ => LabelColumn::At("label".to_owned()),
        },
        missing: [Missing::Error, Missing::Drop, Missing::Mean, Missing::Median][usize::from(choice / 12 % 4)],
        memory: Some(MEMORY),
        ..ReadOptions::default()
    }
}

/// Reads, and asks of an error that it is fit to be shown.
pub fn check<T>(bytes: &[u8], read: impl FnOnce(&Source) -> Result<T>) {
    if let Err(error) = read(&Source::file(file(bytes))) {
        let message = error.to_string();
        assert!(!message.contains(char::is_control), "{message:?}");
        assert!(message.len() < 8_000, "{} bytes", message.len());
    }
}
