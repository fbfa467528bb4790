//! Faults on purpose: signals and kills at random moments, full disks, refused threads and memory, pipes that nobody reads. Whatever
//! happens, a result is whole or absent, nothing else is left behind, and the status tells what came of it.
//!
//! The moments are random: each failure says the seed, and `GNOMONIC_FAULTS_SEED` makes the same ones again.
#![cfg(target_os = "linux")]

#[path = "../session/mod.rs"]
mod session;

mod disk;
mod downloads;
mod kills;
mod memory;
mod page;
mod pipes;
mod races;
mod signals;
mod threads;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use session::{Session, npy_values};

/// Moments, and choices, at random.
struct Chance(u64);

impl Chance {
    /// Seeded by the clock, or by the environment; says with what.
    fn new(test: &str) -> Self {
        let clock = || std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        let seed = std::env::var("GNOMONIC_FAULTS_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(clock);
        eprintln!("{test}: GNOMONIC_FAULTS_SEED={seed}");
        Self(seed)
    }

    /// From 0 to 1.
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[(self.fraction() * choices.len() as f64) as usize]
    }
}

/// A command that runs, and what it says.
struct Run {
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
}

impl Run {
    fn start(command: Command) -> Self {
        Self::start_to(Stdio::null(), command)
    }

    /// The same, with its standard output to `stdout`.
    fn start_to(stdout: impl Into<Stdio>, mut command: Command) -> Self {
        command.stdout(stdout);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, said: String::new() }
    }

    /// Waits until it says `words`.
    fn until(mut self, words: &str) -> Self {
        while !self.said.contains(words) {
            assert!(self.stderr.read_line(&mut self.said).unwrap() > 0, "no {words}: {}", self.said);
        }
        self
    }

    fn signal(&self, signal: rustix::process::Signal) {
        session::signal(&self.child, signal);
    }

    /// Its status and all that it said. It ends within `limit`, or the test fails.
    fn ends_within(mut self, limit: Duration) -> (i32, String) {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if began.elapsed() > limit {
                self.child.kill().unwrap();
                panic!("still running after {limit:?}: {}", self.said);
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        self.stderr.read_to_string(&mut self.said).unwrap();
        assert!(!self.said.contains("panicked"), "{}", self.said);
        (status.code().unwrap_or(-1), self.said)
    }

    fn ends(self) -> (i32, String) {
        self.ends_within(Duration::from_secs(60))
    }
}

/// A program in a shell, after `limits`: commands that set them, each ended by `;`.
fn limited(session: &Session, limits: &str, arguments: &str) -> Command {
    let mut command = session.shell(&format!("{limits} exec {} {arguments}", env!("CARGO_BIN_EXE_gnomonic")));
    command.env("TMPDIR", session.path("tmp"));
    std::fs::create_dir_all(session.path("tmp")).unwrap();
    command
}

fn mkfifo(session: &Session, name: &str) {
    assert!(Command::new("mkfifo").arg(session.path(name)).status().unwrap().success());
}

/// Asserts that all that a command left in its directory is whole, and that nothing else is there.
fn check_whole(session: &Session, n_samples: usize, context: &str) {
    for name in session.names() {
        let bytes = session.read(&name);
        let base = name.split(".partial").next().unwrap();
        let whole = match base.rsplit('.').next().unwrap() {
            "csv" => {
                let text = String::from_utf8(bytes).unwrap();
                text.ends_with('\n') && (text.lines().count() - 1).is_multiple_of(n_samples)
            }
            "npy" => npy_values(&bytes).1.len() == 2 * n_samples,
            "png" => bytes.starts_with(b"\x89PNG") && bytes.ends_with(b"IEND\xaeB`\x82"),
            "svg" => bytes.ends_with(b"</svg>\n") || bytes.ends_with(b"</svg>"),
            "html" => bytes.trim_ascii_end().ends_with(b"</html>"),
            "json" => serde_json::from_slice::<serde_json::Value>(&bytes).is_ok(),
            _ => false,
        };
        assert!(whole, "{context}: {name} is not whole, or should not be there: {:?}", session.names());
    }
}
