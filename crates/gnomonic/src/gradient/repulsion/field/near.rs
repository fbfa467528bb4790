//! What the grid leaves out of near pairs.
//!
//! The grid carries w_L, which is w beyond the cutoff r_c and, inside, the polynomial in y = r_c² − r² that meets it there in
//! value, slope and curvature:
//!
//! ```text
//! w_L = t₀ + t₁ y + t₂ y²,   t_k = (1 + r_c²)^−(k+1)
//! ```
//!
//! the beginning of w's own series in y, a geometric one, so that what it leaves out is w q³ with q = y / (1 + r_c²): no
//! difference of like numbers. A pair inside the cutoff adds w q³ to the potential and (y_i − y_j) w q² (w q + 3 / (1 + r_c²)) to
//! the force; beyond, q would be negative and counts as zero.

#[cfg(target_arch = "x86_64")]
use super::super::avx512::Avx512;
use super::bins::Bins;
use super::neighborhood::{LANES, Neighborhood};
use crate::simd;
use std::ops::Range;
use std::slice;

/// Squared cutoff from which a point's own potential is left out rather than taken away.
const SPARSE: f64 = 1e4;

/// The kernel inside the cutoff.
#[derive(Clone, Copy, Debug)]
pub(super) struct NearField {
    squared_cutoff: f64,
    /// t₀, t₁, t₂.
    series: [f64; 3],
}

impl NearField {
    /// For pairs nearer than `cutoff`, in map units.
    pub(super) fn new(cutoff: f64) -> Self {
        let squared_cutoff = cutoff * cutoff;
        let value = 1.0 / (1.0 + squared_cutoff);
        Self { squared_cutoff, series: [value, value.powi(2), value.powi(3)] }
    }

    /// w_L where it differs from w.
    pub(super) fn smooth(&self, squared_distance: f64) -> Option<f64> {
        let y = self.squared_cutoff - squared_distance;
        (y > 0.0).then(|| self.series[0] + y * (self.series[1] + y * self.series[2]))
    }

    /// a and b of q = a − b r².
    fn line(&self) -> [f32; 2] {
        [(self.squared_cutoff * self.series[0]) as f32, self.series[0] as f32]
    }

    /// Adds the pairs of the sorted points `first..` to their `readings`: potential and force.
    pub(super) fn add(&self, bins: &Bins, first: usize, readings: &mut [[f32; 3]]) {
        let [xs, ys] = bins.coordinates();
        // A point is among its own neighbors. It has no force on itself, and its potential can be taken away after, unless the
        // others are so far that theirs would drown in it.
        let own = self.line()[0].powi(3);
        let sparse = self.squared_cutoff > SPARSE;
        let mut neighbors = Neighborhood::default();
        let mut at = 0;
        while at < readings.len() {
            let tile = bins.tile_of(first + at);
            let end = (tile.end - first).min(readings.len());
            let points = first + at..first + end;
            let readings = &mut readings[at..end];
            let mut add = |points: Range<usize>, runs: &[(usize, usize)], own, readings: &mut [[f32; 3]]| {
                neighbors.gather([xs, ys], points.clone(), runs, self.squared_cutoff as f32);
                self.add_sums([&xs[points.clone()], &ys[points]], &neighbors, own, readings);
            };
            if sparse {
                let [above, (start, end), below] = tile.runs;
                for (i, reading) in points.zip(readings) {
                    add(i..i + 1, &[above, (start, i), (i + 1, end), below], 0.0, slice::from_mut(reading));
                }
            } else {
                add(points, &tile.runs, own, readings);
            }
            at = end;
        }
    }

    /// Adds the sums over `neighbors` to the `readings` of the points at (`xs`, `ys`), and takes `own` from each potential.
    fn add_sums(&self, [xs, ys]: [&[f32]; 2], neighbors: &Neighborhood, own: f32, readings: &mut [[f32; 3]]) {
        let (line, columns) = (self.line(), neighbors.columns());
        let add = |reading: &mut [f32; 3], [potential, x, y]: [f32; 3]| {
            *reading = [reading[0] + (potential - own), reading[1] + x, reading[2] + y];
        };
        #[cfg(target_arch = "x86_64")]
        if let Some(avx512) = Avx512::new() {
            avx512.near([xs, ys], columns, line, |i, sums| add(&mut readings[i], sums));
            return;
        }
        for (i, reading) in readings.iter_mut().enumerate() {
            add(reading, simd::vectorize!(sums_of([xs[i], ys[i]], columns, line)));
        }
    }
}

/// Σ w q³, Σ w q² (w q + 3 b) (x − x_j) and the same for y, over all points of the columns, where q = a − b r² and pairs with
/// q < 0 count nothing.
#[inline(always)]
fn sums_of([x, y]: [f32; 2], [xs, ys]: [&[f32]; 2], [a, b]: [f32; 2]) -> [f32; 3] {
    let mut sums = [[0.0_f32; LANES]; 3];
    for (xs, ys) in xs.as_chunks::<LANES>().0.iter().zip(ys.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            let (dx, dy) = (x - xs[lane], y - ys[lane]);
            let squared_distance = dx * dx + dy * dy;
            let weight = 1.0 / (1.0 + squared_distance);
            let q = a - b * squared_distance;
            let q = if q > 0.0 { q } else { 0.0 };
            let (weighted, square) = (weight * q, q * q);
            sums[0][lane] += weighted * square;
            let push = weight * square * (weighted + 3.0 * b);
            sums[1][lane] += push * dx;
            sums[2][lane] += push * dy;
        }
    }
    sums.map(|lanes| lanes.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::clumps;
    use super::super::grid::Grid;
    use super::super::resolution::{CUTOFF, Resolution, Survey};
    use super::*;

    /// What pairs nearer than the cutoff add to the potential and the force of the point at `i`, one by one.
    fn plain_sums(near: &NearField, i: usize, [xs, ys]: [&[f32]; 2]) -> [f64; 3] {
        let mut sums = [0.0_f64; 3];
        for j in (0..xs.len()).filter(|&j| j != i) {
            let (dx, dy) = (f64::from(xs[i]) - f64::from(xs[j]), f64::from(ys[i]) - f64::from(ys[j]));
            let squared_distance = dx * dx + dy * dy;
            let Some(smooth) = near.smooth(squared_distance) else { continue };
            let w = 1.0 / (1.0 + squared_distance);
            sums[0] += w - smooth;
            let push =
                w * w - near.series[1] - 2.0 * near.series[2] * (near.squared_cutoff - squared_distance);
            sums[1] += push * dx;
            sums[2] += push * dy;
        }
        sums
    }

    #[test]
    fn every_loop_over_pairs_agrees_with_a_plain_one() {
        let near = NearField::new(2.0);
        let coordinates =
            |phase: f32| -> Vec<f32> { (0..64).map(|i| 3.0 * (i as f32 * phase).sin()).collect() };
        let (xs, ys) = (coordinates(1.3), coordinates(2.1));
        let (columns, line) = ([&xs[..], &ys[..]], near.line());
        // Both with and without a point that is left over when they are taken together.
        for count in [1, 2, 4, 7] {
            let portable: Vec<_> = (0..count).map(|i| sums_of([xs[i], ys[i]], columns, line)).collect();
            let mut found = vec![portable];
            #[cfg(target_arch = "x86_64")]
            if let Some(avx512) = Avx512::new() {
                let mut all = vec![[f32::NAN; 3]; count];
                avx512.near([&xs[..count], &ys[..count]], columns, line, |i, sums| all[i] = sums);
                found.push(all);
            }
            for (i, sums) in found.iter().flat_map(|all| all.iter().enumerate()) {
                let mut expected = plain_sums(&near, i, columns);
                // The point itself is among the others.
                expected[0] += f64::from(line[0]).powi(3);
                for (&sum, expected) in sums.iter().zip(expected) {
                    assert!((f64::from(sum) - expected).abs() < 4e-6, "{i}: {sums:?} {expected:?}");
                }
            }
        }
    }

    #[test]
    fn tiles_leave_no_pair_out() {
        // From a hundred points in a tile to one, beyond the cutoff from which a point's own potential is left out.
        for spacing in [0.5, 2.0, 8.0, 60.0] {
            let positions = clumps(900, 10.0 * spacing);
            let survey = Survey::of(&positions);
            let resolution = Resolution { spacing, near_field: true };
            let (grid, near) = (Grid::around(&survey, resolution).unwrap(), NearField::new(CUTOFF * spacing));
            let mut bins = Bins::default();
            bins.sort(&positions, &grid, (2.0 * CUTOFF) as usize, true);
            let columns = bins.coordinates();
            let mut readings = vec![[0.0; 3]; columns[0].len()];
            // Cut as a chunk cuts, within a tile.
            let (front, back) = readings.split_at_mut(401);
            near.add(&bins, 0, front);
            near.add(&bins, 401, back);
            for (i, reading) in readings.iter().enumerate() {
                let expected = plain_sums(&near, i, columns);
                let scale = expected.iter().fold(1e-3_f64, |most, sum| most.max(sum.abs()));
                for (&sum, expected) in reading.iter().zip(expected) {
                    let error = (f64::from(sum) - expected).abs();
                    assert!(error < 1e-4 * scale, "{spacing} {i}: {reading:?} {expected:?}");
                }
            }
        }
    }

    #[test]
    fn the_smooth_kernel_meets_the_true_one_with_two_derivatives() {
        let near = NearField::new(2.0);
        let kernel = |s: f64| 1.0 / (1.0 + s);
        let smooth = |s: f64| near.smooth(s).unwrap_or(kernel(s));
        let (edge, step) = (4.0, 1e-4);
        assert!((smooth(edge - 1e-12) - kernel(edge)).abs() < 1e-11);
        let slope = |f: &dyn Fn(f64) -> f64| (f(edge) - f(edge - step)) / step;
        assert!((slope(&smooth) - slope(&kernel)).abs() < 1e-8);
        let bend =
            |f: &dyn Fn(f64) -> f64| (f(edge) - 2.0 * f(edge - step) + f(edge - 2.0 * step)) / (step * step);
        assert!((bend(&smooth) - bend(&kernel)).abs() < 1e-4);
        assert_eq!(near.smooth(4.5), None);
    }
}
