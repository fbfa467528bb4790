//! The Python package: built as a wheel into an environment of its own, tested there as a user has it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the tests need.
const PACKAGES: &[&str] =
    &["maturin>=1.9,<2", "mypy", "numpy", "pandas", "pytest", "scikit-learn>=1.6", "scipy"];

/// Checks the crate, builds and installs the package, and runs its tests, the examples in its documentation and the type checker. Where there is no
/// Python, says so; with CI=true that is an error.
pub(crate) fn check(cargo: &Path, in_ci: bool) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let python = PathBuf::from("python3");
    let version = "import sys; sys.exit(sys.version_info < (3, 10))";
    if !Command::new(&python).args(["-c", version]).status().is_ok_and(|status| status.success()) {
        let missing = "the Python package (there is no python3 of at least 3.10)";
        if in_ci {
            return Err(format!("CI=true, but {missing}"));
        }
        eprintln!("xtask: skipped: {missing}");
        return Ok(());
    }
    let manifest = "crates/gnomonic-python/Cargo.toml";
    let target = root.join("target");
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(cargo);
        command.current_dir(root).env("CARGO_TARGET_DIR", &target).args(arguments);
        run("the crate of the Python package", command)
    };
    cargo(&["fmt", "--manifest-path", manifest, "--check"])?;
    cargo(&["clippy", "--manifest-path", manifest, "--quiet", "--", "-D", "warnings"])?;

    let environment = target.join("python");
    let bin = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    if !bin.join("pip").exists() {
        let mut command = Command::new(&python);
        command.args(["-m", "venv"]).arg(&environment);
        run(
            "an environment for Python (where the module venv is missing: apt-get install python3-venv)",
            command,
        )?;
    }
    let tool = |name: &str, arguments: &[&str]| {
        let mut command = Command::new(bin.join(name));
        command
            .current_dir(root)
            .env("VIRTUAL_ENV", &environment)
            .env("CARGO_TARGET_DIR", &target)
            .env("PATH", path_with(&bin))
            .args(arguments);
        run(&format!("{name} {}", arguments.first().unwrap_or(&"")), command)
    };
    let mut install = vec!["install", "--quiet", "--disable-pip-version-check"];
    install.extend(PACKAGES);
    tool("pip", &install)?;
    // It finds the crate by pyproject.toml, as pip does.
    tool("maturin", &["develop", "--quiet"])?;
    tool("pytest", &["--quiet", "crates/gnomonic-python/tests"])?;
    tool("pytest", &["--quiet", "--doctest-modules", "crates/gnomonic-python/python/gnomonic"])?;
    tool("mypy", &[])
}

fn path_with(bin: &Path) -> std::ffi::OsString {
    let rest = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(bin.to_owned()).chain(env::split_paths(&rest));
    env::join_paths(folders).unwrap_or(rest)
}

fn run(what: &str, mut command: Command) -> Result<(), String> {
    eprintln!("xtask: Python: {what}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("Python: {what} failed")),
        Err(error) => Err(format!("Python: {what} could not be started: {error}")),
    }
}
