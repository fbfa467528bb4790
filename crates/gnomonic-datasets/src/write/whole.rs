//! One file that is whole or absent, whenever the program ends.

use std::fs::{self, File};
use std::io::{self, Seek as _, Write};
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

use super::{Existing, folder_of};

/// What the names of unfinished files begin and end with.
const PREFIX: &str = ".gnomonic-";
const SUFFIX: &str = ".tmp";
/// Letters and digits between the two. A name has exactly so many, so that no one else's file is taken for one of ours.
const RANDOM: usize = 12;

/// A file in the making, which gets its name once it is whole.
///
/// Where the system can (Linux, on most of its disks), it has no name at all before that, so nothing is left of it even when
/// the program is killed. Elsewhere it has one of its own beside the target, locked for as long as the program lives;
/// [`sweep`] removes those that nobody holds any more.
#[derive(Debug)]
pub struct WholeFile {
    state: State,
}

#[derive(Debug)]
enum State {
    /// Linux alone makes such files.
    Unnamed(File),
    Named(NamedTempFile),
    /// The file has its name.
    Published(File),
}

impl WholeFile {
    /// An empty file in `folder`, with the permissions of any new file; it goes when dropped.
    ///
    /// # Errors
    /// Those of the system: permissions, read-only disks and quotas all have their say.
    pub fn new_in(folder: &Path) -> io::Result<Self> {
        let state = match unnamed(folder) {
            Some(file) => State::Unnamed(file),
            None => State::Named(named(folder)?),
        };
        Ok(Self { state })
    }

    /// What was written so far.
    #[must_use]
    pub fn file(&self) -> &File {
        match &self.state {
            State::Unnamed(file) | State::Published(file) => file,
            State::Named(file) => file.as_file(),
        }
    }

    /// Gives the file its name, once all of it is on the disk. What stands there is replaced in one step, and its permissions
    /// (and its owner, where the system allows) are kept; other names of it, hard links, keep the old content. Only a regular file
    /// is ever replaced: not a link, a device, a pipe or a directory.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when something stands there that must not be replaced; else those of the system. The file can
    /// then be published under another name, on another disk too.
    pub fn publish(&mut self, path: &Path, existing: Existing) -> io::Result<()> {
        self.file().sync_all()?;
        let standing = fs::symlink_metadata(path).ok();
        match (&standing, existing) {
            (Some(_), Existing::Refuse) => return Err(io::ErrorKind::AlreadyExists.into()),
            (Some(standing), Existing::Replace) if !standing.is_file() => {
                let message = "what stands there is no regular file, and is not replaced";
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
            }
            _ => {}
        }
        if let Some(standing) = &standing {
            keep_permissions(self.file(), standing)?;
        }
        let folder = folder_of(path);
        if existing == Existing::Refuse
            && let State::Unnamed(file) = &self.state
        {
            match link(file, path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {}
                linked => {
                    linked?;
                    return self.published(folder);
                }
            }
        }
        self.take_name_in(folder)?;
        self.rename(path, existing)?;
        self.published(folder)
    }

    /// Makes sure of a name in `folder` that can be renamed to the target's: the file's own, or a copy of it where it lies on another
    /// disk, or in a folder that is gone.
    fn take_name_in(&mut self, folder: &Path) -> io::Result<()> {
        if let State::Unnamed(file) = &self.state {
            let path = folder.join(random_name());
            if link(file, &path).is_ok() {
                let file = file.try_clone()?;
                let path = TempPath::try_from_path(path)?;
                self.state = State::Named(NamedTempFile::from_parts(file, path));
                return Ok(());
            }
        }
        if let State::Named(file) = &self.state
            && file.path().exists()
            && file.path().parent().is_some_and(|own| is_same(own, folder))
        {
            return Ok(());
        }
        let mut copy = named(folder)?;
        let mut original = self.reader()?;
        io::copy(&mut original, &mut copy)?;
        let permissions = original.metadata()?.permissions();
        copy.as_file().set_permissions(permissions)?;
        copy.as_file().sync_all()?;
        self.state = State::Named(copy);
        Ok(())
    }

    fn rename(&mut self, path: &Path, existing: Existing) -> io::Result<()> {
        // A second handle stands for the file while its name is moved.
        let handle = State::Published(self.file().try_clone()?);
        let State::Named(file) = std::mem::replace(&mut self.state, handle) else { return Ok(()) };
        let moved = match existing {
            Existing::Replace => file.persist(path),
            Existing::Refuse => file.persist_noclobber(path).or_else(|refused| {
                // Some file systems cannot rename in this way at all.
                let there = refused.error.kind() == io::ErrorKind::AlreadyExists
                    || fs::symlink_metadata(path).is_ok();
                if there { Err(refused) } else { refused.file.persist(path) }
            }),
        };
        moved.map(drop).map_err(|refused| {
            self.state = State::Named(refused.file);
            refused.error
        })
    }

    fn published(&mut self, folder: &Path) -> io::Result<()> {
        self.state = State::Published(self.file().try_clone()?);
        // The new name is on disk once the folder is. Not every system can do this, and the file is whole without it.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    /// The file as written so far, to be read from its start. Only one of reading and writing goes on at a time.
    ///
    /// # Errors
    /// Those of the system.
    pub fn reader(&self) -> io::Result<File> {
        let mut file = self.file().try_clone()?;
        file.rewind()?;
        Ok(file)
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

/// Whether two paths lead to one folder; a relative one may have been made absolute.
fn is_same(one: &Path, other: &Path) -> bool {
    fs::canonicalize(one).ok().zip(fs::canonicalize(other).ok()).is_some_and(|(one, other)| one == other)
}

/// A file without a name in `folder`, where the system has them and can name them later.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    // Less what the user's umask takes away.
    let file = File::from(open(folder, flags, Mode::from_raw_mode(0o666)).ok()?);
    // Without /proc it could never be named.
    fs::metadata(handle_of(&file)).is_ok().then_some(file)
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_folder: &Path) -> Option<File> {
    None
}

/// Where /proc shows a file that is open here.
#[cfg(target_os = "linux")]
fn handle_of(file: &File) -> String {
    use std::os::fd::AsRawFd as _;
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Names a file that has no name; what stands there stays.
#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    // Locked before it can be seen: nobody takes it for one that was left behind.
    let _ = file.try_lock();
    Ok(linkat(CWD, handle_of(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
fn link(_file: &File, _path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A file with a name of its own in `folder`, locked so that nobody sweeps it up.
fn named(folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM);
        // The default of temporary files, readable by the owner alone, would stay with the result: ask for what any program's
        // new file gets, less the user's umask.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder)?;
        // Where files cannot be locked, none is swept up either.
        let locked = file.as_file().lock();
        // Another may have swept it up between its making and its lock.
        if locked.is_err() || file.path().exists() {
            return Ok(file);
        }
    }
}

/// A name that nobody has, of the form that [`named`] gives.
fn random_name() -> String {
    use std::hash::{BuildHasher as _, Hasher as _};
    // Each of these hashers has keys of its own.
    let draw = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    let mut digits = format!("{:016x}", draw() ^ u64::from(std::process::id()));
    digits.truncate(RANDOM);
    format!("{PREFIX}{digits}{SUFFIX}")
}

/// Gives `file` the permissions of the one that it will replace, and its owner where that may be given.
#[cfg(unix)]
fn keep_permissions(file: &File, standing: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (standing.uid(), standing.gid()) {
        let _ = fchown(file, Some(standing.uid()), Some(standing.gid()));
    }
    // Bits that let a program run as someone else are for its owner to give again.
    file.set_permissions(fs::Permissions::from_mode(standing.permissions().mode() & 0o777))
}

#[cfg(not(unix))]
fn keep_permissions(_file: &File, _standing: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Removes from `folder` the unfinished files that an earlier program of the same user left there when it was killed: those that
/// nobody holds a lock on. What cannot be read, or locked, stays.
#[cfg(unix)]
pub fn sweep(folder: &Path) {
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
    let own = rustix::process::geteuid().as_raw();
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| is_ours(&entry.file_name())) {
        let path = entry.path();
        let open = File::options().read(true).write(true).custom_flags(flags.bits() as i32).open(&path);
        let Ok(file) = open else { continue };
        let stale = file.metadata().is_ok_and(|it| it.is_file() && it.uid() == own && it.nlink() == 1);
        if stale && file.try_lock().is_ok() {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Nothing: where open files cannot be told from those left behind, none is removed.
#[cfg(not(unix))]
pub fn sweep(_folder: &Path) {}

#[cfg(unix)]
fn is_ours(name: &std::ffi::OsStr) -> bool {
    let between = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    between
        .is_some_and(|letters| letters.len() == RANDOM && letters.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A file of either kind, with `old` in it.
    fn both(folder: &Path) -> Vec<WholeFile> {
        let named = WholeFile { state: State::Named(named(folder).unwrap()) };
        let mut files = vec![WholeFile::new_in(folder).unwrap(), named];
        files.iter_mut().for_each(|file| file.write_all(b"new").unwrap());
        files
    }

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        for (i, mut file) in both(folder.path()).into_iter().enumerate() {
            let path = folder.path().join(i.to_string());
            assert!(!path.exists());
            file.publish(&path, Existing::Refuse).unwrap();
            assert_eq!(io::read_to_string(file.reader().unwrap()).unwrap(), "new");
            drop(file);
            assert_eq!(fs::read(path).unwrap(), b"new");
        }
        drop(both(folder.path()));
        assert_eq!(names(folder.path()), ["0", "1"]);
    }

    #[test]
    fn what_may_not_be_replaced_stays_and_the_file_can_go_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("there"), "old").unwrap();
        fs::create_dir(at("folder")).unwrap();
        std::os::unix::fs::symlink(at("there"), at("link")).unwrap();
        for (i, mut file) in both(folder.path()).into_iter().enumerate() {
            let mut refused = |name: &str, existing| file.publish(&at(name), existing).unwrap_err().kind();
            for name in ["there", "folder", "link"] {
                assert_eq!(refused(name, Existing::Refuse), io::ErrorKind::AlreadyExists, "{name}");
            }
            for name in ["folder", "link"] {
                assert_eq!(refused(name, Existing::Replace), io::ErrorKind::AlreadyExists, "{name}");
            }
            file.publish(&at(&i.to_string()), Existing::Refuse).unwrap();
        }
        assert_eq!(names(folder.path()), ["0", "1", "folder", "link", "there"]);
        assert_eq!(fs::read(at("there")).unwrap(), b"old");
    }

    #[test]
    fn a_folder_that_is_gone_takes_nothing_along() {
        let (gone, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut files = both(gone.path());
        gone.close().unwrap();
        for (i, file) in files.iter_mut().enumerate() {
            file.publish(&other.path().join(i.to_string()), Existing::Replace).unwrap();
        }
        drop(files);
        assert_eq!(names(other.path()), ["0", "1"]);
        assert_eq!(fs::read(other.path().join("1")).unwrap(), b"new");
    }

    #[test]
    fn permissions_are_those_of_the_file_that_was_replaced() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        fs::write(&path, "old").unwrap();
        for mut file in both(folder.path()) {
            for mode in [0o600, 0o664] {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
            file.publish(&path, Existing::Replace).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o664);
        }
    }

    #[test]
    fn only_what_nobody_holds_is_swept_up() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let held = named(folder.path()).unwrap();
        let held_name = held.path().file_name().unwrap().to_str().unwrap().to_owned();
        for name in [".gnomonic-0123456789ab.tmp", ".gnomonic-notes.tmp", ".gnomonic-0123456789ab.txt"] {
            fs::write(at(name), "left").unwrap();
        }
        std::os::unix::fs::symlink(at(".gnomonic-notes.tmp"), at(".gnomonic-aaaaaaaaaaaa.tmp")).unwrap();
        fs::write(at("mine"), "").unwrap();
        fs::hard_link(at("mine"), at(".gnomonic-bbbbbbbbbbbb.tmp")).unwrap();
        sweep(folder.path());
        let mut left = vec![
            held_name.as_str(),
            ".gnomonic-0123456789ab.txt",
            ".gnomonic-aaaaaaaaaaaa.tmp",
            ".gnomonic-bbbbbbbbbbbb.tmp",
            ".gnomonic-notes.tmp",
            "mine",
        ];
        left.sort_unstable();
        assert_eq!(names(folder.path()), left);
        assert!(is_ours(random_name().as_ref()));
    }
}
