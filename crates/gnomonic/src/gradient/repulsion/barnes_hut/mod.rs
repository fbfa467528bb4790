//! Far cells of a quadtree as one point each (Barnes & Hut 1986; van der Maaten 2014).
//!
//! Neighboring points walk the tree together (Barnes 1990) and collect what they meet, cells and single points alike, in
//! one list; the sums over the list run in vectors.

mod morton;
mod quadtree;

use super::Repulsion;
use crate::parallel;
use crate::simd;
use morton::Curve;
use quadtree::{Quadtree, Source};
use rayon::prelude::*;
use std::ops::Range;

/// Sources handled together.
const LANES: usize = 16;

/// Vectors summed in `f32` before the sums are added up in `f64`: 32 additions cost at most 2e-6 of relative precision.
const BLOCK: usize = 32 * LANES;

/// Groups whose forces one task computes.
const GROUPS: usize = 8;

/// The tree and its buffers, kept from one call to the next.
pub(super) struct BarnesHut {
    squared_angle: f32,
    curve: Curve,
    tree: Quadtree,
    /// Forces in the order of the curve.
    forces: Vec<[f32; 2]>,
}

impl BarnesHut {
    /// Takes a cell as one where it is seen under less than `angle`: width / distance.
    pub(super) fn new(angle: f64) -> Self {
        Self {
            squared_angle: (angle * angle) as f32,
            curve: Curve::default(),
            tree: Quadtree::default(),
            forces: Vec::new(),
        }
    }
}

impl Repulsion for BarnesHut {
    fn forces(&mut self, positions: &[f32], forces: &mut [f32]) -> f64 {
        let (points, _) = positions.as_chunks::<2>();
        self.curve.sort(points);
        self.tree.grow(&self.curve);
        self.forces.resize(points.len(), [0.0; 2]);
        let (curve, tree, squared_angle) = (&self.curve, &self.tree, self.squared_angle);
        let partials: Vec<[f64; 1]> = tasks(tree.groups(), &mut self.forces)
            .into_par_iter()
            .map_init(Sources::default, |sources, (groups, mut forces)| {
                let mut normalizer = 0.0;
                for group in groups {
                    sources.collect(curve, tree, group, squared_angle);
                    let (here, rest) = forces.split_at_mut(group.len());
                    normalizer += sources.act_on(&curve.xs[group.clone()], &curve.ys[group.clone()], here);
                    forces = rest;
                }
                [normalizer]
            })
            .collect();
        let (forces, _) = forces.as_chunks_mut::<2>();
        for (&(_, index), force) in self.curve.keys.iter().zip(&self.forces) {
            forces[index as usize] = *force;
        }
        let [normalizer] = parallel::ordered_sum(&partials);
        normalizer
    }
}

/// Groups, and where the forces on their points go.
type Task<'a> = (&'a [Range<usize>], &'a mut [[f32; 2]]);

/// Tasks of [`GROUPS`] groups each.
fn tasks<'a>(groups: &'a [Range<usize>], mut forces: &'a mut [[f32; 2]]) -> Vec<Task<'a>> {
    groups
        .chunks(GROUPS)
        .map(|groups| {
            let n_points = groups.iter().map(Range::len).sum();
            (groups, forces.split_off_mut(..n_points).unwrap_or_default())
        })
        .collect()
}

/// What acts on a group: cells and points, with the number of points that each stands for.
#[derive(Default)]
struct Sources {
    xs: Vec<f32>,
    ys: Vec<f32>,
    masses: Vec<f32>,
}

impl Sources {
    /// Walks the tree for the points of `group`.
    fn collect(&mut self, curve: &Curve, tree: &Quadtree, group: &Range<usize>, squared_angle: f32) {
        let [xs, ys] = [&curve.xs[group.clone()], &curve.ys[group.clone()]].map(extremes);
        self.xs.clear();
        self.ys.clear();
        self.masses.clear();
        tree.walk(group, [[xs[0], ys[0]], [xs[1], ys[1]]], squared_angle, |source| match source {
            Source::Cell(node) => {
                self.xs.push(node.center[0]);
                self.ys.push(node.center[1]);
                self.masses.push(node.mass);
            }
            Source::Points(points) => {
                self.xs.extend_from_slice(&curve.xs[points.clone()]);
                self.ys.extend_from_slice(&curve.ys[points.clone()]);
                self.masses.resize(self.xs.len(), 1.0);
            }
        });
        // Nothing, somewhere, for lanes that are left over.
        let n = self.xs.len().next_multiple_of(LANES);
        for values in [&mut self.xs, &mut self.ys, &mut self.masses] {
            values.resize(n, 0.0);
        }
    }

    /// Writes the forces on the points of a group, and returns their share of Z.
    fn act_on(&self, xs: &[f32], ys: &[f32], forces: &mut [[f32; 2]]) -> f64 {
        simd::vectorize!({
            let mut normalizer = 0.0;
            for ((&x, &y), force) in xs.iter().zip(ys).zip(forces) {
                let [z, fx, fy] = self.sums_of(x, y);
                // The point itself is among the sources, with weight one and no force.
                normalizer += z - 1.0;
                *force = [fx as f32, fy as f32];
            }
            normalizer
        })
    }

    /// Σ m w, Σ m w² (x − x_j) and Σ m w² (y − y_j) over all sources.
    #[inline(always)]
    fn sums_of(&self, x: f32, y: f32) -> [f64; 3] {
        let mut sums = [0.0_f64; 3];
        let blocks = self.xs.chunks(BLOCK).zip(self.ys.chunks(BLOCK)).zip(self.masses.chunks(BLOCK));
        for ((xs, ys), masses) in blocks {
            let (mut z, mut fx, mut fy) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
            let [xs, ys, masses] = [xs, ys, masses].map(|values| values.as_chunks::<LANES>().0);
            for ((xs, ys), masses) in xs.iter().zip(ys).zip(masses) {
                for lane in 0..LANES {
                    let (dx, dy) = (x - xs[lane], y - ys[lane]);
                    let weight = 1.0 / (1.0 + (dx * dx + dy * dy));
                    let share = masses[lane] * weight;
                    z[lane] += share;
                    let push = share * weight;
                    fx[lane] += push * dx;
                    fy[lane] += push * dy;
                }
            }
            for (sum, lanes) in sums.iter_mut().zip([z, fx, fy]) {
                *sum += lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>();
            }
        }
        sums
    }
}

/// The least and the greatest value.
fn extremes(values: &[f32]) -> [f32; 2] {
    values
        .iter()
        .fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], &value| [low.min(value), high.max(value)])
}

#[cfg(test)]
mod tests;
