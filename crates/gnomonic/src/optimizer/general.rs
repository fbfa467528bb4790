//! Steps in other than two dimensions.

use super::{Settings, State};
use crate::parallel;
use rayon::prelude::*;

/// Sums over the points of a chunk.
struct Sums {
    squared_gradient: f64,
    squared_positions: f64,
    /// Of the coordinates along each axis.
    positions: Vec<f64>,
}

impl State {
    /// [`step`](Self::step) in any number of dimensions.
    pub(super) fn step_in_general(
        &mut self,
        settings: Settings,
        attraction: &[f32],
        repulsion: &[f32],
    ) -> f64 {
        let c = self.space.n_components;
        let (n, chunk) = (self.positions.len() / c, c * parallel::CHUNK);
        let sums: Vec<Sums> = self
            .positions
            .par_chunks_mut(chunk)
            .zip(self.velocities.par_chunks_mut(chunk))
            .zip(self.gains.par_chunks_mut(chunk))
            .zip(attraction.par_chunks(chunk).zip(repulsion.par_chunks(chunk)))
            .map(|(((positions, velocities), gains), forces)| {
                move_points(settings, c, positions, velocities, gains, forces)
            })
            .collect();
        let (mut squared_gradient, mut squared_positions, mut center) = (0.0, 0.0, vec![0.0; c]);
        for sums in &sums {
            squared_gradient += sums.squared_gradient;
            squared_positions += sums.squared_positions;
            center.iter_mut().zip(&sums.positions).for_each(|(center, sum)| *center += sum);
        }
        center.iter_mut().for_each(|center| *center /= n as f64);
        let off_center: f64 = center.iter().map(|mean| mean * mean).sum();
        self.radius = (squared_positions / n as f64 - off_center).max(0.0).sqrt();
        let center: Vec<f32> = center.into_iter().map(|mean| mean as f32).collect();
        self.positions.par_chunks_mut(chunk).for_each(|positions| {
            for point in positions.chunks_exact_mut(c) {
                point.iter_mut().zip(&center).for_each(|(coordinate, center)| *coordinate -= center);
            }
        });
        self.iteration += 1;
        squared_gradient.sqrt()
    }
}

fn move_points(
    settings: Settings,
    c: usize,
    positions: &mut [f32],
    velocities: &mut [f32],
    gains: &mut [f32],
    (attraction, repulsion): (&[f32], &[f32]),
) -> Sums {
    let mut sums = Sums { squared_gradient: 0.0, squared_positions: 0.0, positions: vec![0.0; c] };
    let forces = attraction.iter().zip(repulsion);
    for ((velocity, gain), (attraction, repulsion)) in velocities.iter_mut().zip(gains).zip(forces) {
        let gradient = settings.pull * attraction - settings.push * repulsion;
        sums.squared_gradient += f64::from(gradient) * f64::from(gradient);
        *gain = if gradient * *velocity <= 0.0 {
            (*gain + settings.gain_growth).min(settings.most_gain)
        } else {
            (*gain * settings.gain_decay).max(settings.least_gain)
        };
        *velocity = settings.momentum * *velocity - settings.learning_rate * *gain * gradient;
    }
    for (position, velocity) in positions.chunks_exact_mut(c).zip(velocities.chunks_exact_mut(c)) {
        shorten(velocity, settings.longest_step);
        for ((coordinate, part), sum) in position.iter_mut().zip(velocity).zip(&mut sums.positions) {
            *coordinate += *part;
            let coordinate = f64::from(*coordinate);
            *sum += coordinate;
            sums.squared_positions += coordinate * coordinate;
        }
    }
    sums
}

/// Brings a step to the longest that is allowed.
fn shorten(velocity: &mut [f32], longest: f32) {
    // In f64, where the square of any f32 is finite.
    let length = velocity.iter().map(|&part| f64::from(part).powi(2)).sum::<f64>().sqrt() as f32;
    if length > longest {
        velocity.iter_mut().for_each(|part| *part *= longest / length);
    }
}

/// The RMS distance of points of c coordinates from their center.
pub(super) fn radius(positions: &[f32], c: usize) -> f64 {
    let n = (positions.len() / c).max(1) as f64;
    let axes = (0..c).map(|axis| {
        let [sum, squares] = parallel::sum(positions.len() / c, |rows| {
            let values = rows.map(|row| f64::from(positions[row * c + axis]));
            values.fold([0.0; 2], |[sum, squares], value| [sum + value, squares + value * value])
        });
        squares / n - (sum / n).powi(2)
    });
    axes.sum::<f64>().max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::{State, radius as radius_in_the_plane};
    use super::*;
    use crate::gradient::space::Space;
    use crate::schedule::Schedule;

    #[test]
    fn a_map_on_a_plane_in_space_moves_as_in_the_plane() {
        let n = 700;
        let wave = |phase: f64, scale: f64| -> Vec<f32> {
            (0..2 * n).map(|i| (scale * (i as f64 * phase).sin()) as f32).collect()
        };
        let in_space = |flat: &[f32]| -> Vec<f32> {
            flat.as_chunks::<2>().0.iter().flat_map(|&[x, y]| [x, 0.0, y]).collect()
        };
        let start = wave(0.7, 10.0);
        let mut plane = State::new(start.clone(), Space::USUAL);
        let mut space = State::new(in_space(&start), Space { n_components: 3, dof: 1.0 });
        let step = Schedule::classic().plan(n).at(0, 0, 1.0);
        for phase in [0.31, 0.17, 0.53] {
            let (pull, push) = (wave(phase, 0.02), wave(0.9 * phase, 0.01));
            let norm = plane.step(&step, 2.0, &pull, &push);
            let same = space.step(&step, 2.0, &in_space(&pull), &in_space(&push));
            assert!((norm / same - 1.0).abs() < 1e-9 && (plane.radius - space.radius).abs() < 1e-4);
            for (a, b) in in_space(&plane.positions).iter().zip(&space.positions) {
                assert!((a - b).abs() < 1e-4, "{a} and {b}");
            }
        }
        assert!((radius(&in_space(&start), 3) - radius_in_the_plane(&start)).abs() < 1e-9);
    }
}
