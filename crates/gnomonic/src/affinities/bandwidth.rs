//! Each row's bandwidth: the β at which the entropy of exp(−β d²) is the logarithm of the perplexity.

use super::Affinity;
use super::exponential::{LANES, exp};
use crate::simd;
use rayon::prelude::*;

/// Entropies may be off by this much, in nats: far below what `f32` probabilities can show.
const TOLERANCE: f64 = 1e-9;

/// Newton's method on ln β needs few steps; bisection, its fallback, sixty for the last bit.
const MAX_STEPS: usize = 200;

/// Replaces rows of `k` squared distances, nearest first, by p_{j|i}: each row sums to one then.
pub(crate) fn to_conditional_probabilities(squared_distances: &mut [f32], k: usize, affinity: &Affinity) {
    let rows = squared_distances.par_chunks_mut(k);
    let scratch = || (vec![0.0; k], vec![0.0; k]);
    match affinity {
        Affinity::Perplexity(perplexity) => {
            let target = perplexity.ln();
            rows.for_each_init(
                || vec![0.0; k],
                |weights, row| {
                    calibrate(row, target, weights);
                    write(weights, row);
                },
            );
        }
        Affinity::Multiscale(perplexities) => rows.for_each_init(scratch, |(weights, sum), row| {
            sum.fill(0.0);
            for perplexity in perplexities {
                calibrate(row, perplexity.ln(), weights);
                add_scaled(sum, weights, 1.0 / perplexities.len() as f64);
            }
            write(sum, row);
        }),
        Affinity::Mixture(perplexities) => rows.for_each_init(scratch, |(weights, sum), row| {
            mix(row, perplexities, weights, sum);
            write(sum, row);
        }),
        Affinity::Uniform { .. } => rows.for_each(|row| row.fill(1.0 / k as f32)),
        Affinity::Fixed { bandwidth, .. } => {
            let beta = 0.5 / (bandwidth * bandwidth);
            rows.for_each_init(
                || vec![0.0; k],
                |weights, row| {
                    let nearest = f64::from(row[0]);
                    // Beyond the range of f64, what the limit of small or large bandwidths is.
                    entropy(row, nearest, beta.clamp(f64::MIN_POSITIVE, f64::MAX), weights);
                    write(weights, row);
                },
            );
        }
    }
}

fn write(weights: &[f64], row: &mut [f32]) {
    for (value, &weight) in row.iter_mut().zip(weights) {
        *value = weight as f32;
    }
}

fn add_scaled(sum: &mut [f64], weights: &[f64], scale: f64) {
    for (sum, &weight) in sum.iter_mut().zip(weights) {
        *sum += scale * weight;
    }
}

/// Fills `sum` with the distribution ∝ Σ √β exp(−β d²) over the βs of the perplexities.
fn mix(row: &[f32], perplexities: &[f64], weights: &mut [f64], sum: &mut [f64]) {
    let nearest = f64::from(row[0]);
    // A density's height at the nearest neighbor, √β exp(−β d₀²), as a logarithm: the greatest becomes one.
    let mut heights = [f64::NEG_INFINITY; super::kind::MOST_PERPLEXITIES];
    for (height, perplexity) in heights.iter_mut().zip(perplexities) {
        let log_beta = calibrate(row, perplexity.ln(), weights);
        // A bandwidth without bound is as flat as it is low, and one of zero is all at the nearest neighbors.
        *height = 0.5 * log_beta - if log_beta.is_finite() { log_beta.exp() * nearest } else { 0.0 };
    }
    let greatest = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    sum.fill(0.0);
    for (&height, perplexity) in heights.iter().zip(perplexities) {
        let share = if greatest.is_infinite() {
            f64::from(u8::from(height == greatest))
        } else {
            (height - greatest).exp()
        };
        if share > 0.0 {
            calibrate(row, perplexity.ln(), weights);
            // The kernel is one at the nearest neighbor; a distribution, its weight there.
            add_scaled(sum, weights, share / weights[0]);
        }
    }
    let total: f64 = sum.iter().sum();
    sum.iter_mut().for_each(|weight| *weight /= total);
}

/// Fills `weights` with the distribution over `distances` (squared, ascending) whose entropy is `target`, or comes
/// nearest to it. Returns ln β: −∞ for a uniform distribution over all, ∞ for one over the nearest alone.
fn calibrate(distances: &[f32], target: f64, weights: &mut [f64]) -> f64 {
    let nearest = f64::from(distances[0]);
    let farthest = f64::from(distances[distances.len() - 1]);
    let ties = distances.iter().filter(|&&distance| f64::from(distance) == nearest).count();
    // Entropy falls from ln k at β = 0 to ln(ties) at β = ∞.
    if farthest == nearest || target >= (distances.len() as f64).ln() {
        weights.fill(1.0 / distances.len() as f64);
        return f64::NEG_INFINITY;
    }
    if target <= (ties as f64).ln() {
        weights[..ties].fill(1.0 / ties as f64);
        weights[ties..].fill(0.0);
        return f64::INFINITY;
    }
    let mean_excess = distances.iter().map(|&d| f64::from(d) - nearest).sum::<f64>() / distances.len() as f64;
    let mut log_beta = -mean_excess.ln();
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for _ in 0..MAX_STEPS {
        let beta = log_beta.exp();
        let (entropy, slope) = entropy(distances, nearest, beta, weights);
        let excess = entropy - target;
        if excess.abs() <= TOLERANCE {
            break;
        }
        if excess > 0.0 {
            low = log_beta;
        } else {
            high = log_beta;
        }
        let newton = log_beta - excess / slope;
        // A step out of the bracket, or not a number where the slope vanishes, is replaced: by the middle of the
        // bracket, or by a factor of e² while the bracket has no second end.
        log_beta = if newton > low && newton < high && (newton - log_beta).abs() < 4.0 {
            newton
        } else if low.is_finite() && high.is_finite() {
            0.5 * (low + high)
        } else if excess > 0.0 {
            log_beta + 2.0
        } else {
            log_beta - 2.0
        };
        if high - low <= f64::EPSILON * log_beta.abs() {
            break;
        }
    }
    log_beta
}

/// The entropy H of the distribution p ∝ exp(−β (d² − nearest)), which is left in `weights`, and dH / d ln β = −β² Var(d²).
fn entropy(distances: &[f32], nearest: f64, beta: f64, weights: &mut [f64]) -> (f64, f64) {
    simd::vectorize!(entropy_in_lanes(distances, nearest, beta, weights))
}

#[inline(always)]
fn entropy_in_lanes(distances: &[f32], nearest: f64, beta: f64, weights: &mut [f64]) -> (f64, f64) {
    let mut sums = [[0.0; LANES]; 3];
    let (chunks, last) = distances.as_chunks::<LANES>();
    let (places, last_places) = weights.as_chunks_mut::<LANES>();
    for (distances, weights) in chunks.iter().zip(places) {
        *weights = add(distances, nearest, beta, &mut sums);
    }
    if !last.is_empty() {
        // What fills the lanes is not added.
        let mut distances = [last[0]; LANES];
        distances[..last.len()].copy_from_slice(last);
        let mut lanes = sums;
        let weights = add(&distances, nearest, beta, &mut lanes);
        last_places.copy_from_slice(&weights[..last.len()]);
        for (sums, lanes) in sums.iter_mut().zip(&lanes) {
            sums[..last.len()].copy_from_slice(&lanes[..last.len()]);
        }
    }
    let [total, first, second] = sums.map(|lanes| lanes.iter().sum::<f64>());
    let mean = first / total;
    let share = 1.0 / total;
    weights.iter_mut().for_each(|weight| *weight *= share);
    (total.ln() + mean, mean * mean - second / total)
}

/// The weights of some distances, added to their sum and to those of their products with β (d² − nearest) and its square.
#[inline(always)]
fn add(distances: &[f32; LANES], nearest: f64, beta: f64, sums: &mut [[f64; LANES]; 3]) -> [f64; LANES] {
    let excess: [f64; LANES] = std::array::from_fn(|lane| beta * (f64::from(distances[lane]) - nearest));
    let weights = exp(excess.map(|excess| -excess));
    for lane in 0..LANES {
        let product = weights[lane] * excess[lane];
        sums[0][lane] += weights[lane];
        sums[1][lane] += product;
        sums[2][lane] += product * excess[lane];
    }
    weights
}
