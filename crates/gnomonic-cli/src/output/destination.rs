//! One file that a command will write, checked before the work starts.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use gnomonic_datasets::write::check_folder;

use super::inputs::Inputs;
use crate::failure::Usage;

/// The bytes of a file's name, at most: what Linux, Windows and macOS have in common.
const LONGEST_NAME: usize = 255;

/// A file that a command will write.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    /// As the user named it.
    pub(super) asked: PathBuf,
    /// Where symbolic links led when it was planned: what the user names is written through, not replaced.
    pub(super) resolved: PathBuf,
    /// A device or a pipe is written directly; there is nothing to rename.
    pub(super) direct: bool,
    pub(super) may_replace: MayReplace,
}

/// What may stand there when the result is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MayReplace {
    /// Nothing stood there, and what came since is kept.
    Nothing,
    /// The file that was found, if nobody has written to it since.
    Found(Signature),
    /// Any regular file: the user said so.
    AnyFile,
}

/// What changes when a file is written to, or another takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    length: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    inode: u64,
}

impl Signature {
    pub(super) fn of(file: &Metadata) -> Self {
        Self {
            length: file.len(),
            modified: file.modified().ok(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(file),
        }
    }
}

impl Destination {
    /// Checks that `path` can be written, without writing it.
    ///
    /// # Errors
    /// When it is one of `inputs`; exists and `force` is not given; is a directory, or a device of blocks; or stands where nothing can
    /// be written.
    pub(crate) fn plan(path: &Path, force: bool, inputs: &Inputs) -> Result<Self> {
        let name = path.display();
        if names_a_directory(path) {
            return Err(Usage(format!("{name}: names a directory; name a file in it")).into());
        }
        let resolved = resolve(path);
        inputs.refuse(path, &resolved)?;
        let found = match fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("{name}: cannot be written")),
        };
        let direct = match &found {
            Some(found) if found.is_dir() => bail!("{name}: is a directory; name a file in it"),
            Some(found) if found.is_file() && !force => {
                bail!("{name}: exists already; choose another name, or overwrite it with --force")
            }
            Some(found) if found.is_file() => false,
            Some(found) => {
                refuse_disk(path, found)?;
                true
            }
            None => {
                refuse_dangling(path)?;
                false
            }
        };
        if !direct {
            let folder = folder_of(&resolved);
            if !folder.is_dir() {
                bail!("{name}: the directory {} does not exist; make it first", folder.display());
            }
            check_folder(&folder).with_context(|| format!("{name}: cannot be written"))?;
        }
        let may_replace = if force { MayReplace::AnyFile } else { MayReplace::Nothing };
        Ok(Self { asked: path.to_owned(), resolved, direct, may_replace })
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
    /// whichever `number` says. One too long for that is cut, and `place` tells it from the others that are.
    ///
    /// It is a file even where a pipe was named: a run that was stopped waits for nobody.
    fn numbered_partial(&self, number: usize, place: usize) -> Self {
        let suffix = if number == 1 { ".partial".to_owned() } else { format!(".partial-{number}") };
        let base = if self.direct { &self.asked } else { &self.resolved };
        Self {
            asked: with_suffix(&self.asked, &suffix, place),
            resolved: with_suffix(base, &suffix, place),
            direct: false,
            may_replace: MayReplace::Nothing,
        }
    }

    /// Whether what stands there now, if anything does, may be replaced.
    pub(super) fn may_be_put(&self) -> bool {
        match (fs::symlink_metadata(&self.resolved), &self.may_replace) {
            (Err(_), _) => true,
            (Ok(found), _) if !found.is_file() => false,
            (Ok(_), MayReplace::AnyFile) => true,
            (Ok(found), MayReplace::Found(signature)) => Signature::of(&found) == *signature,
            (Ok(_), MayReplace::Nothing) => false,
        }
    }
}

/// Names for results that go together and are not the whole ones: the first suffix, of `.partial`, `.partial-2` and so on,
/// with which none of them stands there. An earlier run's may hold more than this one's.
pub(crate) fn partials(destinations: &[&Destination]) -> Vec<Destination> {
    let mut number = 1;
    loop {
        let named = destinations.iter().enumerate();
        let named: Vec<Destination> =
            named.map(|(place, destination)| destination.numbered_partial(number, place)).collect();
        // A link to nowhere is there too.
        if !named.iter().any(|partial| partial.resolved.symlink_metadata().is_ok()) {
            return named;
        }
        number += 1;
    }
}

/// Refuses a command line that writes two results to one file.
pub(crate) fn check_distinct(outputs: &[&Destination]) -> Result<()> {
    for (i, output) in outputs.iter().enumerate().filter(|(_, output)| !output.direct) {
        if outputs[..i].iter().any(|earlier| earlier.resolved == output.resolved) {
            let name = output.asked.display();
            return Err(Usage(format!("two outputs are named {name}; give each a name of its own")).into());
        }
    }
    Ok(())
}

/// Whether a path ends as only those of directories do: `there/`, `there/.` or `..`.
fn names_a_directory(path: &Path) -> bool {
    let last =
        path.as_os_str().as_encoded_bytes().rsplit(|&byte| std::path::is_separator(byte.into())).next();
    matches!(last, Some(b"" | b"." | b".."))
}

fn with_suffix(path: &Path, suffix: &str, place: usize) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    if name.len() + suffix.len() <= LONGEST_NAME {
        let mut whole = OsString::from(path);
        whole.push(suffix);
        return PathBuf::from(whole);
    }
    // Cut in the middle of the name, so that it still tells its format.
    let extension = path.extension().map(|it| format!(".{}", it.to_string_lossy())).unwrap_or_default();
    let end = format!("~{place}{extension}{suffix}");
    let mut stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    while stem.len() + end.len() > LONGEST_NAME && stem.pop().is_some() {}
    path.with_file_name(stem + &end)
}

/// Refuses a disk, or another device of blocks: what stands on it is no result of ours.
#[cfg(unix)]
fn refuse_disk(path: &Path, found: &Metadata) -> Result<()> {
    use std::os::unix::fs::FileTypeExt as _;
    if found.file_type().is_block_device() {
        bail!("{}: is a disk; name a file, a pipe or a device of characters", path.display());
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_disk(_path: &Path, _found: &Metadata) -> Result<()> {
    Ok(())
}

/// Refuses a link that leads nowhere: a result would replace the link, which is not what its owner meant.
fn refuse_dangling(path: &Path) -> Result<()> {
    if path.is_symlink() {
        bail!(
            "{}: is a link to a file that does not exist; make that file, or remove the link",
            path.display()
        );
    }
    Ok(())
}

/// Where `path` leads, so that two spellings of one file are seen to be one: a file that is not there yet is known by
/// its directory.
fn resolve(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| match (fs::canonicalize(folder_of(path)), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    })
}

pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(path: &Path, force: bool) -> Result<Destination> {
        Destination::plan(path, force, &Inputs::default())
    }

    #[test]
    fn a_file_that_exists_needs_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        assert!(plan(&path, false).is_ok());
        fs::write(&path, "precious").unwrap();
        let message = plan(&path, false).unwrap_err().to_string();
        assert!(message.contains("map.csv: exists already") && message.contains("--force"), "{message}");
        assert!(plan(&path, true).is_ok());
    }

    #[test]
    fn what_cannot_be_written_is_known_beforehand() {
        let folder = tempfile::tempdir().unwrap();
        let message = |name: &str| plan(&folder.path().join(name), false).unwrap_err().to_string();
        assert!(message("missing/map.csv").contains("missing does not exist; make it first"));
        for name in ["there.csv/", "there.csv/.", "..", "deep/.."] {
            assert!(message(name).contains("names a directory; name a file in it"), "{name}");
        }
        assert!(plan(folder.path(), true).unwrap_err().to_string().contains("is a directory"));
        assert!(message(&"x".repeat(256)).contains("cannot be written"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn outputs_differ_from_each_other_however_they_are_spelled() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        let plan = |name: &str| plan(&folder.path().join(name), false).unwrap();
        let map = plan("map.csv");
        for spelling in ["map.csv", "./map.csv", "deep/../map.csv"] {
            assert!(check_distinct(&[&map, &plan(spelling)]).unwrap_err().is::<Usage>(), "{spelling}");
        }
        assert!(check_distinct(&[&map, &plan("deep/map.csv")]).is_ok());
    }

    #[test]
    fn partial_results_that_go_together_share_a_suffix_that_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let plan = |name: &str| plan(&folder.path().join(name), false).unwrap();
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

    #[test]
    fn the_longest_names_have_partial_ones_that_differ() {
        let folder = tempfile::tempdir().unwrap();
        let plan = |end: &str| plan(&folder.path().join("é".repeat(120) + end), false).unwrap();
        let (map, picture) = (plan("-the-map-0.npy"), plan("-picture-1.npy"));
        let partials = partials(&[&map, &picture]);
        for partial in &partials {
            let name = partial.path().file_name().unwrap().to_str().unwrap();
            assert!(name.len() <= LONGEST_NAME && name.ends_with(".npy.partial"), "{name}");
            fs::write(&partial.resolved, "").unwrap();
        }
        assert_ne!(partials[0].resolved, partials[1].resolved);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nowhere_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &path).unwrap();
        for force in [false, true] {
            let message = plan(&path, force).unwrap_err().to_string();
            assert!(message.contains("map.csv: is a link to a file that does not exist"), "{message}");
        }
    }
}
