//! Search among clusters, for many rows: each row is compared with the rows of the cells nearest to it, and no others.
//!
//! This is an inverted file (Jégou, Douze & Schmid 2011, doi:10.1109/TPAMI.2010.57) in which the rows to search for are those
//! that are stored, so that whole groups of near rows visit a cell together and meet it in one product of blocks. Wide data is
//! searched on its leading principal axes for twice as many candidates, estimated as in [`shortlist`](mod@super::shortlist), and
//! ranked by all columns.
//!
//! How many cells a row must look into depends on the data, so it is measured: a sample of rows is searched exactly, and the
//! fewest cells are taken that hold enough of its neighbors. The recall that is told is that of other rows. Data that has no
//! clusters for a search to profit from is searched exactly.

use super::cells::Cells;
use super::centered::{Centered, Rows, squared_norms};
use super::direct::nearest_lists;
use super::probe::{Probe, Scratch};
use super::recall::Sample;
use super::{AXES_SEED, Found, NeighborMethod, Neighbors, ask, check, fall_back};
use crate::distance::Distance;
use crate::error::{ErrorKind, Result};
use crate::matrix::{Matrix, MatrixRef};
use crate::observer::{Observer, Silent};
use crate::pca::Pca;
use rayon::prelude::*;

/// The share of the neighbors of the sample that must lie in the cells that are looked into.
const RECALL: f64 = 0.97;

/// Rows of a cell. Small ones leave out more of what is far, large ones make better products.
const CELL: usize = 100;

/// Candidates kept beyond k, so that rounding seldom reaches the k-th place.
const MARGIN: usize = 6;

/// Columns from which the search goes to principal axes.
const WIDE: usize = 160;

/// Numbers of axes to try then.
const AXES: [usize; 3] = [48, 64, 96];

/// The share of the neighbors that must be among the nearest candidates on the axes.
const RECALL_ON_AXES: f64 = 0.985;

/// Groups that are searched between two calls of `progress`.
const BATCH: usize = 64;

/// The `k` nearest other rows of each row of `x`, nearly all of them exactly, for many rows: each is compared with the rows of
/// the clusters around it. `k` is capped at n − 1. Distances are those in all columns, to six digits.
///
/// O(n · m · d) with m the rows that each is compared with, a few thousand for data in which neighborhoods have few dimensions;
/// data that would have to be compared with half of all rows is searched by [`exact`](super::exact()). Memory: a copy of the data
/// and the result.
///
/// # Errors
/// As [`exact`](super::exact()).
pub fn clustered<'a>(x: impl Into<MatrixRef<'a>>, k: usize) -> Result<Found> {
    clustered_observed(x.into(), k, &mut Silent)
}

/// [`clustered`], telling `observer` the fraction done; it may stop the search.
pub(super) fn clustered_observed(x: MatrixRef<'_>, k: usize, observer: &mut dyn Observer) -> Result<Found> {
    check(x, k)?;
    let k = k.min(x.n_samples() - 1);
    if x.n_samples().checked_mul(k).is_none() {
        let (name, value, bound) =
            ("k", k.to_string(), "times the number of rows is beyond memory".to_owned());
        return Err(ErrorKind::Parameter { name, value, bound }.into());
    }
    ask(observer, 0.0)?;
    let (tuning, judging) = Sample::pair(x, &Centered::new(x), k);
    let found = match Axes::of(x, &tuning, k, observer)? {
        Some(axes) => search(x, &tuning, axes.scores.view(), &axes.offsets, axes.keep, k, observer)?,
        None => {
            let keep = (k + MARGIN).min(x.n_samples() - 1);
            search(x, &tuning, x, &[], keep, k, observer)?
        }
    };
    let Some(neighbors) = found else {
        drop((tuning, judging));
        return fall_back("clustered", x, k, None, observer);
    };
    let recall = judging.recall_of(&neighbors);
    Ok(Found {
        distance: Some(Distance::Euclidean),
        neighbors,
        n_features: Some(x.n_features()),
        method: NeighborMethod::Clustered,
        recall,
        axes: None,
        warning: None,
    })
}

/// Wide rows on their leading principal axes.
struct Axes {
    scores: Matrix,
    /// For each row half of its squared norm off the axes.
    offsets: Vec<f32>,
    keep: usize,
}

impl Axes {
    /// The fewest axes on which the sample's neighbors are among the nearest; `None` where there are none, or few columns.
    fn of(
        x: MatrixRef<'_>,
        sample: &Sample<'_>,
        k: usize,
        observer: &mut dyn Observer,
    ) -> Result<Option<Self>> {
        if x.n_features() < WIDE {
            return Ok(None);
        }
        let keep = (2 * k).min(x.n_samples() - 1);
        ask(observer, 0.0)?;
        let axes = Pca::fit_roughly(x, AXES[AXES.len() - 1], AXES_SEED)?;
        ask(observer, 0.0)?;
        let all = axes.transform(x)?;
        let mean: Vec<f32> = axes.mean().iter().map(|&mean| mean as f32).collect();
        let norms = squared_norms(x, &mean);
        for n_axes in AXES {
            ask(observer, 0.0)?;
            let scores = leading_columns(&all, n_axes);
            let origin = vec![0.0; n_axes];
            let own = squared_norms(scores.view(), &origin);
            let offset = |(norm, own): (&f64, &f64)| (0.5 * (norm - own).max(0.0)) as f32;
            let offsets: Vec<f32> = norms.iter().zip(&own).map(offset).collect();
            let estimated: Vec<f32> =
                own.iter().zip(&offsets).map(|(&own, &offset)| own as f32 + offset).collect();
            let rows = Rows::all(scores.view());
            let lists = nearest_lists(rows, &origin, &estimated, sample.rows(), keep);
            let lists: Vec<&[u32]> = lists.iter().map(|list| &list.positions[..]).collect();
            if sample.recall(&lists).estimate >= RECALL_ON_AXES {
                return Ok(Some(Self { scores, offsets, keep }));
            }
        }
        Ok(None)
    }
}

fn leading_columns(x: &Matrix, count: usize) -> Matrix {
    let mut leading = Matrix::zeros(x.n_samples(), count);
    let rows = leading.as_mut_slice().par_chunks_mut(count).zip(x.as_slice().par_chunks(x.n_features()));
    rows.for_each(|(leading, row)| leading.copy_from_slice(&row[..count]));
    leading
}

/// Divides `rows` among cells and searches them for `keep` candidates, which `x` ranks. `None` when too many cells would have to
/// be looked into: from half of them on, the exact search does less, because it compares each pair once.
fn search(
    x: MatrixRef<'_>,
    sample: &Sample<'_>,
    rows: MatrixRef<'_>,
    offsets: &[f32],
    keep: usize,
    k: usize,
    observer: &mut dyn Observer,
) -> Result<Option<Neighbors>> {
    let cells = Cells::new(rows, CELL, &mut || ask(observer, 0.0))?;
    let probes = sample.probes(rows, &cells, RECALL);
    if 2 * probes > cells.len() {
        return Ok(None);
    }
    let order: Vec<usize> = cells.order.iter().map(|&row| row as usize).collect();
    let rows = rows.select_rows(&order);
    let offsets: Vec<f32> =
        if offsets.is_empty() { Vec::new() } else { order.iter().map(|&row| offsets[row]).collect() };
    drop(order);
    let probe = Probe { rows: rows.view(), offsets: &offsets, cells: &cells, probes, keep };
    search_groups(&probe, x, k, observer).map(Some)
}

/// All groups, a batch at a time: only the results of a batch are held twice.
fn search_groups(
    probe: &Probe<'_>,
    x: MatrixRef<'_>,
    k: usize,
    observer: &mut dyn Observer,
) -> Result<Neighbors> {
    let mut neighbors = Neighbors::unset(x.n_samples(), k);
    let groups = probe.cells.blocks();
    for (done, batch) in groups.chunks(BATCH).enumerate() {
        let found: Vec<Vec<(f32, u32)>> = batch
            .par_iter()
            .map_init(Scratch::default, |scratch, group| probe.search(x, group.clone(), k, scratch))
            .collect();
        for (group, nearest) in batch.iter().zip(found) {
            let rows = &probe.cells.order[probe.cells.starts[group.start]..probe.cells.starts[group.end]];
            for (&row, nearest) in rows.iter().zip(nearest.chunks_exact(k)) {
                neighbors.set(row as usize, nearest.iter().copied());
            }
        }
        ask(observer, ((done + 1) * BATCH).min(groups.len()) as f64 / groups.len() as f64)?;
    }
    Ok(neighbors)
}

#[cfg(test)]
mod tests {
    use super::super::{Recall, squared_distance};
    use super::*;
    use crate::observer::{Control, Stage, Warning};
    use crate::random::{Purpose, Random};

    /// Rows on a curved sheet of `inner` dimensions in `d` columns, with a little noise.
    fn sheet(n: usize, inner: usize, d: usize, offset: f64) -> Matrix {
        let mut random = Random::new(51, Purpose::Synthesis);
        let directions: Vec<f64> = (0..inner * d).map(|_| random.normal()).collect();
        let mut data = Vec::with_capacity(n * d);
        for _ in 0..n {
            let at: Vec<f64> = (0..inner).map(|_| 2.0 * random.uniform()).collect();
            data.extend((0..d).map(|column| {
                let bend: f64 = (0..inner).map(|axis| (at[axis] * directions[axis * d + column]).sin()).sum();
                (bend + 0.01 * random.normal() + offset) as f32
            }));
        }
        Matrix::new(data, n, d).unwrap()
    }

    fn true_recall(x: &Matrix, neighbors: &Neighbors) -> f64 {
        let exact = super::super::exact(x, neighbors.k()).unwrap();
        let n = x.n_samples();
        let hits: usize = (0..n)
            .map(|i| neighbors.indices(i).iter().filter(|j| exact.indices(i).contains(j)).count())
            .sum();
        hits as f64 / (n * neighbors.k()) as f64
    }

    fn assert_sound(x: &Matrix, neighbors: &Neighbors) {
        for i in 0..x.n_samples() {
            let (indices, distances) = (neighbors.indices(i), neighbors.squared_distances(i));
            for (&j, &distance) in indices.iter().zip(distances) {
                assert_ne!(j as usize, i);
                let expected = squared_distance(x.row(i), x.row(j as usize));
                assert!((f64::from(distance) - expected).abs() <= 1e-6 * expected);
            }
            assert!(distances.is_sorted(), "{distances:?}");
            let mut seen = indices.to_vec();
            seen.sort_unstable();
            assert!(seen.windows(2).all(|pair| pair[0] != pair[1]), "{seen:?}");
        }
    }

    #[test]
    fn finds_nearly_all_neighbors_at_their_true_distances() {
        for (n, inner, d, offset) in [(6000, 3, 20, 0.0), (6000, 3, 20, 1e4), (4000, 4, 200, 0.0)] {
            let x = sheet(n, inner, d, offset);
            let found = clustered(&x, 15).unwrap();
            assert_eq!(found.method, NeighborMethod::Clustered, "{d} columns");
            assert_sound(&x, &found.neighbors);
            let recall = true_recall(&x, &found.neighbors);
            assert!(
                recall > 0.955 && (recall - found.recall.estimate).abs() < 0.02,
                "{recall}, estimated {}, {d} columns, offset {offset}",
                found.recall.estimate
            );
        }
    }

    #[test]
    fn groups_far_apart_keep_their_digits() {
        let mut x = sheet(5000, 3, 12, 0.0);
        for (i, row) in x.as_mut_slice().chunks_exact_mut(12).enumerate() {
            row[i % 5] += if i % 2 == 0 { 2e3 } else { -1e3 };
        }
        let found = clustered(&x, 20).unwrap();
        assert_eq!(found.method, NeighborMethod::Clustered);
        assert!(true_recall(&x, &found.neighbors) > 0.955);
    }

    #[test]
    fn a_heap_of_duplicates_is_searched_like_anything_else() {
        let mut x = sheet(8000, 3, 8, 0.0);
        for row in x.as_mut_slice().chunks_exact_mut(8).step_by(2) {
            row.fill(0.75);
        }
        let found = clustered(&x, 150).unwrap();
        assert_eq!(found.method, NeighborMethod::Clustered);
        assert!(found.recall.estimate > 0.955, "{:?}", found.recall);
        assert_sound(&x, &found.neighbors);
        assert!(found.neighbors.squared_distances(4000).iter().all(|&distance| distance == 0.0));
        let strays = found.neighbors.squared_distances(4001);
        assert!(strays[0] > 0.0);
    }

    #[test]
    fn data_without_clusters_is_searched_exactly() {
        let mut random = Random::new(52, Purpose::Synthesis);
        let x = Matrix::new((0..1500 * 60).map(|_| random.normal() as f32).collect(), 1500, 60).unwrap();
        let found = clustered(&x, 10).unwrap();
        assert_eq!((found.method, found.recall), (NeighborMethod::Exact, Recall::EXACT));
        assert_eq!(found.warning, Some(Warning::ExactNeighbors { method: "clustered" }));
        assert_eq!(found.neighbors, super::super::exact(&x, 10).unwrap());
    }

    #[test]
    fn degenerate_data_is_searched_too() {
        for (n, d) in [(2, 1), (3, 5), (150, 2), (1000, 4)] {
            for x in [Matrix::zeros(n, d), sheet(n, 1, d, 0.0)] {
                let found = clustered(&x, 9).unwrap();
                assert_eq!(found.neighbors.k(), 9.min(n - 1));
                assert_sound(&x, &found.neighbors);
            }
        }
        assert!(clustered(&Matrix::zeros(1, 3), 1).is_err());
        assert!(clustered(&Matrix::zeros(3, 1), 0).is_err());
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let x = sheet(5000, 3, 10, 0.0);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| clustered(&x, 20).unwrap())
        };
        let one = on(1);
        assert_eq!(one.method, NeighborMethod::Clustered);
        assert_eq!(one, on(2));
        assert_eq!(one, on(7));
    }

    /// Stops when it is asked for the n-th time, and keeps what it was told before.
    #[derive(Default)]
    struct Stopping {
        after: usize,
        fractions: Vec<f64>,
        warnings: Vec<Warning>,
    }

    impl Observer for Stopping {
        fn progress(&mut self, _stage: Stage, fraction: f64) -> Control {
            self.fractions.push(fraction);
            if self.fractions.len() > self.after { Control::Stop } else { Control::Continue }
        }

        fn warning(&mut self, warning: &Warning) {
            self.warnings.push(warning.clone());
        }
    }

    #[test]
    fn it_can_be_stopped_from_the_beginning() {
        let x = sheet(5000, 2, 4, 0.0);
        let mut all = Stopping { after: usize::MAX, ..Stopping::default() };
        clustered_observed(x.view(), 5, &mut all).unwrap();
        let before = all.fractions.iter().take_while(|&&fraction| fraction == 0.0).count();
        assert!(before > 4, "asked {before} times before the first group");
        assert!(all.fractions.is_sorted() && all.fractions.last() == Some(&1.0), "{:?}", all.fractions);
        for after in [0, 2, before] {
            let mut stopping = Stopping { after, ..Stopping::default() };
            let error = clustered_observed(x.view(), 5, &mut stopping).unwrap_err();
            assert_eq!((error.kind(), stopping.fractions.len()), (&ErrorKind::Cancelled, after + 1));
        }
    }

    #[test]
    fn before_all_pairs_are_compared_the_observer_is_asked() {
        let mut random = Random::new(53, Purpose::Synthesis);
        let x = Matrix::new((0..1000 * 40).map(|_| random.normal() as f32).collect(), 1000, 40).unwrap();
        struct Unwilling(bool);
        impl Observer for Unwilling {
            fn progress(&mut self, _stage: Stage, fraction: f64) -> Control {
                assert!(fraction == 0.0, "all pairs are being compared");
                if self.0 { Control::Stop } else { Control::Continue }
            }
            fn warning(&mut self, _warning: &Warning) {
                self.0 = true;
            }
        }
        let mut observer = Unwilling(false);
        assert_eq!(
            clustered_observed(x.view(), 10, &mut observer).unwrap_err().kind(),
            &ErrorKind::Cancelled
        );
        assert!(observer.0);
    }

    #[test]
    fn values_that_change_under_the_search_are_no_panic() {
        let x = sheet(3000, 2, 5, 0.0);
        let cells = Cells::new(x.view(), CELL, &mut || Ok(())).unwrap();
        let order: Vec<usize> = cells.order.iter().map(|&row| row as usize).collect();
        let mut rows = x.view().select_rows(&order);
        rows.as_mut_slice()[100 * 5..110 * 5].fill(f32::NAN);
        let probe = Probe { rows: rows.view(), offsets: &[], cells: &cells, probes: 10, keep: 20 };
        let neighbors = search_groups(&probe, x.view(), 9, &mut Silent).unwrap();
        assert!(neighbors.squared_distances(order[105]).iter().all(|distance| distance.is_nan()));
    }
}
