//! Repulsion from one potential field.
//!
//! φ(x) = Σ_j w(|x − y_j|²) holds all that is needed: Z = Σ_i (φ(y_i) − 1), and the repulsive sum of point i is
//! −½ ∇φ(y_i). Unit charges are spread on a grid with cubic B-splines, convolved with the kernel by one real Fourier
//! transform forth and one back, and φ and ∇φ are read with the same splines, whose smoothness makes the gradient usable.
//! The kernel's spectrum is divided by the squared transform of the sampled spline, so that spreading and reading
//! interpolate (particle-mesh Ewald: Essmann et al. 1995, doi:10.1063/1.470117; fields for t-SNE: Pezzotti et al. 2020,
//! doi:10.1109/TVCG.2019.2934307). FIt-SNE (Linderman et al. 2019, doi:10.1038/s41592-018-0308-4) spreads four charges
//! and transforms eight times for the same sums.
//!
//! A point also feels its own charge through the grid; that self-potential and self-force are known functions of its place
//! in its cell and are taken out (see [`kernel`]).
//!
//! Where the map is not too dense, the grid carries a smoothed kernel and can be coarse, and pairs within 2.5 cells add what
//! is missing one by one (see [`near`]); [`resolution`] decides. What a map's quality needs is a force without noise rather
//! than one without bias: noise flips the signs that the gains grow on, and a lattice traps points in its cells.
//!
//! A grid's nodes grow with the square of the map's span, which a few strays can stretch without limit. Where that would cost
//! too much and the strays lie behind a gap (see [`split`]), the points inside and outside get grids of their own, and so on
//! inwards and outwards; across the gap, where the kernel is smooth, a polynomial of the box inside does (see [`expansion`]).

mod bins;
mod convolution;
mod expansion;
mod grid;
mod kernel;
mod mesh;
mod near;
mod neighborhood;
mod potential;
mod resolution;
mod split;

use super::exact::{Columns, Exact};
use super::{FIELD_FROM, Repulsion};
use crate::parallel;
use expansion::Expansion;
use mesh::Mesh;
pub(super) use potential::Potential;
use rayon::prelude::*;
use resolution::{Resolution, Survey};
use split::Split;

/// How often a part of the map may be split again: each time takes one clump from the rest, and keeps 28 bytes for each point of both.
const DEEPEST: usize = 32;

/// Up to here all pairs are summed where a grid would be more work: a tenth of a second at most.
const ALL_PAIRS_UP_TO: usize = 20_000;

/// The field of all points, with everything that can be kept from one evaluation to the next.
#[derive(Default)]
pub(super) struct Field {
    mesh: Mesh,
    exact: Exact,
    parts: Option<Box<Parts>>,
    /// What the last evaluation used.
    last: Last,
    /// How many splits this part of the map comes from.
    depth: usize,
    /// A resolution to measure the error of.
    #[cfg(test)]
    fixed: Option<Resolution>,
}

#[derive(Clone, Copy, Default)]
enum Last {
    #[default]
    Exact,
    Mesh,
    Parts,
}

/// The two sides of a gap.
struct Parts {
    split: Split,
    inside: Side,
    outside: Side,
}

/// The points on one side: their field among themselves, and buffers.
struct Side {
    field: Field,
    positions: Vec<f32>,
    forces: Vec<f32>,
}

impl Side {
    fn new(depth: usize) -> Self {
        Self { field: Field { depth, ..Field::default() }, positions: Vec::new(), forces: Vec::new() }
    }

    /// Takes the points of `rows` over and computes what they do to each other.
    fn evaluate(&mut self, positions: &[f32], rows: &[u32]) -> f64 {
        let points = positions.as_chunks::<2>().0;
        self.positions.resize(2 * rows.len(), 0.0);
        let own = self.positions.as_chunks_mut::<2>().0;
        own.par_iter_mut().with_min_len(parallel::CHUNK).zip(rows).for_each(|(own, &row)| {
            *own = points[row as usize];
        });
        self.forces.clear();
        self.forces.resize(self.positions.len(), 0.0);
        self.field.forces(&self.positions, &mut self.forces)
    }

    fn scatter(&self, rows: &[u32], forces: &mut [f32]) {
        let forces = forces.as_chunks_mut::<2>().0;
        for (&row, &force) in rows.iter().zip(self.forces.as_chunks::<2>().0) {
            forces[row as usize] = force;
        }
    }
}

impl Field {
    /// A field whose resolution follows the map.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Nodes of all grids of the last evaluation.
    #[cfg(test)]
    fn nodes(&self) -> usize {
        match (self.last, &self.parts) {
            (Last::Parts, Some(parts)) => parts.inside.field.nodes() + parts.outside.field.nodes(),
            (Last::Mesh, _) => self.mesh.nodes(),
            _ => 0,
        }
    }

    /// A field of one resolution, to measure its error.
    #[cfg(test)]
    fn with_resolution(spacing: f64, near_field: bool) -> Self {
        Self { fixed: Some(Resolution { spacing, near_field }), ..Self::default() }
    }
}

impl Repulsion for Field {
    fn forces(&mut self, positions: &[f32], forces: &mut [f32]) -> f64 {
        let survey = Survey::of(positions);
        #[cfg(test)]
        if let Some(resolution) = self.fixed {
            self.last = Last::Mesh;
            return self.mesh.forces(positions, &survey, resolution, forces);
        }
        let (resolution, work) = Resolution::of(&survey);
        if survey.n <= FIELD_FROM {
            self.last = Last::Exact;
            return self.exact.forces(positions, forces);
        }
        if work > split::WORTHWHILE * survey.n as f64 && self.depth < DEEPEST {
            let depth = self.depth + 1;
            let parts = self.parts.get_or_insert_with(|| Box::new(Parts::new(depth)));
            if parts.split.find(positions, &survey) {
                self.last = Last::Parts;
                return parts.forces(positions, forces);
            }
        }
        if survey.n <= ALL_PAIRS_UP_TO && work > (survey.n as f64).powi(2) {
            self.last = Last::Exact;
            return self.exact.forces(positions, forces);
        }
        self.last = Last::Mesh;
        self.mesh.forces(positions, &survey, resolution, forces)
    }

    fn spacing(&self) -> Option<f64> {
        match (self.last, &self.parts) {
            (Last::Parts, Some(parts)) => parts.larger().field.spacing(),
            (Last::Mesh, _) => self.mesh.spacing(),
            _ => None,
        }
    }

    fn finer_spacing_wanted(&self) -> Option<f64> {
        match (self.last, &self.parts) {
            (Last::Parts, Some(parts)) => parts.larger().field.finer_spacing_wanted(),
            (Last::Mesh, _) => self.mesh.finer_spacing_wanted(),
            _ => None,
        }
    }
}

impl Parts {
    fn new(depth: usize) -> Self {
        Self { split: Split::default(), inside: Side::new(depth), outside: Side::new(depth) }
    }

    /// The side with more points: its grid is what the field's error depends on most.
    fn larger(&self) -> &Side {
        if self.inside.positions.len() >= self.outside.positions.len() { &self.inside } else { &self.outside }
    }

    /// The forces on both sides, and Z, after `split` has found a gap.
    fn forces(&mut self, positions: &[f32], forces: &mut [f32]) -> f64 {
        let (inside, outside) = (self.split.inside(), self.split.outside());
        let mut normalizer = self.inside.evaluate(positions, inside);
        normalizer += self.outside.evaluate(positions, outside);
        // Points outside begin with those that are far enough for the expansion.
        let far = 2 * self.split.far();
        let (inside_positions, inside_forces) = (&self.inside.positions, &mut self.inside.forces);
        let (far_positions, far_forces) = (&self.outside.positions[..far], &mut self.outside.forces[..far]);
        let (center, half_width) = (self.split.center(), self.split.half_width());
        normalizer += 2.0
            * if self.split.is_wide() {
                Expansion::<4>::new(center, half_width).cross(
                    inside_positions,
                    inside_forces,
                    far_positions,
                    far_forces,
                )
            } else {
                Expansion::<12>::new(center, half_width).cross(
                    inside_positions,
                    inside_forces,
                    far_positions,
                    far_forces,
                )
            };
        normalizer += 2.0
            * cross(
                &self.inside.positions,
                &mut self.inside.forces,
                &self.outside.positions[far..],
                &mut self.outside.forces[far..],
            );
        self.inside.scatter(inside, forces);
        self.outside.scatter(outside, forces);
        normalizer
    }
}

/// Adds what two sets of points do to each other, pair by pair, and returns Σ w over the pairs.
fn cross(a: &[f32], forces_on_a: &mut [f32], b: &[f32], forces_on_b: &mut [f32]) -> f64 {
    if b.is_empty() {
        return 0.0;
    }
    add_sums(a, forces_on_a, &Columns::of(b));
    add_sums(b, forces_on_b, &Columns::of(a))
}

/// Adds what the points in `columns` do to those at `positions`, and returns Σ w.
fn add_sums(positions: &[f32], forces: &mut [f32], columns: &Columns) -> f64 {
    let (points, forces) = (positions.as_chunks::<2>().0, forces.as_chunks_mut::<2>().0);
    let partials: Vec<[f64; 1]> = forces
        .par_chunks_mut(parallel::CHUNK)
        .zip(points.par_chunks(parallel::CHUNK))
        .map(|(forces, points)| {
            let mut sum = 0.0;
            for (force, &point) in forces.iter_mut().zip(points) {
                let [w, x, y] = columns.sums(point);
                sum += w;
                *force = [force[0] + x as f32, force[1] + y as f32];
            }
            [sum]
        })
        .collect();
    let [sum] = parallel::ordered_sum(&partials);
    sum
}

#[cfg(test)]
mod tests;
