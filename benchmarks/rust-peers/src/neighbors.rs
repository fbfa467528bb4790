//! The neighbor search of another crate, NN-descent (Dong, Moses & Li 2011, doi:10.1145/1963405.1963487), on a `.npy` file: how long it
//! takes, and which share of the true neighbors it finds.
//!
//! gnomonic tells the same of its own search in the record of a run. Everything that is not named here is the crate's default.

use std::error::Error;
use std::time::Instant;

use ann_search_rs::build_knn_graph_nndescent;
use ann_search_rs::cpu::nndescent::NNDescentKnnParams;
use ann_search_rs::prelude::{KNN_GRAPH_EMPTY, Verbosity};

use crate::SEED;
use crate::npy::Table;

/// Rows whose neighbors are judged, evenly spread.
const JUDGED: usize = 1_000;

/// Searches all rows of `table` for `k` neighbors, with a number of candidates for each row and round if one is given, and says what
/// came of it.
pub(crate) fn nn_descent(
    table: &Table,
    k: usize,
    max_candidates: Option<usize>,
) -> Result<String, Box<dyn Error>> {
    if !(1..table.rows).contains(&k) {
        return Err(format!("{k} neighbors of {} rows: must be from 1 to one less than the rows", table.rows).into());
    }
    let rows = (table.values.as_slice(), table.rows, table.columns);
    let parameters = NNDescentKnnParams { k, max_candidates, ..NNDescentKnnParams::default() };
    let start = Instant::now();
    let graph = build_knn_graph_nndescent(rows, "euclidean", Some(parameters), SEED, Verbosity::Quiet)?;
    let seconds = start.elapsed().as_secs_f64();
    let n_judged = JUDGED.min(table.rows);
    let judged: Vec<usize> = (0..n_judged).map(|at| at * table.rows / n_judged).collect();
    let found = |&row: &usize| {
        let limit = true_limit(table, row, k);
        let own = &graph.indices[row * graph.k..(row + 1) * graph.k];
        let others = own.iter().filter(|&&other| other != KNN_GRAPH_EMPTY);
        others.filter(|&&other| squared_distance(table, row, other as usize) <= limit).count()
    };
    let recall = judged.iter().map(found).sum::<usize>() as f64 / (k * judged.len()) as f64;
    Ok(format!("{seconds:.1} s, recall {recall:.4} over {} rows", judged.len()))
}

/// The squared distance of the k-th nearest other row.
fn true_limit(table: &Table, row: usize, k: usize) -> f32 {
    let others = (0..table.rows).filter(|&other| other != row);
    let mut distances: Vec<f32> = others.map(|other| squared_distance(table, row, other)).collect();
    *distances.select_nth_unstable_by(k - 1, f32::total_cmp).1
}

fn squared_distance(table: &Table, a: usize, b: usize) -> f32 {
    let row = |i: usize| &table.values[i * table.columns..(i + 1) * table.columns];
    row(a).iter().zip(row(b)).map(|(a, b)| (a - b) * (a - b)).sum()
}
