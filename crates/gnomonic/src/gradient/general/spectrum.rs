//! The kernel's spectrum on a grid, and what a point feels of its own charge through it.

use super::convolution::{Nodes, frequencies, period};
use super::near::NearField;
use crate::gradient::space::Space;
use crate::gradient::spline::{self, factors};
use rayon::prelude::*;
use realfft::RealFftPlanner;
use std::f64::consts::TAU;

/// The kernel less its value at the farthest nodes, w(r²) − w(r²_max), so that a tiny map keeps its digits in `f32`.
pub(super) struct Spectrum {
    /// For each frequency along the first axis those along the second, and for each of these those along the third: divided by the squared
    /// transform of the splines, so that spreading and reading interpolate, and by the number of nodes, which the inverse transform leaves
    /// out. Even along each axis, so half of them.
    factors: Vec<f32>,
    /// w(r²_max).
    floor: f64,
    own: OwnCharge,
}

impl Spectrum {
    /// The kernel on a grid; with a near field, only what that leaves to the grid.
    pub(super) fn new(space: Space, spacing: f64, nodes: Nodes, near: Option<NearField>) -> Self {
        let counts = nodes.map(frequencies);
        let farthest: f64 = nodes.iter().map(|&nodes| (nodes as f64 * spacing).powi(2)).sum();
        let logarithm = |squared: f64| (squared / space.dof).ln_1p();
        let (floor, last) = (space.weight(farthest), logarithm(farthest));
        let mut values: Vec<f64> = (0..counts.iter().product())
            .into_par_iter()
            .map(|at| {
                let place = [at / (counts[1] * counts[2]), at / counts[2] % counts[1], at % counts[2]];
                let squared: f64 = place.iter().map(|&i| (i as f64 * spacing).powi(2)).sum();
                if let Some(smooth) = near.and_then(|near| near.smooth(squared)) {
                    return smooth - floor;
                }
                // The difference of logarithms keeps the digits that the difference of weights would lose.
                floor * (space.power() * (last - logarithm(squared))).exp_m1()
            })
            .collect();
        for (axis, &nodes) in nodes.iter().enumerate() {
            transform_even(&mut values, counts, axis, nodes);
        }
        let total: usize = nodes.iter().map(|&nodes| period(nodes)).product();
        let splines = nodes.map(|nodes| {
            let one = |index| if nodes == 1 { 1.0 } else { spline::transform(index, 2 * nodes) };
            (0..frequencies(nodes)).map(one).collect::<Vec<f64>>()
        });
        for (at, value) in values.iter_mut().enumerate() {
            let spline = splines[0][at / (counts[1] * counts[2])]
                * splines[1][at / counts[2] % counts[1]]
                * splines[2][at % counts[2]];
            *value /= spline * spline * total as f64;
        }
        let own = OwnCharge::new(space, spacing, &values, nodes);
        Self { factors: values.into_iter().map(|value| value as f32).collect(), floor, own }
    }

    pub(super) fn factors(&self) -> &[f32] {
        &self.factors
    }

    /// What was taken from the kernel: it counts for each ordered pair of points in Z.
    pub(super) fn floor(&self) -> f64 {
        self.floor
    }

    pub(super) fn own(&self) -> &OwnCharge {
        &self.own
    }
}

/// Transforms an even function, given at the places 0 ..= n of each axis of period 2n, along one axis: real and even too.
fn transform_even(values: &mut [f64], counts: Nodes, axis: usize, nodes: usize) {
    if nodes == 1 {
        return;
    }
    let plan = RealFftPlanner::<f64>::new().plan_fft_forward(2 * nodes);
    let stride: usize = counts[axis + 1..].iter().product();
    let count = counts[axis];
    let lines: Vec<f64> = (0..values.len() / count)
        .into_par_iter()
        .map_init(
            || (plan.make_input_vec(), plan.make_output_vec(), plan.make_scratch_vec()),
            |(input, output, scratch), line| {
                let start = line / stride * stride * count + line % stride;
                for (i, value) in input.iter_mut().enumerate() {
                    *value = values[start + i.min(2 * nodes - i) * stride];
                }
                let done = plan.process_with_scratch(input, output, scratch);
                debug_assert!(done.is_ok(), "the lengths are the plan's own");
                output.iter().map(|value| value.re).collect::<Vec<f64>>()
            },
        )
        .flatten_iter()
        .collect();
    for line in 0..lines.len() / count {
        let start = line / stride * stride * count + line % stride;
        for i in 0..count {
            values[start + i * stride] = lines[line * count + i];
        }
    }
}

/// Places within a cell along an axis where the own charge is tabulated, beside the end of the cell.
const STEPS: usize = 16;

/// Offsets at which the splines of one place meet.
const REACH: usize = 4;

/// The potential and the force of a point's own charge, by its place in its cell: read from a table, linearly between its entries.
pub(super) struct OwnCharge {
    /// φ and the force along each axis; the last axis runs fastest.
    table: Vec<[f32; 4]>,
    /// Whether the map has each axis.
    has: [bool; 3],
}

impl OwnCharge {
    fn new(space: Space, spacing: f64, spectrum: &[f64], nodes: Nodes) -> Self {
        let kernel = kernel_nearby(spectrum, nodes);
        let has = nodes.map(|nodes| nodes > 1);
        let places = has.map(|has| if has { STEPS + 1 } else { 1 });
        let meeting: Vec<[Meeting; 2]> =
            (0..=STEPS).map(|step| meeting(step as f32 / STEPS as f32)).collect();
        // An axis that is not there has one node, at which all weight is.
        let nowhere = [alone(1.0), alone(0.0)];
        let scale = -space.dof / (space.dof + 1.0) / spacing;
        let table = (0..places.iter().product())
            .into_par_iter()
            .map(|at| {
                let step = [at / (places[1] * places[2]), at / places[2] % places[1], at % places[2]];
                let axes: [&[Meeting; 2]; 3] =
                    std::array::from_fn(|axis| if has[axis] { &meeting[step[axis]] } else { &nowhere });
                // Component 0 has the weights of all axes, component 1 + axis the slopes of that axis.
                let mut sums = [0.0_f64; 4];
                for (i, plane) in kernel.chunks_exact(REACH * REACH).enumerate() {
                    for (j, line) in plane.chunks_exact(REACH).enumerate() {
                        for (k, &value) in line.iter().enumerate() {
                            let of = |slopes: usize, axis: usize, offset: usize| {
                                axes[axis][usize::from(slopes == axis + 1)][offset]
                            };
                            for (component, sum) in sums.iter_mut().enumerate() {
                                *sum +=
                                    value * of(component, 0, i) * of(component, 1, j) * of(component, 2, k);
                            }
                        }
                    }
                }
                [sums[0], scale * sums[1], scale * sums[2], scale * sums[3]].map(|sum| sum as f32)
            })
            .collect();
        Self { table, has }
    }

    /// φ and the force along each axis at a place within its cell, from 0 to 1 along each axis.
    #[inline(always)]
    pub(super) fn at<const D: usize>(&self, fractions: [f32; D]) -> [f32; 4] {
        let (mut first, mut stride) = (0, 1);
        let (mut strides, mut parts) = ([0_usize; D], [0.0_f32; D]);
        for axis in (0..3).rev() {
            if axis < D {
                let place = fractions[axis] * STEPS as f32;
                let step = (place as i32).clamp(0, STEPS as i32 - 1) as usize;
                (strides[axis], parts[axis]) = (stride, place - step as f32);
                first += step * stride;
            }
            stride *= if self.has[axis] { STEPS + 1 } else { 1 };
        }
        let mut result = [0.0; 4];
        for corner in 0..1_usize << D {
            let (mut at, mut weight) = (first, 1.0_f32);
            for axis in 0..D {
                let far = corner >> axis & 1;
                at += far * strides[axis];
                weight *= if far == 1 { parts[axis] } else { 1.0 - parts[axis] };
            }
            for (result, value) in result.iter_mut().zip(self.table[at]) {
                *result += weight * value;
            }
        }
        result
    }
}

/// Sums over pairs of nodes at each distance, 0 to 3.
type Meeting = [f64; REACH];

fn alone(value: f64) -> Meeting {
    [value, 0.0, 0.0, 0.0]
}

/// For a place in its cell: Σ s_a s_b and Σ s'_a s_b over nodes a and b at each distance, s the spline's weights and s' their slopes.
fn meeting(fraction: f32) -> [Meeting; 2] {
    let (weights, slopes) = factors(fraction);
    let (mut products, mut turned) = ([0.0; REACH], [0.0; REACH]);
    for a in 0..REACH {
        for b in 0..REACH {
            products[a.abs_diff(b)] += f64::from(weights[a]) * f64::from(weights[b]);
            turned[a.abs_diff(b)] += f64::from(slopes[a]) * f64::from(weights[b]);
        }
    }
    [products, turned]
}

/// The kernel as the grid carries it at offsets of 0 to 3 nodes along each axis, the third running fastest; where there is no axis, zero but for
/// the offset 0.
fn kernel_nearby(spectrum: &[f64], nodes: Nodes) -> Vec<f64> {
    let mut counts = nodes.map(frequencies);
    let mut values = spectrum.to_vec();
    for axis in 0..3 {
        let stride: usize = counts[axis + 1..].iter().product();
        let before: usize = counts[..axis].iter().product();
        let (count, length) = (counts[axis], period(nodes[axis]));
        let mut nearby = vec![0.0; before * REACH * stride];
        for block in 0..before {
            for offset in 0..if length == 1 { 1 } else { REACH } {
                for index in 0..count {
                    let both_sides = if index == 0 || 2 * index == length { 1.0 } else { 2.0 };
                    let wave = both_sides * (TAU * (index * offset % length) as f64 / length as f64).cos();
                    for at in 0..stride {
                        nearby[(block * REACH + offset) * stride + at] +=
                            wave * values[(block * count + index) * stride + at];
                    }
                }
            }
        }
        values = nearby;
        counts[axis] = REACH;
    }
    values
}
