//! Where an array is read from, as a user types it: `PATH`, or `FILE.npz:key`.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Remedy};
use crate::memory::NoRoom;
use crate::shown;

/// A file and, in an archive, the array's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    path: PathBuf,
    key: Option<String>,
}

impl Source {
    /// The file `path`, whatever colons its name holds.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), key: None }
    }

    /// The array `key` of the archive `path`.
    pub fn array(path: impl Into<PathBuf>, key: impl Into<String>) -> Self {
        Self { path: path.into(), key: Some(key.into()) }
    }

    /// Splits `FILE.npz:key` at its last colon when what stands before ends in `.npz` or `.safetensors`; anything else is a path, so
    /// `C:\data.csv` and `run:3.csv` are files.
    #[must_use]
    pub fn parse(text: impl AsRef<OsStr>) -> Self {
        let text = text.as_ref();
        match split_key(text) {
            Some((path, key)) => Self::array(path, key),
            None => Self::file(text),
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The array's key in the archive, when one was given.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The file's name without its folders, with the key.
    #[must_use]
    pub fn name(&self) -> String {
        let file = self.path.file_name().unwrap_or(self.path.as_os_str());
        match &self.key {
            Some(key) => format!("{}:{key}", file.to_string_lossy()),
            None => file.to_string_lossy().into_owned(),
        }
    }

    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        let path = shown::path(&self.path);
        let subject = match &self.key {
            Some(key) => format!("{path}:{}", shown::text(key)),
            None => path,
        };
        Error::new(kind, subject, message).with_path(&self.path)
    }

    /// The error of what does not fit into memory.
    pub(crate) fn no_room(&self, no_room: NoRoom) -> Error {
        match no_room {
            NoRoom::Beyond(most) => self
                .error(
                    ErrorKind::TooLarge,
                    format!(
                        "reading it takes more than {most} bytes of memory, which is the limit; take fewer rows or columns, or \
                         allow more"
                    ),
                )
                .remedied_by(&[Remedy::Memory]),
            NoRoom::Refused(bytes) => self.error(
                ErrorKind::TooLarge,
                format!(
                    "reading it needs {bytes} bytes of memory at once, which the system refuses; take fewer rows or columns"
                ),
            ),
        }
    }
}

/// The path and the key, where there is one.
fn split_key(text: &OsStr) -> Option<(PathBuf, String)> {
    let bytes = text.as_encoded_bytes();
    let colon = bytes.iter().rposition(|&byte| byte == b':')?;
    let (path, key) = (&bytes[..colon], std::str::from_utf8(&bytes[colon + 1..]).ok()?);
    let lower = path.to_ascii_lowercase();
    let has_key = !key.is_empty() && (lower.ends_with(b".npz") || lower.ends_with(b".safetensors"));
    has_key.then(|| Some((part(text, colon)?, key.to_owned())))?
}

/// The first `length` bytes, which end before a colon.
#[cfg(unix)]
fn part(text: &OsStr, length: usize) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(OsStr::from_bytes(&text.as_bytes()[..length]).into())
}

#[cfg(not(unix))]
fn part(text: &OsStr, length: usize) -> Option<PathBuf> {
    Some(text.to_str()?[..length].into())
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{}:{key}", self.path.display()),
            None => write!(f, "{}", self.path.display()),
        }
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        Self::parse(text)
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::file(path)
    }
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::parse(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_archive_has_a_key() {
        let cases = [
            ("mnist.npz:x_train", "mnist.npz", Some("x_train")),
            ("dir:1/A.NPZ:x", "dir:1/A.NPZ", Some("x")),
            ("mnist.npz", "mnist.npz", None),
            ("mnist.npz:", "mnist.npz:", None),
            (r"C:\maps\a.csv", r"C:\maps\a.csv", None),
            ("run:3.csv", "run:3.csv", None),
        ];
        for (text, path, key) in cases {
            let source = Source::parse(text);
            assert_eq!((source.path(), source.key()), (Path::new(path), key));
            assert_eq!(source.to_string(), text);
        }
        assert_eq!(Source::parse("a/b.npz:x").name(), "b.npz:x");
    }

    #[cfg(unix)]
    #[test]
    fn a_name_need_not_be_text() {
        use std::os::unix::ffi::OsStrExt as _;
        let source = Source::parse(OsStr::from_bytes(b"\xff/m.npz:x"));
        assert_eq!(
            (source.path().as_os_str().as_bytes(), source.key()),
            (b"\xff/m.npz".as_slice(), Some("x"))
        );
        let source = Source::parse(OsStr::from_bytes(b"\xff.csv"));
        assert_eq!((source.path().as_os_str().as_bytes(), source.key()), (b"\xff.csv".as_slice(), None));
    }
}
