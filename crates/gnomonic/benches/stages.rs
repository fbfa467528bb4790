//! Each stage by itself, on made-up data. `cargo bench -p gnomonic` runs all, `cargo bench -p gnomonic -- repulsion` some.
//!
//! `RAYON_NUM_THREADS=1` for one thread. Times are printed and never judged: what is compared must run on the same machine,
//! in turns. docs/performance.md has figures, and `benchmarks/` the comparison with other implementations.

mod harness;
mod problems;

use std::time::{Duration, Instant};

use gnomonic::observer::{Control, Iteration, Observer};
use gnomonic::pca::Pca;
use gnomonic::{Affinities, Embedding, NeighborMethod, RepulsionMethod, neighbors, quality};
use harness::{Harness, shown};
use problems::{BARNES_HUT, Problem, clusters, pairs, problem, search, standing};

/// Neighbors at perplexity 30.
const K: usize = 90;

fn main() {
    let harness = Harness::from_arguments();
    pca(&harness);
    nearest(&harness);
    affinities(&harness);
    iterations(&harness);
    measures(&harness);
}

fn pca(harness: &Harness) {
    let (n, d) = if harness.large() { (10_000, 784) } else { (500, 30) };
    let names = [(2, format!("pca {n} x {d} to 2")), (20, format!("pca {n} x {d} to 20"))];
    if names.iter().any(|(_, name)| harness.wants(name)) {
        let x = clusters(n, d);
        for (components, name) in names {
            harness.time(&name, (n * d, "value"), || Pca::fit(&x, components, 42));
        }
    }
}

fn nearest(harness: &Harness) {
    let sizes: &[_] = if harness.large() {
        &[(2_000, 784), (10_000, 784), (10_000, 50), (30_000, 50)]
    } else {
        &[(1_000, 60)]
    };
    for &(n, d) in sizes {
        for method in [NeighborMethod::Exact, NeighborMethod::Shortlist, NeighborMethod::Clustered] {
            let name = format!("neighbors {method} {n} x {d}");
            if harness.wants(&name) {
                let x = clusters(n, d);
                harness.time(&name, (n * n / 2, "pair"), || search(&x, method));
            }
        }
    }
}

fn affinities(harness: &Harness) {
    let n = if harness.large() { 30_000 } else { 300 };
    let name = format!("affinities {n}: bandwidths and symmetry");
    if harness.wants(&name) {
        let found = neighbors::exact(&clusters(n, 3), K).expect("neighbors");
        harness.time(&name, (n * K, "neighbor"), || Affinities::from_neighbors(&found, 30.0));
    }
}

/// Whole iterations on a map that stands still: with P, and with so little of it that only repulsion is left.
fn iterations(harness: &Harness) {
    let sizes: &[usize] = if harness.large() { &[1_000, 4_000, 10_000, 70_000] } else { &[300] };
    for &n in sizes {
        let methods: &[RepulsionMethod] = match n {
            ..10_000 => &[RepulsionMethod::Exact, RepulsionMethod::Field, BARNES_HUT],
            10_000 => &[RepulsionMethod::Field, RepulsionMethod::Exact, BARNES_HUT],
            _ => &[RepulsionMethod::Field, BARNES_HUT],
        };
        let names = methods.iter().map(|method| format!("repulsion {method} {n}"));
        let whole = format!("iteration {n}: attraction, repulsion, step");
        let attraction = format!("attraction {n}");
        if !names.chain([whole.clone(), attraction.clone()]).any(|name| harness.wants(&name)) {
            continue;
        }
        let Problem { p, map } = problem(n);
        let pairs = pairs(n);
        for (place, &method) in methods.iter().enumerate() {
            let name = format!("repulsion {method} {n}");
            if harness.wants(&name) {
                harness.report(&name, (n, "point"), iteration_times(&pairs, &map, method));
            }
            if place == 0 && (harness.wants(&whole) || harness.wants(&attraction)) {
                let without = median(iteration_times(&pairs, &map, method));
                let with = harness.report(&whole, (n, "point"), iteration_times(&p, &map, method));
                let each = (with.as_secs_f64() - without.as_secs_f64()) * 1e9 / p.n_entries() as f64;
                let difference = shown(with.saturating_sub(without));
                println!("{attraction:<44} {:>10} {difference:>10} {:>6}  {each:.2} ns/entry of P", "", "");
            }
        }
    }
}

/// The times between iterations of a run whose steps are too short to change the map. The first ones are left out: plans and
/// tables are made in them.
fn iteration_times(p: &Affinities, map: &Embedding, method: RepulsionMethod) -> Vec<Duration> {
    let mut clock = Clock { last: Instant::now(), times: Vec::new() };
    standing(method).iterations(1_000).fit_affinities(p, map.clone(), &mut clock).expect("a run");
    clock.times.split_off(2)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Notes when each iteration ends.
struct Clock {
    last: Instant,
    times: Vec<Duration>,
}

impl Observer for Clock {
    fn iteration(&mut self, _: &Iteration<'_>) -> Control {
        self.times.push(self.last.elapsed());
        self.last = Instant::now();
        let enough = self.times.len() >= 5 && self.times.iter().sum::<Duration>() > Duration::from_secs(1);
        if enough { Control::Stop } else { Control::Continue }
    }
}

fn measures(harness: &Harness) {
    let n = if harness.large() { 5_000 } else { 300 };
    let names = ["kl_divergence", "trustworthiness", "silhouette", "neighbor_recall"]
        .map(|name| format!("quality {name} {n}"));
    if !names.iter().any(|name| harness.wants(name)) {
        return;
    }
    let x = clusters(n, 50);
    let map = Pca::fit(&x, 2, 42).and_then(|pca| pca.transform(&x)).expect("two axes");
    let (near, in_map) =
        (neighbors::exact(&x, K).expect("neighbors"), neighbors::exact(&map, K).expect("neighbors"));
    let p = Affinities::from_neighbors(&near, 30.0).expect("affinities");
    let labels: Vec<u32> = (0..n as u32).map(|i| i % 10).collect();
    harness.time(&names[0], (n * n / 2, "pair"), || quality::kl_divergence(&p, &map));
    harness.time(&names[1], (n * n / 2, "pair"), || quality::trustworthiness(&x, &map, 5));
    harness.time(&names[2], (n * n / 2, "pair"), || quality::silhouette(&map, &labels));
    harness.time(&names[3], (n * K, "neighbor"), || quality::neighbor_recall(&near, &in_map));
}
