//! The data sets that have a name: what they are.

use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Result};
use crate::shown;

/// A named data set, as `gnomonic datasets` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name to ask for it by.
    pub name: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Rows, when asked for by this name alone.
    pub n_samples: usize,
    /// Columns.
    pub n_features: usize,
    /// Classes of the labels.
    pub n_classes: usize,
    /// Compressed bytes to download or, when bundled, to carry.
    pub bytes: u64,
    /// The license of the data.
    pub license: &'static str,
    /// Who published it, and where.
    pub origin: &'static str,
    /// Names of its parts, each to be asked for as `name:part`; the first is what the name alone gives.
    pub parts: &'static [&'static str],
    /// Where it stands now.
    pub standing: Standing,
}

/// Where a named data set stands. A folder that holds its files has not been checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// Part of the program.
    Bundled,
    /// All files are in this folder of the user's data directory.
    Found(PathBuf),
    /// All files are in this folder of the cache.
    Cached(PathBuf),
    /// To be downloaded when first asked for.
    Remote,
}

/// Whether `text` asks for a named data set, such as `mnist` or `mnist:all`. To read a file of such a name, write
/// `./mnist`.
#[must_use]
pub fn is_named(text: &str) -> bool {
    Named::parse(text).is_ok()
}

/// The name of a data set closest to a mistyped one, when one is a slip or two away.
#[must_use]
pub fn nearest_name(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    let names = std::iter::once("digits").chain(SETS.iter().map(|set| set.name));
    let (distance, name) = names.map(|name| (edit_distance(&text, name), name)).min()?;
    (distance <= (name.len() / 3).max(2)).then_some(name)
}

/// A file in IDX of a set: its name without `.gz`.
#[derive(Debug)]
pub(crate) struct RemoteFile {
    pub(crate) name: &'static str,
    /// Of the decompressed bytes, for copies differ in their gzip envelope.
    pub(crate) sha256: &'static str,
    /// Length of the publisher's compressed file; copies differ a little.
    pub(crate) bytes: u64,
}

/// A set of 60,000 and 10,000 images of 28 × 28 pixels, laid out as MNIST is.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) license: &'static str,
    pub(crate) origin: &'static str,
    pub(crate) classes: [&'static str; 10],
    /// Folders on the network that hold the files as `NAME.gz`.
    pub(crate) mirrors: &'static [&'static str],
    /// Images and labels for training, images and labels for testing.
    pub(crate) files: [RemoteFile; 4],
}

/// Which images of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Train,
    Test,
    All,
}

/// A data set as asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named {
    Digits,
    Remote(&'static Set, Part),
}

impl Part {
    /// Pixels of an image.
    pub(crate) const N_FEATURES: usize = 784;

    /// Images.
    pub(crate) fn n_samples(self) -> usize {
        match self {
            Self::Train => 60_000,
            Self::Test => 10_000,
            Self::All => 70_000,
        }
    }

    /// Images and labels in turn.
    pub(crate) fn files(self, set: &'static Set) -> impl Iterator<Item = &'static RemoteFile> {
        match self {
            Self::Train => set.files[..2].iter(),
            Self::Test => set.files[2..].iter(),
            Self::All => set.files.iter(),
        }
    }
}

impl Named {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let (name, part) = text.split_once(':').unwrap_or((text, ""));
        let set = SETS.iter().find(|set| set.name == name);
        let part = match part {
            "train" => Some(Part::Train),
            "" if name == text => Some(Part::Train),
            "test" => Some(Part::Test),
            "all" => Some(Part::All),
            _ => None,
        };
        match (set, part) {
            (Some(set), Some(part)) => Ok(Self::Remote(set, part)),
            (Some(set), None) => Err(Error::new(
                ErrorKind::UnknownName,
                shown::text(text),
                format!("{} has no such part; it has {0}:train, {0}:test and {0}:all", set.name),
            )),
            (None, _) if text == "digits" => Ok(Self::Digits),
            (None, _) => {
                let names: Vec<&str> = SETS.iter().map(|set| set.name).collect();
                let nearest = match nearest_name(name) {
                    Some(nearest) => format!("; did you mean {nearest}?"),
                    None => format!("; there are digits, {}", names.join(", ")),
                };
                Err(Error::new(
                    ErrorKind::UnknownName,
                    shown::text(text),
                    format!("is neither a file nor the name of a data set{nearest}"),
                ))
            }
        }
    }
}

/// Insertions, deletions and substitutions between two short words (Levenshtein).
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The digests of MNIST are those of the four files as LeCun, Cortes and Burges published them; those of Fashion-MNIST
/// belong to the files whose MD5 sums its publisher lists.
pub(crate) static SETS: [Set; 2] = [
    Set {
        name: "mnist",
        title: "handwritten digits of 28 × 28 pixels, 0 to 255",
        license: "CC BY-SA 3.0",
        origin: "Y. LeCun, C. Cortes and C. J. C. Burges, http://yann.lecun.com/exdb/mnist/",
        classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        mirrors: &[
            "https://storage.googleapis.com/cvdf-datasets/mnist",
            "https://ossci-datasets.s3.amazonaws.com/mnist",
        ],
        files: [
            RemoteFile {
                name: "train-images-idx3-ubyte",
                sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                bytes: 9_912_422,
            },
            RemoteFile {
                name: "train-labels-idx1-ubyte",
                sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                bytes: 28_881,
            },
            RemoteFile {
                name: "t10k-images-idx3-ubyte",
                sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                bytes: 1_648_877,
            },
            RemoteFile {
                name: "t10k-labels-idx1-ubyte",
                sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                bytes: 4_542,
            },
        ],
    },
    Set {
        name: "fashion-mnist",
        title: "pictures of clothes of 28 × 28 pixels, 0 to 255",
        license: "MIT",
        origin: "H. Xiao, K. Rasul and R. Vollgraf, https://github.com/zalandoresearch/fashion-mnist",
        classes: [
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ],
        mirrors: &[
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        ],
        files: [
            RemoteFile {
                name: "train-images-idx3-ubyte",
                sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                bytes: 26_421_880,
            },
            RemoteFile {
                name: "train-labels-idx1-ubyte",
                sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                bytes: 29_515,
            },
            RemoteFile {
                name: "t10k-images-idx3-ubyte",
                sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                bytes: 4_422_102,
            },
            RemoteFile {
                name: "t10k-labels-idx1-ubyte",
                sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
                bytes: 5_148,
            },
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_parts() {
        for name in ["digits", "mnist", "mnist:train", "mnist:test", "fashion-mnist:all"] {
            assert!(is_named(name), "{name}");
        }
        for name in ["mnist:", "mnist:half", "digits:test", "./mnist", "iris", ""] {
            assert!(!is_named(name), "{name}");
        }
    }

    #[test]
    fn a_slip_finds_its_name() {
        assert_eq!(nearest_name("minst"), Some("mnist"));
        assert_eq!(nearest_name("Digit"), Some("digits"));
        assert_eq!(nearest_name("fashion_mnist"), Some("fashion-mnist"));
        assert_eq!(nearest_name("iris"), None);
        let message = Named::parse("fashion").unwrap_err().to_string();
        assert!(message.contains("there are digits, mnist, fashion-mnist"), "{message}");
    }
}
