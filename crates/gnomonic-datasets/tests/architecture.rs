//! What `ARCHITECTURE.md` promises of the sources: a file flows one way, so a module uses only those that stand above it in `lib.rs`,
//! and a format only what stands above it in `formats/mod.rs`.

use std::fs;
use std::path::{Path, PathBuf};

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The modules in the order in which `file` declares them.
fn modules(file: &Path) -> Vec<String> {
    read(file)
        .lines()
        .map(|line| line.trim_start_matches("pub(crate) ").trim_start_matches("pub "))
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// All Rust files of `folder` and the folders in it, but for files of tests, which may make their data with anything.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // The folder of a file `tests.rs` holds nothing else.
            if !path.ends_with("tests") {
                files.extend(sources(&path));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}

/// The code of a file, without comments, up to the tests that stand beside it.
fn code(file: &Path) -> String {
    let source = read(file);
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// What follows each `prefix` in a file: one name, or those of a list in braces.
fn names_after(code: &str, prefix: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect()
    };
    let mut names = Vec::new();
    for rest in code.split(prefix).skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => names.extend(list.split('}').next().unwrap_or_default().split(',').map(word)),
            None => names.push(word(rest)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Asserts that each file in `root` uses, by `prefix`, only modules that `declared` declares above its own.
fn flows_one_way(root: &Path, declared: &Path, prefix: &str, least: usize) {
    let order = modules(declared);
    let place = |name: &str| order.iter().position(|module| module == name);
    let mut uses = 0;
    let mut offenses = Vec::new();
    for file in sources(root).into_iter().filter(|file| file != declared) {
        let inside = file.strip_prefix(root).unwrap().with_extension("");
        let own = inside.iter().next().unwrap().to_str().unwrap();
        let own_place =
            place(own).unwrap_or_else(|| panic!("{own} is not declared in {}", declared.display()));
        for name in names_after(&code(&file), prefix) {
            uses += 1;
            match place(&name) {
                Some(place) if place <= own_place => {}
                Some(_) => {
                    offenses.push(format!("{}: uses {name}, which stands below {own}", file.display()))
                }
                None => offenses.push(format!("{}: `{prefix}{name}` is no module", file.display())),
            }
        }
    }
    assert!(uses >= least, "only {uses} uses were found: the search is broken");
    assert!(offenses.is_empty(), "{}", offenses.join("\n"));
}

#[test]
fn modules_use_only_what_stands_before_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    flows_one_way(&root, &root.join("lib.rs"), "crate::", 90);
}

#[test]
fn formats_use_only_what_stands_before_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/formats");
    flows_one_way(&root, &root.join("mod.rs"), "crate::formats::", 15);
}

#[test]
fn names_are_found_alone_and_in_lists() {
    let code = "use crate::a::B;\nuse crate::{c, d::E};\nlet x = crate::f();";
    assert_eq!(names_after(code, "crate::"), ["a", "c", "d", "f"]);
}
