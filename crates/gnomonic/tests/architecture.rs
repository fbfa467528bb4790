//! What `ARCHITECTURE.md` promises of the sources: data flows one way, so a module uses only those that stand above it in
//! `lib.rs`, and only the files that it lists are unsafe.

use std::fs;
use std::path::{Path, PathBuf};

fn manifest() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The modules in the order in which `lib.rs` declares them.
fn modules() -> Vec<String> {
    read(&manifest().join("src/lib.rs"))
        .lines()
        .map(|line| line.strip_prefix("pub ").unwrap_or(line))
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// All Rust files of `folder` and the folders in it, but for what cargo builds there.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The same but for files of tests: these may make their data with any stage.
fn sources(folder: &Path) -> Vec<PathBuf> {
    rust_files(folder).into_iter().filter(|file| !file.ends_with("tests.rs")).collect()
}

/// What follows each `crate::` in the code of a file, with its line: the name of a module, or something else, which has
/// no place in the order.
fn names_used(source: &str) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    for (number, line) in source.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for rest in code.split("crate::").skip(1) {
            let name = rest.chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect();
            names.push((number + 1, name));
        }
    }
    names
}

#[test]
fn modules_use_only_what_stands_before_them() {
    let order = modules();
    let place = |name: &str| order.iter().position(|module| module == name);
    let root = manifest().join("src");
    let mut uses = 0;
    let mut offenses = Vec::new();
    for file in sources(&root).into_iter().filter(|file| *file != root.join("lib.rs")) {
        let inside = file.strip_prefix(&root).unwrap().with_extension("");
        let own = inside.iter().next().unwrap().to_str().unwrap();
        let own_place = place(own).unwrap_or_else(|| panic!("{own} is not declared in lib.rs"));
        for (line, name) in names_used(&read(&file)) {
            uses += 1;
            let reason = match place(&name) {
                Some(place) if place <= own_place => continue,
                Some(_) => format!("{own} uses {name}, which stands below it in lib.rs"),
                None => format!("`crate::{name}` is no module: name the module that defines it"),
            };
            offenses.push(format!("{}:{line}: {reason}", file.display()));
        }
    }
    assert!(uses > 80, "only {uses} uses were found: the search is broken");
    assert!(offenses.is_empty(), "{}", offenses.join("\n"));
}

#[test]
fn one_file_knows_every_stage() {
    assert_eq!(modules().last().map(String::as_str), Some("tsne"));
}

/// Whether there is `unsafe` in the code of a file, or leave for it.
fn is_unsafe(source: &str) -> bool {
    source.lines().any(|line| {
        let code = line.split("//").next().unwrap_or_default();
        // A quoted or hyphenated word is another word: text, or a policy of a page.
        let mut words = code.split(|c: char| !(c.is_alphanumeric() || "_-\"'".contains(c)));
        words.any(|word| ["unsafe", "unsafe_code"].contains(&word))
    })
}

/// The files of the table under the heading of `ARCHITECTURE.md` that begins so: what stands in backticks first in each row.
fn listed(text: &str, heading: &str) -> Vec<String> {
    let (_, section) = text.split_once(heading).unwrap_or_else(|| panic!("ARCHITECTURE.md has no {heading}"));
    let table = section.lines().take_while(|line| !line.starts_with('#'));
    table
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(file, _)| file.to_owned())
        .collect()
}

/// Crates, benchmarks and `xtask`, their tests among them.
#[test]
fn unsafe_stands_in_the_files_that_the_architecture_lists() {
    let root = manifest().join("../..");
    let architecture = root.join("ARCHITECTURE.md");
    // Outside the repository, as in the package, there is no list, and no other crate to look at.
    if !architecture.exists() {
        return;
    }
    let mut listed = listed(&read(&architecture), "## Where may code be ");
    let mut found: Vec<String> = ["crates", "benchmarks", "xtask"]
        .into_iter()
        .flat_map(|folder| rust_files(&root.join(folder)))
        .filter(|file| is_unsafe(&read(file)))
        .map(|file| file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"))
        .collect();
    listed.sort();
    found.sort();
    assert_eq!(found, listed);
}

#[test]
fn unsafe_code_is_told_from_words_about_it() {
    // This file is looked at too, so the keyword is not written here.
    let with_keyword = |text: &str| is_unsafe(&text.replace("KEYWORD", "unsafe"));
    for code in [
        "    KEYWORD { f() }",
        "pub KEYWORD fn f();",
        "#![allow(KEYWORD_code)]",
        "x(KEYWORD{ f() }); // proven",
    ] {
        assert!(with_keyword(code), "{code}");
    }
    for text in ["// KEYWORD { f() }", "let policy = \"'KEYWORD-inline'\";", "let word = \"KEYWORD\";"] {
        assert!(!with_keyword(text), "{text}");
    }
}

/// The first fenced block of Rust.
fn example(text: &str) -> &str {
    text.split_once("```rust\n").and_then(|(_, rest)| rest.split_once("```")).expect("an example").0
}

/// The crate's front page is compiled; its README and the project's, in both languages, must show the same example.
#[test]
fn the_example_of_the_readme_is_the_one_that_is_tested() {
    let front_page: String = read(&manifest().join("src/lib.rs"))
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    let tested = front_page.replacen("```\nuse", "```rust\nuse", 1);
    for name in ["README.md", "../../README.md", "../../README.ko.md"] {
        let path = manifest().join(name);
        // Outside the repository, as in the package, there is none to compare.
        if path.exists() {
            assert_eq!(example(&read(&path)), example(&tested), "{name}");
        }
    }
}
