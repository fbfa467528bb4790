//! Binary formats of other fields, sparse matrices in text, compressed files, and standard input.

mod session;

use std::io::Write as _;
use std::process::Stdio;

use session::{Session, clusters, csv, gzip, npy};

const N: usize = 60;
const SHORT: &str = "--iterations 20 --perplexity 5";

/// Maps a file, asserts what the reading said by its parts, and gives the map.
#[track_caller]
fn reads(name: &str, content: impl AsRef<[u8]>, options: &str, says: &[&str]) -> String {
    let session = Session::new();
    session.file(name.split(':').next().unwrap(), content);
    maps(&session, name, options, says)
}

#[track_caller]
fn maps(session: &Session, name: &str, options: &str, says: &[&str]) -> String {
    let outcome = session.run(&format!("embed {name} {options} {SHORT} -o map.csv --force")).succeeded();
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in says {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
    session.read_text("map.csv")
}

#[track_caller]
fn refused(name: &str, content: impl AsRef<[u8]>, options: &str, fragments: &[&str]) {
    let session = Session::new();
    session.file(name.split(':').next().unwrap(), content);
    session.run(&format!("embed {name} {options} {SHORT} -o map.csv")).failed(1, fragments);
}

fn points(map: &str) -> Vec<String> {
    map.lines().skip(1).map(|line| line.split(',').take(3).collect::<Vec<_>>().join(",")).collect()
}

fn plain() -> Vec<String> {
    points(&reads("X.npy", npy(&clusters(N, 4)), "", &["60 × 4"]))
}

fn word2vec() -> Vec<u8> {
    let mut bytes = format!("{N} 4\n").into_bytes();
    for (i, row) in clusters(N, 4).iter().enumerate() {
        bytes.extend(format!("word{i} ").bytes());
        bytes.extend(row.iter().flat_map(|value| value.to_le_bytes()));
        bytes.push(b'\n');
    }
    bytes
}

#[test]
fn word_vectors_in_bytes() {
    let map = reads("w.bin", word2vec(), "", &["60 × 4, 1 column carried along: name; word2vec"]);
    assert_eq!(points(&map), plain());
    assert!(map.lines().nth(60).unwrap().ends_with(",word59"), "{map}");
    let whole = word2vec();
    refused("w.bin", &whole[..whole.len() - 30], "", &["w.bin"]);
    refused("w.bin", &whole[..200], "", &["promises"]);
}

fn safetensors(dtype: &str) -> Vec<u8> {
    let values: Vec<u8> = clusters(N, 4).iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
    let header = format!(
        r#"{{"__metadata__":{{"a":"b"}},"bias":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}},"weight":{{"dtype":"{dtype}","shape":[60,4],"data_offsets":[8,{}]}},"z":{{"dtype":"F32","shape":[1],"data_offsets":[{},{}]}}}}"#,
        8 + values.len(),
        8 + values.len(),
        12 + values.len()
    );
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.bytes());
    bytes.extend([0; 8]);
    bytes.extend(values);
    bytes.extend([0; 4]);
    bytes
}

#[test]
fn tensors_are_named() {
    assert_eq!(points(&reads("m.safetensors:weight", safetensors("F32"), "", &["60 × 4"])), plain());
    refused(
        "m.safetensors",
        safetensors("F32"),
        "",
        &["holds 3 tensors: bias, weight, z", "FILE.safetensors:bias"],
    );
    refused("m.safetensors:w", safetensors("F32"), "", &["no tensor \"w\""]);
    refused("m.safetensors:weight", safetensors("BF16"), "", &["BF16", "save it as F32"]);
    refused("m.safetensors:weight", safetensors("F64"), "", &["not as many bytes"]);
}

/// An FCS file of single-precision events.
fn fcs() -> Vec<u8> {
    let rows = clusters(N, 4);
    let data: Vec<u8> = rows.iter().flatten().flat_map(|value| value.to_be_bytes()).collect();
    let mut text = String::from("|$MODE|L|$BYTEORD|4,3,2,1|$DATATYPE|F|$PAR|4|$NEXTDATA|0");
    for (channel, marker) in [(1, "CD3"), (2, "CD4"), (3, ""), (4, "CD8")] {
        text += &format!("|$P{channel}B|32|$P{channel}E|0,0|$P{channel}R|262144|$P{channel}N|FL{channel}");
        if !marker.is_empty() {
            text += &format!("|$P{channel}S|{marker}");
        }
    }
    text += &format!("|$TOT|{N}|");
    let begin = 256 + text.len() + 10;
    let mut bytes = format!(
        "FCS3.1    {:>8}{:>8}{:>8}{:>8}{:>8}{:>8}",
        256,
        256 + text.len() - 1,
        begin,
        begin + data.len() - 1,
        0,
        0
    )
    .into_bytes();
    bytes.resize(256, b' ');
    bytes.extend(text.bytes());
    bytes.extend([b' '; 10]);
    bytes.extend(data);
    bytes.extend(b"00000000");
    bytes
}

#[test]
fn events_of_a_cytometer() {
    assert_eq!(points(&reads("a.fcs", fcs(), "", &["60 × 4; FCS"])), plain());
    reads("a.fcs", fcs(), "--columns CD3,CD4,4 --arcsinh 150", &["60 × 3; FCS, 3 of 4 channels"]);
    reads("a.fcs", fcs(), "--exclude FL3", &["60 × 3"]);
    refused("a.fcs", fcs(), "--columns CD19", &["no channel \"CD19\"", "CD3, CD4, FL3, CD8"]);
    refused("a.fcs", &fcs()[..900], "", &["a.fcs"]);
}

#[test]
fn preparations_are_done_in_the_order_that_is_recorded() {
    let session = Session::new();
    let counts: Vec<Vec<f32>> =
        clusters(N, 5).iter().map(|row| row.iter().map(|v| (v * 20.0).round()).collect()).collect();
    session.file("X.csv", csv(None, &counts));
    let options = "--normalize-rows 10000 --log1p --top-variance 3 --scale standard --record run.json";
    maps(&session, "X.csv", options, &["prepare", "60 × 3"]);
    let preparation = &session.read_json("run.json")["preparation"];
    let order: Vec<&String> = preparation.as_object().unwrap().keys().collect();
    assert_eq!(order[..5], ["normalize_rows", "log1p", "arcsinh", "top_variance", "scale"]);
    assert_eq!((&preparation["normalize_rows"], &preparation["log1p"]), (&"10000".into(), &true.into()));
    // The same by hand.
    let prepared: Vec<Vec<f32>> = counts
        .iter()
        .map(|row| {
            let sum: f64 = row.iter().map(|&value| f64::from(value)).sum();
            row.iter()
                .map(|&value| (f64::from((f64::from(value) / (sum / 1e4)) as f32)).ln_1p() as f32)
                .collect()
        })
        .collect();
    session.file("Y.npy", npy(&prepared));
    let by_hand = maps(&session, "Y.npy", "--top-variance 3 --scale standard", &[]);
    assert_eq!(
        maps(&session, "X.csv", "--normalize-rows 10000 --log1p --top-variance 3 --scale standard", &[]),
        by_hand
    );
    session.run("embed X.csv --log1p --model m.model -o no.csv").failed(2, &["--model", "--log1p"]);
    session.run("embed X.csv --top-variance 6 -o no.csv").failed(1, &["X.csv", "from 1 to 5"]);
    session.run("embed X.csv --normalize-rows l3 -o no.csv").failed(2, &["l1, l2"]);
    session
        .file("negative.csv", "-3,1\n-1,2\n0,1\n2,2\n")
        .run("embed negative.csv --log1p --perplexity 2 -o no.csv")
        .failed(1, &["negative.csv", "row 1, column 1"]);
}

/// A matrix of 4 features by 60 cells, of which zeros are left out.
fn matrix_market() -> String {
    let rows = clusters(N, 4);
    let entry = |(i, j): (usize, usize)| format!("{} {} {}\n", j + 1, i + 1, rows[i][j]);
    let entries: String = (0..N).flat_map(|i| (0..4).map(move |j| (i, j))).map(entry).collect();
    format!("%%MatrixMarket matrix coordinate real general\n% a remark\n4 60 240\n{entries}")
}

#[test]
fn folders_of_10x_genomics() {
    let session = Session::new();
    let barcodes: String = (0..N).map(|i| format!("BC{i}-1\n")).collect();
    let features: String = (0..4).map(|j| format!("ENSG{j}\tGENE{j}\tGene Expression\n")).collect();
    session
        .file("cells/matrix.mtx.gz", gzip(matrix_market().as_bytes()))
        .file("cells/barcodes.tsv.gz", gzip(barcodes.as_bytes()))
        .file("cells/features.tsv.gz", gzip(features.as_bytes()));
    let map = maps(&session, "cells", "", &["60 × 4, 1 column carried along: barcode", "cells as rows"]);
    assert_eq!(points(&map), plain());
    assert!(map.lines().nth(60).unwrap().ends_with(",BC59-1"), "{map}");
    session.file("cells/barcodes.tsv.gz", gzip(b"a\nb\n"));
    session.run("embed cells -o no.csv").failed(1, &["barcodes.tsv.gz", "2 names for the 60"]);
    assert_eq!(
        points(&reads("x.mtx", matrix_market(), "--transpose", &["60 × 4", "240 values made dense"])),
        plain()
    );
    refused(
        "x.mtx",
        format!("{}5 1 1\n", matrix_market()),
        "--transpose",
        &["more values follow than the 240"],
    );
    refused(
        "x.mtx",
        matrix_market().replace("\n4 60 240", "\n4 60 241"),
        "--transpose",
        &["holds 240 values, where it promises 241"],
    );
    refused(
        "x.mtx",
        matrix_market().replace("\n1 1 ", "\n9 1 "),
        "--transpose",
        &["row 3 (line 4)", "is no row from 1 to 4"],
    );
    session.file("empty/readme.txt", "nothing");
    session.run("embed empty -o no.csv").failed(1, &["is a directory"]);
}

#[test]
fn compressed_files_are_unpacked_by_their_content() {
    let session = Session::new();
    let table = csv(None, &clusters(N, 4));
    let pack = |program: &str| {
        let child = std::process::Command::new(program)
            .arg("-c")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.ok()?;
        child.stdin.take().unwrap().write_all(table.as_bytes()).unwrap();
        Some(child.wait_with_output().unwrap().stdout)
    };
    // Packed by the programs themselves, where there are such; each twice, one after the other.
    for program in ["gzip", "bzip2", "zstd"] {
        let Some(packed) = pack(program) else { continue };
        session.file("X.csv", &packed);
        assert_eq!(points(&maps(&session, "X.csv", "", &["60 × 4"])), plain(), "{program}");
        session.file("X.csv", [packed.clone(), packed.clone()].concat());
        maps(&session, "X.csv", "", &["120 × 4"]);
        session.file("X.csv", &packed[..packed.len() - 9]);
        session.run("embed X.csv -o no.csv").failed(1, &["X.csv"]);
    }
}

#[cfg(unix)]
#[test]
fn standard_input_is_read_in_any_format() {
    let session = Session::new();
    let rows = clusters(N, 4);
    for content in [npy(&rows), csv(None, &rows).into_bytes(), gzip(&npy(&rows)), word2vec(), fcs()] {
        let mut command = session.command(&format!("embed - {SHORT}"));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&content).unwrap();
        let outcome = session::outcome(child.wait_with_output().unwrap()).succeeded();
        assert_eq!(points(outcome.text()), plain());
    }
}

#[test]
fn maps_are_written_as_tables_and_objects() {
    let session = Session::new();
    let rows = clusters(N, 2);
    let line = |(i, row): (usize, &Vec<f32>)| {
        format!("{},{},\"a\tb, {i}\",{}\n", row[0], row[1], ["q\"", "r"][i % 2])
    };
    let table: String = rows.iter().enumerate().map(line).collect();
    session.file("X.csv", format!("a,b,text,label\n{table}"));
    for file in ["map.csv", "map.tsv", "map.json"] {
        session.run(&format!("embed X.csv {SHORT} -o {file}")).succeeded();
    }
    let tsv = session.read_text("map.tsv");
    assert!(tsv.starts_with("index\tx\ty\tlabel\ttext\n"), "{tsv}");
    assert!(tsv.lines().nth(1).unwrap().ends_with("\t\"q\"\"\"\t\"a\tb, 0\""), "{tsv}");
    let objects = session.read_json("map.json");
    let csv = session.read_text("map.csv");
    for (object, line) in objects.as_array().unwrap().iter().zip(csv.lines().skip(1)) {
        let cells: Vec<&str> = line.split(',').collect();
        let single = |name: &str| object[name].as_f64().unwrap() as f32;
        assert_eq!((single("x"), single("y")), (cells[1].parse().unwrap(), cells[2].parse().unwrap()));
    }
    assert_eq!((&objects[1]["label"], &objects[1]["text"]), (&"r".into(), &"a\tb, 1".into()));
    assert_eq!(objects.as_array().unwrap().len(), N);
    session.run("plot map.tsv --legend -o map.svg").succeeded();
    session.run("embed X.csv -o map.txt").failed(2, &[".npy, .csv, .tsv or .json"]);
}
