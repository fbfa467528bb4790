//! How fine the grid is, and whether near pairs are corrected one by one: decided by the positions alone.

use super::super::bounds::bounds;
use super::grid::MOST_NODES;

/// The grid spacing, and the distance below which pairs are corrected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Resolution {
    /// Spacing of the nodes, in map units.
    pub(super) spacing: f64,
    /// Pairs nearer than [`CUTOFF`] cells get what the grid leaves out; without, the grid has to show the whole kernel.
    pub(super) near_field: bool,
}

/// The range of the near field in cells. The grid then carries a kernel that is smooth over 2.5 cells, and forces are within
/// 1.3 % at a spacing of 1 and 0.2 % at a spacing of 2.
pub(super) const CUTOFF: f64 = 2.5;

/// Spacing of a grid alone. Forces are then within 1 % of the exact sum on maps of real data.
pub(super) const GRID_SPACING: f64 = 0.35;

/// The near field pays from this spacing on; denser maps have so many near pairs that a fine grid is cheaper.
const LEAST_NEAR_SPACING: f64 = 0.5;

/// Beyond this spacing cells are empty for the most part, and the grid costs next to nothing.
const MOST_NEAR_SPACING: f64 = 4.0;

/// What a node of the grid costs in units of what a pair costs: both transforms of its share of the padded grid, against one
/// lane of a vector. An estimate: the optimum is flat, since h depends on its fourth root.
const PAIRS_PER_NODE: f64 = 25.0;

/// Near pairs of a point beyond which a coarse grid alone has to do: bounds time on maps that are stretched without limit.
const MOST_PAIRS: f64 = 4_000.0;

/// Cells along an axis of the histogram that estimates the density.
const HISTOGRAM: usize = 128;

impl Resolution {
    /// The cheapest resolution that is accurate enough for `positions`: O(n), and a function of the positions alone.
    ///
    /// With ρ points per unit area around a point, spacing h costs A / h² nodes and n · 9 ρ (CUTOFF · h)² pairs; the sum is
    /// least at h⁴ = (A / n) · PAIRS_PER_NODE / (9 ρ CUTOFF²).
    pub(super) fn of(positions: &[f32]) -> Self {
        let grid_alone = Self { spacing: GRID_SPACING, near_field: false };
        let Some((spans, density)) = spans_and_density(positions) else { return grid_alone };
        let n = (positions.len() / 2) as f64;
        let fourth_power = spans[0] * spans[1] / n * PAIRS_PER_NODE / (9.0 * density * CUTOFF * CUTOFF);
        let best = fourth_power.sqrt().sqrt();
        if best.is_nan() || best < LEAST_NEAR_SPACING {
            return grid_alone;
        }
        // A few points far out make the grid coarser than it should be, and the near field with it, up to comparing all pairs.
        let used = best.max(spans[0].max(spans[1]) / MOST_NODES as f64);
        if 9.0 * density * (CUTOFF * used).powi(2) > MOST_PAIRS {
            return grid_alone;
        }
        // In steps of 2^(1/4), so that the kernel seldom has to be made anew.
        let steps = (4.0 * best.min(MOST_NEAR_SPACING).log2()).round();
        Self { spacing: (steps / 4.0).exp2(), near_field: true }
    }
}

/// The sides of the bounding box, and the mean number of other points per unit area around a point. None when the points have
/// no extent or none has company.
fn spans_and_density(positions: &[f32]) -> Option<([f64; 2], f64)> {
    let [low, high] = bounds(positions);
    let spans = [0, 1].map(|axis| f64::from(high[axis]) - f64::from(low[axis]));
    let side = spans[0].max(spans[1]) / HISTOGRAM as f64;
    if !(side > 0.0 && side.is_finite()) {
        return None;
    }
    let (points, _) = positions.as_chunks::<2>();
    let mut counts = vec![0_u32; HISTOGRAM * HISTOGRAM];
    for point in points {
        let [x, y] = [0, 1].map(|axis| {
            (((f64::from(point[axis]) - f64::from(low[axis])) / side) as usize).min(HISTOGRAM - 1)
        });
        counts[y * HISTOGRAM + x] += 1;
    }
    let pairs: f64 = counts.iter().map(|&count| f64::from(count) * (f64::from(count) - 1.0)).sum();
    let density = pairs / points.len() as f64 / (side * side);
    (density > 0.0).then_some((spans.map(|span| span.max(side)), density))
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::clumps;
    use super::*;

    #[test]
    fn dense_maps_get_a_fine_grid_and_sparse_ones_a_near_field() {
        let dense = Resolution::of(&clumps(20_000, 10.0));
        assert_eq!(dense, Resolution { spacing: GRID_SPACING, near_field: false });
        let sparse = Resolution::of(&clumps(3_000, 150.0));
        assert!(sparse.near_field && sparse.spacing >= 1.0, "{sparse:?}");
        let sparser = Resolution::of(&clumps(300, 1e5));
        assert!(sparser.spacing > sparse.spacing || !sparser.near_field, "{sparser:?}");
    }

    #[test]
    fn a_stray_point_does_not_make_all_pairs_near() {
        let mut positions = clumps(20_000, 150.0);
        positions.extend([1e6, 1e6]);
        assert!(!Resolution::of(&positions).near_field);
    }

    #[test]
    fn without_extent_or_company_there_is_no_near_field() {
        assert!(!Resolution::of(&[1.0, 2.0, 1.0, 2.0]).near_field);
        assert!(!Resolution::of(&[0.0, 0.0, 50.0, 50.0]).near_field);
    }
}
