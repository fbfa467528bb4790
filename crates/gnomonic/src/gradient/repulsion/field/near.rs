//! What the grid leaves out of near pairs.
//!
//! The grid carries w_L, which is w beyond the cutoff r_c and, inside, the polynomial in y = r_c² − r² that meets it there in
//! value, slope and curvature:
//!
//! ```text
//! w_L = t₀ + t₁ y + t₂ y²,   t_k = (1 + r_c²)^−(k+1)
//! ```
//!
//! the beginning of w's own series in y. A pair inside the cutoff adds w − w_L to the potential and
//! (y_i − y_j) (w² − t₁ − 2 t₂ y) to the force.

use super::bins::Bins;
use crate::simd;

/// Pairs handled together.
pub(super) const LANES: usize = 16;

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

    /// Adds the pairs of the sorted points `first..` to their `readings`: potential and force.
    pub(super) fn add(&self, bins: &Bins, first: usize, readings: &mut [[f32; 3]]) {
        simd::vectorized(|| {
            let mut at = 0;
            while at < readings.len() {
                let tile = bins.tile_of(first + at);
                let end = (tile.end - first).min(readings.len());
                for (place, reading) in readings[at..end].iter_mut().enumerate() {
                    let pairs = self.pairs(bins, first + at + place, tile.runs);
                    for (sum, pair) in reading.iter_mut().zip(pairs) {
                        *sum += pair;
                    }
                }
                at = end;
            }
        });
    }

    #[inline(always)]
    fn pairs(&self, bins: &Bins, i: usize, runs: [(usize, usize); 3]) -> [f32; 3] {
        let cutoff = self.squared_cutoff as f32;
        let [t0, t1, t2] = self.series.map(|t| t as f32);
        let (all_x, all_y) = bins.coordinates();
        let (x, y) = (all_x[i], all_y[i]);
        let (mut potential, mut force_x, mut force_y) =
            ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
        for (start, end) in runs {
            let mut place = start;
            while place < end {
                // The coordinates go on for a vector's length beyond the last point; what lies beyond the run is masked.
                let xs: &[f32; LANES] = all_x[place..place + LANES].try_into().unwrap_or(&[0.0; LANES]);
                let ys: &[f32; LANES] = all_y[place..place + LANES].try_into().unwrap_or(&[0.0; LANES]);
                let remaining = (end - place) as i32;
                for lane in 0..LANES {
                    let (dx, dy) = (x - xs[lane], y - ys[lane]);
                    let squared_distance = dx * dx + dy * dy;
                    let inside = squared_distance < cutoff && (lane as i32) < remaining;
                    let weight = 1.0 / (1.0 + squared_distance);
                    let rest = cutoff - squared_distance;
                    let near = weight - (t0 + rest * (t1 + rest * t2));
                    let push = weight * weight - (t1 + 2.0 * t2 * rest);
                    let (near, push) = if inside { (near, push) } else { (0.0, 0.0) };
                    potential[lane] += near;
                    force_x[lane] += push * dx;
                    force_y[lane] += push * dy;
                }
                place += LANES;
            }
        }
        // The point is among its own neighbors; it has no force on itself.
        let own = 1.0 - (t0 + cutoff * (t1 + cutoff * t2));
        [potential.iter().sum::<f32>() - own, force_x.iter().sum(), force_y.iter().sum()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
