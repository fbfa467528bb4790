//! The work that `cargo xtask instructions` counts the instructions of. Does one stage some times: `STAGE REPETITIONS`.
//!
//! What making the data costs is the same for any number of repetitions, so that the difference of two runs leaves it out.

mod problems;

use std::hint::black_box;
use std::process::ExitCode;

use gnomonic::observer::Silent;
use gnomonic::pca::Pca;
use gnomonic::{Affinities, NeighborMethod, RepulsionMethod, neighbors, quality};
use problems::{BARNES_HUT, Problem, clusters, pairs, search, standing, unfinished};

/// A stage by its name; the function makes its data and does it the given number of times.
type Stage = (&'static str, fn(usize));

const STAGES: [Stage; 11] = [
    ("pca", |times| {
        let x = clusters(500, 100);
        repeat(times, || Pca::fit(&x, 10, 42));
    }),
    ("neighbors-exact", |times| {
        let x = clusters(500, 50);
        repeat(times, || neighbors::exact(&x, 90));
    }),
    ("neighbors-shortlist", |times| searches(NeighborMethod::Shortlist, (300, 100), times)),
    // All columns fit on its axes.
    ("neighbors-shortlist-50", |times| searches(NeighborMethod::Shortlist, (500, 50), times)),
    ("neighbors-clustered", |times| searches(NeighborMethod::Clustered, (2_000, 20), times)),
    ("affinities", |times| {
        let found = neighbors::exact(&clusters(500, 3), 90).expect("neighbors");
        repeat(times, || Affinities::from_neighbors(&found, 30.0));
    }),
    ("repulsion-exact", |times| iterations(RepulsionMethod::Exact, false, times)),
    ("repulsion-field", |times| iterations(RepulsionMethod::Field, false, times)),
    ("repulsion-barnes-hut", |times| iterations(BARNES_HUT, false, times)),
    // Less the one before by name, what is left is attraction.
    ("iteration-field", |times| iterations(RepulsionMethod::Field, true, times)),
    ("quality-kl", |times| {
        let Problem { p, map } = unfinished(MAP);
        repeat(times, || quality::kl_divergence(&p, map.view()));
    }),
];

/// Points of the maps.
const MAP: usize = 500;

/// Iterations for each repetition: enough that the one final divergence of a run does not stand out.
const ITERATIONS: usize = 10;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let [name, times] = arguments.as_slice() else {
        println!("`cargo xtask instructions` runs these: {}", STAGES.map(|(name, _)| name).join(" "));
        return ExitCode::SUCCESS;
    };
    let stage = STAGES.iter().find(|(known, _)| known == name);
    match (stage, times.parse()) {
        (Some((_, work)), Ok(times)) => {
            work(times);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("instructions: no stage {name} with {times} repetitions");
            ExitCode::from(2)
        }
    }
}

fn repeat<R>(times: usize, mut work: impl FnMut() -> R) {
    for _ in 0..times {
        black_box(work());
    }
}

fn searches(method: NeighborMethod, (n, d): (usize, usize), times: usize) {
    let x = clusters(n, d);
    repeat(times, || search(&x, method));
}

/// Iterations of one run on a map that stands still, with P or with so little of it that only repulsion is left.
fn iterations(method: RepulsionMethod, attraction: bool, times: usize) {
    let Problem { p, map } = unfinished(MAP);
    let p = if attraction { p } else { pairs(MAP) };
    // One run: what begins and ends it is done once, however many iterations it has.
    black_box(
        standing(method).iterations(ITERATIONS * times).fit_affinities(&p, map, &mut Silent).expect("a run"),
    );
}
