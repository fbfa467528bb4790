//! How fine the grid is, and whether near pairs are corrected one by one: decided by the positions alone.

use super::super::bounds::bounds;

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

/// What a node of the grid costs in units of what a pair costs: both transforms of its share of the padded grid, against one
/// lane of a vector. Measured with AVX-512 on one thread, maps of 70,000 digits and a million points spanning 1,000 units: 60, 120
/// and 240 are within 5 % of each other, 25 takes a fifth longer. Without AVX-512 a pair costs more; the optimum is flat.
const PAIRS_PER_NODE: f64 = 100.0;

/// Near pairs of a point beyond which a grid alone has to do, however coarse: bounds time. Only maps of hundreds of thousands of
/// points come here, in more than 32 dense clumps far from each other: fewer are split one from another (see [`super::split`]).
const MOST_PAIRS: f64 = 4_000.0;

/// Nodes beyond which the spacing grows, in a map of `n` points: forty to sixty bytes each, so that the grid takes no more memory than
/// the neighbors of the points.
pub(super) fn most_nodes(n: usize) -> f64 {
    n.max(1 << 22) as f64
}

/// Cells along an axis of the histogram that estimates the density.
const HISTOGRAM: usize = 128;

/// Points of the sample that the histogram counts: 4 for each of its cells if they were even.
const MOST_COUNTED: usize = 4 * HISTOGRAM * HISTOGRAM;

/// What the resolution depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Survey {
    /// Points.
    pub(super) n: usize,
    /// The least coordinates.
    pub(super) low: [f64; 2],
    /// The sides of the bounding box.
    pub(super) spans: [f64; 2],
    /// The side of a cell of the histogram; 0 when the points have no extent.
    side: f64,
    /// The fullest cell of the histogram.
    fullest: usize,
    /// The mean number of other points per unit area around a point; 0 when the points have no extent or none has company.
    density: f64,
}

impl Survey {
    /// O(n).
    pub(super) fn of(positions: &[f32]) -> Self {
        let [low, high] = bounds(positions).map(|corner| corner.map(f64::from));
        let spans = [0, 1].map(|axis| high[axis] - low[axis]);
        let n = positions.len() / 2;
        let mut survey = Self { n, low, spans, side: 0.0, fullest: 0, density: 0.0 };
        let side = spans[0].max(spans[1]) / HISTOGRAM as f64;
        if side > 0.0 && side.is_finite() {
            survey.side = side;
            survey.count(positions.as_chunks::<2>().0);
        }
        survey
    }

    /// The points that are counted: all, or every so manieth of many.
    fn sample(points: &[[f32; 2]]) -> impl Iterator<Item = &[f32; 2]> {
        points.iter().step_by(points.len().div_ceil(MOST_COUNTED).max(1))
    }

    /// The cell of the histogram that a point is in.
    fn cell_of(&self) -> impl Fn(&[f32; 2]) -> usize + use<> {
        let (low, per_side) = (self.low, 1.0 / self.side);
        move |point| {
            let [x, y] = [0, 1]
                .map(|axis| (((f64::from(point[axis]) - low[axis]) * per_side) as usize).min(HISTOGRAM - 1));
            y * HISTOGRAM + x
        }
    }

    fn count(&mut self, points: &[[f32; 2]]) {
        let cell_of = self.cell_of();
        let mut counts = vec![0_u32; HISTOGRAM * HISTOGRAM];
        Self::sample(points).for_each(|point| counts[cell_of(point)] += 1);
        let pairs: f64 = counts.iter().map(|&count| f64::from(count) * (f64::from(count) - 1.0)).sum();
        let (all, counted) = (points.len() as f64, Self::sample(points).count() as f64);
        self.density = pairs / counted * (all / counted) / (self.side * self.side);
        self.fullest = (0..counts.len()).max_by_key(|&cell| counts[cell]).unwrap_or(0);
    }

    /// The middle of the points in the fullest cell of the histogram, where `positions` are those surveyed. O(n).
    pub(super) fn fullest(&self, positions: &[f32]) -> [f64; 2] {
        if self.side <= 0.0 {
            return self.low;
        }
        let cell_of = self.cell_of();
        let (mut sums, mut count) = ([0.0; 2], 0.0_f64);
        for point in Self::sample(positions.as_chunks::<2>().0).filter(|point| cell_of(point) == self.fullest)
        {
            sums = [0, 1].map(|axis| sums[axis] + f64::from(point[axis]));
            count += 1.0;
        }
        sums.map(|sum| sum / count.max(1.0))
    }

    /// Pairs that a point is compared with when the cutoff is [`CUTOFF`] cells of `spacing`.
    fn pairs(&self, spacing: f64) -> f64 {
        9.0 * self.density * (CUTOFF * spacing).powi(2)
    }

    fn nodes(&self, spacing: f64) -> f64 {
        self.spans.map(|span| span / spacing + 8.0).iter().product()
    }
}

impl Resolution {
    /// The cheapest resolution that is accurate enough, and its work for the whole map in units of a pair each. A function of
    /// the positions alone.
    ///
    /// With ρ points per unit area around a point, spacing h costs A / h² nodes and n · 9 ρ (CUTOFF · h)² pairs; the sum is
    /// least at h⁴ = (A / n) · PAIRS_PER_NODE / (9 ρ CUTOFF²).
    pub(super) fn of(survey: &Survey) -> (Self, f64) {
        let n = survey.n as f64;
        let grid_alone = Self { spacing: GRID_SPACING, near_field: false };
        let grid_alone = (grid_alone, PAIRS_PER_NODE * survey.nodes(GRID_SPACING));
        if survey.density <= 0.0 {
            return grid_alone;
        }
        let side = survey.spans[0].max(survey.spans[1]) / HISTOGRAM as f64;
        let [x, y] = survey.spans.map(|span| span.max(side));
        let fourth_power = x * y / n * PAIRS_PER_NODE / (9.0 * survey.density * CUTOFF * CUTOFF);
        // No more nodes than there may be: a coarser grid with more near pairs is as accurate.
        let least = (x * y / most_nodes(survey.n)).sqrt();
        let best = fourth_power.sqrt().sqrt().max(least);
        if best.is_nan() || best < LEAST_NEAR_SPACING || survey.pairs(best) > MOST_PAIRS {
            return grid_alone;
        }
        // In steps of 2^(1/4), so that the kernel seldom has to be made anew.
        let spacing = ((4.0 * best.log2()).round() / 4.0).exp2();
        let work = PAIRS_PER_NODE * survey.nodes(spacing) + n * survey.pairs(spacing);
        (Self { spacing, near_field: true }, work)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::clumps;
    use super::*;

    #[test]
    fn dense_maps_get_a_fine_grid_and_sparse_ones_a_near_field() {
        let dense = Resolution::of(&Survey::of(&clumps(20_000, 10.0))).0;
        assert_eq!(dense, Resolution { spacing: GRID_SPACING, near_field: false });
        let sparse = Resolution::of(&Survey::of(&clumps(3_000, 150.0))).0;
        assert!(sparse.near_field && sparse.spacing >= 1.0, "{sparse:?}");
        let sparser = Resolution::of(&Survey::of(&clumps(300, 1e5))).0;
        assert!(sparser.spacing > sparse.spacing || !sparser.near_field, "{sparser:?}");
    }

    #[test]
    fn without_extent_or_company_there_is_no_near_field() {
        assert!(!Resolution::of(&Survey::of(&[1.0, 2.0, 1.0, 2.0])).0.near_field);
        assert!(!Resolution::of(&Survey::of(&[0.0, 0.0, 50.0, 50.0])).0.near_field);
    }
}
