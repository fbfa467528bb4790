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
use crate::simd;

/// Pairs handled together.
pub(super) const LANES: usize = 16;

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
        let (line, coordinates) = (self.line(), bins.coordinates());
        #[cfg(target_arch = "x86_64")]
        if let Some(avx512) = Avx512::new() {
            self.add_with(bins, first, readings, |point, runs| avx512.near(point, coordinates, runs, line));
            return;
        }
        self.add_with(bins, first, readings, |point, runs| {
            simd::vectorize!(sums_of(point, coordinates, runs, line))
        });
    }

    fn add_with(
        &self,
        bins: &Bins,
        first: usize,
        readings: &mut [[f32; 3]],
        sums_of: impl Fn([f32; 2], [(usize, usize); 3]) -> [f32; 3],
    ) {
        let [xs, ys] = bins.coordinates();
        // The point is among its own neighbors. It has no force on itself, and its potential can be taken away after, unless the
        // others are so far that theirs would drown in it.
        let own = self.line()[0].powi(3);
        let sparse = self.squared_cutoff > SPARSE;
        let mut at = 0;
        while at < readings.len() {
            let tile = bins.tile_of(first + at);
            let end = (tile.end - first).min(readings.len());
            for (place, reading) in readings[at..end].iter_mut().enumerate() {
                let i = first + at + place;
                let point = [xs[i], ys[i]];
                if sparse {
                    let [above, (start, end), below] = tile.runs;
                    for runs in [[above, (start, i), (i + 1, end)], [below, (0, 0), (0, 0)]] {
                        for (reading, sum) in reading.iter_mut().zip(sums_of(point, runs)) {
                            *reading += sum;
                        }
                    }
                } else {
                    let [potential, force_x, force_y] = sums_of(point, tile.runs);
                    reading[0] += potential - own;
                    reading[1] += force_x;
                    reading[2] += force_y;
                }
            }
            at = end;
        }
    }
}

/// Σ w q³, Σ w q² (w q + 3 b) (x − x_j) and the same for y, over the points of `runs`, where q = a − b r² and pairs with q < 0
/// count nothing.
#[inline(always)]
fn sums_of(
    [x, y]: [f32; 2],
    [all_x, all_y]: [&[f32]; 2],
    runs: [(usize, usize); 3],
    [a, b]: [f32; 2],
) -> [f32; 3] {
    let mut sums = [[0.0_f32; LANES]; 3];
    for (start, end) in runs {
        for place in (start..end).step_by(LANES) {
            // The coordinates go on for a vector's length beyond the last point; what lies beyond the run is masked.
            let xs: &[f32; LANES] = all_x[place..place + LANES].try_into().unwrap_or(&[0.0; LANES]);
            let ys: &[f32; LANES] = all_y[place..place + LANES].try_into().unwrap_or(&[0.0; LANES]);
            let remaining = (end - place) as i32;
            for lane in 0..LANES {
                let (dx, dy) = (x - xs[lane], y - ys[lane]);
                let squared_distance = dx * dx + dy * dy;
                let weight = 1.0 / (1.0 + squared_distance);
                let q = a - b * squared_distance;
                let q = if q > 0.0 && (lane as i32) < remaining { q } else { 0.0 };
                let (weighted, square) = (weight * q, q * q);
                sums[0][lane] += weighted * square;
                let push = weight * square * (weighted + 3.0 * b);
                sums[1][lane] += push * dx;
                sums[2][lane] += push * dy;
            }
        }
    }
    sums.map(|lanes| lanes.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_in_runs_of_every_length_agree_with_a_plain_loop() {
        let near = NearField::new(2.0);
        let coordinates =
            |phase: f32| -> Vec<f32> { (0..80).map(|i| 3.0 * (i as f32 * phase).sin()).collect() };
        let (xs, ys) = (coordinates(1.3), coordinates(2.1));
        for runs in [[(0, 0), (5, 6), (10, 63)], [(0, 16), (16, 16), (40, 64)], [(1, 18), (20, 35), (62, 64)]]
        {
            let mut expected = [0.0_f64; 3];
            for j in runs.into_iter().flat_map(|(start, end)| start..end) {
                let (dx, dy) = (f64::from(xs[7]) - f64::from(xs[j]), f64::from(ys[7]) - f64::from(ys[j]));
                let squared_distance = dx * dx + dy * dy;
                let Some(smooth) = near.smooth(squared_distance) else { continue };
                let w = 1.0 / (1.0 + squared_distance);
                expected[0] += w - smooth;
                let push =
                    w * w - near.series[1] - 2.0 * near.series[2] * (near.squared_cutoff - squared_distance);
                expected[1] += push * dx;
                expected[2] += push * dy;
            }
            let (point, line) = ([xs[7], ys[7]], near.line());
            let mut found = vec![sums_of(point, [&xs, &ys], runs, line)];
            #[cfg(target_arch = "x86_64")]
            found.extend(Avx512::new().map(|avx512| avx512.near(point, [&xs, &ys], runs, line)));
            for sums in found {
                for (sum, expected) in sums.into_iter().zip(expected) {
                    assert!((f64::from(sum) - expected).abs() < 2e-6, "{sums:?} {expected:?} {runs:?}");
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
