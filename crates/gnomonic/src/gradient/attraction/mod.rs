//! Attraction: each point is pulled towards those that it shares probability with.
//!
//! This is where most of a run's time goes: one visit to a neighbor's position for each entry of P, whose cost is that of
//! bringing entry and position to the processor. So P is [packed](edges) into half its size, and the points are put into an
//! [order](hilbert) in which near points of the map are near in memory: what stands at a *place* is the position of another
//! point after each [`Attraction::arrange`]. Neither the order nor the number of threads changes a bit of the pull on a point:
//! each row is summed by itself, in the order of P's columns.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod cross_entropy;
mod edges;
mod hilbert;

use cross_entropy::cross_entropy_in_the_plane;
pub(super) use cross_entropy::quick_ln_of_one_plus;

use super::general;
use crate::affinities::Affinities;
use crate::gradient::space::Space;
use crate::parallel;
use crate::simd;
use edges::{Edges, Packing};
use rayon::prelude::*;

/// Independent sums per row, so that additions need not wait for each other.
const LANES: usize = 8;

/// P, ready to pull.
pub(crate) struct Attraction<'a> {
    affinities: &'a Affinities,
    space: Space,
    /// None when there are more points than an edge has room for, and for maps that take general loops: P is then read as it is.
    edges: Option<Edges>,
}

impl<'a> Attraction<'a> {
    /// O(entries of P) work, and 4 bytes of memory for each beside P.
    pub(crate) fn new(affinities: &'a Affinities, space: Space) -> Self {
        let packing = space.is_usual().then(|| Packing::new(affinities)).flatten();
        Self { affinities, space, edges: packing.map(|packing| Edges::new(affinities, packing)) }
    }

    /// Brings points that are near each other in the map near each other in memory, for speed alone, and returns the old place of
    /// what is to stand at each new one; none when all stay. Worth repeating when the map has changed much; costs as much as a few
    /// calls of [`forces`](Self::forces).
    pub(crate) fn arrange(&mut self, positions: &[f32]) -> Option<Vec<u32>> {
        let edges = self.edges.as_mut()?;
        let moves = hilbert::order(positions.as_chunks::<2>().0);
        let order = moves.iter().map(|&place| edges.order()[place as usize]).collect();
        edges.arrange(self.affinities, order);
        Some(moves)
    }

    /// The row of P whose point stands at each place; none when all stand in the order of the rows.
    pub(crate) fn order(&self) -> Option<&[u32]> {
        self.edges.as_ref().map(Edges::order)
    }

    /// Writes Σ_j p_ij v_ij (y_i − y_j) for every point into `forces`, with v = 1 / (1 + r²) for one degree of freedom. Positions and forces are x₀, y₀, x₁, y₁, … by
    /// place.
    ///
    /// Entries of P are rounded as [`Packing`] says: to 0.05 % at 70,000 points and 0.4 % at a million, each by itself. O(entries
    /// of P).
    pub(crate) fn forces(&mut self, positions: &[f32], forces: &mut [f32]) {
        if !self.space.is_usual() {
            return general::attraction::forces(self.affinities, self.space, positions, forces);
        }
        let points = positions.as_chunks::<2>().0;
        let forces = forces.as_chunks_mut::<2>().0;
        match &mut self.edges {
            Some(edges) => edges.forces(points, forces),
            None => unpacked_forces(self.affinities, points, forces),
        }
    }

    /// [`cross_entropy()`] at the positions of the last call of [`forces`](Self::forces), over entries rounded as those were: to watch a
    /// descent by. Rounding goes both ways, and over all entries next to nothing is left of it.
    pub(crate) fn watched_cross_entropy(&self, positions: &[f32]) -> f64 {
        let whole = || cross_entropy(self.affinities, self.space, positions);
        self.edges.as_ref().map_or_else(whole, Edges::cross_entropy)
    }
}

/// Σ p_ij ln(1 / w_ij) over P as it is, in `f64`: the part of the KL divergence that P and the map share. O(entries of P · c).
pub(crate) fn cross_entropy(affinities: &Affinities, space: Space, positions: &[f32]) -> f64 {
    if space.is_usual() {
        cross_entropy_in_the_plane(affinities, positions)
    } else {
        general::attraction::cross_entropy(affinities, space, positions)
    }
}

fn unpacked_forces(affinities: &Affinities, points: &[[f32; 2]], forces: &mut [[f32; 2]]) {
    forces.par_chunks_mut(parallel::CHUNK).zip(parallel::chunks(points.len())).for_each(|(forces, rows)| {
        simd::vectorize!({
            for (force, i) in forces.iter_mut().zip(rows) {
                let (columns, values) = affinities.row(i);
                let entry = |at: usize| (columns[at] as usize, values[at]);
                *force = force_on(points[i], columns.len(), entry, points);
            }
        });
    });
}

/// The pull on a point of `n_entries` others: `entry` tells their index and value.
#[inline(always)]
fn force_on(
    [x, y]: [f32; 2],
    n_entries: usize,
    entry: impl Fn(usize) -> (usize, f32),
    points: &[[f32; 2]],
) -> [f32; 2] {
    let (mut sum_x, mut sum_y) = ([0.0_f32; LANES], [0.0_f32; LANES]);
    let blocks = n_entries / LANES;
    for block in 0..blocks {
        let (mut dx, mut dy, mut p) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
        for lane in 0..LANES {
            let (j, value) = entry(block * LANES + lane);
            let [other_x, other_y] = points[j];
            (dx[lane], dy[lane], p[lane]) = (x - other_x, y - other_y, value);
        }
        for lane in 0..LANES {
            let pull = p[lane] / (1.0 + (dx[lane] * dx[lane] + dy[lane] * dy[lane]));
            sum_x[lane] += pull * dx[lane];
            sum_y[lane] += pull * dy[lane];
        }
    }
    for (lane, at) in (blocks * LANES..n_entries).enumerate() {
        let (j, value) = entry(at);
        let (dx, dy) = (x - points[j][0], y - points[j][1]);
        let pull = value / (1.0 + (dx * dx + dy * dy));
        sum_x[lane] += pull * dx;
        sum_y[lane] += pull * dy;
    }
    [sum_x.iter().sum(), sum_y.iter().sum()]
}

#[cfg(test)]
mod tests;
