//! `limits` measures how fast this machine reads, gathers and multiplies: what the stages of gnomonic could reach at best.
//!
//! Printed as a Markdown table, the best of several repetitions, on one thread and on all. docs/performance.md compares.

use std::hint::black_box;
use std::time::{Duration, Instant};

use gnomonic::random::{Purpose, Random};
use gnomonic_benchmarks::product;
use rayon::prelude::*;

/// Repetitions go on for this long, and the best counts: other work can only make them slower.
const BUDGET: Duration = Duration::from_millis(1_500);

/// Bytes read for the memory's bandwidth: more than the caches of one processor hold.
const STREAM: usize = 1 << 30;

/// Tables to gather from: within the first, second and third cache of common processors, and beyond.
const TABLES: [(usize, &str); 5] = [
    (16 << 10, "16 KiB"),
    (512 << 10, "512 KiB"),
    (8 << 20, "8 MiB"),
    (64 << 20, "64 MiB"),
    (1 << 30, "1 GiB"),
];

/// Rows × columns of a block of distances and the columns of data behind it, as the neighbor search multiplies them.
const PRODUCTS: [(usize, usize, usize); 3] = [(256, 1_024, 32), (256, 1_024, 96), (256, 1_024, 784)];

fn main() {
    let threads = rayon::current_num_threads();
    println!("| limit | one thread | {threads} threads |\n|---|---:|---:|");
    let stream: Vec<u64> = (0..STREAM / 8).map(|i| i as u64).collect();
    row("read in order, 1 GiB", "GB/s", |threads| STREAM as f64 / 1e9 / best(|| read(&stream, threads)));
    drop(stream);
    for (bytes, name) in TABLES {
        let (table, places) = gathers(bytes / 8);
        row(&format!("gather 8 bytes from {name}"), "ns", |threads| {
            best(|| gather(&table, &places, threads)) * 1e9 / places.len() as f64
        });
    }
    for (m, n, k) in PRODUCTS {
        row(&format!("multiply {m} x {k} by {k} x {n}, f32"), "GFLOP/s", |threads| {
            const TIMES: usize = 16;
            let flops = (2 * m * n * k * TIMES * threads) as f64;
            flops / 1e9 / best(|| multiply([m, n, k], TIMES, threads))
        });
    }
}

/// Prints a measurement on one thread and on all; `measure` is given how many share the work.
fn row(name: &str, unit: &str, measure: impl Fn(usize) -> f64 + Sync) {
    let [one, all] = [1, rayon::current_num_threads()].map(&measure);
    println!("| {name} | {one:.2} {unit} | {all:.2} {unit} |");
}

/// Seconds of the fastest repetition.
fn best(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut best = Duration::MAX;
    while start.elapsed() < BUDGET {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    best.as_secs_f64()
}

/// Adds up all values, a share of them on each thread.
fn read(values: &[u64], threads: usize) {
    let share = values.len().div_ceil(threads);
    values.par_chunks(share).for_each(|values| {
        // Sixteen sums, so that no addition waits for another.
        let mut sums = [0_u64; 16];
        for block in values.as_chunks::<16>().0 {
            for (sum, value) in sums.iter_mut().zip(block) {
                *sum = sum.wrapping_add(*value);
            }
        }
        black_box(sums);
    });
}

/// A table of points, and random places in it: as many as keep the list of places small beside a large table.
fn gathers(length: usize) -> (Vec<[f32; 2]>, Vec<u32>) {
    const PLACES: usize = 1 << 22;
    let mut random = Random::new(1, Purpose::Synthesis);
    let table = (0..length).map(|i| [i as f32, 1.0]).collect();
    (table, (0..PLACES).map(|_| random.below(length) as u32).collect())
}

/// Adds up the points at all places, a share of the places on each thread: loads that do not wait for each other.
fn gather(table: &[[f32; 2]], places: &[u32], threads: usize) {
    let share = places.len().div_ceil(threads);
    places.par_chunks(share).for_each(|places| {
        let mut sums = [[0.0_f32; 2]; 8];
        for block in places.as_chunks::<8>().0 {
            for (sum, &place) in sums.iter_mut().zip(block) {
                let [x, y] = table[place as usize];
                sum[0] += x;
                sum[1] += y;
            }
        }
        black_box(sums);
    });
}

/// Multiplies some times on each thread.
fn multiply([m, n, k]: [usize; 3], times: usize, threads: usize) {
    (0..threads).into_par_iter().with_max_len(1).for_each(|_| {
        let (a, b, mut c) = (vec![1.0_f32; m * k], vec![0.5_f32; n * k], vec![0.0_f32; m * n]);
        for _ in 0..times {
            product::multiply_transposed(&a, &b, k, &mut c);
            black_box(&mut c);
        }
    });
}
