//! The descent: iterations from a start to a map, under a schedule.

use crate::affinities::Affinities;
use crate::gradient::attraction::{self, Attraction};
use crate::gradient::repulsion::{self, Repulsion, RepulsionMethod};
use crate::observer::{Control, Iteration, Observer, Positions, Stage, Warning};
use crate::optimizer::{State, Step};
use crate::record::Stop;

/// The step size of the descent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum LearningRate {
    /// n / exaggeration in each phase, for the gradient with its factor 4: four times the rate of openTSNE's convention, and
    /// scikit-learn's times four during exaggeration. Stable on digits from 1,000 to 70,000 points; other rates were not compared.
    #[default]
    Auto,
    /// The same rate throughout, in scikit-learn's convention (gradient with factor 4).
    Fixed(f64),
}

impl LearningRate {
    fn resolve(self, n_samples: usize, exaggeration: f64) -> f64 {
        match self {
            Self::Auto => n_samples as f64 / exaggeration,
            Self::Fixed(rate) => rate,
        }
    }
}

/// Momentum during early exaggeration and after it (van der Maaten & Hinton 2008).
pub(crate) const MOMENTA: [f64; 2] = [0.5, 0.8];

/// The KL divergence is computed on every 50th iteration, as in other implementations.
const REPORT_EVERY: usize = 50;

/// Iterations before which the points are brought into the order of the map: at the start, when clusters have formed, and when
/// they have spread. For speed; of the result only last bits depend on it, where sums go over all points.
const ARRANGE_AT: [usize; 3] = [0, 100, 300];

/// Up to here the KL divergence of the finished map is given with Z over all pairs: at most a second's work.
const EXACT_NORMALIZER_UP_TO: usize = 50_000;

/// What is done in which iteration, and when to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Schedule {
    pub(crate) iterations: usize,
    pub(crate) early_exaggeration: f64,
    pub(crate) early_exaggeration_iterations: usize,
    pub(crate) learning_rate: LearningRate,
    pub(crate) min_gradient_norm: Option<f64>,
    pub(crate) min_relative_progress: Option<f64>,
}

impl Schedule {
    /// Exaggerated iterations: no more than there are.
    pub(crate) fn exaggerated(&self) -> usize {
        self.early_exaggeration_iterations.min(self.iterations)
    }

    /// The factor on attraction in phase 0 (early) or 1.
    fn exaggeration(&self, phase: usize) -> f64 {
        if phase == 0 { self.early_exaggeration } else { 1.0 }
    }

    /// The learning rates of the two phases.
    pub(crate) fn learning_rates(&self, n_samples: usize) -> [f64; 2] {
        [0, 1].map(|phase| self.learning_rate.resolve(n_samples, self.exaggeration(phase)))
    }
}

/// A descent under way. Points stand where [`Attraction::arrange`] has put them.
pub(crate) struct Descent<'a> {
    schedule: Schedule,
    affinities: &'a Affinities,
    negative_entropy: f64,
    repulsion: Box<dyn Repulsion>,
    attraction: Attraction<'a>,
    state: State,
    /// Attraction and repulsion by place.
    pull: Vec<f32>,
    push: Vec<f32>,
    last_divergence: Option<f64>,
}

/// What a descent has come to.
pub(crate) struct Outcome {
    pub(crate) positions: Vec<f32>,
    pub(crate) iterations: usize,
    pub(crate) mean_gain: f64,
    pub(crate) kl_divergence: f64,
    /// Whether Z is the sum over all pairs.
    pub(crate) exact_normalizer: bool,
    pub(crate) field_spacing: Option<f64>,
    /// That the map is too wide for the grid that forces or Z should have had, if it is.
    pub(crate) coarse_field: Option<Warning>,
}

impl<'a> Descent<'a> {
    /// Starts at `positions`, x₀, y₀, x₁, y₁, …, one pair for each row of P.
    pub(crate) fn new(
        schedule: Schedule,
        affinities: &'a Affinities,
        repulsion: RepulsionMethod,
        positions: Vec<f32>,
    ) -> Self {
        Self {
            schedule,
            affinities,
            negative_entropy: affinities.negative_entropy(),
            repulsion: repulsion.start(affinities.n_samples()),
            attraction: Attraction::new(affinities),
            pull: vec![0.0; positions.len()],
            push: vec![0.0; positions.len()],
            state: State::new(positions),
            last_divergence: None,
        }
    }

    /// Iterates until the schedule or the observer ends it.
    pub(crate) fn run(&mut self, observer: &mut dyn Observer) -> Stop {
        let exaggerated = self.schedule.exaggerated();
        for iteration in 0..self.schedule.iterations {
            if iteration == 0 && exaggerated > 0 {
                observer.stage(Stage::EarlyExaggeration);
            }
            if iteration == exaggerated {
                observer.stage(Stage::Optimization);
            }
            let phase = usize::from(iteration >= exaggerated);
            if ARRANGE_AT.contains(&iteration)
                && let Some(moves) = self.attraction.arrange(&self.state.positions)
            {
                self.state.arrange(&moves);
            }
            if let Some(stop) = self.iterate(phase, observer) {
                return stop;
            }
        }
        Stop::Iterations
    }

    /// One iteration in `phase` 0 (exaggerated) or 1.
    fn iterate(&mut self, phase: usize, observer: &mut dyn Observer) -> Option<Stop> {
        let exaggeration = self.schedule.exaggeration(phase);
        let learning_rate = self.schedule.learning_rate.resolve(self.affinities.n_samples(), exaggeration);
        let finished = self.state.iteration + 1;
        let divergence_due = finished.is_multiple_of(REPORT_EVERY) || finished == self.schedule.iterations;
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
        let step = Step {
            learning_rate: learning_rate as f32,
            momentum: MOMENTA[phase] as f32,
            pull: (4.0 * exaggeration) as f32,
            push: (4.0 / normalizer) as f32,
        };
        let gradient_norm = self.state.step(step, &self.pull, &self.push);
        let control = observer.iteration(&Iteration {
            iteration: finished,
            iterations: self.schedule.iterations,
            exaggeration,
            kl_divergence,
            gradient_norm,
            positions: Positions { by_place: &self.state.positions, order: self.attraction.order() },
        });
        if control == Control::Stop {
            return Some(Stop::Cancelled);
        }
        if phase == 0 {
            return None;
        }
        self.settled(gradient_norm, kl_divergence)
    }

    fn settled(&mut self, gradient_norm: f64, kl_divergence: Option<f64>) -> Option<Stop> {
        if self.schedule.min_gradient_norm.is_some_and(|least| gradient_norm < least) {
            return Some(Stop::GradientNorm);
        }
        let now = kl_divergence?;
        let before = self.last_divergence.replace(now)?;
        let least = self.schedule.min_relative_progress?;
        let share = (before - now) / now.abs() / REPORT_EVERY as f64;
        (share < least).then_some(Stop::RelativeProgress)
    }

    /// The map as it is, with its KL divergence.
    pub(crate) fn finish(mut self) -> Outcome {
        let field_spacing = self.repulsion.spacing();
        let positions =
            Positions { by_place: &self.state.positions, order: self.attraction.order() }.in_order();
        let mut coarse_field = coarse_field(&*self.repulsion);
        let exact_normalizer = self.affinities.n_samples() <= EXACT_NORMALIZER_UP_TO;
        let normalizer = if exact_normalizer {
            repulsion::exact_normalizer(&positions)
        } else {
            // The field's Z, whatever moved the points: a tree's is ten times less exact.
            let mut field = RepulsionMethod::Field.start(self.affinities.n_samples());
            let normalizer = field.forces(&positions, &mut self.push);
            coarse_field = coarse_field.or(self::coarse_field(&*field));
            normalizer
        };
        let cross_entropy = attraction::cross_entropy(self.affinities, &positions);
        Outcome {
            iterations: self.state.iteration,
            mean_gain: self.state.mean_gain(),
            kl_divergence: self.negative_entropy + cross_entropy + normalizer.ln(),
            exact_normalizer,
            field_spacing,
            coarse_field,
            positions,
        }
    }
}

/// That the last map was too wide for the grid that it should have had, if it was.
fn coarse_field(repulsion: &dyn Repulsion) -> Option<Warning> {
    let asked = repulsion.finer_spacing_wanted()?;
    Some(Warning::CoarseField { asked, used: repulsion.spacing()? })
}
