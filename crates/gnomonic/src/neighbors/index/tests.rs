use super::*;
use crate::matrix::Matrix;
use crate::random::{Purpose, Random};

fn normal(n: usize, d: usize, seed: u64) -> Matrix {
    let mut random = Random::new(seed, Purpose::Synthesis);
    // Columns of falling weight, so that principal axes have something to find.
    let weight = |column: usize| 1.0 / (1.0 + column as f64 / 20.0);
    let data = (0..n * d).map(|at| (weight(at % d) * random.normal()) as f32);
    Matrix::new(data.collect(), n, d).unwrap()
}

fn plain(rows: &Matrix, new: &Matrix, k: usize) -> Nearest {
    let k = k.min(rows.n_samples());
    let (mut indices, mut squared_distances) = (Vec::new(), Vec::new());
    for query in new.view().rows() {
        let mut all: Vec<(f64, u32)> =
            rows.view().rows().zip(0..).map(|(row, j)| (squared_distance(query, row), j)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        indices.extend(all[..k].iter().map(|&(_, j)| j));
        squared_distances.extend(all[..k].iter().map(|&(distance, _)| distance as f32));
    }
    Nearest { n_queries: new.n_samples(), k, indices, squared_distances }
}

#[test]
fn the_nearest_are_those_of_a_plain_loop() {
    for (n, d, k) in [(1, 1, 1), (3, 2, 5), (65, 3, 64), (700, 20, 90), (1500, 300, 7), (2300, 230, 40)] {
        let (rows, new) = (normal(n, d, 1), normal(70, d, 2));
        let index = Index::new(&rows).unwrap();
        assert_eq!(index.axes.axes.is_some(), d == 230);
        assert_eq!(index.of(&new, k).unwrap(), plain(&rows, &new, k), "{n} × {d}, {k} neighbors");
    }
}

#[test]
fn strays_offsets_equal_rows_and_ties_cost_nothing_but_time() {
    let mut rows = normal(2100, 210, 1);
    let mut new = normal(9, 210, 2);
    rows.as_mut_slice()[5 * 210 + 3] = 1e15;
    rows.as_mut_slice()[6 * 210] = -1e7;
    for matrix in [&mut rows, &mut new] {
        matrix.as_mut_slice().iter_mut().for_each(|value| *value += 500.0);
    }
    new.as_mut_slice()[210..420].fill(1e14);
    // Heaps of one row, which is also asked for, and whole numbers with equal distances.
    let heap = rows.row(10).to_vec();
    (20..400).for_each(|i| rows.as_mut_slice()[i * 210..(i + 1) * 210].copy_from_slice(&heap));
    new.as_mut_slice()[420..630].copy_from_slice(&heap);
    assert_eq!(Index::new(&rows).unwrap().of(&new, 50).unwrap(), plain(&rows, &new, 50));
    for matrix in [&mut rows, &mut new] {
        matrix.as_mut_slice().iter_mut().for_each(|value| *value = (*value * 2.0).round() % 7.0);
    }
    assert_eq!(Index::new(&rows).unwrap().of(&new, 50).unwrap(), plain(&rows, &new, 50));
}

#[test]
fn one_by_one_is_all_at_once_on_any_number_of_threads() {
    let (rows, new) = (normal(2200, 220, 1), normal(150, 220, 2));
    let index = Index::new(&rows).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| index.of(&new, 30).unwrap())
    };
    let all = on(1);
    assert_eq!(all, on(2));
    assert_eq!(all, on(7));
    for i in [0, 63, 64, 149] {
        let one = index.of(&new.view().select_rows(&[i]), 30).unwrap();
        assert_eq!((one.indices(0), one.squared_distances(0)), (all.indices(i), all.squared_distances(i)));
    }
}

#[test]
fn nothing_new_is_found_at_once_and_bad_input_is_named() {
    let rows = normal(30, 4, 1);
    let index = Index::new(&rows).unwrap();
    assert_eq!(index.of(&Matrix::zeros(0, 4), 3).unwrap().n_queries(), 0);
    assert!(index.of(&rows, 0).is_err());
    let message = index.of(&Matrix::zeros(2, 5), 3).unwrap_err().to_string();
    assert!(message.contains("columns is 5; it must be 4"), "{message}");
    let mut new = normal(3, 4, 2);
    new.as_mut_slice()[9] = f32::NAN;
    let message = index.of(&new, 3).unwrap_err().to_string();
    assert!(message.starts_with("row 3, column 2 is NaN"), "{message}");
    assert!(Index::new(&Matrix::zeros(0, 4)).is_err());
}
