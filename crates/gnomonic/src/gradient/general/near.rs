//! What a coarse grid leaves out of near pairs, in one to three dimensions.
//!
//! The grid carries w_L, which is w beyond the cutoff r_c and, inside, the beginning of w's own series in q = (r_c² − r²) / (ν + r_c²), so that
//! the two meet there in value, slope and curvature. With p = (ν + 1)/2 and w_c = w(r_c²):
//!
//! ```text
//! w       = w_c (1 − q)^−p
//! w_L     = w_c (1 + p q + p (p + 1)/2 q²)
//! (w v)_L = w_c / (1 + r_c²/ν) (1 + (p + 1) q)
//! ```
//!
//! A pair inside the cutoff adds w − w_L to the potential and (y_i − y_j) (w v − (w v)_L) to the force.

use super::student::{LANES, Student};
use crate::gradient::repulsion::FAR;
use crate::gradient::space::Space;
use crate::parallel;
use crate::simd;
use rayon::prelude::*;

/// The kernel inside the cutoff.
#[derive(Clone, Copy, Debug)]
pub(super) struct NearField {
    space: Space,
    squared_cutoff: f64,
}

impl NearField {
    /// For pairs nearer than `cutoff`, in map units.
    pub(super) fn new(space: Space, cutoff: f64) -> Self {
        Self { space, squared_cutoff: cutoff * cutoff }
    }

    fn q(&self, squared_distance: f64) -> f64 {
        (self.squared_cutoff - squared_distance) / (self.space.dof + self.squared_cutoff)
    }

    /// w_L where it differs from w.
    pub(super) fn smooth(&self, squared_distance: f64) -> Option<f64> {
        let (q, p) = (self.q(squared_distance), self.space.power());
        let series = 1.0 + p * q * (1.0 + (p + 1.0) / 2.0 * q);
        (q > 0.0).then(|| self.space.weight(self.squared_cutoff) * series)
    }

    fn lanes(&self) -> Lanes {
        let (p, weight) = (self.space.power(), self.space.weight(self.squared_cutoff));
        let push = weight * self.space.pull(self.squared_cutoff);
        let per_unit = 1.0 / (self.space.dof + self.squared_cutoff);
        Lanes {
            student: Student::new(self.space),
            line: [self.squared_cutoff * per_unit, per_unit].map(|x| x as f32),
            value: [weight, weight * p, weight * p * (p + 1.0) / 2.0].map(|x| x as f32),
            push: [push, push * (p + 1.0)].map(|x| x as f32),
        }
    }
}

/// The numbers of a loop.
#[derive(Clone, Copy, Debug)]
struct Lanes {
    student: Student,
    /// a and b of q = a − b r².
    line: [f32; 2],
    /// w_L and (w v)_L by the powers of q.
    value: [f32; 3],
    push: [f32; 2],
}

impl Lanes {
    /// w − w_L and w v − (w v)_L, zero beyond the cutoff.
    #[inline(always)]
    fn left_out<const CAUCHY: bool>(self, squared: f32) -> [f32; 2] {
        let [weight, push] = self.student.weight::<CAUCHY>(squared);
        let q = self.line[0] - self.line[1] * squared;
        let smooth = self.value[0] + q * (self.value[1] + q * self.value[2]);
        let smooth_push = self.push[0] + q * self.push[1];
        if q > 0.0 { [weight - smooth, push - smooth_push] } else { [0.0, 0.0] }
    }
}

/// The points by cubes as wide as the cutoff, in the order of these.
pub(super) struct Cubes<const D: usize> {
    counts: [usize; D],
    /// Where the points of each cube begin, and the end of the last.
    starts: Vec<usize>,
    /// The cube of each point, and its coordinates along each axis, in the order of the cubes.
    cubes: Vec<u32>,
    columns: [Vec<f32>; D],
    /// The place of each point in this order.
    places: Vec<u32>,
    /// What the near pairs of each point add: φ and the force.
    sums: Vec<[f32; 4]>,
}

impl<const D: usize> Default for Cubes<D> {
    fn default() -> Self {
        Self {
            counts: [0; D],
            starts: Vec::new(),
            cubes: Vec::new(),
            columns: std::array::from_fn(|_| Vec::new()),
            places: Vec::new(),
            sums: Vec::new(),
        }
    }
}

impl<const D: usize> Cubes<D> {
    fn sort(&mut self, points: &[[f32; D]], low: [f64; D], spans: [f64; D], side: f64) {
        self.counts = spans.map(|span| (span / side) as usize + 1);
        let counts = self.counts;
        let cube = |point: &[f32; D]| {
            (0..D).rev().fold(0, |cube, axis| {
                let place = ((f64::from(point[axis]) - low[axis]) / side) as usize;
                cube * counts[axis] + place.min(counts[axis] - 1)
            })
        };
        self.starts.clear();
        self.starts.resize(counts.iter().product::<usize>() + 1, 0);
        self.cubes.resize(points.len(), 0);
        self.places.resize(points.len(), 0);
        for column in &mut self.columns {
            column.resize(points.len(), 0.0);
        }
        for point in points {
            self.starts[cube(point) + 1] += 1;
        }
        for at in 1..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
        let mut next = self.starts.clone();
        for (point, place) in points.iter().zip(&mut self.places) {
            let cube = cube(point);
            let at = next[cube];
            next[cube] += 1;
            (self.cubes[at], *place) = (cube as u32, at as u32);
            for axis in 0..D {
                self.columns[axis][at] = point[axis];
            }
        }
    }

    /// Adds what the grid leaves out of pairs nearer than the cutoff to the `forces`, and returns the sum of it over the potentials.
    pub(super) fn add(
        &mut self,
        near: NearField,
        points: &[[f32; D]],
        (low, spans): ([f64; D], [f64; D]),
        forces: &mut [[f32; D]],
    ) -> f64 {
        self.sort(points, low, spans, near.squared_cutoff.sqrt());
        let mut sums = std::mem::take(&mut self.sums);
        sums.resize(points.len(), [0.0; 4]);
        let partials: Vec<[f64; 1]> = sums
            .par_chunks_mut(parallel::CHUNK)
            .enumerate()
            .map_init(
                || std::array::from_fn(|_| Vec::new()),
                |neighbors, (chunk, sums)| [self.sum(near, chunk * parallel::CHUNK, neighbors, sums)],
            )
            .collect();
        self.sums = sums;
        forces.par_iter_mut().with_min_len(parallel::CHUNK).zip(&self.places).for_each(|(force, &place)| {
            let sums = self.sums[place as usize];
            (0..D).for_each(|axis| force[axis] += sums[axis + 1]);
        });
        let [sum] = parallel::ordered_sum(&partials);
        sum
    }

    /// The sums of the points from `first` on, cube after cube.
    fn sum(
        &self,
        near: NearField,
        first: usize,
        neighbors: &mut [Vec<f32>; D],
        sums: &mut [[f32; 4]],
    ) -> f64 {
        let lanes = near.lanes();
        // A point is among its own neighbors, where it has no force on itself.
        let is_cauchy = lanes.student.is_cauchy;
        let own = if is_cauchy { lanes.left_out::<true>(0.0)[0] } else { lanes.left_out::<false>(0.0)[0] };
        let (mut total, mut at) = (0.0, 0);
        while at < sums.len() {
            let cube = self.cubes[first + at] as usize;
            let end = (self.starts[cube + 1] - first).min(sums.len());
            self.gather(near, cube, first + at..first + end, neighbors);
            let columns: [&[[f32; LANES]]; D] = std::array::from_fn(|axis| neighbors[axis].as_chunks().0);
            for (i, sums) in sums.iter_mut().enumerate().take(end).skip(at) {
                let point = std::array::from_fn(|axis| self.columns[axis][first + i]);
                *sums = if is_cauchy {
                    simd::vectorize!(sums_of::<D, true>(point, columns, lanes))
                } else {
                    simd::vectorize!(sums_of::<D, false>(point, columns, lanes))
                };
                sums[0] -= own;
                total += f64::from(sums[0]);
            }
            at = end;
        }
        total
    }

    /// Collects the points that may be nearer than the cutoff to some of a cube's, filled up with points that are too far.
    fn gather(
        &self,
        near: NearField,
        cube: usize,
        own: std::ops::Range<usize>,
        neighbors: &mut [Vec<f32>; D],
    ) {
        neighbors.iter_mut().for_each(Vec::clear);
        let ends: [[f32; 2]; D] = std::array::from_fn(|axis| {
            let ends = [f32::INFINITY, f32::NEG_INFINITY];
            self.columns[axis][own.clone()].iter().fold(ends, |[low, high], &x| [low.min(x), high.max(x)])
        });
        // Rounding must leave no pair out.
        let squared_reach = (near.squared_cutoff * (1.0 + 1e-5)) as f32;
        let mut rest = cube;
        let place: [usize; D] = std::array::from_fn(|axis| {
            let place = rest % self.counts[axis];
            rest /= self.counts[axis];
            place
        });
        let around = |axis: usize| {
            if axis < D {
                place[axis].saturating_sub(1)..(place[axis] + 2).min(self.counts[axis])
            } else {
                0..1
            }
        };
        let count = |axis: usize| if axis < D { self.counts[axis] } else { 1 };
        for z in around(2) {
            for y in around(1) {
                let row = (z * count(1) + y) * count(0);
                let run = around(0);
                for at in self.starts[row + run.start]..self.starts[row + run.end] {
                    let mut squared = 0.0;
                    for axis in 0..D {
                        let x = self.columns[axis][at];
                        let beside = (ends[axis][0] - x).max(x - ends[axis][1]).max(0.0);
                        squared += beside * beside;
                    }
                    if squared <= squared_reach {
                        (0..D).for_each(|axis| neighbors[axis].push(self.columns[axis][at]));
                    }
                }
            }
        }
        for column in neighbors {
            column.resize(column.len().next_multiple_of(LANES), FAR);
        }
    }
}

/// What the grid leaves out of the pairs of a point with all of the columns: of φ, and of the force along each axis.
#[inline(always)]
fn sums_of<const D: usize, const CAUCHY: bool>(
    point: [f32; D],
    columns: [&[[f32; LANES]]; D],
    lanes: Lanes,
) -> [f32; 4] {
    let mut sums = [[0.0_f32; LANES]; 4];
    let blocks = columns[0].len();
    let columns: [&[[f32; LANES]]; D] = std::array::from_fn(|axis| &columns[axis][..blocks]);
    for at in 0..blocks {
        for lane in 0..LANES {
            let mut differences = [0.0_f32; D];
            let mut squared = 0.0;
            for axis in 0..D {
                differences[axis] = point[axis] - columns[axis][at][lane];
                squared += differences[axis] * differences[axis];
            }
            let [value, push] = lanes.left_out::<CAUCHY>(squared);
            sums[0][lane] += value;
            for axis in 0..D {
                // A point that fills up has a difference of 1e18 and no push.
                sums[axis + 1][lane] += push * differences[axis];
            }
        }
    }
    sums.map(|lanes| lanes.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Random};

    #[test]
    fn no_near_pair_is_left_out() {
        for dof in [0.5, 1.0, 3.0] {
            let space = Space { n_components: 3, dof };
            let near = NearField::new(space, 2.0);
            let mut random = Random::new(3, Purpose::Synthesis);
            let points: Vec<[f32; 3]> =
                (0..1_300).map(|_| [0; 3].map(|_| 3.0 * random.normal() as f32)).collect();
            let low: [f64; 3] = std::array::from_fn(|axis| {
                points.iter().map(|p| f64::from(p[axis])).fold(f64::INFINITY, f64::min)
            });
            let spans: [f64; 3] = std::array::from_fn(|axis| {
                points.iter().map(|p| f64::from(p[axis]) - low[axis]).fold(0.0, f64::max)
            });
            let mut forces = vec![[0.0; 3]; points.len()];
            let sum = Cubes::default().add(near, &points, (low, spans), &mut forces);
            let (mut expected_sum, mut wrong, mut right) = (0.0, 0.0, 0.0);
            for (i, (point, force)) in points.iter().zip(&forces).enumerate() {
                let mut expected = [0.0; 3];
                for other in points.iter().enumerate().filter(|&(j, _)| j != i).map(|(_, other)| other) {
                    let differences: [f64; 3] =
                        std::array::from_fn(|axis| f64::from(point[axis]) - f64::from(other[axis]));
                    let squared: f64 = differences.iter().map(|x| x * x).sum();
                    let Some(smooth) = near.smooth(squared) else { continue };
                    expected_sum += space.weight(squared) - smooth;
                    // The slope of w − w_L, by its definition.
                    let slope = |f: &dyn Fn(f64) -> f64| (f(squared + 1e-5) - f(squared - 1e-5)) / 2e-5;
                    let smooth_slope = slope(&|s| near.smooth(s).unwrap_or_else(|| space.weight(s)));
                    let push = -dof / space.power() * (slope(&|s| space.weight(s)) - smooth_slope);
                    (0..3).for_each(|axis| expected[axis] += push * differences[axis]);
                }
                for axis in 0..3 {
                    wrong += (f64::from(force[axis]) - expected[axis]).powi(2);
                    right += expected[axis] * expected[axis];
                }
            }
            let (force, sum): (f64, f64) = ((wrong / right).sqrt(), sum / expected_sum - 1.0);
            assert!(right > 0.0 && force < 2e-4 && sum.abs() < 2e-4, "{dof}: {force:e}, {sum:e}");
        }
    }
}
