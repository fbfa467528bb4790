//! Where named data sets are looked for, and where each stands on this machine.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy as _;

use crate::catalog::{Entry, Part, RemoteFile, SETS, Set, Standing};
use crate::digits;

/// Where named data sets are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sources {
    /// The user's own folder, looked in first: `DIR/mnist/train-images-idx3-ubyte.gz` and so on, with or without `.gz`.
    pub data_dir: Option<PathBuf>,
    /// Where downloads are kept, in the same layout. Without it nothing can be downloaded.
    pub cache_dir: Option<PathBuf>,
    /// Addresses of folders in the same layout, to take the place of the publishers': `http://host/data` for
    /// `http://host/data/mnist/train-images-idx3-ubyte.gz`. Tried in order; when empty, the publishers' are used.
    pub mirrors: Vec<String>,
    /// Never touch the network.
    pub offline: bool,
    /// How long a mirror may stay silent, while connecting or sending, or send less than a kilobyte a second, before the next is
    /// tried; 30 s by default.
    pub timeout: Duration,
}

impl Default for Sources {
    /// No folder of the user's, no cache, the publishers' mirrors, online.
    fn default() -> Self {
        Self {
            data_dir: None,
            cache_dir: None,
            mirrors: Vec::new(),
            offline: false,
            timeout: Duration::from_secs(30),
        }
    }
}

impl Sources {
    /// The folder that `GNOMONIC_DATA` names, the user's cache (`~/.cache/gnomonic` and its like), the mirrors that
    /// `GNOMONIC_MIRROR` lists between spaces, and offline when `GNOMONIC_OFFLINE` is set and not `0`.
    #[must_use]
    pub fn from_env() -> Self {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        let mirrors = env::var("GNOMONIC_MIRROR").unwrap_or_default();
        let cache = etcetera::choose_base_strategy().ok();
        Self {
            data_dir: set("GNOMONIC_DATA").map(PathBuf::from),
            cache_dir: cache.map(|strategy| strategy.cache_dir().join("gnomonic")),
            mirrors: mirrors.split_whitespace().map(str::to_owned).collect(),
            offline: set("GNOMONIC_OFFLINE").is_some_and(|value| value != "0"),
            ..Self::default()
        }
    }

    /// Those of `files` that are neither in the user's folder nor in the cache.
    pub(crate) fn missing<'f>(&self, set: &Set, files: &[&'f RemoteFile]) -> Vec<&'f RemoteFile> {
        let dirs = [&self.data_dir, &self.cache_dir];
        let folders: Vec<PathBuf> = dirs.into_iter().flatten().map(|dir| dir.join(set.name)).collect();
        let absent = |file: &&RemoteFile| folders.iter().all(|folder| find(folder, file).is_none());
        files.iter().copied().filter(absent).collect()
    }

    /// Where the training half of `set` stands.
    pub(crate) fn standing(&self, set: &'static Set) -> Standing {
        let all_in = |dir: &Option<PathBuf>| {
            let folder = dir.as_ref()?.join(set.name);
            let all = Part::Train.files(set).all(|file| find(&folder, file).is_some());
            all.then_some(folder)
        };
        if let Some(folder) = all_in(&self.data_dir) {
            Standing::Found(folder)
        } else if let Some(folder) = all_in(&self.cache_dir) {
            Standing::Cached(folder)
        } else {
            Standing::Remote
        }
    }
}

/// All named data sets, with where each stands under `sources`. Looks for files, and neither reads nor downloads any.
#[must_use]
pub fn catalog(sources: &Sources) -> Vec<Entry> {
    let digits = Entry {
        name: "digits",
        title: "handwritten digits of 8 × 8 pixels, 0 to 16 (the test half of the UCI optical digits)",
        n_samples: digits::N_SAMPLES,
        n_features: digits::N_FEATURES,
        n_classes: 10,
        bytes: digits::bytes(),
        license: "CC BY 4.0",
        origin: "E. Alpaydin and C. Kaynak, https://doi.org/10.24432/C50P49",
        parts: &[],
        standing: Standing::Bundled,
    };
    let remote = SETS.iter().map(|set| Entry {
        name: set.name,
        title: set.title,
        n_samples: Part::Train.n_samples(),
        n_features: Part::N_FEATURES,
        n_classes: set.classes.len(),
        bytes: Part::Train.files(set).map(|file| file.bytes).sum(),
        license: set.license,
        origin: set.origin,
        parts: &["train", "test", "all"],
        standing: sources.standing(set),
    });
    std::iter::once(digits).chain(remote).collect()
}

/// The file in `folder`, compressed or not.
pub(crate) fn find(folder: &Path, file: &RemoteFile) -> Option<PathBuf> {
    [format!("{}.gz", file.name), file.name.to_owned()]
        .map(|name| folder.join(name))
        .into_iter()
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalog_has_every_set() {
        let names: Vec<&str> = catalog(&Sources::default()).iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["digits", "mnist", "fashion-mnist"]);
    }
}
