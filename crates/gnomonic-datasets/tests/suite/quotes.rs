//! Quotation marks that do not come in pairs swallow rows: no row is lost in silence.

use gnomonic_datasets::{Error, ErrorKind, LabelColumn, ReadOptions, Source};
use gnomonic_datasets::{read_labels, read_map, read_matrix};

use crate::bytes::Folder;

/// 200 rows of two numbers and a label, of which `change` makes others.
fn table(header: bool, change: impl Fn(usize) -> Option<&'static str>) -> String {
    let row = |i: usize| {
        let label = change(i).map_or_else(|| format!("class {}", i % 3), str::to_owned);
        format!("{i},{},{label}\n", i % 7)
    };
    let header = if header { "a,b,label\n" } else { "" };
    header.to_owned() + &(0..200).map(row).collect::<String>()
}

fn labeled(content: &str, column: &str) -> Result<usize, Error> {
    let folder = Folder::new();
    let source = Source::file(folder.file("a.csv", content));
    let options = ReadOptions { label_column: LabelColumn::At(column.to_owned()), ..ReadOptions::default() };
    Ok(read_matrix(&source, &options)?.matrix.n_samples())
}

#[track_caller]
fn refused(content: &str, says: &[&str]) {
    let error = labeled(content, "3").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
    for part in says {
        assert!(error.to_string().contains(part), "no {part:?} in: {error}");
    }
}

#[test]
fn a_quotation_mark_without_an_end_is_refused_at_its_line() {
    let opened = |row| move |i| (i == row).then_some("\"class 2");
    refused(&table(true, opened(50)), &["a.csv: line 52, column 3", "has no end", "the 149 lines after it"]);
    refused(&table(false, opened(50)), &["line 51, column 3", "close it"]);
    // The last row of all, with and without a line's end, and the first.
    refused(&table(true, opened(199)), &["line 201, column 3", "has no end"]);
    refused(table(true, opened(199)).trim_end(), &["line 201, column 3", "has no end"]);
    refused(&table(false, opened(0)), &["line 1, column 3", "has no end"]);
    refused(&table(true, opened(50)).replace('\n', "\r\n"), &["line 52, column 3", "has no end"]);
    refused(&table(true, opened(50)).replace("class 1", "\"a\nb\""), &["line 69, column 3"]);
    refused("a,b,label\n1,2,\"", &["line 2, column 3", "has no end"]);
}

#[test]
fn two_stray_quotation_marks_are_refused_however_far_apart() {
    let rows = [(50, 150), (50, 51), (0, 199), (10, 12)];
    for (first, second) in rows {
        for (opening, closing) in [("\"class 2", "class 2\""), ("\"class 2", "\"class 2"), ("\"", "\"")] {
            let content =
                table(true, |i| if i == first { Some(opening) } else { (i == second).then_some(closing) });
            let (line, last) = (format!("line {}, column 3", first + 2), format!("line {}", second + 2));
            refused(&content, &[&line, &last, "what looks like rows"]);
            refused(&content.replace('\n', "\r\n"), &[&line, &last]);
            // Blank lines between them are no excuse.
            let spaced = content.replacen(&format!("\n{},", second), &format!("\n\n\n{},", second), 1);
            refused(&spaced, &[&line, "what looks like rows"]);
        }
    }
}

#[test]
fn where_the_labels_stand_does_not_matter() {
    let first = "label,a,b\nx,1,2\n\"x,3,4\ny,5,6\nx\",7,8\nx,9,9\n";
    let error = labeled(first, "label").unwrap_err();
    assert!(error.to_string().contains("line 3, column 1"), "{error}");
    // A column that is not even read.
    let folder = Folder::new();
    let map = folder.file("map.csv", "x,y,note\n1,2,a\n3,4,\"b\n5,6,c\n7,8,d\"\n9,9,e\n");
    let error = read_map(&Source::file(map), &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("line 3, column 3"), "{error}");
    // Labels alone, where every line is one.
    for content in ["cat\n\"dog\ncat\ndog\"\ncat\n", "cat\n\"dog\ncat\n"] {
        let error = read_labels(&Source::file(folder.file("y.txt", content)), &ReadOptions::default());
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
        assert!(error.to_string().contains("line 2, column 1"), "{error}");
    }
}

#[test]
fn a_cell_of_very_many_lines_is_refused() {
    let cell = |lines: usize| format!("a,b,label\n1,2,\"{}\"\n3,4,x\n", "word\n".repeat(lines));
    assert_eq!(labeled(&cell(10), "3").unwrap(), 2);
    refused(&cell(18), &["line 2, column 3"]);
}

#[test]
fn quotes_that_are_meant_are_read() {
    for (content, rows) in [
        ("a,b,label\n1,2,\"two\nlines\"\n3,4,\"\"\"quoted\"\"\"\n", 2),
        ("a,b,label\n1,2,\"one, two\n\"\n3,4,5' 10\"\n", 2),
        ("a,b,label\r\n1,2,\"two\r\nlines\"\r\n3,4,x", 2),
        ("\"a\",\"b\",\"label\"\n\"1\",\"2\",\"x\"\n", 1),
    ] {
        assert_eq!(labeled(content, "label").unwrap(), rows, "{content}");
    }
    assert_eq!(labeled(&table(true, |_| Some("\"class\"")), "label").unwrap(), 200);
}
