//! What a file says of itself is quoted in errors, and may be anything: it is shown so that no terminal obeys it, and cut
//! where it is long.

use std::path::Path;

use gnomonic_datasets::{Error, LabelColumn, ReadOptions, Source, read_labels, read_map, read_matrix};

use crate::bytes::{Folder, npy, npy_header};

/// Turns a title bar, the colour, and the order of letters around.
const TRICK: &str = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}x";

#[track_caller]
fn is_fit_to_be_shown(error: &Error) {
    let message = error.to_string();
    let acts = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!message.contains(acts), "{message:?}");
    assert!(message.len() < 4_000, "{} bytes", message.len());
}

fn npz(key: &str, array: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in [key, "other"] {
        archive.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(array).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn whatever_a_file_quotes_is_shown_short_and_plain() {
    let folder = Folder::new();
    let default = ReadOptions::default();
    let long = "x".repeat(1 << 20);
    for text in [TRICK, &long] {
        let quoted = text.replace('"', "\"\"");
        for (name, content) in [
            ("cell.csv", format!("a,b\n1,2\n3,\"{quoted}\"\n").into_bytes()),
            ("column.csv", format!("a,\"{quoted}\"\n1,2\n3,x\n").into_bytes()),
            ("columns.csv", format!("{0}a,{0}b,label\nx,y,z\n", quoted).into_bytes()),
            ("missing.csv", format!("a,\"{quoted}\"\n1,\n").into_bytes()),
            ("number.csv", format!("a,b\n1,9{}e999\n", "9".repeat(1 << 16)).into_bytes()),
            ("type.npy", npy(&npy_header(&text[..text.len().min(60_000)], "(2,)"), &[0; 16])),
            ("key.npy", npy(&format!("{{'{}': 1}}", &text[..text.len().min(60_000)]), &[0; 16])),
            (
                "list.npy",
                npy(
                    &format!(
                        "{{'descr': [{}], 'fortran_order': False, 'shape': (2,)}}",
                        &text[..text.len().min(60_000)]
                    ),
                    &[0; 16],
                ),
            ),
            ("shape.npy", npy(&npy_header("<f4", &format!("({})", "2,".repeat(60))), &[0; 16])),
            ("keys.npz", npz(&text[..text.len().min(60_000)], &npy(&npy_header("|u1", "(2, 2)"), &[0; 4]))),
        ] {
            let source = Source::file(folder.file(name, content));
            is_fit_to_be_shown(&read_matrix(&source, &default).unwrap_err());
            for error in [read_map(&source, &default).err(), read_labels(&source, &default).err()] {
                error.iter().for_each(is_fit_to_be_shown);
            }
        }
    }
}

#[test]
fn so_are_names_of_files_columns_and_arrays() {
    let folder = Folder::new();
    let source = Source::file(folder.file(&format!("{TRICK}.csv"), "1,2\n3,x\n"));
    is_fit_to_be_shown(&read_matrix(&source, &ReadOptions::default()).unwrap_err());
    is_fit_to_be_shown(&read_matrix(&Source::file(TRICK), &ReadOptions::default()).unwrap_err());
    let table = folder.file("a.csv", "a,b\n1,2\n");
    let column = ReadOptions { label_column: LabelColumn::At(TRICK.repeat(900)), ..ReadOptions::default() };
    is_fit_to_be_shown(&read_matrix(&Source::file(&table), &column).unwrap_err());
    is_fit_to_be_shown(&read_matrix(&Source::array(&table, TRICK), &ReadOptions::default()).unwrap_err());
    let archive = folder.file("a.npz", npz("x", &[]));
    is_fit_to_be_shown(&read_matrix(&Source::array(&archive, TRICK), &ReadOptions::default()).unwrap_err());
    let error =
        read_matrix(&Source::file(Path::new(&"d/".repeat(9_000))), &ReadOptions::default()).unwrap_err();
    is_fit_to_be_shown(&error);
}
