//! Large common offsets, which `f32` cannot hold beside the differences between rows.

use gnomonic_datasets::{Dataset, ReadOptions, Source, read_matrix};

use crate::bytes::{Folder, gzip, npy, npy_header};

const N: usize = 30;
const D: usize = 4;

/// Multiples of 1/64 in [−4, 4): exact in `f64` even beside 10⁹.
fn value(i: usize, j: usize) -> f64 {
    ((i * 197 + j * 389 + i * j * 31) % 512) as f64 / 64.0 - 4.0
}

/// All pairwise distances.
fn distances(row: impl Fn(usize) -> Vec<f64>) -> Vec<f64> {
    let pairs = (0..N).flat_map(|i| (0..i).map(move |j| (i, j)));
    let distance = |(i, j)| row(i).iter().zip(row(j)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    pairs.map(distance).collect()
}

fn read(name: &str, content: &[u8]) -> Dataset {
    let folder = Folder::new();
    read_matrix(&Source::file(folder.file(name, content)), &ReadOptions::default()).unwrap()
}

fn assert_same_distances(data: &Dataset, what: &str) {
    let expected = distances(|i| (0..D).map(|j| value(i, j)).collect());
    let found = distances(|i| data.matrix.row(i).iter().map(|&v| v.into()).collect());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-6 * expected, "{what}: {found} for {expected}");
    }
}

#[test]
fn a_large_offset_leaves_the_distances() {
    for offset in [1e7, 1e9, -1e9] {
        let rows: Vec<f64> = (0..N * D).map(|at| value(at / D, at % D) + offset).collect();
        let columns: Vec<f64> = (0..N * D).map(|at| value(at % N, at / N) + offset).collect();
        let bytes = |values: &[f64]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        let header = npy_header("<f8", &format!("({N}, {D})"));
        let lines: Vec<String> =
            rows.chunks(D).map(|row| row.iter().map(f64::to_string).collect::<Vec<_>>().join(",")).collect();
        let text = format!("a,b,c,d\n{}\n", lines.join("\n"));
        let cases = [
            ("C order", npy(&header, &bytes(&rows))),
            ("Fortran order", npy(&header.replace("False", "True"), &bytes(&columns))),
            ("text", text.clone().into_bytes()),
            ("gzip", gzip(text.as_bytes())),
        ];
        for (what, content) in cases {
            let data = read("a", &content);
            assert_same_distances(&data, what);
            let offsets = data.offsets.unwrap();
            assert!(offsets.iter().all(|found| (found - offset).abs() < 4.0), "{what}: {offsets:?}");
        }
    }
}

#[test]
fn wide_integers_keep_their_differences() {
    let offset = 1_700_000_000_i64;
    let values: Vec<i64> = (0..N * D).map(|at| (value(at / D, at % D) * 64.0) as i64 + offset).collect();
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_be_bytes()).collect();
    let data = read("a", &npy(&npy_header(">i8", &format!("({N}, {D})")), &bytes));
    let step = data.matrix.row(1)[0] - data.matrix.row(0)[0];
    assert_eq!(f64::from(step), (value(1, 0) - value(0, 0)) * 64.0);
    assert_eq!(data.offsets.map(|offsets| offsets.len()), Some(D));
}

#[test]
fn only_the_column_in_need_is_moved_and_ordinary_data_not_at_all() {
    let data = read("a", b"0.1,1000000000.5\n0.7,1000000001.25\n0.3,1000000002\n");
    assert_eq!(data.matrix.as_slice(), [0.1, -0.75, 0.7, 0.0, 0.3, 0.75]);
    assert_eq!(data.offsets, Some(vec![0.0, 1_000_000_001.25]));
    let values: Vec<u8> = (0..N * D).flat_map(|at| (0.1 + value(at / D, at % D)).to_le_bytes()).collect();
    for content in [
        npy(&npy_header("<f8", &format!("({N}, {D})")), &values),
        b"2019,0.1,5\n2020,1e-9,5\n2020,3e7,5\n".to_vec(),
        b"1000000001,1\n1000000001,2\n".to_vec(),
    ] {
        assert_eq!(read("a", &content).offsets, None);
    }
}
