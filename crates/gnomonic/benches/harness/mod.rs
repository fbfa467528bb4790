//! A small harness: each benchmark is repeated for about a second, and the least and the median time are printed.
//!
//! A harness of our own because an iteration can only be timed from inside a run, and to print the cost of one entry, pair or
//! point, by which a stage can be compared with the machine's limits (`limits` in `benchmarks/tools`).

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long the repetitions of one benchmark may take, in all.
const BUDGET: Duration = Duration::from_secs(1);

/// The fewest and the most repetitions.
const FEWEST: usize = 3;
const MOST: usize = 200;

/// Runs the benchmarks whose names contain one of the words on the command line, or all of them.
pub(crate) struct Harness {
    filters: Vec<String>,
    /// Under `cargo test` each runs once, to show that it works.
    once: bool,
}

impl Harness {
    /// Reads the command line: `--bench` comes from `cargo bench`, everything else without a dash is a filter.
    pub(crate) fn from_arguments() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let once = !arguments.iter().any(|argument| argument == "--bench");
        let filters = arguments.into_iter().filter(|argument| !argument.starts_with('-')).collect();
        println!("{:<44} {:>10} {:>10} {:>6}  per", "", "least", "median", "runs");
        Self { filters, once }
    }

    /// Whether a benchmark of this name is asked for: what it needs may take long to make.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| name.contains(filter.as_str()))
    }

    /// Whether large problems may be made: not under `cargo test`.
    pub(crate) fn large(&self) -> bool {
        !self.once
    }

    /// Times `work`; `count` says of how many `units` it consists.
    pub(crate) fn time<R>(&self, name: &str, (count, unit): (usize, &str), mut work: impl FnMut() -> R) {
        if !self.wants(name) {
            return;
        }
        let start = Instant::now();
        let mut times = Vec::new();
        while times.is_empty()
            || (!self.once && times.len() < MOST && (times.len() < FEWEST || start.elapsed() < BUDGET))
        {
            let start = Instant::now();
            black_box(work());
            times.push(start.elapsed());
        }
        self.report(name, (count, unit), times);
    }

    /// Prints times that were measured elsewhere, and returns their median.
    pub(crate) fn report(
        &self,
        name: &str,
        (count, unit): (usize, &str),
        mut times: Vec<Duration>,
    ) -> Duration {
        times.sort_unstable();
        let (least, median) = (times[0], times[times.len() / 2]);
        let each = median.as_secs_f64() * 1e9 / count.max(1) as f64;
        println!(
            "{name:<44} {:>10} {:>10} {:>6}  {each:.2} ns/{unit}",
            shown(least),
            shown(median),
            times.len()
        );
        median
    }
}

/// A duration with three digits or so.
pub(crate) fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}
