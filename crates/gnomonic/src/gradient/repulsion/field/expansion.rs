//! What points in a box and points far outside it do to each other, by a polynomial.
//!
//! Seen from outside, w(|x − s|²) is a smooth function of the place x in the box. When s is λ half widths from its center, the
//! Chebyshev series converges by a factor of λ + √(λ² − 1) for each term along an axis: 2.2 at λ = 4/3, so that twelve terms
//! leave less than 1e-4, and 15.9 at λ = 8, where four terms do. With nodes t_kl of the series and charges
//!
//! ```text
//! q_kl = Σ_ab M_ab v_ak v_bl,   M_ab = Σ_j T_a(x_j) T_b(y_j),   v_ak = (2 − δ_a0) T_a(t_k) / p
//! ```
//!
//! the field of the box at s is Σ_kl q_kl w(|t_kl − s|²), and the field of all s in the box is the polynomial that goes through
//! their potentials ψ_kl at the nodes. Σ w over all pairs is Σ_kl q_kl ψ_kl.

use crate::parallel;
use crate::simd;
use rayon::prelude::*;
use std::f64::consts::PI;

/// Points handled together.
const LANES: usize = 16;

/// Points whose moments are summed in `f32`.
const CHUNK: usize = 8 * parallel::CHUNK;

/// Numbers for pairs of terms, or pairs of nodes.
type Table<const TERMS: usize> = [[f64; TERMS]; TERMS];

/// A square box: coordinates within it run from −1 to 1. The `TERMS` along each axis, squared, must fill whole vectors.
pub(super) struct Expansion<const TERMS: usize> {
    center: [f64; 2],
    half_width: f64,
    /// v_ak.
    values: Table<TERMS>,
    /// The nodes along one axis, from −1 to 1.
    nodes: [f64; TERMS],
}

impl<const TERMS: usize> Expansion<TERMS> {
    pub(super) fn new(center: [f64; 2], half_width: f64) -> Self {
        let angle = |k: usize| PI * (k as f64 + 0.5) / TERMS as f64;
        let mut values = [[0.0; TERMS]; TERMS];
        for (a, row) in values.iter_mut().enumerate() {
            let factor = if a == 0 { 1.0 } else { 2.0 } / TERMS as f64;
            for (k, value) in row.iter_mut().enumerate() {
                *value = factor * (a as f64 * angle(k)).cos();
            }
        }
        Self { center, half_width, values, nodes: std::array::from_fn(|k| angle(k).cos()) }
    }

    /// Adds what the points in the box and those `far` from it do to each other, and returns Σ w over the pairs. O(n).
    pub(super) fn cross(
        &self,
        inside: &[f32],
        forces_inside: &mut [f32],
        far: &[f32],
        forces_far: &mut [f32],
    ) -> f64 {
        if far.is_empty() {
            return 0.0;
        }
        let charges = self.charges(&self.moments(inside));
        let potentials = self.exchange(&charges, far, forces_far);
        self.add_slopes(&self.coefficients(&potentials), inside, forces_inside);
        let pairs = charges.as_flattened().iter().zip(potentials.as_flattened());
        pairs.map(|(charge, potential)| charge * potential).sum()
    }

    /// T_a(x) and T_a(y) for sixteen points in the box.
    #[inline(always)]
    fn polynomials(&self, points: &[[f32; 2]]) -> [[[f32; LANES]; TERMS]; 2] {
        let scale = 1.0 / self.half_width;
        let mut all = [[[1.0; LANES]; TERMS]; 2];
        for axis in 0..2 {
            for (lane, point) in points.iter().enumerate() {
                all[axis][1][lane] = ((f64::from(point[axis]) - self.center[axis]) * scale) as f32;
            }
            for a in 2..TERMS {
                for lane in 0..LANES {
                    all[axis][a][lane] =
                        2.0 * all[axis][1][lane] * all[axis][a - 1][lane] - all[axis][a - 2][lane];
                }
            }
        }
        all
    }

    /// M_ab.
    fn moments(&self, inside: &[f32]) -> Table<TERMS> {
        let partials: Vec<Table<TERMS>> = inside
            .as_chunks::<2>()
            .0
            .par_chunks(CHUNK)
            .map(|points| {
                simd::vectorize!({
                    let mut sums = [[[0.0_f32; LANES]; TERMS]; TERMS];
                    for points in points.chunks(LANES) {
                        let [mut x, y] = self.polynomials(points);
                        // Lanes without a point count nothing.
                        for row in &mut x {
                            row[points.len()..].fill(0.0);
                        }
                        for (sums, x) in sums.iter_mut().zip(&x) {
                            for (sum, y) in sums.iter_mut().zip(&y) {
                                for lane in 0..LANES {
                                    sum[lane] += x[lane] * y[lane];
                                }
                            }
                        }
                    }
                    sums.map(|row| row.map(|lanes| lanes.iter().map(|&lane| f64::from(lane)).sum()))
                })
            })
            .collect();
        total(&partials)
    }

    /// q_kl out of M_ab.
    fn charges(&self, moments: &Table<TERMS>) -> Table<TERMS> {
        product(&transposed(&self.values), &product(moments, &self.values))
    }

    /// The coefficients of T_a T_b out of the values at the nodes.
    fn coefficients(&self, potentials: &Table<TERMS>) -> Table<TERMS> {
        product(&self.values, &product(potentials, &transposed(&self.values)))
    }

    /// Adds the force of the charges on the far points, and returns the potential of these at the nodes.
    fn exchange(&self, charges: &Table<TERMS>, far: &[f32], forces: &mut [f32]) -> Table<TERMS> {
        let charges = charges.map(|row| row.map(|charge| charge as f32));
        let place = |axis: usize, k: usize| (self.center[axis] + self.half_width * self.nodes[k]) as f32;
        let xs: [[f32; TERMS]; TERMS] = std::array::from_fn(|k| [place(0, k); TERMS]);
        let ys: [[f32; TERMS]; TERMS] = [std::array::from_fn(|l| place(1, l)); TERMS];
        let [xs, ys, charges] = [&xs, &ys, &charges].map(|table| table.as_flattened().as_chunks::<LANES>().0);
        let partials: Vec<Table<TERMS>> = far
            .as_chunks::<2>()
            .0
            .par_chunks(parallel::CHUNK)
            .zip(forces.as_chunks_mut::<2>().0.par_chunks_mut(parallel::CHUNK))
            .map(|(points, forces)| {
                let mut potentials = [[0.0_f32; TERMS]; TERMS];
                simd::vectorize!({
                    let potentials = potentials.as_flattened_mut().as_chunks_mut::<LANES>().0;
                    for (&point, force) in points.iter().zip(forces) {
                        let [x, y] = exchange_with(point, [xs, ys, charges], potentials);
                        *force = [force[0] + x, force[1] + y];
                    }
                });
                potentials.map(|row| row.map(f64::from))
            })
            .collect();
        total(&partials)
    }

    /// Adds −½ ∇ of the polynomial to the forces on the points in the box.
    fn add_slopes(&self, coefficients: &Table<TERMS>, inside: &[f32], forces: &mut [f32]) {
        let scale = -0.5 / self.half_width;
        let narrow = |rows: Table<TERMS>| rows.map(|row| row.map(|value| (scale * value) as f32));
        let along_x = narrow(transposed(&transposed(coefficients).map(derivative)));
        let along_y = narrow(coefficients.map(derivative));
        inside
            .as_chunks::<2>()
            .0
            .par_chunks(parallel::CHUNK)
            .zip(forces.as_chunks_mut::<2>().0.par_chunks_mut(parallel::CHUNK))
            .for_each(|(points, forces)| {
                simd::vectorize!({
                    for (points, forces) in points.chunks(LANES).zip(forces.chunks_mut(LANES)) {
                        let [x, y] = self.polynomials(points);
                        let slopes = [&along_x, &along_y].map(|rows| value_of(rows, &x, &y));
                        for (lane, force) in forces.iter_mut().enumerate() {
                            *force = [force[0] + slopes[0][lane], force[1] + slopes[1][lane]];
                        }
                    }
                });
            });
    }
}

/// The force of the charges at the nodes on a point, which adds its own potential there.
#[inline(always)]
fn exchange_with(
    [x, y]: [f32; 2],
    [xs, ys, charges]: [&[[f32; LANES]]; 3],
    potentials: &mut [[f32; LANES]],
) -> [f32; 2] {
    let mut sums = [[0.0_f32; LANES]; 2];
    for (((xs, ys), charges), potentials) in xs.iter().zip(ys).zip(charges).zip(potentials) {
        for lane in 0..LANES {
            let (dx, dy) = (x - xs[lane], y - ys[lane]);
            let weight = 1.0 / (1.0 + (dx * dx + dy * dy));
            potentials[lane] += weight;
            let push = charges[lane] * weight * weight;
            sums[0][lane] += push * dx;
            sums[1][lane] += push * dy;
        }
    }
    sums.map(|lanes| lanes.iter().sum())
}

/// Σ_ab rows_ab T_a(x) T_b(y) at sixteen points.
#[inline(always)]
fn value_of<const TERMS: usize>(
    rows: &[[f32; TERMS]; TERMS],
    x: &[[f32; LANES]; TERMS],
    y: &[[f32; LANES]; TERMS],
) -> [f32; LANES] {
    let mut sum = [0.0; LANES];
    for (row, x) in rows.iter().zip(x) {
        let mut inner = [0.0; LANES];
        for (&value, y) in row.iter().zip(y) {
            for lane in 0..LANES {
                inner[lane] += value * y[lane];
            }
        }
        for lane in 0..LANES {
            sum[lane] += x[lane] * inner[lane];
        }
    }
    sum
}

/// The coefficients of the derivative of a Chebyshev series.
fn derivative<const TERMS: usize>(series: [f64; TERMS]) -> [f64; TERMS] {
    let mut slopes = [0.0; TERMS];
    for a in (1..TERMS).rev() {
        let above = if a + 1 < TERMS { slopes[a + 1] } else { 0.0 };
        slopes[a - 1] = above + 2.0 * a as f64 * series[a];
    }
    slopes[0] *= 0.5;
    slopes
}

fn transposed<const TERMS: usize>(rows: &Table<TERMS>) -> Table<TERMS> {
    std::array::from_fn(|a| std::array::from_fn(|b| rows[b][a]))
}

fn product<const TERMS: usize>(left: &Table<TERMS>, right: &Table<TERMS>) -> Table<TERMS> {
    std::array::from_fn(|a| std::array::from_fn(|b| (0..TERMS).map(|c| left[a][c] * right[c][b]).sum()))
}

/// Adds the partial sums of chunks in index order.
fn total<const TERMS: usize>(partials: &[Table<TERMS>]) -> Table<TERMS> {
    let mut total = [[0.0; TERMS]; TERMS];
    for partial in partials {
        for (sum, value) in total.as_flattened_mut().iter_mut().zip(partial.as_flattened()) {
            *sum += value;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Random};

    #[test]
    fn the_derivative_of_a_series_is_its_slope() {
        let series: [f64; 12] = std::array::from_fn(|a| 1.0 / (1.0 + a as f64));
        let value = |series: &[f64; 12], x: f64| -> f64 {
            series.iter().enumerate().map(|(a, c)| c * (a as f64 * x.acos()).cos()).sum()
        };
        for x in [-0.9, -0.2, 0.3, 0.8] {
            let slope = (value(&series, x + 1e-6) - value(&series, x - 1e-6)) / 2e-6;
            assert!((value(&derivative(series), x) - slope).abs() < 1e-6);
        }
    }

    /// Points all over a box, up to its corner, and others as near to it as they may be.
    fn errors<const TERMS: usize>(center: [f64; 2], half_width: f64, far_from: f64) -> [f64; 3] {
        let mut random = Random::new(3, Purpose::Synthesis);
        let mut place = |reach: f64| {
            [0, 1].map(|axis| center[axis] + half_width * reach * (2.0 * random.uniform() - 1.0))
        };
        let mut inside: Vec<[f64; 2]> = (0..500).map(|_| place(1.0)).collect();
        inside.push([center[0] + half_width, center[1] - half_width]);
        let distance = |p: &[f64; 2]| (p[0] - center[0]).abs().max((p[1] - center[1]).abs()) / half_width;
        let far: Vec<[f64; 2]> =
            (0..2000).map(|_| place(2.0 * far_from)).filter(|p| distance(p) >= far_from).collect();
        let narrow =
            |points: &[[f64; 2]]| -> Vec<f32> { points.as_flattened().iter().map(|&v| v as f32).collect() };
        let (inside, far) = (narrow(&inside), narrow(&far));
        let (mut on_inside, mut on_far) = (vec![0.0; inside.len()], vec![0.0; far.len()]);
        let expansion = Expansion::<TERMS>::new(center, half_width);
        let sum = expansion.cross(&inside, &mut on_inside, &far, &mut on_far);
        let (mut expected_inside, mut expected_far) = (vec![0.0; inside.len()], vec![0.0; far.len()]);
        let mut expected = 0.0;
        for i in 0..inside.len() / 2 {
            for j in 0..far.len() / 2 {
                let d = [0, 1].map(|axis| f64::from(inside[2 * i + axis]) - f64::from(far[2 * j + axis]));
                let w = 1.0 / (1.0 + d[0] * d[0] + d[1] * d[1]);
                expected += w;
                for axis in 0..2 {
                    expected_inside[2 * i + axis] += w * w * d[axis];
                    expected_far[2 * j + axis] -= w * w * d[axis];
                }
            }
        }
        let error = |found: &[f32], expected: &[f64]| {
            let wrong: f64 = found.iter().zip(expected).map(|(&a, b)| (f64::from(a) - b).powi(2)).sum();
            (wrong / expected.iter().map(|b| b * b).sum::<f64>()).sqrt()
        };
        [error(&on_inside, &expected_inside), error(&on_far, &expected_far), (sum / expected - 1.0).abs()]
    }

    #[test]
    fn both_sides_of_a_gap_feel_what_they_should() {
        for (center, half_width) in [([3.0, -7.0], 40.0), ([-1e4, 2e4], 300.0)] {
            let many = errors::<12>(center, half_width, 4.0 / 3.0);
            let few = errors::<4>(center, half_width, 8.0);
            for [inside, far, normalizer] in [many, few] {
                assert!(inside < 8e-3 && far < 8e-3 && normalizer < 1e-4, "{many:?} {few:?}");
            }
        }
    }
}
