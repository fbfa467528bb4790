//! How much room there is to write.

use std::path::Path;

/// The bytes that may yet be written to the disk on which the file `path` is to stand; unknown where it is no disk, or the
/// system does not say.
#[cfg(unix)]
pub(crate) fn free(path: &Path) -> Option<u64> {
    // A device or a pipe has no room to run out of.
    if path.exists() && !path.is_file() {
        return None;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let told = rustix::fs::statvfs(folder).ok()?;
    // Some file systems, such as those over a network, tell nothing.
    let free = told.f_bavail.saturating_mul(told.f_frsize);
    (told.f_blocks > 0).then_some(free)
}

#[cfg(not(unix))]
pub(crate) fn free(_path: &Path) -> Option<u64> {
    None
}
