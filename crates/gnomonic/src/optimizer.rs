//! Gradient descent with momentum and gains.

use crate::parallel;
use rayon::prelude::*;

/// Steps longer than this, in map units, are shortened: a single point thrown far off would widen the map for all.
/// openTSNE's and FIt-SNE's bound (`max_step_norm`).
const LONGEST_STEP: f32 = 5.0;

/// A gain grows by this while the gradient keeps pushing where the point is heading, …
const GAIN_GROWTH: f32 = 0.2;
/// … shrinks by this when it points back (Jacobs 1988, doi:10.1016/0893-6080(88)90003-2), …
const GAIN_DECAY: f32 = 0.8;
/// … and never falls below this. The three values are those of the first t-SNE implementation and of all since.
const LEAST_GAIN: f32 = 0.01;

/// Everything that an iteration changes: with the parameters, all that is needed to go on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) positions: Vec<f32>,
    pub(crate) velocities: Vec<f32>,
    pub(crate) gains: Vec<f32>,
    /// Iterations finished.
    pub(crate) iteration: usize,
}

/// One iteration's settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) learning_rate: f32,
    pub(crate) momentum: f32,
}

impl State {
    pub(crate) fn new(positions: Vec<f32>) -> Self {
        let zeros = vec![0.0; positions.len()];
        Self { gains: vec![1.0; positions.len()], velocities: zeros, positions, iteration: 0 }
    }

    /// Moves every point along its gradient and centers the map. `gradient` is that of the KL divergence, factor 4 included.
    pub(crate) fn step(&mut self, step: Step, gradient: &[f32]) {
        let n = self.positions.len() / 2;
        let partials: Vec<[f64; 2]> = self
            .positions
            .par_chunks_mut(2 * parallel::CHUNK)
            .zip(self.velocities.par_chunks_mut(2 * parallel::CHUNK))
            .zip(self.gains.par_chunks_mut(2 * parallel::CHUNK))
            .zip(gradient.par_chunks(2 * parallel::CHUNK))
            .map(|(((positions, velocities), gains), gradient)| {
                let mut sum = [0.0; 2];
                let points = positions.as_chunks_mut::<2>().0.iter_mut();
                let states = velocities.as_chunks_mut::<2>().0.iter_mut().zip(gains.as_chunks_mut::<2>().0);
                for ((point, (velocity, gain)), gradient) in
                    points.zip(states).zip(gradient.as_chunks::<2>().0)
                {
                    move_point(step, point, velocity, gain, gradient);
                    sum[0] += f64::from(point[0]);
                    sum[1] += f64::from(point[1]);
                }
                sum
            })
            .collect();
        let center = parallel::ordered_sum(&partials).map(|sum| (sum / n as f64) as f32);
        self.positions.par_chunks_mut(2 * parallel::CHUNK).for_each(|positions| {
            for point in positions.as_chunks_mut::<2>().0 {
                point[0] -= center[0];
                point[1] -= center[1];
            }
        });
        self.iteration += 1;
    }

    /// The mean of all gains: forces that are noisy change sign from step to step and keep it low.
    pub(crate) fn mean_gain(&self) -> f64 {
        self.gains.iter().map(|&gain| f64::from(gain)).sum::<f64>() / self.gains.len().max(1) as f64
    }
}

#[inline(always)]
fn move_point(
    step: Step,
    point: &mut [f32; 2],
    velocity: &mut [f32; 2],
    gain: &mut [f32; 2],
    gradient: &[f32; 2],
) {
    for axis in 0..2 {
        let keeps_heading = gradient[axis] * velocity[axis] <= 0.0;
        gain[axis] =
            if keeps_heading { gain[axis] + GAIN_GROWTH } else { (gain[axis] * GAIN_DECAY).max(LEAST_GAIN) };
        velocity[axis] = step.momentum * velocity[axis] - step.learning_rate * gain[axis] * gradient[axis];
    }
    // In f64, where the square of any f32 is finite.
    let length = (f64::from(velocity[0]).powi(2) + f64::from(velocity[1]).powi(2)).sqrt() as f32;
    let scale = if length > LONGEST_STEP { LONGEST_STEP / length } else { 1.0 };
    for axis in 0..2 {
        velocity[axis] *= scale;
        point[axis] += velocity[axis];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_grow_while_the_gradient_persists_and_shrink_when_it_turns() {
        let mut state = State::new(vec![0.0, 0.0, 0.0, 0.0]);
        let step = Step { learning_rate: 0.1, momentum: 0.5 };
        state.step(step, &[1.0, -1.0, -1.0, 1.0]);
        assert_eq!(state.gains, [1.2; 4]);
        assert!((state.positions[0] + 0.12).abs() < 0.03);
        state.step(step, &[-1.0, -1.0, 1.0, 1.0]);
        assert_eq!(state.gains, [1.2 * GAIN_DECAY, 1.2 + GAIN_GROWTH, 1.2 * GAIN_DECAY, 1.2 + GAIN_GROWTH]);
        assert_eq!(state.iteration, 2);
    }

    #[test]
    fn the_map_stays_centered_and_steps_bounded() {
        let mut state = State::new(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        state.step(Step { learning_rate: 1.0, momentum: 0.8 }, &[1e30, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let mean: f32 = state.positions.iter().step_by(2).sum::<f32>() / 3.0;
        assert!(mean.abs() < 1e-6);
        assert!((state.velocities[0].abs() - LONGEST_STEP).abs() < 1e-3);
    }
}
