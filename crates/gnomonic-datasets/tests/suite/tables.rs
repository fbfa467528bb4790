//! CSV, TSV and their like.

use gnomonic_datasets::{Dataset, Error, ErrorKind, Header, LabelColumn, Place, ReadOptions, Source};
use gnomonic_datasets::{read_labels, read_map, read_matrix};

use crate::bytes::{Folder, gzip};

fn read(content: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Dataset, Error> {
    let folder = Folder::new();
    read_matrix(&Source::file(folder.file("a.csv", content)), options)
}

fn names(content: &str, options: &ReadOptions) -> Result<Vec<String>, Error> {
    let folder = Folder::new();
    let labels = read_labels(&Source::file(folder.file("labels", content)), options)?;
    Ok((0..labels.len()).map(|i| labels.name(i).to_owned()).collect())
}

fn label_at(column: &str) -> ReadOptions {
    ReadOptions { label_column: LabelColumn::At(column.to_owned()), ..ReadOptions::default() }
}

fn with_header(header: Header) -> ReadOptions {
    ReadOptions { header, ..ReadOptions::default() }
}

#[test]
fn however_it_is_written_it_is_the_same_table() {
    let same = [
        "1,2\n3,4.5\n",
        "1,2\n3,4.5",
        "1,2\r\n3,4.5\r\n",
        "a,b\n1,2\n3,4.5\n",
        "\u{feff}a,b\n1,2\n3,4.5\n",
        "\u{feff}1,2\n3,4.5\n",
        "1\t2\n3\t4.5\n",
        "1;2\n3;4.5\n",
        "1 2\n3 4.5\n",
        "1, 2\n3, 4.5\n",
        "\"a, or \"\"b\"\"\",c\n\"1\",2\n3,\"4.5\"\n",
        "\n1,2\n\n3,4.50\n\n",
        ",0,1\n0,1,2\n1,3,4.5\n",
        "index,x,y\n7,1,2\n5,3,4.5\n",
        "0,1,label\n1,2,a\n3,4.5,b\n",
    ];
    for content in same {
        for content in [content.as_bytes().to_vec(), gzip(content.as_bytes())] {
            let data = read(&content, &ReadOptions::default());
            let data = data.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&content)));
            assert_eq!(data.matrix.as_slice(), [1.0, 2.0, 3.0, 4.5], "{}", String::from_utf8_lossy(&content));
            assert_eq!(data.matrix.n_samples(), 2);
        }
    }
}

#[test]
fn a_header_is_told_from_data() {
    let rows = |content: &str| read(content, &ReadOptions::default()).unwrap().matrix.n_samples();
    assert_eq!(rows("0,1\n1,2\n"), 2, "numbers alone are data");
    assert_eq!(rows("x\n1\n2\n"), 2);
    assert_eq!(rows("label,0,1,2\n5,1,1,1\n6,1,1,1\n"), 2, "numbered columns beside a label");
    assert_eq!(rows("0,1,2\n5,6,7\n8,9,9\n"), 2, "columns that pandas numbered");
    assert_eq!(rows(",0,1,2\n0,5,6,7\n1,8,9,9\n"), 2, "the same beside row numbers");
    assert_eq!(rows("0,1,2\n3,4,5\n6,7,8\n"), 3, "a counted table");
    assert_eq!(rows("0,1,3\n5,6,7\n"), 2);
    assert_eq!(rows("0,1,2\n"), 1);
    let read = |content: &str, header| read(content, &with_header(header)).unwrap().matrix.n_samples();
    assert_eq!(read("0,1,2\n5,6,7\n", Header::Absent), 2);
    assert_eq!(read("0,1\n1,2\n", Header::Present), 1);
    assert_eq!(read("0,1\n1,2\n", Header::Absent), 2);
}

#[test]
fn labels_in_a_column() {
    let iris = "5.1,3.5,setosa\n4.9,3.0,virginica\n4.7,3.2,setosa\n";
    for column in ["3", "species"] {
        let content = if column == "3" { iris.to_owned() } else { format!("length,width,species\n{iris}") };
        let data = read(&content, &label_at(column)).unwrap();
        assert_eq!((data.matrix.n_samples(), data.matrix.n_features()), (3, 2));
        let labels = data.labels.unwrap();
        assert_eq!(
            (labels.names, labels.classes),
            (vec!["setosa".into(), "virginica".into()], vec![0, 1, 0])
        );
    }
    let named = read("Label,a\n10,1\n9,2\n", &ReadOptions::default()).unwrap();
    assert_eq!(named.labels.unwrap().names, ["9", "10"]);
    let options = ReadOptions { label_column: LabelColumn::Absent, ..ReadOptions::default() };
    assert_eq!(read("label,a\n10,1\n9,2\n", &options).unwrap().matrix.n_features(), 2);
    // A name goes before a number: here the column called 2 is the first.
    let data = read("2,1\n7,8\n", &ReadOptions { header: Header::Present, ..label_at("2") }).unwrap();
    assert_eq!((data.matrix.as_slice(), data.labels.unwrap().name(0)), ([8.0].as_slice(), "7"));
}

#[test]
fn labels_in_a_file() {
    let default = ReadOptions::default();
    assert_eq!(names("cat\ndog\ncat\n", &default).unwrap(), ["cat", "dog", "cat"]);
    assert_eq!(names("label\ncat\ndog\n", &default).unwrap(), ["cat", "dog"]);
    assert_eq!(names("3.0\n10\n3\n", &default).unwrap(), ["3", "10", "3"]);
    assert_eq!(names("digit\n3\n10\n", &default).unwrap(), ["3", "10"]);
    assert_eq!(names("index,species\n0,cat\n1,dog\n", &default).unwrap(), ["cat", "dog"]);
    assert_eq!(names("T cell\nB cell\nT cell\n", &default).unwrap(), ["T cell", "B cell", "T cell"]);
    assert_eq!(names("index,x,y,label\n4,0.5,1,cat\n2,1,2,dog\n", &default).unwrap(), ["cat", "dog"]);
    assert_eq!(names("name,species\nann,cat\nbob,dog\n", &label_at("species")).unwrap(), ["cat", "dog"]);
    assert_eq!(names("\"red, old\"\nblue\n", &default).unwrap(), ["red, old", "blue"]);
    let error = names("a,b,c\n1,2,3\n", &default).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownColumn);
    assert!(error.to_string().contains("has 3 columns (a, b, c)"), "{error}");
    let error = names("a,label\n1,x\n2,\n", &default).unwrap_err();
    assert!(error.to_string().contains("row 2 (line 3), column 2 (label): the label is empty"), "{error}");
}

#[test]
fn the_place_of_a_bad_cell_is_named() {
    let error = |content: &str| read(content, &ReadOptions::default()).unwrap_err();
    let cases = [
        ("a,b\n1,2\n3,abc\n", ErrorKind::NotANumber, "row 2 (line 3), column 2 (b): \"abc\" is not a number"),
        ("1,2\n\n\"3\n\",x\n", ErrorKind::NotANumber, "row 2 (line 3), column 2: \"x\""),
        ("1,2\r\n3,4\r\n5,x\r\n", ErrorKind::NotANumber, "row 3 (line 3), column 2: \"x\""),
        ("1,2\n3\n", ErrorKind::Ragged, "row 2 (line 2): has 1 cell where the first row has 2"),
        ("a,b\n1,2,3\n", ErrorKind::Ragged, "row 1 (line 2): has 3 cells where the header has 2"),
        (
            "1,2\n3,\n,5\n",
            ErrorKind::NonFinite,
            "row 2 (line 2), column 2: the value is missing (the cell is empty) (the first of 2",
        ),
        ("1,2\nNaN,4\n", ErrorKind::NonFinite, "row 2 (line 2), column 1: the value is NaN; t-SNE needs"),
        ("1,2\nNA,-inf\n", ErrorKind::NonFinite, "missing (NA) (the first of 2"),
        ("1,2\n1e39,4\n", ErrorKind::OutOfRange, "row 2 (line 2), column 1: 1e39 is beyond"),
        ("a,b\n", ErrorKind::Empty, "a header and no rows"),
        ("label\nx\ny\n", ErrorKind::Empty, "no column of numbers (label)"),
    ];
    for (content, kind, says) in cases {
        let error = error(content);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    let cell = error("a,b\n1,2\n3,abc\n");
    let place = Place::Cell { row: 2, column: 2, line: Some(3), name: Some("b".to_owned()) };
    assert_eq!(cell.place(), Some(&place));
    let error = read("a,b\n1,2\n", &label_at("c")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownColumn);
    assert!(error.to_string().contains("no column \"c\"; it has 2 columns (a, b)"), "{error}");
}

#[test]
fn a_cut_table_is_refused_where_the_cut_shows() {
    let content = "a,b,label\n1,2,x\n3,4,y\n";
    for end in 0..content.len() {
        let folder = Folder::new();
        // Text has no length to be checked against: it must only not panic.
        let _ = read_matrix(&Source::file(folder.file("a.csv", &content[..end])), &ReadOptions::default());
        let packed = gzip(content.as_bytes());
        let cut = packed.len() * end / content.len();
        read_matrix(&Source::file(folder.file("a.csv.gz", &packed[..cut])), &ReadOptions::default())
            .unwrap_err();
    }
}

#[test]
fn maps_are_read_by_the_names_of_their_columns() {
    let folder = Folder::new();
    let read =
        |content: &str| read_map(&Source::file(folder.file("map.csv", content)), &ReadOptions::default());
    let map = read("label,y,x,index\nb,2,1,7\na,4,3,5\n").unwrap();
    assert_eq!(map.points.as_slice(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(map.index, Some(vec![7, 5]));
    assert_eq!(map.labels.unwrap().classes, [1, 0]);
    let map = read("1,2\n3,4\n").unwrap();
    assert_eq!((map.points.n_features(), map.index, map.labels), (2, None, None));
    let error = read("perplexity,index,x,y\n2,0,1,1\n").unwrap_err();
    assert!(error.to_string().contains("several maps"), "{error}");
    let error = read("index,x,y\n-1,1,2\n").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotANumber);
}
