//! What happens in which iteration of a descent.
//!
//! A [`Schedule`] says what is asked for, and may leave to the number of points what depends on it. [`Schedule::plan`] gives the
//! [`Plan`] for a number of points, in which everything is a number, and [`Plan::at`] the one [`Step`] of an iteration: nowhere
//! else is it said what happens when.

mod momentum;
mod plan;

pub use momentum::{Friction, Momentum};
pub use plan::{Plan, PlannedPhase, Step};

use crate::error::{Result, legible, refuse};
use std::fmt;

/// The step size of a phase, for the gradient with its factor 4, as in scikit-learn. openTSNE and FIt-SNE leave the factor out: a
/// rate of theirs is four times ours.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum LearningRate {
    /// n / (4 · exaggeration) in the early phase, n / exaggeration in the other. A quarter of the rate makes early exaggeration what it is
    /// in theory, a power iteration that leaves the slow modes of P: at n / exaggeration the stiffest modes oscillate.
    #[default]
    Auto,
    /// The larger of 50 and n / 4 over the early exaggeration, in both phases: `learning_rate="auto"` of scikit-learn, after Belkina
    /// et al. 2019 (doi:10.1038/s41467-019-13055-y).
    Classic,
    /// This rate.
    Fixed(f64),
}

/// The longest step of a point in one iteration, in map units.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct StepBound {
    /// This share of the map's RMS radius before the step. `None`: the bound is [`most`](Self::most).
    pub share: Option<f64>,
    /// The bound is never shorter, …
    pub least: f64,
    /// … and never longer. Infinity is no bound.
    pub most: f64,
}

/// What a phase of the descent has of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Phase {
    /// The factor on attraction.
    pub exaggeration: f64,
    /// The step size.
    pub learning_rate: LearningRate,
    /// The share of a step that the next one keeps.
    pub momentum: Momentum,
    /// No gain grows beyond this. Infinity is no bound.
    pub most_gain: f64,
    /// The longest step.
    pub step_bound: StepBound,
}

/// Each coordinate's own factor on the learning rate: it grows while the gradient keeps pushing where the point is heading, and
/// shrinks when it points back (Jacobs 1988, doi:10.1016/0893-6080(88)90003-2).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Gains {
    /// What a gain grows by.
    pub growth: f64,
    /// What a gain is multiplied by when it shrinks.
    pub decay: f64,
    /// No gain falls below this.
    pub least: f64,
}

/// When a run ends, or begins to settle, before its time. Looked at after early exaggeration, from where the friction is least.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StopRules {
    /// When the norm of the gradient falls below this. Default `None`: never.
    pub min_gradient_norm: Option<f64>,
    /// When the KL divergence falls, per iteration, by less than this share of itself, looked at every 50 iterations. Default
    /// `None`: never; 1/5000 is the rule of Belkina et al. 2019 (doi:10.1038/s41467-019-13055-y).
    pub min_relative_progress: Option<f64>,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// All iterations were done.
    Iterations,
    /// The gradient became smaller than asked.
    GradientNorm,
    /// The KL divergence fell more slowly than asked.
    RelativeProgress,
    /// The observer stopped the run.
    Cancelled,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iterations => "iterations",
            Self::GradientNorm => "gradient norm",
            Self::RelativeProgress => "relative progress",
            Self::Cancelled => "cancelled",
        })
    }
}

/// What a descent does, as far as it does not depend on the data: two phases, and what they have in common.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Schedule {
    /// Iterations in all. `None`: by the number of points, as [`iterations_for`](Self::iterations_for) tells.
    pub iterations: Option<usize>,
    /// Those of them that are exaggerated, capped at all of them. `None`: a quarter, at most 125.
    pub early_iterations: Option<usize>,
    /// The first iterations, with attraction exaggerated.
    pub early: Phase,
    /// The others.
    pub normal: Phase,
    /// The gains of both phases.
    pub gains: Gains,
    /// When to end before the last iteration.
    pub stop: StopRules,
}

/// The bound of openTSNE and FIt-SNE (`max_step_norm`): a single point thrown far off would widen the map for all.
const LONGEST_STEP: f64 = 5.0;

impl Default for Schedule {
    fn default() -> Self {
        Self {
            iterations: None,
            early_iterations: None,
            early: Phase {
                exaggeration: 6.0,
                learning_rate: LearningRate::Auto,
                momentum: Momentum::Constant(0.9),
                most_gain: 1.0,
                step_bound: StepBound { share: None, least: 0.0, most: LONGEST_STEP },
            },
            normal: Phase {
                exaggeration: 1.0,
                learning_rate: LearningRate::Auto,
                momentum: Momentum::Settling(Friction::default()),
                most_gain: f64::INFINITY,
                step_bound: StepBound { share: Some(0.06), least: 0.25, most: 3.0 },
            },
            gains: Gains { growth: 0.1, decay: 0.9, least: 0.01 },
            stop: StopRules::default(),
        }
    }
}

impl Schedule {
    /// The textbook's: 250 exaggerated iterations of 1,000, momentum 0.5 and then 0.8, gains of +0.2 and × 0.8, and the learning rate of
    /// scikit-learn. For comparison with other implementations (van der Maaten & Hinton 2008, JMLR 9:2579; the rate by Belkina et al.
    /// 2019, doi:10.1038/s41467-019-13055-y).
    #[must_use]
    pub fn classic() -> Self {
        let phase = |exaggeration, momentum| Phase {
            exaggeration,
            learning_rate: LearningRate::Classic,
            momentum: Momentum::Constant(momentum),
            most_gain: f64::INFINITY,
            step_bound: StepBound { share: None, least: 0.0, most: LONGEST_STEP },
        };
        Self {
            iterations: Some(1_000),
            early_iterations: Some(250),
            early: phase(12.0, 0.5),
            normal: phase(1.0, 0.8),
            gains: Gains { growth: 0.2, decay: 0.8, least: 0.01 },
            stop: StopRules::default(),
        }
    }
}

/// Numbers of points for which fewer iterations are enough.
const FEWER_ITERATIONS: std::ops::Range<usize> = 10_000..100_000;

/// Most of the exaggerated iterations.
const MOST_EARLY: usize = 125;

/// Far beyond any use; with larger factors steps would leave the range of `f32`.
const MOST_EXAGGERATION: f64 = 1e4;
const MOST_LEARNING_RATE: f64 = 1e12;
const MOST_STEP: f64 = 1e12;

impl Schedule {
    /// What [`iterations`](Self::iterations) is by itself for so many points: 500, and 350 from 10,000 to below 100,000, where more buy
    /// half a percent to one and a half of the divergence. Of a million points they buy 3 %, because what is slow is slower the larger
    /// the map.
    #[must_use]
    pub fn iterations_for(n_samples: usize) -> usize {
        if FEWER_ITERATIONS.contains(&n_samples) { 350 } else { 500 }
    }

    /// Checks every number.
    ///
    /// # Errors
    /// Names the parameter, its value and its bound.
    pub fn validate(&self) -> Result<()> {
        if self.iterations == Some(0) {
            return refuse("iterations", "0".into(), "must be at least 1");
        }
        for (phase, names) in [
            (&self.early, ["early exaggeration", "learning rate", "early momentum"]),
            (&self.normal, ["exaggeration", "learning rate", "momentum"]),
        ] {
            phase.validate(names)?;
        }
        self.gains.validate()?;
        for (name, bound) in [
            ("minimal gradient norm", self.stop.min_gradient_norm),
            ("minimal relative progress", self.stop.min_relative_progress),
        ] {
            if let Some(bound) = bound
                && !(bound >= 0.0 && bound.is_finite())
            {
                return refuse(name, legible(bound), "must be finite and not negative");
            }
        }
        Ok(())
    }
}

impl Phase {
    fn validate(&self, [exaggeration, learning_rate, momentum]: [&'static str; 3]) -> Result<()> {
        if !(1.0..=MOST_EXAGGERATION).contains(&self.exaggeration) {
            let bound =
                format!("must be from 1 to {MOST_EXAGGERATION}; 6 to 12 is usual at first, and 1 later");
            return refuse(exaggeration, legible(self.exaggeration), &bound);
        }
        if let LearningRate::Fixed(rate) = self.learning_rate
            && !(rate > 0.0 && rate <= MOST_LEARNING_RATE)
        {
            let bound = format!("must be positive and at most {MOST_LEARNING_RATE:e}; auto is usual");
            return refuse(learning_rate, legible(rate), &bound);
        }
        self.momentum.validate(momentum)?;
        if self.most_gain.is_nan() || self.most_gain < 1.0 {
            return refuse(
                "the largest gain",
                legible(self.most_gain),
                "must be at least 1, where gains begin",
            );
        }
        self.step_bound.validate()
    }
}

impl StepBound {
    fn validate(&self) -> Result<()> {
        let Self { share, least, most } = *self;
        if !(most > 0.0 && (most <= MOST_STEP || most.is_infinite())) {
            let bound =
                format!("must be positive and at most {MOST_STEP:e}, or inf for no bound; 3 to 5 is usual");
            return refuse("the longest step", legible(most), &bound);
        }
        if !(least >= 0.0 && least <= most) {
            let bound = format!("must be from 0 to the longest step, {}", legible(most));
            return refuse("the least bound on steps", legible(least), &bound);
        }
        match share {
            Some(share) if !(share > 0.0 && share.is_finite()) => {
                let bound = "must be positive and finite; 0.06 of the map's radius is usual";
                refuse("the longest step as a share of the radius", legible(share), bound)
            }
            _ => Ok(()),
        }
    }

    /// The bound for a map of this RMS radius.
    fn at(&self, radius: f64) -> f64 {
        self.share.map_or(self.most, |share| (share * radius).max(self.least).min(self.most))
    }
}

impl Gains {
    fn validate(&self) -> Result<()> {
        let Self { growth, decay, least } = *self;
        if !(0.0..=1e3).contains(&growth) {
            return refuse("the growth of gains", legible(growth), "must be from 0 to 1000; 0.1 is usual");
        }
        if !(decay > 0.0 && decay <= 1.0) {
            return refuse(
                "the decay of gains",
                legible(decay),
                "must be above 0 and at most 1; 0.9 is usual",
            );
        }
        if !(least > 0.0 && least <= 1.0) {
            return refuse("the least gain", legible(least), "must be above 0 and at most 1; 0.01 is usual");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
