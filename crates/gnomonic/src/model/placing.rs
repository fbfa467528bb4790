//! Where one new point comes to rest among points that stay.
//!
//! Two coordinates are few enough for a method of the second order: steps of Broyden, Fletcher, Goldfarb and Shanno (Nocedal & Wright
//! 2006, doi:10.1007/978-0-387-40065-5, chapter 6), each halved until it lowers the function. There is no learning rate to choose.

use crate::gradient::repulsion::FixedPoints;

/// The places of the nearest rows that are tried as a start, beside the mean of all.
const STARTS: usize = 3;

/// Steps after which a point stays where it is.
const MOST_STEPS: usize = 50;

/// A step shorter than this, in map units, is the last.
const SHORTEST_STEP: f64 = 1e-4;

/// No step is longer, in map units: a few times the width of the kernel.
const LONGEST_STEP: f64 = 4.0;

/// The share of the fall that the slope promises which a step must bring.
const SUFFICIENT: f64 = 1e-4;

/// Halvings of a step.
const MOST_HALVINGS: usize = 20;

/// What pulls and pushes a point.
struct Forces<'a> {
    places: &'a [[f32; 2]],
    probabilities: &'a [f32],
    points: &'a FixedPoints,
    per_mean: f64,
}

/// The function at a place.
#[derive(Clone, Copy)]
struct Value {
    at: [f64; 2],
    value: f64,
    gradient: [f64; 2],
    /// The curvature of a parabola over the attraction that touches it here.
    curvature: f64,
}

/// The place of a point that is drawn to `places` with `probabilities`, and pushed by all `points`.
pub(super) fn place(places: &[[f32; 2]], probabilities: &[f32], points: &FixedPoints) -> [f32; 2] {
    let forces = Forces { places, probabilities, points, per_mean: 1.0 / points.mean() };
    let mut mean = [0.0; 2];
    for (place, &p) in places.iter().zip(probabilities) {
        mean = [0, 1].map(|axis| mean[axis] + f64::from(p) * f64::from(place[axis]));
    }
    let mut best = forces.at(mean);
    for place in places.iter().take(STARTS) {
        let other = forces.at(place.map(f64::from));
        if other.value < best.value {
            best = other;
        }
    }
    settle(&forces, best).map(|coordinate| coordinate as f32)
}

fn settle(forces: &Forces<'_>, mut here: Value) -> [f64; 2] {
    let mut inverse = scaled_identity(here.curvature);
    for _ in 0..MOST_STEPS {
        let mut step = times(inverse, here.gradient).map(|part| -part);
        let mut slope = dot(step, here.gradient);
        if slope.is_nan() || slope >= 0.0 {
            inverse = scaled_identity(here.curvature);
            step = times(inverse, here.gradient).map(|part| -part);
            slope = dot(step, here.gradient);
        }
        let length = step[0].hypot(step[1]);
        if length.is_nan() || length < SHORTEST_STEP {
            break;
        }
        let mut share = (LONGEST_STEP / length).min(1.0);
        let lower = (0..MOST_HALVINGS).find_map(|_| {
            let there = forces.at([0, 1].map(|axis| here.at[axis] + share * step[axis]));
            let enough = there.value <= here.value + SUFFICIENT * share * slope;
            share *= 0.5;
            enough.then_some(there)
        });
        let Some(there) = lower else { break };
        inverse = renewed(inverse, &here, &there);
        here = there;
    }
    here.at
}

/// The inverse of the curvature matrix after a step, which what the gradient did tells of.
fn renewed(inverse: [[f64; 2]; 2], here: &Value, there: &Value) -> [[f64; 2]; 2] {
    let step = [0, 1].map(|axis| there.at[axis] - here.at[axis]);
    let change = [0, 1].map(|axis| there.gradient[axis] - here.gradient[axis]);
    let along = dot(step, change);
    if along <= 1e-10 * dot(step, step) * there.curvature {
        // The function bends downwards here: what was known of it is of no use.
        return scaled_identity(there.curvature);
    }
    let turned = times(inverse, change);
    let weight = (1.0 + dot(change, turned) / along) / along;
    [0, 1].map(|a| {
        [0, 1].map(|b| {
            inverse[a][b] + weight * step[a] * step[b] - (turned[a] * step[b] + step[a] * turned[b]) / along
        })
    })
}

fn scaled_identity(curvature: f64) -> [[f64; 2]; 2] {
    // Of a point infinitely far from all its neighbors nothing would be left.
    let scale = 1.0 / curvature.max(f64::MIN_POSITIVE);
    [[scale, 0.0], [0.0, scale]]
}

fn times(matrix: [[f64; 2]; 2], vector: [f64; 2]) -> [f64; 2] {
    matrix.map(|row| dot(row, vector))
}

fn dot(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

impl Forces<'_> {
    fn at(&self, at: [f64; 2]) -> Value {
        let (mut value, mut pull, mut curvature) = (0.0, [0.0; 2], 0.0);
        for (place, &p) in self.places.iter().zip(self.probabilities) {
            let (dx, dy) = (at[0] - f64::from(place[0]), at[1] - f64::from(place[1]));
            let inverse_weight = 1.0 + (dx * dx + dy * dy);
            let weighted = f64::from(p) / inverse_weight;
            // In a third of the time of `ln_1p`, whose digits near 0 are beyond those of the sum.
            value += f64::from(p) * inverse_weight.ln();
            curvature += weighted;
            pull = [pull[0] + weighted * dx, pull[1] + weighted * dy];
        }
        let [potential, x, y] = self.points.sums(at.map(|coordinate| coordinate as f32));
        let push = [x, y];
        Value {
            at,
            value: value + potential * self.per_mean,
            gradient: [0, 1].map(|axis| 2.0 * (pull[axis] - push[axis] * self.per_mean)),
            curvature: 2.0 * curvature,
        }
    }
}
