//! The command as a user types it: a scratch directory, files in it, and what the command says and leaves there.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A directory of its own, in which commands are run.
pub(crate) struct Session {
    folder: tempfile::TempDir,
}

/// A signal that the tests were started with ignored (`nohup`, a shell's `&`) would be ignored by the commands too: what has a handler here
/// has none there, and is not ignored. The handler does what would be done without it.
#[cfg(unix)]
static SIGNALS: std::sync::LazyLock<()> = std::sync::LazyLock::new(|| {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        let always = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
        signal_hook::flag::register_conditional_default(signal, always).unwrap();
    }
});

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Standard output as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// Asserts that it went well.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.status, 0, "stderr: {}", self.stderr);
        self
    }

    /// Asserts that it failed with `status`, naming all of `fragments`, and did not panic.
    #[track_caller]
    pub(crate) fn failed(self, status: i32, fragments: &[&str]) -> Self {
        assert_eq!(self.status, status, "stderr: {}", self.stderr);
        for fragment in fragments {
            assert!(self.stderr.contains(fragment), "no {fragment:?} in stderr: {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        assert!(self.stdout.is_empty(), "stdout: {:?}", String::from_utf8_lossy(&self.stdout));
        self
    }
}

impl Session {
    pub(crate) fn new() -> Self {
        #[cfg(unix)]
        std::sync::LazyLock::force(&SIGNALS);
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A path in the session.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders that it stands in.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Reads a file.
    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Reads a file as text.
    #[track_caller]
    pub(crate) fn read_text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// Reads a file as JSON.
    #[track_caller]
    pub(crate) fn read_json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    /// All files, with their folders, in order; hidden ones too.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        list(self.folder.path(), self.folder.path(), &mut names);
        names.sort();
        names
    }

    /// The command, ready to be started here; `arguments` are split at spaces.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gnomonic"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env_remove("GNOMONIC_DATA")
            // A test never reaches for the network or the user's cache.
            .env("XDG_CACHE_HOME", self.path(".cache"))
            .env("COLUMNS", "100")
            .stdin(Stdio::null());
        command
    }

    /// A script, ready to be started here by a shell.
    pub(crate) fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .current_dir(self.folder.path())
            .env_remove("GNOMONIC_DATA")
            .env("XDG_CACHE_HOME", self.path(".cache"))
            .env("TMPDIR", self.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Runs the command to its end.
    pub(crate) fn run(&self, arguments: &str) -> Outcome {
        outcome(self.command(arguments).output().unwrap())
    }
}

/// What a finished command left.
pub(crate) fn outcome(output: std::process::Output) -> Outcome {
    Outcome {
        status: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn list(root: &Path, folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(root, &path, names);
        } else {
            names.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
        }
    }
}

/// A `.npy` file of any type: `descr` is NumPy's name for it, `shape` the text between the parentheses.
pub(crate) fn npy_of(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}");
    header += &" ".repeat((64 - (header.len() + 11) % 64) % 64);
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// A `.npy` file of `f32` rows.
pub(crate) fn npy(rows: &[Vec<f32>]) -> Vec<u8> {
    let data: Vec<u8> = rows.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
    npy_of("<f4", &format!("{}, {}", rows.len(), rows[0].len()), &data)
}

/// The values of a `.npy` file of little-endian `f32`, and the header's text.
pub(crate) fn npy_values(bytes: &[u8]) -> (String, Vec<f32>) {
    assert!(bytes.starts_with(b"\x93NUMPY\x01\x00"));
    let end = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8(bytes[10..end].to_vec()).unwrap();
    let values = bytes[end..].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    (header, values)
}

/// An IDX file of bytes with the shape given.
pub(crate) fn idx(shape: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, u8::try_from(shape.len()).unwrap()];
    bytes.extend(shape.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(data);
    bytes
}

/// The same, compressed.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An archive of arrays.
pub(crate) fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        archive.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// `n` rows of `d` columns in three clusters, the same every time.
pub(crate) fn clusters(n: usize, d: usize) -> Vec<Vec<f32>> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    (0..n).map(|i| (0..d).map(|j| noise() + if j % 3 == i % 3 { 4.0 } else { 0.0 }).collect()).collect()
}

/// The cluster of each of `n` rows, as a file of labels.
pub(crate) fn cluster_labels(n: usize) -> String {
    (0..n).map(|i| format!("{}\n", ["red", "green", "blue"][i % 3])).collect()
}

/// Rows as CSV.
pub(crate) fn csv(header: Option<&str>, rows: &[Vec<f32>]) -> String {
    let mut text = header.map(|header| format!("{header}\n")).unwrap_or_default();
    for row in rows {
        text += &row.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        text.push('\n');
    }
    text
}

/// The directory of real data. Without one a test on it returns; where nothing may be skipped, it fails.
pub(crate) fn real_data() -> Option<String> {
    let data = std::env::var("GNOMONIC_DATA").ok().filter(|folder| !folder.is_empty());
    let must_run = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(data.is_some() || !must_run, "CI=true, but GNOMONIC_DATA is not set");
    data
}

/// Sends a signal to a command that runs.
#[cfg(unix)]
pub(crate) fn signal(child: &std::process::Child, signal: rustix::process::Signal) {
    let _ = rustix::process::kill_process(rustix::process::Pid::from_child(child), signal);
}

/// Ctrl-C's signal; where whoever started the tests has it ignored, and so the command too, the other one.
#[cfg(unix)]
pub(crate) fn stop_signal() -> rustix::process::Signal {
    use rustix::process::Signal;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    if ignored >> 1 & 1 == 1 { Signal::TERM } else { Signal::INT }
}
