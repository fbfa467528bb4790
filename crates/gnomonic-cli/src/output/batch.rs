//! Files that appear together or, when one of them cannot, not at all.

use std::env;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, Result, bail};
use gnomonic_datasets::write::{Existing, WholeFile};
use sha2::{Digest as _, Sha256};

use super::destination::{Destination, MayReplace, folder_of, partials};
use super::patient::Patient;
use super::turn::Turn;
use crate::claims::hexadecimal;
use crate::failure::{self, Interrupted};

/// Bytes that are written, and hashed, at a time.
const BUFFER: usize = 1 << 16;

/// Has `write` fill a batch, and commits it: all its files get their names, or none. For what can be made again in no time.
///
/// # Errors
/// Those of `write`, and when a file cannot be put in its place.
pub(crate) fn write_all(write: impl FnOnce(&mut Batch) -> Result<()>) -> Result<()> {
    let mut batch = Batch::default();
    write(&mut batch)?;
    batch.commit()
}

/// The same for what took hours: when not all can be written, the files that could be are kept under other names, and the error
/// says where.
///
/// # Errors
/// As [`write_all`].
pub(crate) fn keep_or_write(write: impl FnOnce(&mut Batch) -> Result<()>) -> Result<()> {
    let mut batch = Batch::default();
    batch.keeps = true;
    match write(&mut batch).and_then(|()| batch.commit()) {
        // A user who stops the run wants it stopped.
        Err(error) if !error.is::<Interrupted>() => Err(batch.keep_after(error)),
        other => other,
    }
}

/// Files that appear together. What a batch overwrites is not brought back.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    files: Vec<Made>,
    /// What could not be written where it should, as bytes.
    unwritten: Vec<(Destination, Vec<u8>)>,
    /// Directories made for this batch, the outermost first; those that are empty are removed again unless it is committed.
    folders: Vec<PathBuf>,
    /// Whether its files are kept when not all of them can be written.
    keeps: bool,
}

/// A file that is whole and has no name yet.
#[derive(Debug)]
struct Made {
    file: WholeFile,
    destination: Destination,
    sha256: String,
}

impl Batch {
    /// Writes `bytes` for `destination` (to a device or a pipe at once).
    ///
    /// # Errors
    /// Names the file that could not be written.
    pub(crate) fn add(&mut self, destination: &Destination, bytes: &[u8]) -> Result<()> {
        let added = self.add_with(destination, |writer| Ok(writer.write_all(bytes)?));
        if added.is_err() && self.keeps {
            self.unwritten.push((destination.clone(), bytes.to_vec()));
        }
        added
    }

    /// The same for what is made while it is written; an error of `write` that is none of the system is passed on as it is.
    ///
    /// # Errors
    /// Names the file that could not be written.
    pub(crate) fn add_with(
        &mut self,
        destination: &Destination,
        write: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        self.try_add(destination, write).map_err(|error| {
            if error.is::<io::Error>() {
                let said = format!("{}: could not be written", destination.asked.display());
                error.context(said)
            } else {
                error
            }
        })
    }

    fn try_add(
        &mut self,
        destination: &Destination,
        write: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        if destination.direct {
            let mut device = BufWriter::new(Patient::open(&destination.resolved)?);
            write(&mut device)?;
            return Ok(device.flush()?);
        }
        let folder = folder_of(&destination.resolved);
        self.make_folder(&folder)?;
        let mut file = WholeFile::new_in(&folder)?;
        let hashing = Hashing { writer: &mut file, hash: Sha256::new() };
        let mut writer = BufWriter::with_capacity(BUFFER, hashing);
        write(&mut writer)?;
        let hashing = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        let sha256 = hexadecimal(&hashing.hash.finalize());
        // A disk may find out only now that it is full.
        file.file().sync_all()?;
        self.files.push(Made { file, destination: destination.clone(), sha256 });
        Ok(())
    }

    fn make_folder(&mut self, folder: &Path) -> io::Result<()> {
        let mut missing: Vec<&Path> =
            folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).collect();
        missing.reverse();
        for folder in missing {
            match fs::create_dir(folder) {
                Ok(()) => self.folders.push(folder.to_owned()),
                // Another run has made it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The name of each file added so far, without its folder, and the SHA-256 of its bytes.
    pub(crate) fn digests(&self) -> impl Iterator<Item = (String, &str)> {
        self.files.iter().map(|made| {
            let name = made.destination.asked.file_name().unwrap_or_default();
            (name.to_string_lossy().into_owned(), made.sha256.as_str())
        })
    }

    /// Gives every file its name. Where something came during the run that is not to be overwritten, it stays, and all files of the
    /// batch, which belong together, are kept beside their places as `NAME.partial`.
    ///
    /// # Errors
    /// Names the file that could not be put in its place, and where it is instead.
    fn commit(&mut self) -> Result<()> {
        let _turn = Turn::wait(self.files.iter().map(|made| folder_of(&made.destination.resolved)));
        let mut displaced = Vec::new();
        if !self.files.iter().all(|made| made.destination.may_be_put()) {
            displaced = self.keep();
        }
        let mut appeared = Vec::new();
        while let Some(made) = self.files.first_mut() {
            match made.put() {
                Ok(true) if made.destination.may_replace == MayReplace::Nothing => {
                    appeared.push(made.destination.resolved.clone());
                    self.files.remove(0);
                }
                Ok(true) => drop(self.files.remove(0)),
                // It came in the blink between the look and the step.
                Ok(false) => displaced.extend(self.keep()),
                Err(error) => {
                    // What is kept may stand where it belongs.
                    for path in appeared.iter().filter(|_| !self.keeps) {
                        let _ = fs::remove_file(path);
                    }
                    let message = format!("{}: could not be written", made.destination.asked.display());
                    return Err(error).context(message);
                }
            }
        }
        self.folders.clear();
        if !displaced.is_empty() {
            bail!(
                "what came there during the run was not overwritten (--force would overwrite files): {}",
                displaced.join("; ")
            );
        }
        Ok(())
    }

    /// Gives all files that have no name yet others, which go together, and says which; where that cannot be, it says so.
    fn keep(&mut self) -> Vec<String> {
        let files = std::mem::take(&mut self.files);
        let destinations: Vec<&Destination> = files.iter().map(|made| &made.destination).collect();
        let partials = partials(&destinations);
        let kept = files.into_iter().zip(partials).map(|(mut made, partial)| {
            match made.file.publish(&partial.resolved, Existing::Refuse) {
                Ok(()) => is_in(&made.destination, &partial),
                Err(_) => keep(&made.destination, |path| made.file.publish(path, Existing::Refuse)),
            }
        });
        kept.collect()
    }

    /// Keeps what there is of the results after `error`, and says where.
    fn keep_after(mut self, error: Error) -> Error {
        let mut said = self.keep();
        said.extend(self.unwritten.iter().map(|(destination, bytes)| keep_bytes(destination, bytes)));
        if said.is_empty() {
            return error;
        }
        failure::with(&error, &format!(". Kept all the same: {}", said.join("; ")))
    }
}

impl Made {
    /// Gives the file its name; false when something stands there that must not be replaced.
    fn put(&mut self) -> io::Result<bool> {
        if !self.destination.may_be_put() {
            return Ok(false);
        }
        let existing = match self.destination.may_replace {
            MayReplace::Nothing => Existing::Refuse,
            MayReplace::Found(_) | MayReplace::AnyFile => Existing::Replace,
        };
        match self.file.publish(&self.destination.resolved, existing) {
            // It came in the blink between the look and the step.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            put => put.map(|()| true),
        }
    }
}

/// Keeps a result that standard output did not take, as the file `name` in the current folder or that of temporary files; says where.
pub(crate) fn keep_from_stdout(name: &str, bytes: &[u8]) -> String {
    let destination = Destination {
        asked: name.into(),
        resolved: name.into(),
        direct: false,
        may_replace: MayReplace::Nothing,
    };
    keep_bytes(&destination, bytes)
}

fn keep_bytes(destination: &Destination, bytes: &[u8]) -> String {
    keep(destination, |path| {
        let mut file = WholeFile::new_in(&folder_of(path))?;
        file.write_all(bytes)?;
        file.publish(path, Existing::Refuse)
    })
}

/// Has `publish` write under a name that is free, beside the one asked for or, where nothing can be written, in the folder of
/// temporary files. Says which, or that the result is lost.
fn keep(destination: &Destination, mut publish: impl FnMut(&Path) -> io::Result<()>) -> String {
    let elsewhere = env::temp_dir().join(destination.asked.file_name().unwrap_or_default());
    let elsewhere = Destination {
        asked: elsewhere.clone(),
        resolved: elsewhere,
        direct: false,
        may_replace: MayReplace::Nothing,
    };
    let mut reason = None;
    for place in [destination, &elsewhere] {
        let partial = partials(&[place]).remove(0);
        match publish(&partial.resolved) {
            Ok(()) => return is_in(destination, &partial),
            Err(error) => reason = reason.or(Some(error)),
        }
    }
    let reason = reason.map(|error| error.to_string()).unwrap_or_default();
    format!("the result for {} is lost: {reason}", destination.asked.display())
}

fn is_in(destination: &Destination, partial: &Destination) -> String {
    format!("the result for {} is in {}", destination.asked.display(), partial.asked.display())
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.files.clear();
        for folder in self.folders.iter().rev() {
            // It stays when something was kept in it.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Passes on what is written, and knows its digest.
struct Hashing<W> {
    writer: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{Inputs, OutputDirectory};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn plan(path: &Path, force: bool) -> Destination {
        Destination::plan(path, force, &Inputs::default()).unwrap()
    }

    fn directory(path: &Path, force: bool) -> OutputDirectory {
        OutputDirectory::plan(path, "sweep", &["x", "y"], force, &Inputs::default()).unwrap()
    }

    fn two(directory: &OutputDirectory) -> impl FnOnce(&mut Batch) -> Result<()> {
        let (x, y) = (directory.file("x"), directory.file("y"));
        move |batch| {
            batch.add(&x, b"one")?;
            batch.add(&y, b"two")
        }
    }

    #[test]
    fn a_batch_that_is_not_committed_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er");
        let directory = directory(&path, false);
        let stopped = write_all(|batch| {
            two(&directory)(batch)?;
            assert_eq!(batch.digests().map(|(name, _)| name).collect::<Vec<_>>(), ["x", "y"]);
            bail!("stopped")
        });
        assert_eq!(stopped.unwrap_err().to_string(), "stopped");
        assert_eq!(names(folder.path()), [""; 0]);
        write_all(two(&directory)).unwrap();
        assert_eq!(names(&path), ["x", "y"]);
        assert_eq!(fs::read(path.join("y")).unwrap(), b"two");
    }

    #[test]
    fn what_came_during_the_run_stays() {
        let folder = tempfile::tempdir().unwrap();
        let planned = directory(folder.path(), false);
        fs::write(folder.path().join("y"), "precious").unwrap();
        let forced = directory(folder.path(), true);
        let message = format!("{:#}", write_all(two(&planned)).unwrap_err());
        assert!(message.contains("y is ") && message.contains("y.partial"), "{message}");
        // The two belong together, and stay so.
        assert_eq!(names(folder.path()), ["x.partial", "y", "y.partial"]);
        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        assert_eq!([read("x.partial"), read("y"), read("y.partial")], [&b"one"[..], b"precious", b"two"]);
        write_all(two(&forced)).unwrap();
        assert_eq!(read("y"), b"two");
    }

    #[test]
    fn an_output_that_became_a_directory_is_kept_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        for force in [false, true] {
            let planned = plan(&folder.path().join("map.csv"), force);
            fs::create_dir(folder.path().join("map.csv")).unwrap();
            let message = keep_or_write(|batch| batch.add(&planned, b"map")).unwrap_err().to_string();
            assert!(message.contains("map.csv.partial"), "{message}");
            assert_eq!(names(folder.path()), ["map.csv", "map.csv.partial"]);
            assert_eq!(fs::read(folder.path().join("map.csv.partial")).unwrap(), b"map");
            fs::remove_dir(folder.path().join("map.csv")).unwrap();
            fs::remove_file(folder.path().join("map.csv.partial")).unwrap();
        }
    }

    #[test]
    fn what_took_hours_is_kept_when_something_else_fails() {
        let folder = tempfile::tempdir().unwrap();
        let map = plan(&folder.path().join("map.csv"), false);
        let error = keep_or_write(|batch| {
            batch.add(&map, b"map")?;
            bail!("the picture could not be drawn")
        });
        let message = error.unwrap_err().to_string();
        assert!(
            message.starts_with("the picture could not be drawn. Kept all the same: the result for"),
            "{message}"
        );
        assert_eq!(fs::read(folder.path().join("map.csv.partial")).unwrap(), b"map");
        assert_eq!(names(folder.path()), ["map.csv.partial"]);
    }

    #[test]
    fn what_cannot_be_written_in_its_folder_is_kept_in_another() {
        let (gone, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name = format!("{}.csv", there.path().file_name().unwrap().to_str().unwrap());
        let map = plan(&gone.path().join(&name), false);
        let mut folder = Some(gone);
        let error = keep_or_write(|batch| {
            batch.add(&map, b"map")?;
            drop(folder.take());
            Ok(())
        });
        let message = error.unwrap_err().to_string();
        let kept = env::temp_dir().join(name + ".partial");
        assert!(message.contains(&kept.display().to_string()), "{message}");
        assert_eq!(fs::read(&kept).unwrap(), b"map");
        fs::remove_file(kept).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let full = plan(&path, false);
        let message = format!("{:#}", write_all(|batch| batch.add(&full, b"data")).unwrap_err());
        assert!(message.contains("map.csv: could not be written: No space left"), "{message}");
        assert_eq!(names(folder.path()), ["map.csv"]);
    }
}
