//! Project, shortlist, re-rank: for wide data, nearly exact at a fraction of the work.
//!
//! All pairs are compared on the leading principal axes only, in products of bytes (`codes.rs`), and five thirds as many candidates
//! as asked are ranked by their distances in all columns. A candidate's place on the list is estimated by
//! |z_i − z_j|² + ½ (|r_i|² + |r_j|²), where z is a row on the axes and r what they leave of it: between the projection alone,
//! which takes what is left to agree, and the expectation for unrelated remainders. On MNIST (784 columns, k = 90, 64 axes, 180
//! candidates) that raises the recall from 0.9933 to 0.9951.
//!
//! Rows are searched in panels that lie near each other (`locality.rs`): the nearest are compared first, so that few of the others
//! pass the threshold (`lists.rs`), and candidates are shared, so that each is read from memory for several rows (`rank.rs`). Each
//! row scores all others by itself: the products are formed twice, and nothing has to be kept for later, or locked. Bytes cost
//! the recall next to nothing: with 70,000 rows of MNIST, 96 axes and 150 candidates it is 0.9978, and 0.9979 in `f32`.
//!
//! Where all values are bytes, or bytes over 255, as images have them, candidates are ranked in whole numbers (`bytes.rs`): the search
//! of 70,000 × 784 digits then takes a sixth less processor time, and a copy of the data that has a quarter of its size.
//!
//! How many axes are needed depends on the data, so it is measured: a sample of rows is searched exactly, and the fewest
//! axes are taken that find enough of its neighbors. The recall that is told is that of other rows. Data that no few axes describe
//! is searched exactly.

use super::around::Around;
#[cfg(target_arch = "x86_64")]
use super::avx512::Avx512;
use super::bytes::{Bytes, InBytes};
use super::centered::Centered;
use super::codes::{BLOCK, Codes};
use super::locality::Locality;
use super::rank::{InColumns, Ranking};
use super::recall::Sample;
use super::scan::Panel;
use super::{AXES_SEED, Found, NeighborMethod, Neighbors, ask, check, fall_back, squared_distance};
use crate::distance::Distance;
use crate::error::Result;
use crate::matrix::MatrixRef;
use crate::observer::{Observer, Silent};
use crate::pca::Pca;
use crate::preprocessing::column_means;
use rayon::prelude::*;
use std::ops::Range;

/// Numbers of axes to try, those together that are found together. A comparison has a fixed cost, so fewer would save little.
const AXES: [[usize; 3]; 2] = [[32, 64, 80], [96, 112, 128]];

/// The share of the neighbors of the sample that must be on the lists of its rows among all rows.
const RECALL: f64 = 0.995;

/// The share of them that must be among the rows that are compared with their panel.
const RECALL_AROUND: f64 = 0.999;

/// Rows from which a panel looks at the blocks around it only. Below, all pairs take a tenth of the time of a search.
const AROUND_FROM: usize = 16_384;

/// Panels that are searched between two calls of `progress`, at least.
const BATCH: usize = 32;

/// Rows of the sample that are searched together.
const PANEL: usize = 128;

/// Blocks before a panel's own that are compared first: near rows raise the thresholds.
const NEAR_BLOCKS: usize = 16;

/// The `k` nearest other rows of each row of `x`, nearly all of them exactly: see the module's account. `k` is capped at
/// n − 1. Distances are those in all columns, summed in `f32` or in whole numbers, to within 1e-6 of themselves.
///
/// # Errors
/// As [`exact`](super::exact()).
pub fn shortlist<'a>(x: impl Into<MatrixRef<'a>>, k: usize) -> Result<Found> {
    shortlist_observed(x.into(), k, &mut Silent)
}

/// [`shortlist`], telling `observer` the fraction done; it may stop the search.
pub(super) fn shortlist_observed(x: MatrixRef<'_>, k: usize, observer: &mut dyn Observer) -> Result<Found> {
    check(x, k)?;
    let n = x.n_samples();
    let k = k.min(n - 1);
    let keep = (k + 2 * k / 3).min(n - 1);
    let mean = column_means(x);
    let centered = Centered::around(x, mean.iter().map(|&mean| mean as f32).collect());
    let mut samples = None;
    let mut axes = None;
    for counts in AXES {
        let most = counts[2].min(x.n_features());
        ask(observer, 0.0)?;
        let found = axes.insert(Pca::fit_roughly(x, most, AXES_SEED)?);
        ask(observer, 0.0)?;
        let scores = found.transform_roughly(x)?;
        let locality = Locality::of(scores.view(), n >= AROUND_FROM);
        let bytes = Bytes::of(x, &locality.order);
        ask(observer, 0.0)?;
        let (tuning, judging) =
            samples.get_or_insert_with(|| pair_of_samples(x, &centered, bytes.as_ref(), &locality.order, k));
        // With few columns, several of these are all there are.
        let n_fewer = counts.iter().filter(|&&n_axes| n_axes < most).count();
        for n_axes in counts.into_iter().take(1 + n_fewer) {
            ask(observer, 0.0)?;
            let codes = Codes::new(scores.view(), &centered.norms, n_axes.min(most), &locality.order);
            let lists = lists_of(&codes, &locality.order, tuning.rows(), keep);
            if tuning.recall(&lists).estimate < RECALL {
                continue;
            }
            let around = locality.is_clustered.then(|| {
                let around = Around::new(scores.view(), &locality);
                let n_blocks = n_blocks_around(&around, tuning, &locality, keep);
                (around, n_blocks)
            });
            drop((scores, centered));
            let around = around.as_ref().map(|(around, n_blocks)| (around, *n_blocks));
            let bytes = bytes.as_ref();
            let search = Search { x, bytes, codes: &codes, locality: &locality, around, k, keep };
            let neighbors = search.run(observer)?;
            let recall = judging.recall_of(&neighbors);
            return Ok(Found {
                distance: Some(Distance::Euclidean),
                neighbors,
                n_features: Some(x.n_features()),
                method: NeighborMethod::Shortlist,
                recall,
                axes,
                warning: None,
            });
        }
        if most == x.n_features() {
            break;
        }
    }
    drop((centered, samples));
    fall_back("shortlist", x, k, axes, observer)
}

/// Two samples of the rows: in whole numbers where these stand for the values and take less time.
fn pair_of_samples<'a>(
    x: MatrixRef<'a>,
    centered: &Centered<'_>,
    bytes: Option<&Bytes>,
    order: &[u32],
    k: usize,
) -> (Sample<'a>, Sample<'a>) {
    #[cfg(target_arch = "x86_64")]
    if let (Some(bytes), Some(avx512)) = (bytes, Avx512::detected()) {
        let positions = positions(order);
        return Sample::pair_by(x, k, |rows| {
            let own: Vec<u32> = rows.iter().map(|&row| positions[row as usize]).collect();
            let nearest = bytes.nearest(avx512, &own, k);
            let nearest = rows.par_iter().zip(nearest).map(|(&row, nearest)| {
                let last = nearest.last().map_or(0, |&(sum, _)| sum);
                let rows: Vec<u32> = nearest.iter().map(|&(_, position)| order[position as usize]).collect();
                // What is nearer by more than rounding can be is not the farthest.
                let may_be_last = |sum: u32| f64::from(sum) >= (1.0 - 1e-5) * f64::from(last);
                let farthest = nearest.iter().zip(&rows).filter(|&(&(sum, _), _)| may_be_last(sum));
                let distances =
                    farthest.map(|(_, &other)| squared_distance(x.row(row as usize), x.row(other as usize)));
                (distances.fold(0.0, f64::max), rows)
            });
            nearest.collect()
        });
    }
    let _ = (bytes, order);
    Sample::pair(x, centered, k)
}

/// The fewest blocks around a panel in which the sample's rows have enough of their neighbors, and enough other rows.
fn n_blocks_around(around: &Around, sample: &Sample<'_>, locality: &Locality, keep: usize) -> usize {
    let Locality { order, panels, .. } = locality;
    let positions = positions(order);
    let ranks: Vec<Vec<u32>> = sample
        .rows()
        .par_iter()
        .map(|&row| {
            let position = positions[row as usize] as usize;
            let panel = panels.partition_point(|panel| panel.end <= position);
            let nearest = around.nearest(panel, usize::MAX);
            let mut ranks = vec![u32::MAX; order.len().div_ceil(BLOCK)];
            nearest.into_iter().zip(0..).for_each(|(block, rank)| ranks[block as usize] = rank);
            ranks
        })
        .collect();
    let rank = |at: usize, row: u32| ranks[at][positions[row as usize] as usize / BLOCK] as usize;
    // The last block may be filled up, and a row finds itself.
    let least = (keep + 1).div_ceil(BLOCK) + 1;
    sample.steps(RECALL_AROUND, rank).max(least).min(order.len().div_ceil(BLOCK))
}

/// Where each row stands in an order.
fn positions(order: &[u32]) -> Vec<u32> {
    let mut positions = vec![0; order.len()];
    for (position, &row) in order.iter().enumerate() {
        positions[row as usize] = position as u32;
    }
    positions
}

/// The lists of some rows.
fn lists_of(codes: &Codes, order: &[u32], rows: &[u32], keep: usize) -> Vec<Vec<u32>> {
    let positions = positions(order);
    let per_panel = rows.par_chunks(PANEL).map_init(Panel::default, |panel, rows| {
        panel.start(codes, rows.iter().map(|&row| positions[row as usize]), keep);
        panel.scan(codes, 0..codes.n_blocks());
        let mut lists = Vec::new();
        panel.finish(|_, list| lists.push(list.iter().map(|&position| order[position as usize]).collect()));
        lists
    });
    per_panel.flatten_iter().collect()
}

/// What the search of all rows works on.
struct Search<'a> {
    x: MatrixRef<'a>,
    /// The rows in the order of the codes, if their values are bytes.
    bytes: Option<&'a Bytes>,
    codes: &'a Codes,
    /// The order of the codes, and who searches together.
    locality: &'a Locality,
    /// How many of the blocks around it a panel is compared with; with all of them where this is `None`.
    around: Option<(&'a Around, usize)>,
    k: usize,
    /// Candidates of each row.
    keep: usize,
}

/// Buffers of one thread.
#[derive(Default)]
struct Scratch {
    panel: Panel,
    ranking: Ranking,
}

impl Search<'_> {
    fn run(&self, observer: &mut dyn Observer) -> Result<Neighbors> {
        let (n, k) = (self.x.n_samples(), self.k);
        let Locality { order, panels, .. } = self.locality;
        let mut neighbors = Neighbors::unset(n, k);
        let batch = (panels.len() / 100).max(BATCH);
        for (batch, first) in panels.chunks(batch).zip((0..).step_by(batch)) {
            let ranked: Vec<Vec<(f32, u32)>> = batch
                .par_iter()
                .enumerate()
                .map_init(Scratch::default, |scratch, (at, panel)| {
                    self.panel(first + at, panel.clone(), scratch)
                })
                .collect();
            for (panel, ranked) in batch.iter().zip(ranked) {
                for (&row, nearest) in order[panel.clone()].iter().zip(ranked.chunks_exact(k)) {
                    neighbors.set(row as usize, nearest.iter().copied());
                }
            }
            let done = batch.last().map_or(n, |panel| panel.end);
            ask(observer, done as f64 / n as f64)?;
        }
        Ok(neighbors)
    }

    /// The `k` nearest of each of the rows of a panel, which are at some positions.
    fn panel(&self, at: usize, positions: Range<usize>, scratch: &mut Scratch) -> Vec<(f32, u32)> {
        let Scratch { panel, ranking } = scratch;
        let (first, order) = (positions.start, &self.locality.order);
        let rows = &order[positions.clone()];
        panel.start(self.codes, positions.clone().map(|position| position as u32), self.keep);
        if let Some((around, n_blocks)) = self.around {
            let blocks = around.nearest(at, n_blocks);
            panel.scan(self.codes, blocks.into_iter().map(|block| block as usize));
        } else {
            let near = (first / BLOCK).saturating_sub(NEAR_BLOCKS);
            panel.scan(self.codes, (near..self.codes.n_blocks()).chain(0..near));
        }
        ranking.start(rows.len());
        let mut nearest = Vec::with_capacity(rows.len() * self.k);
        if let Some(bytes) = self.bytes {
            panel.finish(|own, list| ranking.add(own as usize - first, list.iter().copied()));
            let rows = InBytes { bytes, x: self.x, order, first: first as u32 };
            ranking.finish(rows, self.k, |ranked| nearest.extend(ranked));
        } else {
            let index = |&position: &u32| order[position as usize];
            panel.finish(|own, list| ranking.add(own as usize - first, list.iter().map(index)));
            ranking.finish(InColumns { x: self.x, rows }, self.k, |ranked| nearest.extend(ranked));
        }
        nearest
    }
}

#[cfg(test)]
mod tests {
    use super::super::Recall;
    use super::*;
    use crate::matrix::Matrix;
    use crate::observer::Warning;
    use crate::random::{Purpose, Random};

    /// Rows on `rank` directions of 300 columns, with a little noise in all of them.
    fn low_rank(n: usize, rank: usize) -> Matrix {
        let mut random = Random::new(21, Purpose::Synthesis);
        let directions: Vec<f64> = (0..rank * 300).map(|_| random.normal()).collect();
        let mut data = Vec::with_capacity(n * 300);
        for _ in 0..n {
            let weights: Vec<f64> = (0..rank).map(|_| random.normal()).collect();
            data.extend((0..300).map(|column| {
                let signal: f64 =
                    weights.iter().enumerate().map(|(k, w)| w * directions[k * 300 + column]).sum();
                (signal + 0.05 * random.normal()) as f32
            }));
        }
        Matrix::new(data, n, 300).unwrap()
    }

    /// The same with values that are bytes over a number.
    fn in_bytes(mut x: Matrix, denominator: f32) -> Matrix {
        x.as_mut_slice().iter_mut().for_each(|value| {
            *value = f32::from((128.0 + 12.0 * *value) as u8) / denominator;
        });
        let order: Vec<u32> = (0..x.n_samples() as u32).collect();
        assert!(Bytes::of(x.view(), &order).is_some());
        x
    }

    #[test]
    fn finds_nearly_all_neighbors_at_their_true_distances() {
        let x = low_rank(1500, 20);
        assert_nearly_all(&x);
        assert_nearly_all(&in_bytes(x.clone(), 1.0));
        assert_nearly_all(&in_bytes(x, 255.0));
    }

    fn assert_nearly_all(x: &Matrix) {
        let found = shortlist(x, 15).unwrap();
        assert_eq!(found.method, NeighborMethod::Shortlist);
        let exact = super::super::exact(x, 15).unwrap();
        let mut common = 0;
        for i in 0..1500 {
            common += found.neighbors.indices(i).iter().filter(|j| exact.indices(i).contains(j)).count();
            for (&j, &distance) in found.neighbors.indices(i).iter().zip(found.neighbors.squared_distances(i))
            {
                let true_distance = squared_distance(x.row(i), x.row(j as usize)) as f32;
                assert!((distance - true_distance).abs() <= 1e-6 * true_distance);
            }
        }
        let recall = common as f64 / (1500 * 15) as f64;
        assert!(
            recall > 0.98 && (recall - found.recall.estimate).abs() < 0.02,
            "{recall}, estimated {}",
            found.recall.estimate
        );
    }

    #[test]
    fn data_without_leading_axes_is_searched_exactly() {
        let mut random = Random::new(22, Purpose::Synthesis);
        let x = Matrix::new((0..800 * 300).map(|_| random.normal() as f32).collect(), 800, 300).unwrap();
        let found = shortlist(&x, 10).unwrap();
        assert_eq!((found.method, found.recall), (NeighborMethod::Exact, Recall::EXACT));
        assert_eq!(found.warning, Some(Warning::ExactNeighbors { method: "shortlist" }));
        assert_eq!(found.neighbors, super::super::exact(&x, 10).unwrap());
    }

    #[test]
    fn groups_far_apart_are_found_as_well_as_is_said() {
        for (n, d) in [(2400, 200), (6000, 16)] {
            let mut random = Random::new(23, Purpose::Synthesis);
            let noise: Vec<f32> = (0..n * d).map(|_| random.normal() as f32).collect();
            for apart in [1e3, 3e4, 1e5, 1e6] {
                let mut x = Matrix::new(noise.clone(), n, d).unwrap();
                for (i, row) in x.as_mut_slice().chunks_exact_mut(d).enumerate() {
                    row[d / 3] = apart * (i % 4) as f32;
                }
                let found = shortlist(&x, 10).unwrap();
                let rows: Vec<usize> = (0..n).step_by(101).collect();
                let hits = |&i: &usize| {
                    let distance = |j: usize| squared_distance(x.row(i), x.row(j));
                    let mut others: Vec<f64> = (0..n).filter(|&j| j != i).map(distance).collect();
                    let limit = *others.select_nth_unstable_by(9, f64::total_cmp).1;
                    found.neighbors.indices(i).iter().filter(|&&j| distance(j as usize) <= limit).count()
                };
                let recall = rows.iter().map(hits).sum::<usize>() as f64 / (10 * rows.len()) as f64;
                assert!(
                    recall > 0.98 && (recall - found.recall.estimate).abs() < 0.02,
                    "{n} × {d}, {apart} apart: {recall}"
                );
            }
        }
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        for x in [low_rank(700, 12), in_bytes(low_rank(700, 12), 255.0)] {
            let on = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| shortlist(&x, 20).unwrap())
            };
            assert_eq!(on(1), on(3));
        }
    }
}
