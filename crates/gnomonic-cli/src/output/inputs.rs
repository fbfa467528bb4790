//! The files that a command reads: none of them is ever written to.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::failure::Usage;

/// The files that a command reads, as far as its command line tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inputs {
    files: Vec<PathBuf>,
}

impl Inputs {
    pub(crate) fn new(files: Vec<PathBuf>) -> Self {
        Self { files }
    }

    /// Refuses to write to `target`, which the user named `asked`, when it is one of them, under whatever name.
    pub(super) fn refuse(&self, asked: &Path, target: &Path) -> Result<()> {
        if self.files.iter().any(|input| is_same_file(input, target)) {
            let name = asked.display();
            return Err(Usage(format!("{name} is an input; write the result somewhere else")).into());
        }
        Ok(())
    }
}

/// Whether both names lead to one file that is there. A device or a pipe may be read and written at once.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let (Ok(first), Ok(second)) = (fs::metadata(one), fs::metadata(other)) else { return false };
    if !first.is_file() || !second.is_file() {
        return false;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        // The same file by another hard link, or on a disk that tells no capital letters.
        if (first.dev(), first.ino()) == (second.dev(), second.ino()) {
            return true;
        }
    }
    fs::canonicalize(one).ok().zip(fs::canonicalize(other).ok()).is_some_and(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_known_by_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("x.npy"), "data").unwrap();
        fs::write(at("other"), "data").unwrap();
        fs::create_dir(at("deep")).unwrap();
        let inputs = Inputs::new(vec![at("deep/../x.npy"), at("missing")]);
        let refused = |name: &str| inputs.refuse(Path::new("asked"), &at(name)).is_err();
        assert!(refused("x.npy") && !refused("other") && !refused("missing"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("x.npy"), at("link")).unwrap();
            fs::hard_link(at("x.npy"), at("hard")).unwrap();
            assert!(refused("link") && refused("hard"));
        }
        let error = inputs.refuse(Path::new("asked"), &at("x.npy")).unwrap_err();
        assert!(error.is::<Usage>() && error.to_string().starts_with("asked is an input"), "{error}");
    }
}
