//! The descent: iterations from a start to a map, under a schedule.

use crate::affinities::Affinities;
use crate::gradient::attraction::{self, Attraction};
use crate::gradient::general::MOST_FIELD_COMPONENTS;
use crate::gradient::repulsion::{self, Repulsion, RepulsionMethod};
use crate::gradient::space::Space;
use crate::observer::{Control, Iteration, Observer, Positions, Stage, Warning};
use crate::optimizer::State;
use crate::schedule::{Plan, Stop};

/// The KL divergence is computed on every 50th iteration, as in other implementations, and in the last.
const REPORT_EVERY: usize = 50;

/// Iterations before which the points are brought into the order of the map: at the start, when clusters have formed, and when
/// they have spread. For speed; of the result only last bits depend on it, where sums go over all points.
const ARRANGE_AT: [usize; 3] = [0, 100, 300];

/// Up to here the KL divergence of the finished map is given with Z over all pairs: at most a second's work.
const EXACT_NORMALIZER_UP_TO: usize = 50_000;

/// A descent under way. Points stand where [`Attraction::arrange`] has put them.
pub(crate) struct Descent<'a> {
    plan: Plan,
    space: Space,
    affinities: &'a Affinities,
    negative_entropy: f64,
    repulsion: Box<dyn Repulsion>,
    attraction: Attraction<'a>,
    state: State,
    /// Attraction and repulsion by place.
    pull: Vec<f32>,
    push: Vec<f32>,
    /// The last divergence that the stop rules saw, and the iteration that it was of.
    last_divergence: Option<(usize, f64)>,
    /// The iteration from which the map settles.
    settles_from: usize,
    /// The stop rule that had it settle before its time.
    stopped_by: Option<Stop>,
}

/// What a descent has come to.
pub(crate) struct Outcome {
    pub(crate) positions: Vec<f32>,
    pub(crate) iterations: usize,
    pub(crate) settled: bool,
    pub(crate) stop: Stop,
    pub(crate) mean_gain: f64,
    pub(crate) kl_divergence: f64,
    /// Whether Z is the sum over all pairs.
    pub(crate) exact_normalizer: bool,
    pub(crate) field_spacing: Option<f64>,
    /// That the map is too wide for the grid that forces or Z should have had, if it is.
    pub(crate) coarse_field: Option<Warning>,
}

impl<'a> Descent<'a> {
    /// Starts at `positions`, those of one point after another, a point for each row of P.
    pub(crate) fn new(
        plan: Plan,
        space: Space,
        affinities: &'a Affinities,
        repulsion: RepulsionMethod,
        positions: Vec<f32>,
    ) -> Self {
        Self {
            settles_from: plan.settles_from(),
            plan,
            space,
            affinities,
            negative_entropy: affinities.negative_entropy(),
            repulsion: repulsion.start(affinities.n_samples(), space),
            attraction: Attraction::new(affinities, space),
            pull: vec![0.0; positions.len()],
            push: vec![0.0; positions.len()],
            state: State::new(positions, space),
            last_divergence: None,
            stopped_by: None,
        }
    }

    /// Iterates until the schedule, a stop rule or the observer ends it, and returns the map with its divergence.
    pub(crate) fn run(mut self, observer: &mut dyn Observer) -> Outcome {
        let mut stop = Stop::Iterations;
        while self.state.iteration < self.end() {
            let iteration = self.state.iteration;
            if iteration == 0 && self.plan.early.iterations > 0 {
                observer.stage(Stage::EarlyExaggeration);
            }
            if iteration == self.plan.early.iterations {
                observer.stage(Stage::Optimization);
            }
            if ARRANGE_AT.contains(&iteration)
                && let Some(moves) = self.attraction.arrange(&self.state.positions)
            {
                self.state.arrange(&moves);
            }
            // What is asked after the last iteration comes too late to stop anything.
            if self.iterate(observer) == Control::Stop && self.state.iteration < self.end() {
                stop = Stop::Cancelled;
                break;
            }
        }
        observer.stage(Stage::FinalDivergence);
        self.finish(stop)
    }

    /// The number of iterations that the run ends after, as it stands now.
    fn end(&self) -> usize {
        (self.settles_from + self.plan.n_settling()).min(self.plan.iterations())
    }

    fn iterate(&mut self, observer: &mut dyn Observer) -> Control {
        let iteration = self.state.iteration;
        let step = self.plan.at(iteration, self.settles_from, self.state.radius);
        let finished = iteration + 1;
        let divergence_due = finished.is_multiple_of(REPORT_EVERY) || finished == self.end();
        let positions = &self.state.positions;
        // Side by side: where the field has work for one thread only, the others pull.
        let (normalizer, ()) = rayon::join(
            || self.repulsion.forces(positions, &mut self.push),
            || self.attraction.forces(positions, &mut self.pull),
        );
        let kl_divergence = divergence_due.then(|| {
            let cross_entropy = self.attraction.watched_cross_entropy(&self.state.positions);
            self.negative_entropy + cross_entropy + normalizer.ln()
        });
        let gradient_norm = self.state.step(&step, normalizer, &self.pull, &self.push);
        let control = observer.iteration(&Iteration {
            iteration: finished,
            iterations: self.end(),
            exaggeration: step.exaggeration,
            momentum: step.momentum,
            kl_divergence,
            gradient_norm,
            positions: Positions { by_place: &self.state.positions, order: self.attraction.order() },
        });
        let progress = self.progress(finished, kl_divergence);
        if self.plan.watched_from() <= iteration && finished < self.settles_from {
            let rule = self.stop_rule(gradient_norm, progress);
            if rule.is_some() {
                (self.stopped_by, self.settles_from) = (rule, finished);
            }
        }
        control
    }

    /// How fast the divergence has fallen since it was last looked at, when it is looked at again; early exaggeration does not count.
    fn progress(&mut self, finished: usize, kl_divergence: Option<f64>) -> Option<f64> {
        let now = kl_divergence.filter(|_| finished > self.plan.early.iterations)?;
        let before = self.last_divergence.replace((finished, now))?;
        Some(relative_progress(before, (finished, now)))
    }

    /// The rule by which the map may come to rest.
    fn stop_rule(&self, gradient_norm: f64, progress: Option<f64>) -> Option<Stop> {
        let rules = self.plan.stop;
        let below =
            |value: Option<f64>, least: Option<f64>| value.zip(least).is_some_and(|(v, least)| v < least);
        if below(Some(gradient_norm), rules.min_gradient_norm) {
            Some(Stop::GradientNorm)
        } else {
            below(progress, rules.min_relative_progress).then_some(Stop::RelativeProgress)
        }
    }

    /// The map as it is, with its KL divergence.
    fn finish(mut self, stop: Stop) -> Outcome {
        let field_spacing = self.repulsion.spacing();
        let positions =
            Positions { by_place: &self.state.positions, order: self.attraction.order() }.in_order();
        let mut coarse_field = coarse_field(&*self.repulsion);
        let exact_normalizer = self.affinities.n_samples() <= EXACT_NORMALIZER_UP_TO
            || self.space.n_components > MOST_FIELD_COMPONENTS;
        let normalizer = if exact_normalizer {
            repulsion::exact_normalizer(&positions, self.space)
        } else {
            // The field's Z, whatever moved the points: a tree's is ten times less exact.
            let mut field = RepulsionMethod::Field.start(self.affinities.n_samples(), self.space);
            let normalizer = field.forces(&positions, &mut self.push);
            coarse_field = coarse_field.or(self::coarse_field(&*field));
            normalizer
        };
        let cross_entropy = attraction::cross_entropy(self.affinities, self.space, &positions);
        Outcome {
            iterations: self.state.iteration,
            settled: self.state.iteration == self.end(),
            stop: if stop == Stop::Iterations { self.stopped_by.unwrap_or(stop) } else { stop },
            mean_gain: self.state.mean_gain(),
            // A divergence is never negative; of a map that is as P asks, rounding may leave it so.
            kl_divergence: (self.negative_entropy + cross_entropy + normalizer.ln()).max(0.0),
            exact_normalizer,
            field_spacing,
            coarse_field,
            positions,
        }
    }
}

/// The share of itself by which a divergence falls in an iteration, from one iteration to another: at the end of a run they may be
/// fewer than [`REPORT_EVERY`] apart.
fn relative_progress((since, before): (usize, f64), (finished, now): (usize, f64)) -> f64 {
    (before - now) / now.abs() / (finished - since) as f64
}

/// That the last map was too wide for the grid that it should have had, if it was.
fn coarse_field(repulsion: &dyn Repulsion) -> Option<Warning> {
    let asked = repulsion.finer_spacing_wanted()?;
    Some(Warning::CoarseField { asked, used: repulsion.spacing()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_that_of_the_iterations_that_have_passed() {
        assert_eq!(relative_progress((700, 2.1), (750, 2.0)), (2.1 - 2.0) / 2.0 / 50.0);
        assert_eq!(relative_progress((750, 2.1), (760, 2.0)), (2.1 - 2.0) / 2.0 / 10.0);
    }
}
