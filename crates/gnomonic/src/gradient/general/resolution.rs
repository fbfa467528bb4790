//! How a map's repulsion is summed: by all pairs, by a grid alone, or by a coarser grid and its near pairs. Decided by the positions alone.

use crate::gradient::space::Space;

/// The spacing of nodes of a grid alone in one to three dimensions, for kernels at least as wide as Cauchy's; the narrower of fewer degrees
/// of freedom take √ν times as much. What it costs in exactness is tested.
const SPACINGS: [f64; 3] = [0.25, 0.35, 0.55];

/// A map narrower than this many cells gets a finer spacing instead: early maps are tiny.
const LEAST_CELLS: [f64; 3] = [64.0, 40.0, 24.0];

/// Nodes of the largest grid, its padding left out: a wider map gets a coarser one.
const MOST_NODES: [f64; 3] = [1_048_576.0, 4_194_304.0, 2_097_152.0];

/// Up to here all pairs may be summed, where that is cheaper or a grid would have to be coarse.
const ALL_PAIRS_UP_TO: usize = 20_000;

/// The range of the near field in cells.
pub(super) const CUTOFF: f64 = 2.5;

/// Spacings of a grid with a near field, as powers of 2^(1/4): from 0.84 to 8. On a line a grid alone is cheap enough.
const NEAR_STEPS: std::ops::RangeInclusive<i32> = -1..=12;

/// Pairs of a point beyond which there is no near field: bounds time.
const MOST_PAIRS: f64 = 20_000.0;

/// What a node costs in units of what a pair costs with the Cauchy kernel, and what a pair costs with another.
const PAIRS_PER_NODE: f64 = 250.0;
const OTHER_KERNEL: f64 = 3.0;

/// What a point costs beside, in a grid and in its near field.
const PAIRS_PER_POINT: f64 = 400.0;

/// Cells of the histogram that estimates the density, along the longest axis.
const HISTOGRAM: usize = 64;

/// Points that the histogram counts at most.
const MOST_COUNTED: usize = 1 << 18;

/// How the sums are formed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Resolution {
    AllPairs,
    Grid {
        spacing: f64,
        /// Whether pairs nearer than [`CUTOFF`] cells get what the grid leaves out.
        near_field: bool,
    },
}

impl Resolution {
    /// The cheapest way that is accurate; a grid that is too coarse where there is none. `spans` are those of the points, not all zero.
    pub(super) fn of<const D: usize>(
        space: Space,
        points: &[[f32; D]],
        low: [f64; D],
        spans: [f64; D],
    ) -> Self {
        let n = points.len() as f64;
        let pair = if space.dof == 1.0 { 1.0 } else { OTHER_KERNEL };
        let alone = grid_alone(space, spans);
        let (mut best, mut least) = (Self::Grid { spacing: alone, near_field: false }, f64::INFINITY);
        if alone <= 1.5 * wanted::<D>(space) {
            least = PAIRS_PER_NODE * nodes(spans, alone) + PAIRS_PER_POINT * n;
        }
        if points.len() <= ALL_PAIRS_UP_TO && pair * n * n < least {
            (best, least) = (Self::AllPairs, pair * n * n);
        }
        let density = if D == 1 { f64::INFINITY } else { density(points, low, spans) };
        for step in NEAR_STEPS {
            let spacing = (f64::from(step) / 4.0).exp2();
            let pairs = (3.0 * CUTOFF * spacing).powi(D as i32) * density;
            let work = PAIRS_PER_NODE * nodes(spans, spacing) + n * (2.0 * PAIRS_PER_POINT + pair * pairs);
            if pairs <= MOST_PAIRS && nodes(spans, spacing) <= MOST_NODES[D - 1] && work < least {
                (best, least) = (Self::Grid { spacing, near_field: true }, work);
            }
        }
        best
    }
}

/// The spacing that a grid alone should have.
pub(super) fn wanted<const D: usize>(space: Space) -> f64 {
    SPACINGS[D - 1] * space.dof.sqrt().min(1.0)
}

fn nodes<const D: usize>(spans: [f64; D], spacing: f64) -> f64 {
    spans.iter().map(|span| span / spacing + 8.0).product()
}

/// The spacing of a grid alone: that which is wanted, divided or multiplied by powers of 2^(1/4), so that it seldom changes.
pub(super) fn grid_alone<const D: usize>(space: Space, spans: [f64; D]) -> f64 {
    let wanted = wanted::<D>(space);
    let span = spans.iter().copied().fold(0.0, f64::max);
    let least = LEAST_CELLS[D - 1] * wanted;
    if span < least {
        let steps = ((least / span).log2() * 4.0).ceil();
        return wanted / (steps / 4.0).exp2();
    }
    let mut steps = 0;
    loop {
        let spacing = wanted * (f64::from(steps) / 4.0).exp2();
        if nodes(spans, spacing) <= MOST_NODES[D - 1] {
            return spacing;
        }
        steps += 1;
    }
}

/// The mean number of other points per unit volume around a point. O(n).
fn density<const D: usize>(points: &[[f32; D]], low: [f64; D], spans: [f64; D]) -> f64 {
    let side = spans.iter().copied().fold(0.0, f64::max) / HISTOGRAM as f64;
    let sample = || points.iter().step_by(points.len().div_ceil(MOST_COUNTED));
    let mut counts = vec![0_u32; HISTOGRAM.pow(D as u32)];
    for point in sample() {
        let cell = (0..D).fold(0, |cell, axis| {
            let place = ((f64::from(point[axis]) - low[axis]) / side) as usize;
            cell * HISTOGRAM + place.min(HISTOGRAM - 1)
        });
        counts[cell] += 1;
    }
    let pairs: f64 = counts.iter().map(|&count| f64::from(count) * (f64::from(count) - 1.0)).sum();
    let counted = sample().count() as f64;
    pairs / counted * (points.len() as f64 / counted) / side.powi(D as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_points_take_all_pairs_dense_ones_a_grid_and_sparse_ones_a_near_field() {
        let space = Space { n_components: 3, dof: 1.0 };
        let of = |n: usize, width: f64| {
            let place = |i: usize, axis: usize| {
                width * ((i as f64 * [0.754_877, 0.569_840, 0.437_016][axis]).fract())
            };
            let points: Vec<[f32; 3]> = (0..n).map(|i| [0, 1, 2].map(|axis| place(i, axis) as f32)).collect();
            Resolution::of(space, &points, [0.0; 3], [width; 3])
        };
        assert_eq!(of(500, 20.0), Resolution::AllPairs);
        assert!(
            matches!(of(100_000, 1e-3), Resolution::Grid { near_field: false, spacing } if spacing < 1e-3)
        );
        assert!(matches!(of(30_000, 100.0), Resolution::Grid { near_field: true, spacing } if spacing > 1.0));
        // So wide that the points are alone in their cubes, and a grid would have to be immense.
        assert!(matches!(of(30_000, 1e6), Resolution::Grid { near_field: false, .. }));
        assert_eq!(of(3_000, 1e6), Resolution::AllPairs);
    }
}
