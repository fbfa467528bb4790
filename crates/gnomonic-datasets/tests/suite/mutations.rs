//! A thousand damaged files of each format: read or refused, within the memory allowed, and never a panic.

use std::io::Write as _;

use gnomonic_datasets::{ReadOptions, Source, read_labels, read_map, read_matrix};

/// The most that a reading may hold.
const MEMORY: u64 = 16 << 20;
const MUTATIONS: usize = 1_000;

/// Reads `whole` damaged in a thousand ways: a byte changed, a piece cut out, doubled, or replaced by digits, the end cut off.
fn survives(name: &str, whole: &[u8], options: &ReadOptions) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let options = ReadOptions { memory: Some(MEMORY), ..options.clone() };
    std::fs::write(&path, whole).unwrap();
    read_matrix(&Source::file(&path), &options).unwrap();
    let mut state = 88_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let mut refused = 0;
    for _ in 0..MUTATIONS {
        let mut bytes = whole.to_vec();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            let length = random(16).min(bytes.len() - at);
            match random(5) {
                0 => bytes[at] = random(256) as u8,
                1 => drop(bytes.drain(at..at + length)),
                2 => {
                    let piece = bytes[at..at + length].to_vec();
                    bytes.splice(at..at, piece);
                }
                3 => bytes[at..at + length].fill(b'9'),
                _ => bytes.truncate(at.max(1)),
            }
            if bytes.is_empty() {
                bytes.push(b'\n');
            }
        }
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(&bytes).unwrap();
        let source = Source::file(&path);
        let errors = [
            read_matrix(&source, &options).err(),
            read_labels(&source, &options).err(),
            read_map(&source, &options).err(),
        ];
        refused += usize::from(errors[0].is_some());
        for error in errors.into_iter().flatten() {
            let message = error.to_string();
            assert!(message.contains(name), "{message}");
            assert!(!message.contains(char::is_control) && message.len() < 8_000, "{message:?}");
        }
    }
    assert!(refused > 0, "no damage to {name} was found");
}

fn rows() -> impl Iterator<Item = [String; 3]> {
    (0..40).map(|i| [0, 1, 2].map(|j| format!("{}", f64::from((i * 7 + j * 3) % 11) - 0.5)))
}

#[test]
fn word_vectors() {
    let words: String = rows().enumerate().map(|(i, row)| format!("w{i} {}\n", row.join(" "))).collect();
    survives("glove.txt", words.as_bytes(), &ReadOptions::default());
    survives("word2vec.txt", format!("40 3\n{words}").as_bytes(), &ReadOptions::default());
}

#[test]
fn libsvm() {
    let line = |(i, row): (usize, [String; 3])| format!("{} 1:{} 4:{} 9:{}\n", i % 3, row[0], row[1], row[2]);
    let text: String = rows().enumerate().map(line).collect();
    survives("rows.svm", text.as_bytes(), &ReadOptions::default());
}

#[test]
fn json_lines() {
    let line = |(i, row): (usize, [String; 3])| format!("{{\"id\": {i}, \"v\": [{}]}}\n", row.join(", "));
    let text: String = rows().enumerate().map(line).collect();
    survives("rows.jsonl", text.as_bytes(), &ReadOptions::default());
    survives(
        "named.jsonl",
        text.as_bytes(),
        &ReadOptions { field: Some("v".into()), ..ReadOptions::default() },
    );
}

#[test]
fn transposed_tables() {
    let text: String = rows().enumerate().map(|(i, row)| format!("g{i}\t{}\n", row.join("\t"))).collect();
    let options = ReadOptions { transpose: true, ..ReadOptions::default() };
    survives("genes.tsv", format!("gene\ta\tb\tc\n{text}").as_bytes(), &options);
}

#[test]
fn untidy_tables() {
    let body: String = rows().map(|row| row.join(" | ") + "\n").collect();
    let text = format!("A title\n\n a | b | c \n---+---+---\n{body}(40 rows)\n");
    survives("psql.txt", text.as_bytes(), &ReadOptions::default());
    let body: String = rows().enumerate().map(|(i, row)| format!("{i},\"[{}]\"\n", row.join(", "))).collect();
    survives("vectors.csv", format!("id,v\n{body}").as_bytes(), &ReadOptions::default());
    let body: String = rows().map(|row| row.join("\t") + "\tx\n").collect();
    let text = format!("a\tb\tc\td\nc\tc\tc\td\n\t\t\tclass\n{body}");
    survives("orange.tab", text.as_bytes(), &ReadOptions::default());
}

fn values() -> Vec<u8> {
    (0..120).flat_map(|i| ((i * 7 % 11) as f32).to_le_bytes()).collect()
}

#[test]
fn word2vec_in_bytes() {
    let mut bytes = b"40 3\n".to_vec();
    for (i, vector) in values().chunks(12).enumerate() {
        bytes.extend(format!("w{i} ").bytes());
        bytes.extend(vector);
    }
    // Zeros and small numbers alone look like text to nobody.
    survives("words.bin", &bytes, &ReadOptions::default());
}

#[test]
fn safetensors() {
    let header = r#"{"x":{"dtype":"F32","shape":[40,3],"data_offsets":[0,480]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.bytes());
    bytes.extend(values());
    survives("x.safetensors", &bytes, &ReadOptions::default());
}

#[test]
fn fcs() {
    let mut text = "/$MODE/L/$BYTEORD/1,2,3,4/$DATATYPE/F/$PAR/3/$TOT/40".to_owned();
    for channel in 1..=3 {
        text += &format!("/$P{channel}B/32/$P{channel}R/1024/$P{channel}N/c{channel}");
    }
    text.push('/');
    let begin = 58 + text.len();
    let mut bytes =
        format!("FCS3.0    {:>8}{:>8}{:>8}{:>8}{:>8}{:>8}", 58, begin - 1, begin, begin + 479, 0, 0)
            .into_bytes();
    bytes.extend(text.bytes());
    bytes.extend(values());
    survives("x.fcs", &bytes, &ReadOptions::default());
}

#[test]
fn matrix_market() {
    let entries: String = (0..40).map(|i| format!("{} {} {}\n", i + 1, i % 3 + 1, i)).collect();
    let text = format!("%%MatrixMarket matrix coordinate real general\n40 3 40\n{entries}");
    survives("x.mtx", text.as_bytes(), &ReadOptions::default());
}
