//! Looking around some cells: which are near, without comparing each with all.
//!
//! Cells stand in an order in which near ones are near, so runs of them are regions with centers of their own, and beyond some
//! thousands of cells only those in the regions nearest to a block are regarded. Comparing all cells with each other is quadratic,
//! and of ten million rows it would take most of the time; comparing blocks with regions is so too, at a hundredth of the cost. A
//! nearest cell in a region that is far away is missed, which the recall shows that is told: on ten million jittered digits it is 0.948,
//! where 0.97 were aimed at.

use super::cells::Cells;
use super::squared_distance;
use crate::gemm::{View, multiply};
use crate::matrix::{Matrix, MatrixRef};
use crate::simd;
use rayon::prelude::*;
use std::ops::Range;

/// Cells of a region. On 200,000 jittered digits with 1,024 of about 2,000 cells to regard, the recall was 0.935 with regions of 64 cells, 0.944
/// with 16 and 0.953 with four, where all cells gave 0.963; comparing blocks with regions takes the longer, the more there are.
const REGION: usize = 16;

/// Cells that are regarded around a block: this many times as many as are asked for, …
const REGARDED: usize = 96;

/// … and at least these, the cells of some 400,000 rows. On a million jittered digits, where rows then choose what to look into among
/// all cells and the rounds of Lloyd's iteration regard half, the recall is what it was (0.9655, and 0.9644 with all).
const LEAST_REGARDED: usize = 4_096;

/// Runs of cells, each with the mean of their centers.
pub(super) struct Regions(Matrix);

impl Regions {
    pub(super) fn of(centers: MatrixRef<'_>) -> Self {
        let (n_cells, d) = (centers.n_samples(), centers.n_features());
        let mut means = Matrix::zeros(n_cells.div_ceil(REGION), d);
        means.as_mut_slice().par_chunks_mut(d).enumerate().for_each(|(region, mean)| {
            let cells = range(region, n_cells);
            set_to_mean(mean, cells.map(|cell| centers.row(cell)));
        });
        Self(means)
    }

    /// Those that are nearest to a `place` and hold about `count` cells, and those of some cells anyway; ascending.
    fn nearest(&self, place: &[f32], count: usize, anyway: Range<usize>) -> Vec<usize> {
        let (wanted, n_regions) = (count.div_ceil(REGION), self.0.n_samples());
        if wanted >= n_regions {
            return (0..n_regions).collect();
        }
        let mut keyed: Vec<(f64, usize)> =
            self.0.view().rows().map(|mean| squared_distance(place, mean)).zip(0..).collect();
        keyed.select_nth_unstable_by(wanted, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut nearest: Vec<usize> = keyed[..wanted].iter().map(|&(_, region)| region).collect();
        nearest.extend(anyway.map(|cell| cell / REGION));
        nearest.sort_unstable();
        nearest.dedup();
        nearest
    }
}

/// The cells of a region.
fn range(region: usize, n_cells: usize) -> Range<usize> {
    region * REGION..((region + 1) * REGION).min(n_cells)
}

fn set_to_mean<'a>(mean: &mut [f32], rows: impl ExactSizeIterator<Item = &'a [f32]>) {
    let count = rows.len() as f64;
    let mut sums = vec![0.0_f64; mean.len()];
    for row in rows {
        sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    mean.iter_mut().zip(sums).for_each(|(mean, sum)| *mean = (sum / count) as f32);
}

/// Buffers for looking around some cells: everything relative to an origin near them, so that `f32` keeps the digits of small
/// distances between cells that are far from all others.
#[derive(Default)]
pub(super) struct Nearby {
    origin: Vec<f32>,
    /// The cells that are regarded, ascending, and the squared norms of their centers less the origin.
    regarded: Vec<u32>,
    norms: Vec<f32>,
    /// The block, and the products of its centers with those that are regarded.
    block: Range<usize>,
    products: Vec<f32>,
    /// Of some cells at a time, and of the block: centers less the origin.
    some: Vec<f32>,
    norms_of_some: Vec<f32>,
    own: Vec<f32>,
    rows: Vec<f32>,
    lines: Vec<f32>,
    /// Centers in a line.
    width: usize,
}

/// Centers that are brought to a block's origin at a time.
const CENTERS: usize = 1_024;

impl Nearby {
    /// Prepares for finding up to `count` cells around each of a `block` of near ones, whose first cell becomes the origin.
    pub(super) fn look(&mut self, cells: &Cells, block: Range<usize>, count: usize) {
        self.regard(cells, block, count.saturating_mul(REGARDED).max(LEAST_REGARDED));
    }

    /// [`look`](Self::look) among `count` cells, rounded up to whole regions.
    fn regard(&mut self, cells: &Cells, block: Range<usize>, count: usize) {
        let centers = cells.centers.view();
        let d = centers.n_features();
        self.origin.clear();
        self.origin.extend_from_slice(centers.row(block.start));
        let mut middle = vec![0.0; d];
        set_to_mean(&mut middle, block.clone().map(|cell| centers.row(cell)));
        let regions = cells.regions.nearest(&middle, count, block.clone());
        self.regarded.clear();
        self.regarded.extend(
            regions.into_iter().flat_map(|region| range(region, cells.len())).map(|cell| cell as u32),
        );
        gather(&mut self.own, &self.origin, block.clone().map(|cell| centers.row(cell)));
        let n_regarded = self.regarded.len();
        self.norms.clear();
        self.products.resize(block.len() * n_regarded, 0.0);
        let own = View::new(&self.own, block.len(), d);
        for (part, regarded) in self.regarded.chunks(CENTERS).enumerate() {
            gather(&mut self.some, &self.origin, regarded.iter().map(|&cell| centers.row(cell as usize)));
            self.norms.extend(self.some.chunks_exact(d).map(squared_norm));
            let some = View::new(&self.some, regarded.len(), d);
            multiply(own, some.transposed(), 0.0, &mut self.products[part * CENTERS..], n_regarded);
        }
        self.block = block;
    }

    /// The `count` cells, of those that are regarded, whose centers are nearest to that of a cell of the block, itself among them, in
    /// no order; all of these when they are no more.
    pub(super) fn nearest(&self, cell: usize, count: usize) -> Vec<u32> {
        let n_regarded = self.regarded.len();
        if count >= n_regarded {
            return self.regarded.clone();
        }
        let line = &self.products[(cell - self.block.start) * n_regarded..][..n_regarded];
        let estimates = self.norms.iter().zip(line).map(|(norm, product)| norm - 2.0 * product);
        let mut keyed: Vec<(f32, u32)> = estimates.zip(self.regarded.iter().copied()).collect();
        keyed.select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        keyed.truncate(count);
        keyed.into_iter().map(|(_, other)| other).collect()
    }

    /// Compares rows with the `centers` of the cells `around`, for [`lines`](Self::lines).
    pub(super) fn squared_distances<'a>(
        &mut self,
        centers: MatrixRef<'_>,
        rows: impl Iterator<Item = &'a [f32]>,
        around: &[u32],
    ) {
        let d = self.origin.len();
        gather(&mut self.rows, &self.origin, rows);
        gather(&mut self.some, &self.origin, around.iter().map(|&cell| centers.row(cell as usize)));
        let n_rows = self.rows.len() / d;
        self.width = around.len();
        self.lines.resize(n_rows * self.width, 0.0);
        let (left, right) = (View::new(&self.rows, n_rows, d), View::new(&self.some, self.width, d));
        multiply(left, right.transposed(), 0.0, &mut self.lines, self.width);
        self.norms_of_some.clear();
        self.norms_of_some.extend(self.some.chunks_exact(d).map(squared_norm));
        for (line, row) in self.lines.chunks_exact_mut(self.width).zip(self.rows.chunks_exact(d)) {
            let norm = squared_norm(row);
            for (value, other) in line.iter_mut().zip(&self.norms_of_some) {
                *value = (norm + other - 2.0 * *value).max(0.0);
            }
        }
    }

    /// What everything is relative to.
    pub(super) fn origin(&self) -> &[f32] {
        &self.origin
    }

    /// For each row, its squared distances from the centers of the cells around.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[f32]> {
        self.lines.chunks_exact(self.width)
    }
}

/// Fills `buffer` with `rows` less `origin`.
fn gather<'a>(buffer: &mut Vec<f32>, origin: &[f32], rows: impl Iterator<Item = &'a [f32]>) {
    buffer.clear();
    for row in rows {
        buffer.extend(row.iter().zip(origin).map(|(&value, &origin)| value - origin));
    }
}

/// |row|² in `f32`, over sixteen lanes.
pub(super) fn squared_norm(row: &[f32]) -> f32 {
    simd::vectorize!({
        let mut lanes = [0.0_f32; 16];
        let (heads, tail) = row.as_chunks::<16>();
        for head in heads {
            for lane in 0..16 {
                lanes[lane] += head[lane] * head[lane];
            }
        }
        for (lane, value) in tail.iter().enumerate() {
            lanes[lane] += value * value;
        }
        lanes.iter().sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Random};

    #[test]
    fn nearly_all_of_the_nearest_are_among_the_cells_that_are_regarded() {
        let mut random = Random::new(61, Purpose::Synthesis);
        let x = Matrix::new((0..40_000 * 3).map(|_| random.normal() as f32).collect(), 40_000, 3).unwrap();
        let cells = Cells::new(x.view(), 10, &mut || Ok(())).unwrap();
        let mut nearby = Nearby::default();
        let (mut hits, mut asked) = (0, 0);
        for block in cells.blocks().into_iter().step_by(11) {
            nearby.regard(&cells, block.clone(), 400);
            let regarded = nearby.regarded.clone();
            assert!((400..800).contains(&regarded.len()) && regarded.is_sorted_by(|a, b| a < b));
            for cell in block {
                let near = nearby.nearest(cell, 20);
                assert!(near.contains(&(cell as u32)));
                let mut all: Vec<(f64, u32)> = (0..cells.len())
                    .map(|other| {
                        (squared_distance(cells.centers.row(cell), cells.centers.row(other)), other as u32)
                    })
                    .collect();
                all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
                hits += all[..20].iter().filter(|(_, other)| near.contains(other)).count();
                asked += 20;
                assert_eq!(nearby.nearest(cell, 10_000), regarded);
            }
        }
        assert!(asked > 1_000 && hits as f64 > 0.95 * asked as f64, "{hits} of {asked}");
        nearby.regard(&cells, 0..2, cells.len());
        assert_eq!(nearby.nearest(1, cells.len()).len(), cells.len());
    }
}
