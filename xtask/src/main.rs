//! `cargo xtask check` runs everything that must pass before a change lands; `cargo xtask instructions` counts.

mod instructions;
mod python;

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

/// The steps of `check`, in the order that fails soonest: a name, the arguments given to cargo, and what `GNOMONIC_SIMD` says.
const STEPS: &[(&str, &[&str], &str)] = &[
    ("formatting", &["fmt", "--all", "--check"], ""),
    ("clippy", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"], ""),
    ("tests", &["test", "--workspace", "--all-targets"], ""),
    ("tests of the core up to AVX2", &["test", "-p", "gnomonic", "--lib"], "avx2"),
    ("tests of the core in what all processors have", &["test", "-p", "gnomonic", "--lib"], "baseline"),
    ("doc tests", &["test", "--workspace", "--doc"], ""),
    ("documentation", &["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"], ""),
];

const USAGE: &str = "usage: cargo xtask check | instructions [--save]

check   formatting, clippy, every test, those of the core with lesser vector instructions, the examples in the documentation, the documentation
        itself; and the Python package, built and tested in an environment of its own, where there is a python3.
        With GNOMONIC_DATA=DIR the tests on real MNIST run too (DIR/mnist/train-images-idx3-ubyte.gz …);
        with CI=true a missing GNOMONIC_DATA is an error.
instructions
        what each stage executes, counted by valgrind, beside the counts in benchmarks/instructions.csv; --save
        replaces them";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["check"] => check(),
        ["instructions"] => instructions::run(false),
        ["instructions", "--save"] => instructions::run(true),
        ["help" | "-h" | "--help"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn check() -> ExitCode {
    let in_ci = env::var("CI").is_ok_and(|value| value == "true");
    let with_data = env::var_os("GNOMONIC_DATA").is_some_and(|value| !value.is_empty());
    if in_ci && !with_data {
        eprintln!(
            "xtask: CI=true, but GNOMONIC_DATA is not set: the tests on real MNIST may not be skipped here"
        );
        return ExitCode::FAILURE;
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for (name, arguments, instructions) in STEPS {
        eprintln!("xtask: {name}: cargo {}", arguments.join(" "));
        let mut command = Command::new(&cargo);
        command.args(*arguments).env("RUSTDOCFLAGS", "-D warnings");
        if !instructions.is_empty() {
            command.env("GNOMONIC_SIMD", instructions);
        }
        let status = command.status();
        match status {
            Ok(status) if status.success() => {}
            Ok(_) => {
                eprintln!("xtask: {name} failed; to repeat only this: cargo {}", arguments.join(" "));
                return ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("xtask: {name}: cargo could not be started: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    if let Err(message) = parse_python() {
        eprintln!("xtask: benchmarks: {message}");
        return ExitCode::FAILURE;
    }
    if let Err(message) = python::check(Path::new(&cargo), in_ci) {
        eprintln!("xtask: {message}");
        return ExitCode::FAILURE;
    }
    if !with_data {
        eprintln!(
            "xtask: skipped: the tests on real MNIST (set GNOMONIC_DATA to a folder that holds mnist/train-images-idx3-ubyte.gz and the rest)"
        );
    }
    eprintln!("xtask: everything passed");
    ExitCode::SUCCESS
}

/// Checks that the scripts of the benchmarks are Python, where there is one: to build and test, nobody needs it.
fn parse_python() -> Result<(), String> {
    const PARSE: &str = "import ast, pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob('*.py'):
    ast.parse(path.read_text(encoding='utf-8'), str(path))";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("benchmarks");
    eprintln!("xtask: benchmarks: do the scripts parse?");
    match Command::new("python3").args(["-c", PARSE]).arg(&folder).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("a script in {} does not parse", folder.display())),
        Err(_) => {
            eprintln!("xtask: skipped: the scripts of the benchmarks (there is no python3)");
            Ok(())
        }
    }
}
