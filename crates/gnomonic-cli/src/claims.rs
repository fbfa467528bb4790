//! What the record in a directory of results claims about the files beside it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// The record's field that lists the files of its run, each with the SHA-256 of its bytes.
pub(crate) const FIELD: &str = "outputs";

/// No record of ours comes near this size; what is larger is not read.
const LARGEST_RECORD: u64 = 16 << 20;

/// The files that a run wrote, as its record lists them.
#[derive(Debug)]
pub(crate) struct Claims {
    outputs: Map<String, Value>,
}

impl Claims {
    /// Those of the record at `path`, if it is one of a run of `command`. Anyone may have written it, so it is read with care: only
    /// a regular file is, and no more of it than a record can have.
    pub(crate) fn read(path: &Path, command: &str) -> Option<Self> {
        let file = open_regular(path).ok()?;
        let mut bytes = Vec::new();
        file.take(LARGEST_RECORD + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() as u64 > LARGEST_RECORD {
            return None;
        }
        let record: Value = serde_json::from_slice(&bytes).ok()?;
        record.get("gnomonic")?;
        let is_of_command = record.get("command")?.as_str()? == command;
        let outputs = record.get(FIELD).and_then(Value::as_object).cloned().unwrap_or_default();
        is_of_command.then_some(Self { outputs })
    }

    /// Whether the file at `path` is, to the byte, what the run wrote as `name`.
    pub(crate) fn hold(&self, name: &str, path: &Path) -> bool {
        let claimed = self.outputs.get(name).and_then(Value::as_str);
        claimed.is_some_and(|claimed| digest(path).is_ok_and(|found| found == claimed))
    }
}

/// The list of files for a record: their names and digests.
pub(crate) fn list<'a>(files: impl Iterator<Item = (String, &'a str)>) -> Value {
    files.map(|(name, sha256)| (name, Value::from(sha256))).collect::<Map<_, _>>().into()
}

fn digest(path: &Path) -> io::Result<String> {
    let mut file = open_regular(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// Opens a regular file, and nothing else: no link is followed, and no pipe waited for.
fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits() as i32);
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// A digest as people write it.
pub(crate) fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// `printf precious | sha256sum`
    const PRECIOUS: &str = "157fc55121ab2c59852c35d78aca98d840047e5d9668c423e4d3b146e1577901";

    #[test]
    fn only_our_records_claim_anything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        assert!(Claims::read(&path, "sweep").is_none());
        for other in ["", "[]", r#"{"command": "sweep"}"#, r#"{"gnomonic": "1", "command": "lesson"}"#] {
            fs::write(&path, other).unwrap();
            assert!(Claims::read(&path, "sweep").is_none(), "{other}");
        }
        fs::write(&path, r#"{"gnomonic": "1", "command": "sweep"}"#).unwrap();
        assert!(Claims::read(&path, "sweep").is_some());
        let large = fs::File::create(&path).unwrap();
        large.set_len(LARGEST_RECORD + 1).unwrap();
        assert!(Claims::read(&path, "sweep").is_none());
    }

    #[test]
    fn a_claim_holds_for_the_very_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        fs::write(&path, "precious").unwrap();
        let files = [("map.csv".to_owned(), PRECIOUS)];
        let Value::Object(outputs) = list(files.into_iter()) else { unreachable!() };
        let claims = Claims { outputs };
        assert!(claims.hold("map.csv", &path));
        assert!(!claims.hold("other.csv", &path), "it is not listed");
        fs::write(&path, "Precious").unwrap();
        assert!(!claims.hold("map.csv", &path));
        assert!(!claims.hold("map.csv", &folder.path().join("missing")));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("real"), r#"{"gnomonic": "1", "command": "sweep"}"#).unwrap();
        std::os::unix::fs::symlink(at("real"), at("run.json")).unwrap();
        assert!(Claims::read(&at("real"), "sweep").is_some());
        assert!(Claims::read(&at("run.json"), "sweep").is_none());
        fs::remove_file(at("run.json")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("run.json"), rustix::fs::Mode::RWXU).unwrap();
        assert!(Claims::read(&at("run.json"), "sweep").is_none());
    }
}
