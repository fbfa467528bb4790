//! Downloading one file of a named data set: mirror after mirror, checked before it is moved into the cache.

use std::fs;
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::catalog::{RemoteFile, Set};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Input;
use crate::memory::Memory;
use crate::shown;
use crate::source::Source;
use crate::sources::Sources;
use crate::write::{Existing, WholeFile, sweep};

/// What happens while a file is downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownloadEvent<'a> {
    /// A mirror is being asked.
    Started {
        /// The file's name, such as `train-images-idx3-ubyte.gz`.
        file: &'a str,
        /// Its address, without the password that it may carry.
        url: &'a str,
    },
    /// Some bytes came.
    Received {
        /// The file's name.
        file: &'a str,
        /// Bytes so far.
        received: u64,
        /// Bytes that the mirror says will come.
        total: Option<u64>,
    },
    /// This mirror did not give the file, so the next will be asked.
    MirrorFailed {
        /// The file's address there, without the password that it may carry.
        url: &'a str,
        /// What went wrong.
        reason: &'a str,
    },
    /// The file was checked and is in the cache.
    Finished {
        /// The file's name.
        file: &'a str,
    },
}

/// Images with wide margins unpack to five times their size, labels to twice; what unpacks a hundredfold is a trap.
const LARGEST_UNPACKING: u64 = 100;

type Progress<'p> = dyn FnMut(&DownloadEvent<'_>) -> ControlFlow<()> + 'p;

/// Why one mirror did not do.
enum Failure {
    /// Something that another mirror may do better.
    Mirror(String),
    /// Nothing that another mirror could mend.
    Final(Error),
}

/// Bytes received at a time.
const CHUNK: usize = 1 << 16;

/// Copies are compressed more or less well, but not ten times worse.
const LARGEST_EXCESS: u64 = 10;

/// Bytes a second, at least: slower than any network that people still use, faster than a server that only keeps its clients
/// waiting.
const SLOWEST: u64 = 1_000;

/// Addresses, one leading to the next, that are followed.
const MOST_REDIRECTS: u32 = 5;

/// The address of a file: as it is asked for, and as it is told, without the name and password that it may carry.
#[derive(Clone, Debug)]
struct Address {
    url: String,
    secret: Option<String>,
    told: String,
}

impl Address {
    fn new(url: String) -> Self {
        let after = url.find("://").map_or(0, |at| at + 3);
        let authority = url[after..].split(['/', '?', '#']).next().unwrap_or_default();
        let secret = authority.rsplit_once('@').map(|(secret, _)| secret.to_owned());
        let told = match &secret {
            Some(secret) => format!("{}…{}", &url[..after], &url[after + secret.len()..]),
            None => url.clone(),
        };
        Self { told: shown::path(Path::new(&told)), url, secret }
    }

    /// What was said of it, without the secret.
    fn without_secret(&self, said: &str) -> String {
        let said = match self.secret.as_deref() {
            Some(secret) if !secret.is_empty() => said.replace(secret, "…"),
            _ => said.to_owned(),
        };
        shown::saying(&said)
    }
}

/// Downloads `file` into the cache and returns its path.
pub(crate) fn fetch(
    set: &'static Set,
    file: &'static RemoteFile,
    sources: &Sources,
    progress: &mut Progress<'_>,
) -> Result<PathBuf> {
    let name = format!("{}.gz", file.name);
    let Some(cache) = sources.cache_dir.as_ref().filter(|_| !sources.offline) else {
        return Err(not_downloadable(set, &[file], sources));
    };
    let folder = cache.join(set.name);
    let target = folder.join(&name);
    // What stands in the way is said before the download rather than after it.
    if fs::symlink_metadata(&target).is_ok_and(|standing| !standing.is_file()) {
        let message =
            "no regular file stands where the cache keeps this download, and it is not replaced; remove it";
        return Err(Error::file(ErrorKind::Io, &target, message));
    }
    fs::create_dir_all(&folder).map_err(|error| Error::io(&target, "making the cache directory", error))?;
    sweep(&folder);
    let own: Vec<String> =
        sources.mirrors.iter().map(|base| format!("{}/{}", base.trim_end_matches('/'), set.name)).collect();
    let published: Vec<String> = set.mirrors.iter().map(|&base| base.to_owned()).collect();
    let bases = if own.is_empty() { published } else { own };
    let mut reasons = String::new();
    for base in bases {
        let address = Address::new(format!("{base}/{name}"));
        let url = &address.told;
        match fetch_from(&address, file, &name, &target, sources.timeout, progress) {
            Ok(()) => {
                let _ = progress(&DownloadEvent::Finished { file: &name });
                return Ok(target);
            }
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Mirror(reason)) => {
                reasons.push_str(&format!("\n  {url}: {reason}"));
                let event = DownloadEvent::MirrorFailed { url, reason: &reason };
                if progress(&event).is_break() {
                    return Err(cancelled(url));
                }
            }
        }
    }
    Err(unavailable(set, &[file], sources, "it could not be downloaded", &reasons))
}

fn fetch_from(
    address: &Address,
    file: &RemoteFile,
    name: &str,
    target: &Path,
    timeout: Duration,
    progress: &mut Progress<'_>,
) -> std::result::Result<(), Failure> {
    let mut hear = |event: &DownloadEvent<'_>| match progress(event) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Failure::Final(cancelled(&address.told))),
    };
    hear(&DownloadEvent::Started { file: name, url: &address.told })?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_connect(Some(timeout))
        .timeout_recv_response(Some(timeout))
        .timeout_per_read(Some(timeout))
        .max_redirects(MOST_REDIRECTS)
        .user_agent(concat!("gnomonic/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mirror = |error: String| Failure::Mirror(address.without_secret(&error));
    let response = agent.get(&address.url).call().map_err(|error| mirror(error.to_string()))?;
    let total = response.body().content_length();
    let most = LARGEST_EXCESS * file.bytes;
    if let Some(total) = total.filter(|&total| total > most) {
        return Err(Failure::Mirror(format!("would send {total} bytes, where {} are usual", file.bytes)));
    }
    let mut body = response.into_body().into_reader();

    let folder = target.parent().unwrap_or(Path::new("."));
    let local = |doing, error| Failure::Final(Error::io(target, doing, error));
    let mut download = WholeFile::new_in(folder).map_err(|e| local("writing to the cache", e))?;
    let mut buffer = vec![0; CHUNK];
    let mut received = 0;
    let (mut since, mut before) = (Instant::now(), 0);
    loop {
        let read = body.read(&mut buffer).map_err(|error| mirror(error.to_string()))?;
        if read == 0 {
            break;
        }
        received += read as u64;
        let waited = since.elapsed();
        if waited > timeout {
            if ((received - before) as f64) < SLOWEST as f64 * waited.as_secs_f64() {
                let message = format!("sends fewer than {SLOWEST} bytes a second");
                return Err(Failure::Mirror(message));
            }
            (since, before) = (Instant::now(), received);
        }
        if received > most {
            let message = format!("sent more than {received} bytes, where {} are usual", file.bytes);
            return Err(Failure::Mirror(message));
        }
        download.write_all(&buffer[..read]).map_err(|e| local("writing to the cache", e))?;
        hear(&DownloadEvent::Received { file: name, received, total })?;
    }
    check(&download, target, file).map_err(|error| Failure::Mirror(error.message().to_owned()))?;
    // Whoever else downloads at the same time moves the same bytes to the same place.
    download
        .publish(target, Existing::Replace)
        .map_err(|e| local("moving the download into the cache", e))?;
    Ok(())
}

/// Decompresses the download and checks its digest.
fn check(download: &WholeFile, target: &Path, file: &RemoteFile) -> Result<()> {
    let again = download.reader().map_err(|error| Error::io(target, "reading the download", error))?;
    let mut input = Input::of_file(&Source::file(target), again, &Memory::default())?.hashed();
    input.skip_to_end(LARGEST_UNPACKING * file.bytes)?;
    input.check_digest(file.sha256)
}

/// The error of files that are not at hand when nothing may, or can, be downloaded.
pub(crate) fn not_downloadable(set: &Set, files: &[&RemoteFile], sources: &Sources) -> Error {
    let why =
        if sources.offline { "the network is switched off" } else { "there is no cache to download to" };
    unavailable(set, files, sources, why, "")
}

/// Says which files to put where.
fn unavailable(set: &Set, files: &[&RemoteFile], sources: &Sources, why: &str, details: &str) -> Error {
    let folder = sources.data_dir.as_ref().or(sources.cache_dir.as_ref());
    let place = |name: &str| match folder {
        Some(folder) => shown::path(&folder.join(set.name).join(name)),
        None => format!("DIR/{}/{name}", set.name),
    };
    let places: Vec<String> = files.iter().map(|file| place(&format!("{}.gz", file.name))).collect();
    let copies = if places.len() == 1 { "a copy at" } else { "copies at" };
    let naming = if folder.is_none() { ", and name DIR as the data directory" } else { "" };
    Error::new(
        ErrorKind::Unavailable,
        set.name,
        format!(
            "is not on this machine, and {why}; put {copies} {}{naming} (digits is bundled and needs no files){details}",
            places.join(" and ")
        ),
    )
}

fn cancelled(url: &str) -> Error {
    Error::new(ErrorKind::Cancelled, url, "the download was stopped")
}

#[cfg(test)]
mod tests;
