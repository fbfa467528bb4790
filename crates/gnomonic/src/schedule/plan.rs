//! A schedule in numbers, and the step of each iteration.

use super::{Gains, LearningRate, MOST_EARLY, Momentum, Phase, Schedule, StepBound, StopRules};

/// A [`Schedule`] for a known number of points: nothing in it is left open.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// The exaggerated iterations, possibly none.
    pub early: PlannedPhase,
    /// The others.
    pub normal: PlannedPhase,
    /// The gains of both phases.
    pub gains: Gains,
    /// When to end, or settle, before the time.
    pub stop: StopRules,
}

/// A phase of a [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PlannedPhase {
    /// Iterations of this phase.
    pub iterations: usize,
    /// The factor on attraction.
    pub exaggeration: f64,
    /// The step size, for a gradient with the factor 4.
    pub learning_rate: f64,
    /// The share of a step that the next one keeps; of a friction, the least is known.
    pub momentum: Momentum,
    /// No gain grows beyond this.
    pub most_gain: f64,
    /// The longest step.
    pub step_bound: StepBound,
}

/// What one iteration does.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The factor on attraction.
    pub exaggeration: f64,
    /// The step size, for a gradient with the factor 4.
    pub learning_rate: f64,
    /// The share of the last step that is kept.
    pub momentum: f64,
    /// No point moves farther than this, in map units.
    pub longest_step: f64,
    /// How gains change, …
    pub gains: Gains,
    /// … and what none grows beyond.
    pub most_gain: f64,
}

impl Schedule {
    /// The schedule in numbers for `n_samples` points.
    #[must_use]
    pub fn plan(&self, n_samples: usize) -> Plan {
        let n = n_samples as f64;
        let iterations = self.iterations.unwrap_or_else(|| Self::iterations_for(n_samples));
        let early = self.early_iterations.unwrap_or((iterations / 4).min(MOST_EARLY)).min(iterations);
        let planned = |phase: &Phase, iterations, auto_rate| PlannedPhase {
            iterations,
            exaggeration: phase.exaggeration,
            learning_rate: match phase.learning_rate {
                LearningRate::Auto => auto_rate,
                LearningRate::Classic => (n / (4.0 * self.early.exaggeration)).max(50.0),
                LearningRate::Fixed(rate) => rate,
            },
            momentum: phase.momentum.resolve(n_samples),
            most_gain: phase.most_gain,
            step_bound: phase.step_bound,
        };
        Plan {
            early: planned(&self.early, early, n / (4.0 * self.early.exaggeration)),
            normal: planned(&self.normal, iterations - early, n / self.normal.exaggeration),
            gains: self.gains,
            stop: self.stop,
        }
    }
}

/// No map is judged before so many iterations: one that has hardly left its start has next to no gradient.
pub(super) const FIRST_WATCHED: usize = 50;

impl Plan {
    /// Iterations in all.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.early.iterations + self.normal.iterations
    }

    /// The iteration from which the map settles when no stop rule has it settle sooner; the end of the run where nothing settles.
    #[must_use]
    pub fn settles_from(&self) -> usize {
        self.early.iterations + self.normal.settles_from()
    }

    /// How many iterations a map settles for.
    #[must_use]
    pub fn n_settling(&self) -> usize {
        self.normal.iterations - self.normal.settles_from()
    }

    /// The iteration from which the stop rules are looked at: the divergence of a map that has just been let go, or is still being
    /// sped up, says little.
    pub(crate) fn watched_from(&self) -> usize {
        (self.early.iterations + self.normal.glides_from()).max(FIRST_WATCHED)
    }

    /// What is done in `iteration`, from 0, when the map's RMS radius before it is `radius` and the map settles from the iteration
    /// `settles_from`.
    #[must_use]
    pub fn at(&self, iteration: usize, settles_from: usize, radius: f64) -> Step {
        let (phase, at, settles_from) = match iteration.checked_sub(self.early.iterations) {
            None => (&self.early, iteration, self.early.settles_from()),
            Some(at) => (&self.normal, at, settles_from.saturating_sub(self.early.iterations)),
        };
        let momentum = match phase.momentum {
            Momentum::Constant(momentum) => momentum,
            Momentum::Settling(friction) => {
                let n_settling = phase.iterations - phase.settles_from();
                1.0 - friction.at(at, phase.iterations, settles_from, n_settling)
            }
        };
        Step {
            exaggeration: phase.exaggeration,
            learning_rate: phase.learning_rate,
            momentum,
            longest_step: phase.step_bound.at(radius),
            gains: self.gains,
            most_gain: phase.most_gain,
        }
    }
}

impl PlannedPhase {
    /// The iteration of the phase from which it settles, if it does.
    fn settles_from(&self) -> usize {
        match self.momentum {
            Momentum::Settling(friction) => {
                ((friction.settles_from * self.iterations as f64).round() as usize).min(self.iterations)
            }
            Momentum::Constant(_) => self.iterations,
        }
    }

    /// The iteration of the phase from which its friction is least.
    fn glides_from(&self) -> usize {
        match self.momentum {
            Momentum::Settling(friction) => (friction.glides_from * self.iterations as f64).ceil() as usize,
            Momentum::Constant(_) => 0,
        }
    }
}
