//! Gradient descent with momentum and gains.

mod general;

use crate::gradient::space::Space;
use crate::parallel;
use crate::schedule::Step;
use crate::simd;
use rayon::prelude::*;

/// What an iteration changes of the points. ARCHITECTURE.md tells what else a checkpoint would need.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) positions: Vec<f32>,
    pub(crate) velocities: Vec<f32>,
    pub(crate) gains: Vec<f32>,
    /// Iterations finished.
    pub(crate) iteration: usize,
    /// The RMS distance of the points from their center.
    pub(crate) radius: f64,
    space: Space,
}

/// A [`Step`] in the numbers of a loop.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Settings {
    /// The gradient is this times attraction …
    pull: f32,
    /// … less this times repulsion.
    push: f32,
    learning_rate: f32,
    momentum: f32,
    longest_step: f32,
    gain_growth: f32,
    gain_decay: f32,
    least_gain: f32,
    most_gain: f32,
}

impl Settings {
    fn new(step: &Step, normalizer: f64, space: Space) -> Self {
        let factor = space.gradient_factor();
        Self {
            pull: (factor * step.exaggeration) as f32,
            push: (factor / normalizer) as f32,
            learning_rate: step.learning_rate as f32,
            momentum: step.momentum as f32,
            longest_step: step.longest_step as f32,
            gain_growth: step.gains.growth as f32,
            gain_decay: step.gains.decay as f32,
            least_gain: step.gains.least as f32,
            most_gain: step.most_gain as f32,
        }
    }
}

/// Coordinates handled side by side; even ones are x.
const LANES: usize = 16;

/// Sums over a chunk, lane by lane.
#[derive(Clone, Copy, Debug)]
struct Sums {
    squared_gradient: [f64; LANES],
    positions: [f64; LANES],
    squared_positions: [f64; LANES],
}

impl State {
    pub(crate) fn new(positions: Vec<f32>, space: Space) -> Self {
        let zeros = vec![0.0; positions.len()];
        let radius = match space.n_components {
            2 => radius(&positions),
            c => general::radius(&positions, c),
        };
        Self { gains: vec![1.0; positions.len()], velocities: zeros, positions, iteration: 0, radius, space }
    }

    /// Takes every point to a new place: `moves` has the old one of each new.
    pub(crate) fn arrange(&mut self, moves: &[u32]) {
        for values in [&mut self.positions, &mut self.velocities, &mut self.gains] {
            let old = values.as_chunks::<2>().0;
            *values = moves.iter().flat_map(|&place| old[place as usize]).collect();
        }
    }

    /// Moves every point along its gradient, (exaggeration · `attraction` − `repulsion` / `normalizer`) times
    /// [the kernel's factor](Space::gradient_factor), and centers the map.
    /// Returns the norm of the gradient.
    pub(crate) fn step(
        &mut self,
        step: &Step,
        normalizer: f64,
        attraction: &[f32],
        repulsion: &[f32],
    ) -> f64 {
        let settings = Settings::new(step, normalizer, self.space);
        if self.space.n_components != 2 {
            return self.step_in_general(settings, attraction, repulsion);
        }
        let n = self.positions.len() / 2;
        let sums: Vec<Sums> = self
            .positions
            .par_chunks_mut(2 * parallel::CHUNK)
            .zip(self.velocities.par_chunks_mut(2 * parallel::CHUNK))
            .zip(self.gains.par_chunks_mut(2 * parallel::CHUNK))
            .zip(attraction.par_chunks(2 * parallel::CHUNK).zip(repulsion.par_chunks(2 * parallel::CHUNK)))
            .map(|(((positions, velocities), gains), forces)| {
                simd::vectorize!(move_points(settings, positions, velocities, gains, forces))
            })
            .collect();
        let (mut squared_gradient, mut squared_positions, mut center) = (0.0, 0.0, [0.0; 2]);
        for sums in &sums {
            squared_gradient += sums.squared_gradient.iter().sum::<f64>();
            squared_positions += sums.squared_positions.iter().sum::<f64>();
            for (lane, sum) in sums.positions.iter().enumerate() {
                center[lane % 2] += sum;
            }
        }
        let center = center.map(|sum| sum / n as f64);
        let off_center: f64 = center.iter().map(|mean| mean * mean).sum();
        self.radius = (squared_positions / n as f64 - off_center).max(0.0).sqrt();
        let center = center.map(|mean| mean as f32);
        self.positions.par_chunks_mut(2 * parallel::CHUNK).for_each(|positions| {
            for point in positions.as_chunks_mut::<2>().0 {
                point[0] -= center[0];
                point[1] -= center[1];
            }
        });
        self.iteration += 1;
        squared_gradient.sqrt()
    }

    /// The mean of all gains: forces that are noisy change sign from step to step and keep it low.
    pub(crate) fn mean_gain(&self) -> f64 {
        self.gains.iter().map(|&gain| f64::from(gain)).sum::<f64>() / self.gains.len().max(1) as f64
    }
}

/// The RMS distance of points from their center.
fn radius(positions: &[f32]) -> f64 {
    let points = positions.as_chunks::<2>().0;
    let sums = parallel::sum(points.len(), |range| {
        let mut sums = [0.0; 3];
        for &[x, y] in &points[range] {
            let (x, y) = (f64::from(x), f64::from(y));
            sums = [sums[0] + x, sums[1] + y, sums[2] + (x * x + y * y)];
        }
        sums
    });
    let [x, y, squares] = sums.map(|sum| sum / points.len().max(1) as f64);
    (squares - (x * x + y * y)).max(0.0).sqrt()
}

/// Moves the points of a chunk.
#[inline(always)]
fn move_points(
    settings: Settings,
    positions: &mut [f32],
    velocities: &mut [f32],
    gains: &mut [f32],
    (attraction, repulsion): (&[f32], &[f32]),
) -> Sums {
    let mut squared_gradient = [0.0; LANES];
    let mut fastest = [0.0_f32; LANES];
    let blocks = velocities.chunks_mut(LANES).zip(gains.chunks_mut(LANES));
    let forces = attraction.chunks(LANES).zip(repulsion.chunks(LANES));
    for ((velocities, gains), (attraction, repulsion)) in blocks.zip(forces) {
        for (lane, (velocity, gain)) in velocities.iter_mut().zip(gains).enumerate() {
            let gradient = settings.pull * attraction[lane] - settings.push * repulsion[lane];
            squared_gradient[lane] += f64::from(gradient) * f64::from(gradient);
            let keeps_heading = gradient * *velocity <= 0.0;
            *gain = if keeps_heading {
                (*gain + settings.gain_growth).min(settings.most_gain)
            } else {
                (*gain * settings.gain_decay).max(settings.least_gain)
            };
            *velocity = settings.momentum * *velocity - settings.learning_rate * *gain * gradient;
            fastest[lane] = fastest[lane].max(velocity.abs());
        }
    }
    // A step is at most as long as |vx| + |vy|: where both are below half of the bound, none is too long.
    let longest = settings.longest_step;
    if fastest.into_iter().fold(0.0, f32::max) > longest / 2.0 {
        velocities.as_chunks_mut::<2>().0.iter_mut().for_each(|velocity| shorten(velocity, longest));
    }
    let (mut sums, mut squares) = ([0.0; LANES], [0.0; LANES]);
    for (positions, velocities) in positions.chunks_mut(LANES).zip(velocities.chunks(LANES)) {
        for (lane, (position, velocity)) in positions.iter_mut().zip(velocities).enumerate() {
            *position += velocity;
            let position = f64::from(*position);
            sums[lane] += position;
            squares[lane] += position * position;
        }
    }
    Sums { squared_gradient, positions: sums, squared_positions: squares }
}

/// Brings a step to the longest that is allowed.
#[inline(always)]
fn shorten(velocity: &mut [f32; 2], longest: f32) {
    // In f64, where the square of any f32 is finite.
    let length = (f64::from(velocity[0]).powi(2) + f64::from(velocity[1]).powi(2)).sqrt() as f32;
    if length > longest {
        *velocity = velocity.map(|part| part * (longest / length));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::schedule::Schedule;

    fn in_the_plane(positions: Vec<f32>) -> State {
        State::new(positions, Space::USUAL)
    }

    /// The textbook's gains and bound, with this rate and momentum.
    fn step(learning_rate: f64, momentum: f64) -> Step {
        let usual = Schedule::classic().plan(100).at(0, 0, 1.0);
        Step { learning_rate, momentum, exaggeration: 0.25, ..usual }
    }

    #[test]
    fn gains_grow_while_the_gradient_persists_and_shrink_when_it_turns() {
        let mut state = in_the_plane(vec![0.0, 0.0, 0.0, 0.0]);
        let norm = state.step(&step(0.1, 0.5), 4.0, &[2.0, 0.0, 0.0, 2.0], &[1.0, 1.0, 1.0, 1.0]);
        assert!((norm - 2.0).abs() < 1e-12);
        assert_eq!(state.gains, [1.2; 4]);
        assert!((state.positions[0] + 0.12).abs() < 0.03);
        state.step(&step(0.1, 0.5), 4.0, &[-1.0, -1.0, 1.0, 1.0], &[0.0; 4]);
        assert_eq!(state.gains, [1.2 * 0.8, 1.2 + 0.2, 1.2 * 0.8, 1.2 + 0.2]);
        assert_eq!(state.iteration, 2);
        let capped = Step { most_gain: 1.3, ..step(0.1, 0.5) };
        state.step(&capped, 4.0, &[0.0; 4], &[0.0; 4]);
        assert_eq!(state.gains, [1.2 * 0.8 + 0.2, 1.3, 1.2 * 0.8 + 0.2, 1.3]);
    }

    #[test]
    fn the_map_stays_centered_and_steps_bounded() {
        for bound in [5.0, 0.25] {
            let mut state = in_the_plane(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
            let step = Step { longest_step: bound, ..step(1.0, 0.8) };
            state.step(&step, 4.0, &[1e30, 0.0, 0.0, 0.0, 0.0, 0.0], &[0.0; 6]);
            let mean: f32 = state.positions.iter().step_by(2).sum::<f32>() / 3.0;
            assert!(mean.abs() < 1e-6);
            assert!((f64::from(state.velocities[0].abs()) - bound).abs() < 1e-3);
        }
    }

    #[test]
    fn the_radius_is_the_rms_distance_from_the_center() {
        let mut state = in_the_plane(vec![101.0, 0.0, 99.0, 0.0, 100.0, 2.0, 100.0, -2.0]);
        assert!((state.radius - 2.5_f64.sqrt()).abs() < 1e-9);
        state.step(&step(1.0, 0.8), 4.0, &[0.5, 0.0, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0], &[0.0; 8]);
        assert!((state.radius - radius(&state.positions)).abs() < 1e-5);
    }

    #[test]
    fn chunks_are_moved_as_points_one_by_one() {
        let n = 3 * parallel::CHUNK / 2 + 5;
        let wave = |phase: f64, scale: f64| -> Vec<f32> {
            (0..2 * n).map(|i| (scale * (i as f64 * phase).sin()) as f32).collect()
        };
        let mut state = in_the_plane(wave(0.7, 10.0));
        let (mut positions, mut velocities, mut gains) =
            (state.positions.clone(), state.velocities.clone(), state.gains.clone());
        for (phase, scale) in [(0.31, 1.0), (0.17, 8.0), (0.53, 3.0)] {
            let (pull, push) = (wave(phase, scale), wave(0.9 * phase, 0.5 * scale));
            let step = Step { exaggeration: 0.5, ..step(0.5, 0.8) };
            let norm = state.step(&step, 4.0 / 0.3, &pull, &push);
            let mut squared = 0.0;
            for i in 0..2 * n {
                let gradient = 2.0 * pull[i] - 0.3 * push[i];
                squared += f64::from(gradient).powi(2);
                let grows = gradient * velocities[i] <= 0.0;
                gains[i] = if grows { gains[i] + 0.2 } else { (gains[i] * 0.8).max(0.01) };
                velocities[i] = 0.8 * velocities[i] - 0.5 * gains[i] * gradient;
            }
            for (velocity, position) in velocities.chunks_mut(2).zip(positions.chunks_mut(2)) {
                let length = f64::from(velocity[0]).hypot(f64::from(velocity[1]));
                let scale = if length > 5.0 { 5.0 / length } else { 1.0 };
                for axis in 0..2 {
                    velocity[axis] = (f64::from(velocity[axis]) * scale) as f32;
                    position[axis] += velocity[axis];
                }
            }
            let center = [0, 1].map(|axis| {
                positions.iter().skip(axis).step_by(2).map(|&x| f64::from(x)).sum::<f64>() / n as f64
            });
            positions.iter_mut().enumerate().for_each(|(i, x)| *x -= center[i % 2] as f32);
            assert!((norm - squared.sqrt()).abs() < 1e-9 * norm);
            assert!((state.radius - radius(&positions)).abs() < 1e-4);
            for (found, expected) in state.positions.iter().zip(&positions) {
                assert!((found - expected).abs() < 2e-5, "{found} for {expected}");
            }
        }
        assert!(velocities.chunks(2).any(|v| v[0].hypot(v[1]) > 4.99), "some steps are shortened");
    }

    #[test]
    fn arranging_takes_points_along() {
        let mut state = in_the_plane(vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        state.arrange(&[2, 0, 1]);
        assert_eq!(state.positions, [4.0, 5.0, 0.0, 1.0, 2.0, 3.0]);
    }
}
