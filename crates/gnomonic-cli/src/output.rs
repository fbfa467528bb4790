//! Where results go: nothing is overwritten unasked, nothing is left half-written, and what cannot be written is
//! named before the long work starts.
//!
//! A command plans its outputs first ([`Destination`], [`OutputDirectory`]), works, hands every file's bytes to a
//! [`Batch`], and commits them together: each is a temporary file beside its place until then, so that a disk that
//! fills up leaves no file of the batch behind.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use tempfile::{NamedTempFile, PersistError};

use crate::failure::Usage;
use crate::record;

/// A file that a command will write, checked before the work starts.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    /// As the user named it.
    asked: PathBuf,
    /// Where symbolic links lead: a link is written through, not replaced.
    resolved: PathBuf,
    /// A device or a pipe is written directly; there is nothing to rename.
    direct: bool,
    /// Nothing stood there when it was planned, and nothing that came since is to be overwritten.
    fresh: bool,
}

impl Destination {
    /// Checks that `path` can be written, without writing it.
    ///
    /// # Errors
    /// When it exists and `force` is not given, is a directory, or stands where nothing can be written.
    pub(crate) fn plan(path: &Path, force: bool) -> Result<Self> {
        let direct = match fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                bail!("{}: is a directory; name a file in it", path.display())
            }
            Ok(found) if found.is_file() => {
                if !force {
                    bail!(
                        "{}: exists already; choose another name, or overwrite it with --force",
                        path.display()
                    );
                }
                false
            }
            Ok(_) => true,
            Err(_) => {
                refuse_dangling(path)?;
                false
            }
        };
        let fresh = !force && !path.exists();
        let resolved = resolve(path);
        if !direct {
            let folder = folder_of(&resolved);
            if !folder.is_dir() {
                bail!("{}: the directory {} does not exist; make it first", path.display(), folder.display());
            }
            check_writable(&folder).with_context(|| format!("{}: cannot be written", path.display()))?;
        }
        Ok(Self { asked: path.to_owned(), resolved, direct, fresh })
    }

    /// The name as the user gave it.
    pub(crate) fn path(&self) -> &Path {
        &self.asked
    }

    /// Where to write, once symbolic links are followed.
    pub(crate) fn resolved(&self) -> &Path {
        &self.resolved
    }

    /// A name for a result that is not the whole one: `map.npy` becomes `map.npy.partial`, `map.npy.partial-2` or
    /// whichever `number` says. What stands there is not overwritten. A device takes it as it is.
    fn numbered_partial(&self, number: usize) -> Self {
        if self.direct {
            return self.clone();
        }
        let suffix = if number == 1 { ".partial".to_owned() } else { format!(".partial-{number}") };
        let with_suffix = |path: &Path| {
            let mut name = OsString::from(path);
            name.push(&suffix);
            PathBuf::from(name)
        };
        Self {
            asked: with_suffix(&self.asked),
            resolved: with_suffix(&self.resolved),
            direct: false,
            fresh: true,
        }
    }
}

/// Names for results that go together and are not the whole ones: the first suffix, of `.partial`, `.partial-2` and so on,
/// with which none of them stands there. An earlier run's may hold more than this one's.
pub(crate) fn partials(destinations: &[&Destination]) -> Vec<Destination> {
    let mut number = 1;
    loop {
        let named = destinations.iter().map(|destination| destination.numbered_partial(number));
        let named: Vec<Destination> = named.collect();
        // A link to nowhere is there too.
        let stands = |partial: &Destination| !partial.direct && partial.resolved.symlink_metadata().is_ok();
        if !named.iter().any(stands) {
            return named;
        }
        number += 1;
    }
}

/// Refuses a command line that writes two results to one file, or a result over one of its inputs.
pub(crate) fn check_distinct(outputs: &[&Destination], inputs: &[PathBuf]) -> Result<()> {
    for (i, output) in outputs.iter().enumerate() {
        if output.direct {
            continue;
        }
        if outputs[..i].iter().any(|earlier| earlier.resolved == output.resolved) {
            return Err(Usage(format!(
                "two outputs are named {}; give each a name of its own",
                output.asked.display()
            ))
            .into());
        }
        let is_input =
            |input: &PathBuf| fs::canonicalize(input).is_ok_and(|resolved| resolved == output.resolved);
        if inputs.iter().any(is_input) {
            return Err(Usage(format!(
                "{} is an input; write the result somewhere else",
                output.asked.display()
            ))
            .into());
        }
    }
    Ok(())
}

/// The directory that a command fills with files whose names it knows.
#[derive(Clone, Debug)]
pub(crate) struct OutputDirectory {
    path: PathBuf,
    /// Those of the files that stood there when it was planned.
    standing: Vec<String>,
    force: bool,
}

impl OutputDirectory {
    /// Checks that `files` can be written into `path`, without making it.
    ///
    /// Files of an earlier run of `command` are overwritten: its record, `run.json`, says that they are.
    ///
    /// # Errors
    /// When `path` is no directory, one of `files` exists in it from elsewhere and `force` is not given, or nothing
    /// can be written there.
    pub(crate) fn plan(path: &Path, command: &str, files: &[&str], force: bool) -> Result<Self> {
        if path.exists() {
            if !path.is_dir() {
                bail!("{}: is a file; name a directory", path.display());
            }
            let ours = || record::command_of(&path.join(record::FILE_NAME)) == Some(command.into());
            if let Some(file) = files.iter().find(|file| path.join(file).exists())
                && !force
                && !ours()
            {
                bail!(
                    "{}: exists already, and not from an earlier `gnomonic {command}`; choose another directory, or \
                     overwrite it with --force",
                    path.join(file).display()
                );
            }
            if let Some(file) = files.iter().find(|file| path.join(file).is_dir()) {
                bail!("{}: is a directory; a file is to stand there", path.join(file).display());
            }
            files.iter().try_for_each(|file| refuse_dangling(&path.join(file)))?;
        }
        let above = path
            .ancestors()
            .map(|ancestor| if ancestor.as_os_str().is_empty() { Path::new(".") } else { ancestor })
            .find(|ancestor| ancestor.exists())
            .unwrap_or(Path::new("."));
        check_writable(above).with_context(|| format!("{}: cannot be written", path.display()))?;
        let standing = files.iter().filter(|file| path.join(file).exists());
        let standing = standing.map(|file| (*file).to_owned()).collect();
        Ok(Self { path: path.to_owned(), standing, force })
    }

    /// The directory as the user named it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it, as planned.
    pub(crate) fn file(&self, name: &str) -> Destination {
        let asked = self.path.join(name);
        let resolved = resolve(&asked);
        let fresh = !self.force && !self.standing.iter().any(|standing| standing == name);
        Destination { asked, resolved, direct: false, fresh }
    }
}

/// Files that appear together or, when one of them cannot, not at all. What a batch overwrites is not brought back.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    files: Vec<(NamedTempFile, Destination)>,
    /// Directories made for this batch, the outermost first; removed again unless it is committed.
    made: Vec<PathBuf>,
}

impl Batch {
    /// Writes `bytes` beside `destination` (or, to a device, at once).
    ///
    /// # Errors
    /// Names the file that could not be written.
    pub(crate) fn add(&mut self, destination: &Destination, bytes: &[u8]) -> Result<()> {
        self.try_add(destination, bytes)
            .with_context(|| format!("{}: could not be written", destination.asked.display()))
    }

    fn try_add(&mut self, destination: &Destination, bytes: &[u8]) -> io::Result<()> {
        if destination.direct {
            let mut device = fs::OpenOptions::new().write(true).open(&destination.resolved)?;
            device.write_all(bytes)?;
            return device.flush();
        }
        let folder = folder_of(&destination.resolved);
        self.make_folder(&folder)?;
        let mut file = temporary_file(&folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        self.files.push((file, destination.clone()));
        Ok(())
    }

    fn make_folder(&mut self, folder: &Path) -> io::Result<()> {
        let mut missing: Vec<&Path> =
            folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).collect();
        missing.reverse();
        for folder in missing {
            fs::create_dir(folder)?;
            self.made.push(folder.to_owned());
        }
        Ok(())
    }

    /// Gives every file its name. Where a file came during the run that is not to be overwritten, the result of hours is not
    /// thrown away: it is kept beside it as `NAME.partial`.
    ///
    /// # Errors
    /// Names the file that could not be put in its place, and where it is instead.
    pub(crate) fn commit(mut self) -> Result<()> {
        let (mut appeared, mut displaced) = (Vec::new(), Vec::new());
        for (file, destination) in self.files.drain(..) {
            let mut in_place = true;
            let put = put(file, &destination).or_else(|refused| {
                if refused.error.kind() != io::ErrorKind::AlreadyExists {
                    return Err(refused);
                }
                in_place = false;
                let partial = partials(&[&destination]).remove(0);
                displaced.push(format!("{} is {}", destination.asked.display(), partial.asked.display()));
                put(refused.file, &partial)
            });
            if let Err(refused) = put {
                for path in &appeared {
                    let _ = fs::remove_file(path);
                }
                let message = format!("{}: could not be written", destination.asked.display());
                return Err(refused.error).context(message);
            }
            if destination.fresh && in_place {
                appeared.push(destination.resolved);
            }
        }
        self.made.clear();
        if !displaced.is_empty() {
            bail!(
                "what came there during the run was not overwritten (--force would): the result for {}",
                displaced.join(", for ")
            );
        }
        Ok(())
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.files.clear();
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Gives a written file its name; over what came there during the run only if that was allowed.
fn put(file: NamedTempFile, destination: &Destination) -> Result<(), PersistError> {
    let path = &destination.resolved;
    let put = if destination.fresh {
        file.persist_noclobber(path).or_else(|refused| {
            // Some file systems cannot rename in this way at all.
            let there = refused.error.kind() == io::ErrorKind::AlreadyExists || path.exists();
            if there { Err(refused) } else { refused.file.persist(path) }
        })
    } else {
        file.persist(path)
    };
    put.map(drop)
}

/// Refuses a link that leads nowhere: a result would replace the link, which is not what its owner meant.
fn refuse_dangling(path: &Path) -> Result<()> {
    if path.is_symlink() && !path.exists() {
        bail!(
            "{}: is a link to a file that does not exist; make that file, or remove the link",
            path.display()
        );
    }
    Ok(())
}

/// Writes one file, whole or not at all.
///
/// # Errors
/// Names the file that could not be written.
pub(crate) fn write_file(destination: &Destination, bytes: &[u8]) -> Result<()> {
    let mut batch = Batch::default();
    batch.add(destination, bytes)?;
    batch.commit()
}

/// Writes data to standard output.
///
/// # Errors
/// When the reader is gone or the disk behind it is full.
pub(crate) fn write_stdout(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).context("standard output could not be written")
}

/// Where `path` leads, so that two spellings of one file are seen to be one: a file that is not there yet is known by
/// its directory.
fn resolve(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| match (fs::canonicalize(folder_of(path)), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    })
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes a file and lets it go: permissions, read-only file systems and quotas all have their say.
fn check_writable(folder: &Path) -> io::Result<()> {
    temporary_file(folder).map(drop)
}

fn temporary_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".gnomonic-").suffix(".tmp");
    // The default of temporary files, readable by the owner alone, would stay with the result: ask for what any
    // program's new file gets, less the user's umask.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_that_exists_needs_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        assert!(Destination::plan(&path, false).is_ok());
        fs::write(&path, "precious").unwrap();
        let message = Destination::plan(&path, false).unwrap_err().to_string();
        assert!(message.contains("map.csv: exists already") && message.contains("--force"), "{message}");
        assert!(Destination::plan(&path, true).is_ok());
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        assert_eq!(names(folder.path()), ["map.csv"]);
    }

    #[test]
    fn a_directory_or_a_missing_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let message = |path: &Path| Destination::plan(path, true).unwrap_err().to_string();
        assert!(message(folder.path()).contains("is a directory"));
        let missing = folder.path().join("none/map.csv");
        assert!(message(&missing).contains("none does not exist"), "{}", message(&missing));
    }

    #[test]
    fn a_batch_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let directory =
            OutputDirectory::plan(&folder.path().join("a/b"), "sweep", &["x", "y"], false).unwrap();
        assert_eq!(names(folder.path()), [""; 0]);

        let mut batch = Batch::default();
        batch.add(&directory.file("x"), b"one").unwrap();
        drop(batch);
        assert_eq!(names(folder.path()), [""; 0]);

        let mut batch = Batch::default();
        batch.add(&directory.file("x"), b"one").unwrap();
        batch.add(&directory.file("y"), b"two").unwrap();
        batch.commit().unwrap();
        assert_eq!(names(&folder.path().join("a/b")), ["x", "y"]);
        assert_eq!(fs::read(folder.path().join("a/b/y")).unwrap(), b"two");
    }

    #[test]
    fn a_directory_is_overwritten_only_when_the_same_command_filled_it() {
        let folder = tempfile::tempdir().unwrap();
        let plan =
            |command, force| OutputDirectory::plan(folder.path(), command, &["run.json", "sweep.csv"], force);
        fs::write(folder.path().join("notes.txt"), "kept").unwrap();
        assert!(plan("sweep", false).is_ok(), "a stranger's file that is not ours to write does not matter");

        fs::write(folder.path().join("sweep.csv"), "someone's").unwrap();
        assert!(plan("sweep", false).unwrap_err().to_string().contains("sweep.csv: exists already"));
        assert!(plan("sweep", true).is_ok());

        fs::write(folder.path().join("run.json"), record::Record::new("sweep").to_bytes()).unwrap();
        assert!(plan("sweep", false).is_ok());
        assert!(plan("lesson", false).is_err());
    }

    #[test]
    fn outputs_differ_from_each_other_and_from_inputs() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("x.npy");
        fs::write(&input, "data").unwrap();
        let map = Destination::plan(&folder.path().join("map.npy"), false).unwrap();
        let over_input = Destination::plan(&input, true).unwrap();
        assert!(check_distinct(&[&map], std::slice::from_ref(&input)).is_ok());
        assert!(check_distinct(&[&map, &map], &[]).unwrap_err().is::<Usage>());
        assert!(check_distinct(&[&over_input], &[input]).unwrap_err().to_string().contains("is an input"));
    }

    #[test]
    fn one_file_spelled_twice_is_one_output() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        let plan = |name: &str| Destination::plan(&folder.path().join(name), false).unwrap();
        let map = plan("map.csv");
        for spelling in ["./map.csv", "deep/../map.csv"] {
            assert!(check_distinct(&[&map, &plan(spelling)], &[]).unwrap_err().is::<Usage>(), "{spelling}");
        }
        assert!(check_distinct(&[&map, &plan("deep/map.csv")], &[]).is_ok());
    }

    #[test]
    fn what_came_during_the_run_stays() {
        let folder = tempfile::tempdir().unwrap();
        let directory = OutputDirectory::plan(folder.path(), "sweep", &["x", "y"], false).unwrap();
        let forced = OutputDirectory::plan(folder.path(), "sweep", &["x", "y"], true).unwrap();
        fs::write(folder.path().join("y"), "precious").unwrap();
        let commit = |directory: &OutputDirectory| {
            let mut batch = Batch::default();
            batch.add(&directory.file("x"), b"one").unwrap();
            batch.add(&directory.file("y"), b"two").unwrap();
            batch.commit()
        };
        let message = format!("{:#}", commit(&directory).unwrap_err());
        assert!(message.contains("y is ") && message.contains("y.partial"), "{message}");
        assert_eq!(names(folder.path()), ["x", "y", "y.partial"]);
        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        assert_eq!([read("x"), read("y"), read("y.partial")], [&b"one"[..], b"precious", b"two"]);
        commit(&forced).unwrap();
        assert_eq!(fs::read(folder.path().join("y")).unwrap(), b"two");
    }

    #[test]
    fn partial_results_that_go_together_share_a_suffix_that_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let plan = |name: &str| Destination::plan(&folder.path().join(name), false).unwrap();
        let (map, record) = (plan("map.npy"), plan("run.json"));
        let suffixes = || -> Vec<String> {
            let partials = partials(&[&map, &record]);
            partials
                .iter()
                .map(|partial| partial.path().file_name().unwrap().to_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(suffixes(), ["map.npy.partial", "run.json.partial"]);
        fs::write(folder.path().join("run.json.partial"), "an earlier run's").unwrap();
        assert_eq!(suffixes(), ["map.npy.partial-2", "run.json.partial-2"]);
        fs::write(folder.path().join("map.npy.partial-2"), "another's").unwrap();
        assert_eq!(suffixes(), ["map.npy.partial-3", "run.json.partial-3"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nowhere_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &path).unwrap();
        for force in [false, true] {
            let message = Destination::plan(&path, force).unwrap_err().to_string();
            assert!(message.contains("map.csv: is a link to a file that does not exist"), "{message}");
        }
        assert!(OutputDirectory::plan(folder.path(), "sweep", &["map.csv"], true).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let full = Destination::plan(&path, false).unwrap();
        let message = format!("{:#}", write_file(&full, b"data").unwrap_err());
        assert!(message.contains("map.csv: could not be written: No space left"), "{message}");
        assert_eq!(names(folder.path()), ["map.csv"]);
    }
}
