//! Each sample's nearest neighbors.

mod around;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod best;
mod blocked;
mod bytes;
mod cells;
mod centered;
mod clustered;
mod codes;
mod direct;
mod duplicates;
mod exact;
mod graph;
mod index;
#[cfg(any(test, not(target_arch = "x86_64")))]
mod floats;
mod lists;
mod locality;
mod measured;
mod nearby;
mod probe;
mod rank;
mod recall;
mod scan;
#[cfg(target_arch = "x86_64")]
mod words;
#[cfg(target_arch = "x86_64")]
mod x86;
mod shortlist;
mod sparse;
mod tree;

pub use clustered::clustered;
pub use exact::exact;
pub use graph::Neighbors;
pub(crate) use index::Axes;
pub use index::{Index, Nearest};
pub use measured::exact_by;
pub(crate) use measured::{exact_by_observed, measured_of};
pub use recall::{Recall, estimated_recall};
pub use shortlist::shortlist;
pub(crate) use tree::{MOST_FEATURES, Tree};

use crate::distance::{Distance, Prepared, Squared, prepare};
use crate::error::{ErrorKind, Result};
use crate::matrix::MatrixRef;
use crate::observer::{Control, Observer, Stage, Warning};
use crate::pca::Pca;
use crate::rows::Rows;
use crate::simd;
use std::fmt;

/// Where the iteration that finds principal axes for a search starts: it changes them only within their accuracy.
const AXES_SEED: u64 = 0;

/// How neighbors are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NeighborMethod {
    /// [`Clustered`](Self::Clustered) for many rows, [`Shortlist`](Self::Shortlist) where comparing all pairs takes long,
    /// [`Exact`](Self::Exact) otherwise: see [`resolve`](Self::resolve).
    #[default]
    Auto,
    /// All pairs in all columns: [`exact()`].
    Exact,
    /// Whichever of the following fits the data, however little there is of it.
    Approximate,
    /// All pairs on the leading principal axes draw up a list, and the distances in all columns rank it: [`shortlist()`].
    Shortlist,
    /// Each row with the rows of the clusters around it: [`clustered()`].
    Clustered,
}

/// Rows and columns from which a short list is worth it: below, the exact search takes a quarter of a second at most. A short list takes
/// about two thirds of the time of an exact search for 10,000 rows of 16 or 50 columns, a third for 70,000 (measured), and misses
/// nothing or next to nothing where all columns fit on its axes.
const SHORTLIST_FROM: [(usize, usize); 2] = [(5_000, 200), (20_000, 16)];

/// Rows from which a search among clusters, which finds 97 % of the neighbors, saves enough time to make up for the rest.
const CLUSTERED_FROM_SAMPLES: usize = 100_000;

impl NeighborMethod {
    /// What `Auto` and `Approximate` mean for n × d data; other methods are themselves. The number of neighbors does not matter:
    /// all methods take longer for more.
    #[must_use]
    pub fn resolve(self, n_samples: usize, n_features: usize) -> Self {
        let large = SHORTLIST_FROM.iter().any(|&(rows, columns)| n_samples >= rows && n_features >= columns);
        match self {
            // A tree finds the neighbors of few columns, exactly and sooner.
            Self::Auto if n_features <= MOST_FEATURES => Self::Exact,
            Self::Auto | Self::Approximate if n_samples >= CLUSTERED_FROM_SAMPLES => Self::Clustered,
            Self::Auto if !large => Self::Exact,
            Self::Auto | Self::Approximate => Self::Shortlist,
            chosen => chosen,
        }
    }
}

impl fmt::Display for NeighborMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Exact => "exact",
            Self::Approximate => "approximate",
            Self::Shortlist => "shortlist",
            Self::Clustered => "clustered",
        })
    }
}

/// Neighbors, the method that found them, and the share of the true ones among them, as far as a sample of rows shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The neighbors.
    pub neighbors: Neighbors,
    /// Number of columns of the data, d; none where distances were given.
    pub n_features: Option<usize>,
    /// The distance whose squares the neighbors come with; unknown where distances were given.
    pub distance: Option<Distance>,
    /// The method at work: never `Auto`; `Exact` too when a sample showed that nothing less would find enough.
    pub method: NeighborMethod,
    /// [`Recall::EXACT`] for an exact search; otherwise estimated against it, on rows that the search was not tuned on.
    pub recall: Recall,
    /// The principal axes that the search found on its way, if it needed any:
    /// [`Initialization::embed_along`](crate::initialization::Initialization::embed_along) need not find them again.
    pub axes: Option<Pca>,
    /// [`Warning::ExactNeighbors`] when another method was chosen and the data does not suit it.
    pub warning: Option<Warning>,
}

impl Found {
    fn exactly(neighbors: Neighbors, n_features: usize) -> Self {
        Self {
            neighbors,
            n_features: Some(n_features),
            distance: Some(Distance::Euclidean),
            method: NeighborMethod::Exact,
            recall: Recall::EXACT,
            axes: None,
            warning: None,
        }
    }
}

/// The `k` nearest other rows of each row of `x` by a `distance` and a `method` of choice, telling `observer` the fraction done; it may
/// stop the search. The squares that are found are those of the distance. Sparse rows and given distances are searched exactly, whatever the
/// method.
pub(crate) fn search(
    x: Rows<'_>,
    k: usize,
    distance: &Distance,
    method: NeighborMethod,
    observer: &mut dyn Observer,
) -> Result<Found> {
    match x {
        Rows::Dense(x) => dense(x, k, distance, method, observer),
        Rows::Sparse(x) => sparse::sparse(x, k, distance, observer),
        Rows::Distances(distances) => {
            let between = |i, j| f64::from(distances.between(i, j));
            let neighbors = measured::exact_by_observed(distances.n_samples(), k, between, observer)?;
            Ok(Found { n_features: None, distance: None, ..Found::exactly(neighbors, 0) })
        }
    }
}

/// [`search`] among dense rows.
fn dense(
    x: MatrixRef<'_>,
    k: usize,
    distance: &Distance,
    method: NeighborMethod,
    observer: &mut dyn Observer,
) -> Result<Found> {
    let (mut found, squared) = match prepare(x, distance)? {
        Prepared::Euclidean(rows, squared) => (euclidean(rows, k, method, observer)?, squared),
        Prepared::Copy(rows, squared) => {
            let found = euclidean(rows.view(), k, method, observer)?;
            // The axes are those of the copy, and a map starts from those of the data.
            (Found { axes: None, ..found }, squared)
        }
        Prepared::Measured => {
            let neighbors = measured::measured(x, k, distance, observer)?;
            (Found::exactly(neighbors, x.n_features()), Squared::Same)
        }
    };
    if squared != Squared::Same {
        convert(&mut found.neighbors, squared)?;
    }
    found.distance = Some(distance.clone());
    Ok(found)
}

/// Turns squared Euclidean distances into the squares of another distance, in the same order.
fn convert(neighbors: &mut Neighbors, squared: Squared) -> Result<()> {
    let k = neighbors.k;
    for (place, value) in neighbors.squared_distances.iter_mut().enumerate() {
        let euclidean = *value;
        *value = squared.of(euclidean);
        if !value.is_finite() {
            let (row, other) = (place / k, neighbors.indices[place] as usize);
            return Err(ErrorKind::Distance { row, other, distance: f64::from(euclidean) }.into());
        }
    }
    Ok(())
}

/// [`search`] by the Euclidean distance.
fn euclidean(
    x: MatrixRef<'_>,
    k: usize,
    method: NeighborMethod,
    observer: &mut dyn Observer,
) -> Result<Found> {
    let found = match method.resolve(x.n_samples(), x.n_features()) {
        NeighborMethod::Shortlist => shortlist::shortlist_observed(x, k, observer)?,
        NeighborMethod::Clustered => clustered::clustered_observed(x, k, observer)?,
        _ => Found::exactly(exact::exact_observed(x, k, observer)?, x.n_features()),
    };
    // The values were finite when the search began.
    match found.neighbors.squared_distances.iter().position(|distance| !distance.is_finite()) {
        Some(place) => Err(ErrorKind::Changed { row: place / found.neighbors.k }.into()),
        None => Ok(found),
    }
}

/// Compares all pairs because a `method` that was chosen would miss too much, after saying so: that may take more time and memory
/// than the observer has.
fn fall_back(
    method: &'static str,
    x: MatrixRef<'_>,
    k: usize,
    axes: Option<Pca>,
    observer: &mut dyn Observer,
) -> Result<Found> {
    let warning = Warning::ExactNeighbors { method };
    observer.warning(&warning);
    ask(observer, 0.0)?;
    let found = Found::exactly(exact::exact_observed(x, k, observer)?, x.n_features());
    Ok(Found { axes, warning: Some(warning), ..found })
}

/// Tells the fraction of a search that is done, and ends it if the observer says so.
fn ask(observer: &mut dyn Observer, fraction: f64) -> Result<()> {
    match observer.progress(Stage::Neighbors, fraction) {
        Control::Continue => Ok(()),
        Control::Stop => Err(ErrorKind::Cancelled.into()),
    }
}

/// Checks what every search relies on.
fn check(x: MatrixRef<'_>, k: usize) -> Result<()> {
    x.check(2)?;
    check_counts(x.n_samples(), k)
}

fn check_counts(n_samples: usize, k: usize) -> Result<()> {
    let refuse = |name, value: usize, bound: String| {
        Err(ErrorKind::Parameter { name, value: value.to_string(), bound }.into())
    };
    if k == 0 {
        return refuse("k", 0, "must be at least 1".into());
    }
    if u32::try_from(n_samples).is_err() {
        return refuse("the number of rows", n_samples, format!("must be at most {}", u32::MAX));
    }
    Ok(())
}

/// |a − b|², summed in `f64` over sixteen lanes.
pub(crate) fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    simd::vectorize!(squared_distance_lanes(a, b))
}

#[inline(always)]
fn squared_distance_lanes(a: &[f32], b: &[f32]) -> f64 {
    const WIDTH: usize = 16;
    let mut lanes = [0.0_f64; WIDTH];
    let (heads_a, tail_a) = a.as_chunks::<WIDTH>();
    let (heads_b, tail_b) = b.as_chunks::<WIDTH>();
    for (a, b) in heads_a.iter().zip(heads_b) {
        for lane in 0..WIDTH {
            let difference = f64::from(a[lane]) - f64::from(b[lane]);
            lanes[lane] += difference * difference;
        }
    }
    for (lane, (&a, &b)) in tail_a.iter().zip(tail_b).enumerate() {
        let difference = f64::from(a) - f64::from(b);
        lanes[lane] += difference * difference;
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::NeighborMethod::{Approximate, Auto, Clustered, Exact, Shortlist};

    #[test]
    fn the_rule_follows_rows_and_columns() {
        for (n, d, auto, approximate) in [
            (4_999, 784, Exact, Shortlist),
            (5_000, 199, Exact, Shortlist),
            (5_000, 200, Shortlist, Shortlist),
            (19_999, 50, Exact, Shortlist),
            (20_000, 15, Exact, Shortlist),
            (20_000, 16, Shortlist, Shortlist),
            (99_999, 784, Shortlist, Shortlist),
            (100_000, 4, Clustered, Clustered),
            (100_000, 784, Clustered, Clustered),
            (10_000_000, 3, Exact, Clustered),
        ] {
            assert_eq!(Auto.resolve(n, d), auto, "{n} x {d}");
            assert_eq!(Approximate.resolve(n, d), approximate, "{n} x {d}");
            for method in [Exact, Shortlist, Clustered] {
                assert_eq!(method.resolve(n, d), method);
            }
        }
    }
}
