//! The page that says what is promised.

use std::fs;
use std::path::{Path, PathBuf};

/// All Rust files of the crates.
fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn every_test_that_the_page_names_exists() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // Outside the repository, as in the package, there is no page.
    let Ok(page) = fs::read_to_string(crates.join("../docs/reliability.md")) else { return };
    let mut files = Vec::new();
    rust_files(&crates, &mut files);
    let named: Vec<Vec<&str>> = page
        .split('`')
        .filter(|word| word.contains("::") && !word.contains([' ', '\n']) && *word != "file::test")
        .map(|word| word.split("::").collect())
        .collect();
    assert!(named.len() > 30, "only {} tests are named: the search is broken", named.len());
    for path in named {
        let [.., file, test] = path[..] else { unreachable!() };
        let is_there = files.iter().any(|found| {
            let name = found.file_stem().unwrap().to_str().unwrap();
            let of_file = name == file || found.parent().unwrap().ends_with(file);
            of_file && fs::read_to_string(found).unwrap().contains(&format!("fn {test}()"))
        });
        assert!(is_there, "docs/reliability.md names {file}::{test}, which does not exist");
    }
}
