//! Formats beside CSV and arrays: each is mapped by one command, or named as what it is.

mod session;

use session::{Session, npy_of, npz};

const N: usize = 60;
const SHORT: &str = "--iterations 20 --perplexity 5";

/// Rows around three centers, the same on every machine.
fn rows() -> Vec<Vec<f32>> {
    session::clusters(N, 4)
}

fn lines(rows: impl IntoIterator<Item = String>) -> String {
    rows.into_iter().map(|row| row + "\n").collect()
}

fn joined(row: &[f32], between: &str) -> String {
    row.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// Maps `content` under `name`, asserts what the reading said by its parts, and gives the map.
#[track_caller]
fn reads(name: &str, content: impl AsRef<[u8]>, options: &str, says: &[&str]) -> String {
    let session = Session::new();
    session.file(name, content);
    let outcome = session.run(&format!("embed {name} {options} {SHORT} -o map.csv")).succeeded();
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in says {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
    session.read_text("map.csv")
}

#[track_caller]
fn refused(name: &str, content: impl AsRef<[u8]>, options: &str, fragments: &[&str]) {
    let session = Session::new();
    session.file(name, content);
    let outcome = session.run(&format!("embed {name} {options} {SHORT} -o map.csv"));
    outcome.failed(1, &[&[name], fragments].concat());
    assert_eq!(session.names(), [name]);
}

#[test]
fn words_with_their_vectors() {
    let word =
        |i: usize| [".", ",", "\"", "'", "#", "7"].get(i).map_or(format!("word{i}"), |w| (*w).to_owned());
    let glove = lines(rows().iter().enumerate().map(|(i, row)| format!("{} {}", word(i), joined(row, " "))));
    let map = reads("glove.txt", &glove, "", &["60 × 4, 1 column carried along: name; word vectors"]);
    let names: Vec<&str> = map.lines().skip(1).map(|line| line.split_once(',').unwrap().1).collect();
    assert!(names[2].ends_with(",\"\"\"\"") && names[4].ends_with(",#") && names[59].ends_with(",word59"));
    let counted = format!("{N} 4\n{glove}");
    reads("word2vec.txt", &counted, "", &["60 × 4, 1 column carried along: name; word vectors"]);
    // Nodes of a graph are numbers.
    let nodes = lines(rows().iter().enumerate().map(|(i, row)| format!("{} {}", 1000 - i, joined(row, " "))));
    let map = reads("node2vec.emb", format!("{N} 4\n{nodes}"), "", &["60 × 4, 1 column carried along"]);
    assert!(map.lines().nth(1).unwrap().ends_with(",1000"), "{map}");
    refused("cut.txt", format!("{}w 1 2\n", counted), "", &["row 61 (line 62): has 3 cells", "5"]);
}

#[test]
fn sparse_rows_of_libsvm() {
    let pairs = |row: &[f32]| {
        row.iter().enumerate().map(|(j, v)| format!("{}:{v}", j + 1)).collect::<Vec<_>>().join(" ")
    };
    let text = lines(rows().iter().enumerate().map(|(i, row)| format!("{} {}", i % 3, pairs(row))));
    let map = reads("a.txt", &text, "", &["60 × 4, 3 labels; LIBSVM, sparse rows of 240 values made dense"]);
    assert!(map.starts_with("index,x,y,label\n"), "{map}");
    // What is not there is 0: the map is that of the table.
    let sparse = |i: usize, row: &[f32]| format!("{} {}:{} 9:{}", i % 3, i % 5 + 1, row[0], row[1]);
    let text = lines(rows().iter().enumerate().map(|(i, row)| sparse(i, row)));
    let table = lines(rows().iter().enumerate().map(|(i, row)| {
        let mut dense = [0.0; 9];
        (dense[i % 5], dense[8]) = (row[0], row[1]);
        format!("{},{}", joined(&dense, ","), i % 3)
    }));
    let sparse = reads("b.svm", &text, "", &["60 × 9"]);
    assert_eq!(sparse, reads("b.csv", table, "--label-column 10", &["60 × 9"]));
    refused("c.svm", format!("{text}1 2:x\n"), "", &["row 61 (line 61)", "\"2:x\" is no index:value"]);
    let session = Session::new();
    session.file("d.svm", "1 1:2\n1 4000000000:1\n2 1:3\n");
    session.run("embed d.svm --memory-limit 1GB -o map.csv").failed(2, &["d.svm", "memory"]);
}

#[test]
fn objects_on_lines() {
    let object = |(i, row): (usize, &Vec<f32>)| {
        format!(
            r#"{{"id": {i}, "title": "t, {i}", "meta": {{"embedding": [{}]}}, "kind": "k{}"}}"#,
            joined(row, ", "),
            i % 3
        )
    };
    let text = lines(rows().iter().enumerate().map(object));
    let says = ["60 × 4, 3 columns carried along: id, title, kind; JSON Lines"];
    let map = reads("a.jsonl", &text, "--field meta.embedding", &says);
    assert!(map.lines().nth(2).unwrap().ends_with(",1,\"t, 1\",k1"), "{map}");
    reads("a.jsonl", &text, "--field meta.embedding --label-column kind", &["60 × 4, 3 labels"]);
    let flat = text.replace(r#""meta": {"embedding""#, r#""embedding""#).replace("]}", "]");
    reads("b.jsonl", &flat, "", &["60 × 4", "the vectors in embedding"]);
    let numbers =
        lines(rows().iter().map(|row| format!(r#"{{"a": {}, "b": {}, "c": "x"}}"#, row[0], row[1])));
    reads("c.jsonl", &numbers, "", &["60 × 2, 1 column carried along: c"]);
    refused(
        "d.jsonl",
        &text,
        "--field vector",
        &["row 1 (line 1)", "no field \"vector\"", "id, title, meta"],
    );
    let two = lines((0..N).map(|i| format!(r#"{{"a": [{i}, 1], "b": [{i}, 2]}}"#)));
    refused("e.jsonl", &two, "", &["the fields a, b hold vectors", "--field NAME"]);
    refused(
        "f.jsonl",
        format!("{flat}{{\"embedding\": [1]}}\n"),
        "",
        &["row 61 (line 61)", "1 numbers where"],
    );
    refused("g.jsonl", format!("{flat}{{\n"), "", &["row 61 (line 61)", "no JSON object on one line"]);
}

#[test]
fn genes_by_cells() {
    let gene = |g: usize| {
        format!("GENE{g}\t{}", rows().iter().map(|x| x[g].to_string()).collect::<Vec<_>>().join("\t"))
    };
    let cells = (0..N).map(|i| format!("cell{i}")).collect::<Vec<_>>().join("\t");
    let genes = lines((0..4).map(gene));
    let plain = reads("x.csv", lines(rows().iter().map(|row| joined(row, ","))), "", &["60 × 4"]);
    for header in [cells.clone(), format!("gene\t{cells}")] {
        let says = ["60 × 4, 1 column carried along: name", "transposed"];
        let map = reads("genes.tsv", format!("{header}\n{genes}"), "--transpose", &says);
        assert!(map.lines().nth(60).unwrap().ends_with(",cell59"), "{map}");
        let points = |map: &str| -> Vec<String> {
            map.lines().skip(1).map(|line| line.split(',').take(3).collect::<Vec<_>>().join(",")).collect()
        };
        assert_eq!(points(&map), points(&plain));
    }
    let flat: Vec<u8> =
        (0..4).flat_map(|g| rows().into_iter().map(move |x| x[g])).flat_map(f32::to_le_bytes).collect();
    let session = Session::new();
    session.file("x.npy", npy_of("<f4", "4, 60", &flat));
    session.run(&format!("embed x.npy --transpose {SHORT} -o map.csv")).succeeded();
    assert_eq!(session.read_text("map.csv"), plain);
    let table = format!("gene\t{cells}\n{genes}");
    refused("l.tsv", table, "--transpose --label-column gene", &["hold a label of each column"]);
}

/// A matrix as SciPy's `save_npz` keeps it, uncompressed.
fn scipy(format: &str, indices: &[i32], pointers: &[i32], data: &[f64], shape: [i64; 2]) -> Vec<u8> {
    let ints = |values: &[i32]| {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        npy_of("<i4", &format!("{},", values.len()), &bytes)
    };
    let doubles: Vec<u8> = data.iter().flat_map(|value| value.to_le_bytes()).collect();
    let shape: Vec<u8> = shape.iter().flat_map(|value| value.to_le_bytes()).collect();
    let (first, second) = if format == "coo" { ("row", "col") } else { ("indices", "indptr") };
    npz(&[
        (first, ints(indices)),
        (second, ints(pointers)),
        ("format", npy_of("|S3", "", format.as_bytes())),
        ("shape", npy_of("<i8", "2,", &shape)),
        ("data", npy_of("<f8", &format!("{},", data.len()), &doubles)),
    ])
}

#[test]
fn sparse_matrices_of_scipy() {
    // Two values in each of 60 rows of 7 columns.
    let entries: Vec<(i32, i32, f64)> = (0..N as i32)
        .flat_map(|i| [(i, i % 3, 1.0 + f64::from(i % 7)), (i, 3 + i % 4, 2.5 + f64::from(i % 5))])
        .collect();
    let mut dense = vec![vec![0.0_f32; 7]; N];
    for &(i, j, value) in &entries {
        dense[i as usize][j as usize] = value as f32;
    }
    let table = reads("x.csv", lines(dense.iter().map(|row| joined(row, ","))), "", &["60 × 7"]);
    let part = |at: fn(&(i32, i32, f64)) -> i32, entries: &[(i32, i32, f64)]| {
        entries.iter().map(at).collect::<Vec<_>>()
    };
    let data = |entries: &[(i32, i32, f64)]| entries.iter().map(|entry| entry.2).collect::<Vec<_>>();
    let rows_begin: Vec<i32> = (0..=N as i32).map(|i| 2 * i).collect();
    let csr = scipy("csr", &part(|e| e.1, &entries), &rows_begin, &data(&entries), [60, 7]);
    let coo = scipy("coo", &part(|e| e.0, &entries), &part(|e| e.1, &entries), &data(&entries), [60, 7]);
    let mut by_column = entries.clone();
    by_column.sort_by_key(|entry| (entry.1, entry.0));
    let begin: Vec<i32> =
        (0..=7).map(|j| by_column.iter().filter(|entry| entry.1 < j).count() as i32).collect();
    let csc = scipy("csc", &part(|e| e.0, &by_column), &begin, &data(&by_column), [60, 7]);
    for archive in [csr.clone(), coo, csc] {
        let map = reads("x.npz", archive, "", &["60 × 7; a sparse matrix of 120 values made dense"]);
        assert_eq!(map, table);
    }
    let bad = scipy("csr", &[9; 120], &rows_begin, &data(&entries), [60, 7]);
    refused("x.npz", bad, "", &["stands in row 0, column 9 of (60, 7)"]);
    let bad = scipy("csr", &[1; 120], &rows_begin[1..], &data(&entries), [60, 7]);
    refused("x.npz", bad, "", &["indptr does not divide 120 values among 60"]);
    refused("x.npz", scipy("dia", &[0; 120], &rows_begin, &data(&entries), [60, 7]), "", &["tocsr"]);
    // The dense matrix is judged before it is made.
    let wide = scipy("csr", &part(|e| e.1, &entries), &rows_begin, &data(&entries), [60, 1_000_000_000]);
    let session = Session::new();
    session.file("x.npz", wide);
    session.run(&format!("embed x.npz {SHORT} -o map.csv")).failed(2, &["x.npz", "memory"]);
}

#[test]
fn what_cannot_be_read_is_named_as_what_it_is() {
    let zip = |name: &str| {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut archive, b"a,b\n1,2\n").unwrap();
        archive.finish().unwrap().into_inner()
    };
    refused("a.zip", zip("table.csv"), "", &["zip archive that holds table.csv", "unzip"]);
    refused("a.xlsx", zip("xl/workbook.xml"), "", &["Excel workbook", "save its sheet as CSV"]);
    refused("a.pt", zip("archive/data.pkl"), "", &["PyTorch", "torch.load"]);
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n";
    refused("a.csv", pointer, "", &["Git LFS pointer", "git lfs pull"]);
    refused("b.csv", "<!DOCTYPE html>\n<html><body>404</body></html>\n", "", &["page of HTML"]);
    refused(
        "a.json",
        "[{\"a\": 1, \"b\": 2},\n {\"a\": 3, \"b\": 4}]\n",
        "",
        &["JSON in one piece", "jq -c"],
    );
    refused("a.arff", "@RELATION x\n@ATTRIBUTE a REAL\n@DATA\n1\n2\n", "", &["ARFF", "@data"]);
    refused("a.h5ad", b"\x89HDF\r\n\x1a\n", "", &["HDF5", "import h5py, numpy", "anndata.read_h5ad"]);
    refused("a.parquet", b"PAR1\x15\x04", "", &["Parquet", "pandas.read_parquet"]);
}
