//! `cargo xtask instructions`: how many instructions each stage executes, counted by valgrind, beside the last saved counts.
//!
//! Counts hardly change from run to run, where times on a shared machine do. Valgrind knows no AVX-512, so what is counted are the
//! paths for AVX2 and the portable ones; and an instruction is no unit of time. Nothing fails because a count has grown.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where counts are saved, from the root of the workspace.
const SAVED: &str = "benchmarks/instructions.csv";

/// Two numbers of repetitions: the difference of their counts leaves out what both do once.
const REPETITIONS: [u64; 2] = [1, 3];

/// Counts every stage, prints the ratio to the saved counts, and saves them when asked to.
pub(crate) fn run(save: bool) -> ExitCode {
    match count_all(save) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: instructions: {message}");
            ExitCode::FAILURE
        }
    }
}

fn count_all(save: bool) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace around xtask")?;
    let program = build(root)?;
    let listed = output(Command::new(&program), "the benchmark")?;
    let stages = listed.stdout.split_once(": ").map(|(_, names)| names.trim()).ok_or("no list of stages")?;
    let saved = read(&root.join(SAVED));
    let mut counts = Vec::new();
    println!("{:<24} {:>16} {:>16} {:>8}", "stage", "instructions", "saved", "ratio");
    for stage in stages.split(' ') {
        let [few, many] = [count(&program, stage, REPETITIONS[0])?, count(&program, stage, REPETITIONS[1])?];
        let each = many.saturating_sub(few) / (REPETITIONS[1] - REPETITIONS[0]);
        match saved.get(stage) {
            Some(&before) if before > 0 => {
                println!("{stage:<24} {each:>16} {before:>16} {:>8.3}", each as f64 / before as f64);
            }
            _ => println!("{stage:<24} {each:>16} {:>16}", "–"),
        }
        counts.push(format!("{stage},{each}\n"));
    }
    if save {
        let path = root.join(SAVED);
        fs::write(&path, format!("stage,instructions\n{}", counts.concat()))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// Builds the benchmark and finds where cargo put it.
fn build(root: &Path) -> Result<PathBuf, String> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["bench", "-p", "gnomonic", "--bench", "instructions", "--no-run"]);
    let built = output(cargo, "cargo bench --no-run")?;
    // cargo says `Executable benches/instructions.rs (target/release/deps/instructions-…)`.
    let path = built.stderr.lines().rev().find_map(|line| {
        line.contains("Executable").then(|| line.rsplit_once('(')?.1.strip_suffix(')')).flatten()
    });
    path.map(|path| root.join(path)).ok_or_else(|| "cargo named no executable".to_owned())
}

/// The instructions of one run on one thread.
fn count(program: &Path, stage: &str, repetitions: u64) -> Result<u64, String> {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([stage, &repetitions.to_string()])
        .env("RAYON_NUM_THREADS", "1");
    let told = output(valgrind, "valgrind (install it: it counts)")?.stderr;
    let counted = told.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    counted.ok_or_else(|| format!("valgrind gave no count for {stage}:\n{told}"))
}

/// What a command printed.
struct Printed {
    stdout: String,
    stderr: String,
}

fn output(mut command: Command, name: &str) -> Result<Printed, String> {
    let done = command.output().map_err(|error| format!("{name}: {error}"))?;
    let [stdout, stderr] =
        [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if done.status.success() {
        Ok(Printed { stdout, stderr })
    } else {
        Err(format!("{name}: {}\n{stderr}", done.status))
    }
}

/// The saved counts; none when there is no file.
fn read(path: &Path) -> BTreeMap<String, u64> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let counts = text.lines().filter_map(|line| {
        let (stage, count) = line.split_once(',')?;
        Some((stage.to_owned(), count.parse().ok()?))
    });
    counts.collect()
}
