//! The options of the descent: what happens in which iteration.

use std::fmt::{self, Display};

use clap::Args;
use gnomonic::schedule::{Friction, Schedule};
use gnomonic::{LearningRate, Momentum};

use super::shared::{at_least_one, named, positive};

/// The schedule, and what is to be other than it says.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Descent")]
pub(crate) struct DescentArgs {
    /// What happens in which iteration: gnomonic's own way, or the textbook's for comparison
    #[arg(
        long, value_name = "NAME", default_value_t,
        value_parser = named(vec![Named::Default, Named::Classic])
    )]
    pub(crate) schedule: Named,

    /// Iterations in all [default: 500, from 10,000 to below 100,000 points 350; classic: 1000]
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub(crate) iterations: Option<usize>,

    /// Those that are exaggerated [default: a quarter, at most 125; classic: 250]
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub(crate) early_exaggeration_iterations: Option<usize>,

    /// The factor on attraction in these [default: 6; classic: 12]
    #[arg(long, value_name = "X", value_parser = exaggeration, allow_negative_numbers = true)]
    pub(crate) early_exaggeration: Option<f64>,

    /// The factor on attraction in the others; about 4 draws clusters together as UMAP does [default: 1]
    #[arg(long, value_name = "X", value_parser = exaggeration, allow_negative_numbers = true)]
    pub(crate) exaggeration: Option<f64>,

    /// The size of the steps of all iterations, as scikit-learn counts it; auto follows the number of points, n / 24 and then n
    /// [default: auto; classic: classic]
    #[arg(long, value_name = "auto|classic|R", value_parser = learning_rate, allow_negative_numbers = true)]
    pub(crate) learning_rate: Option<LearningRate>,

    /// The share of a step that the next one keeps, in exaggerated iterations [default: 0.9; classic: 0.5]
    #[arg(long, value_name = "M", value_parser = share, allow_negative_numbers = true)]
    pub(crate) early_momentum: Option<f64>,

    /// The same in the others: one number, or settling, which is one less a friction that falls, stays low and rises
    /// [default: settling; classic: 0.8]
    #[arg(long, value_name = "settling|M", value_parser = momentum, allow_negative_numbers = true)]
    pub(crate) momentum: Option<Momentum>,

    /// The friction while it is low [default: 0.02 · (2000 / n)^¼, within 0.01 and 0.05]
    #[arg(long, value_name = "F", value_parser = positive, allow_negative_numbers = true)]
    pub(crate) friction: Option<f64>,

    /// The longest step of a point as a share of the map's RMS radius, or none, after exaggeration
    /// [default: 0.06; classic: none]
    #[arg(long, value_name = "X|none", value_parser = step_share, allow_negative_numbers = true)]
    pub(crate) max_step_share: Option<StepShare>,

    /// The longest step of a point in map units, or inf, whatever the radius [default: 5, then 3; classic: 5]
    #[arg(long, value_name = "X", value_parser = step_norm, allow_negative_numbers = true)]
    pub(crate) max_step_norm: Option<f64>,

    /// What a point's gain grows by while it keeps its heading [default: 0.1; classic: 0.2]
    #[arg(long, value_name = "X", value_parser = not_negative, allow_negative_numbers = true)]
    pub(crate) gain_growth: Option<f64>,

    /// What a gain is multiplied by when the gradient turns [default: 0.9; classic: 0.8]
    #[arg(long, value_name = "X", value_parser = positive, allow_negative_numbers = true)]
    pub(crate) gain_decay: Option<f64>,

    /// No gain falls below this [default: 0.01]
    #[arg(long, value_name = "X", value_parser = positive, allow_negative_numbers = true)]
    pub(crate) min_gain: Option<f64>,

    /// Settle, or with a constant momentum end, once the gradient's norm is below this [default: never]
    #[arg(long, value_name = "X", value_parser = not_negative, allow_negative_numbers = true)]
    pub(crate) min_gradient_norm: Option<f64>,

    /// Settle, or with a constant momentum end, once the KL divergence falls by less than this share of itself in an iteration,
    /// looked at every 50 [default: never; 0.0002 is usual]
    #[arg(long, value_name = "X", value_parser = not_negative, allow_negative_numbers = true)]
    pub(crate) min_relative_progress: Option<f64>,
}

/// A schedule by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Named {
    /// The library's default.
    #[default]
    Default,
    /// The textbook's.
    Classic,
}

impl Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::Classic => "classic",
        })
    }
}

/// A bound on steps that follows the radius, or none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StepShare(pub(crate) Option<f64>);

impl DescentArgs {
    /// The schedule as meant; whether its numbers go together is the library's to say.
    ///
    /// # Errors
    /// A friction for a momentum that has none.
    pub(crate) fn schedule(&self) -> Result<Schedule, String> {
        let mut schedule = match self.schedule {
            Named::Default => Schedule::default(),
            Named::Classic => Schedule::classic(),
        };
        let set = |target: &mut f64, value: Option<f64>| *target = value.unwrap_or(*target);
        schedule.iterations = self.iterations.or(schedule.iterations);
        schedule.early_iterations = self.early_exaggeration_iterations.or(schedule.early_iterations);
        set(&mut schedule.early.exaggeration, self.early_exaggeration);
        set(&mut schedule.normal.exaggeration, self.exaggeration);
        if let Some(momentum) = self.early_momentum {
            schedule.early.momentum = Momentum::Constant(momentum);
        }
        if let Some(momentum) = self.momentum {
            schedule.normal.momentum = momentum;
        }
        match (&mut schedule.normal.momentum, self.friction) {
            (Momentum::Settling(friction), Some(least)) => friction.least = Some(least),
            (_, Some(_)) => {
                return Err("--friction belongs to --momentum settling: leave one of them out".into());
            }
            _ => {}
        }
        if let Some(StepShare(share)) = self.max_step_share {
            let bound = &mut schedule.normal.step_bound;
            bound.share = share;
            if share.is_some() && bound.least == 0.0 {
                // A map that has collapsed to a point must be able to leave it.
                bound.least = Schedule::default().normal.step_bound.least;
            }
        }
        for phase in [&mut schedule.early, &mut schedule.normal] {
            phase.learning_rate = self.learning_rate.unwrap_or(phase.learning_rate);
            set(&mut phase.step_bound.most, self.max_step_norm);
            phase.step_bound.least = phase.step_bound.least.min(phase.step_bound.most);
        }
        set(&mut schedule.gains.growth, self.gain_growth);
        set(&mut schedule.gains.decay, self.gain_decay);
        set(&mut schedule.gains.least, self.min_gain);
        schedule.stop.min_gradient_norm = self.min_gradient_norm.or(schedule.stop.min_gradient_norm);
        schedule.stop.min_relative_progress =
            self.min_relative_progress.or(schedule.stop.min_relative_progress);
        Ok(schedule)
    }
}

fn number(text: &str, allowed: impl Fn(f64) -> bool, bound: &str) -> Result<f64, String> {
    text.parse().ok().filter(|&value| allowed(value)).ok_or_else(|| bound.to_owned())
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "must be a whole number, 0 or more".to_owned())
}

fn exaggeration(text: &str) -> Result<f64, String> {
    let bound = "must be a finite number, at least 1 (1 is no exaggeration; 6 to 12 is usual at first)";
    number(text, |value| value >= 1.0 && value.is_finite(), bound)
}

fn share(text: &str) -> Result<f64, String> {
    number(text, |value| (0.0..1.0).contains(&value), "must be at least 0 and below 1; 0.5 to 0.9 is usual")
}

fn not_negative(text: &str) -> Result<f64, String> {
    number(text, |value| value >= 0.0 && value.is_finite(), "must be a finite number, 0 or more")
}

fn step_norm(text: &str) -> Result<f64, String> {
    number(text, |value| value > 0.0, "must be a positive number, or inf for no bound; 5 is usual")
}

fn step_share(text: &str) -> Result<StepShare, String> {
    if text == "none" {
        return Ok(StepShare(None));
    }
    let bound = "must be `none` or a positive finite number; 0.06 is usual";
    number(text, |value| value > 0.0 && value.is_finite(), bound).map(|share| StepShare(Some(share)))
}

fn momentum(text: &str) -> Result<Momentum, String> {
    if text == "settling" {
        return Ok(Momentum::Settling(Friction::default()));
    }
    let bound = "must be `settling`, or at least 0 and below 1; 0.8 is usual";
    number(text, |value| (0.0..1.0).contains(&value), bound).map(Momentum::Constant)
}

fn learning_rate(text: &str) -> Result<LearningRate, String> {
    match text {
        "auto" => Ok(LearningRate::Auto),
        "classic" => Ok(LearningRate::Classic),
        _ => {
            let bound = "must be `auto`, `classic` or a positive finite number";
            number(text, |value| value > 0.0 && value.is_finite(), bound).map(LearningRate::Fixed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learning_rate_is_a_number_or_a_name() {
        assert_eq!(learning_rate("auto"), Ok(LearningRate::Auto));
        assert_eq!(learning_rate("classic"), Ok(LearningRate::Classic));
        assert_eq!(learning_rate("200"), Ok(LearningRate::Fixed(200.0)));
        assert!(learning_rate("0").is_err());
    }

    #[test]
    fn nothing_asked_is_the_librarys_schedule() {
        let args = |schedule| DescentArgs { schedule, ..DescentArgs::default() };
        assert_eq!(args(Named::Default).schedule(), Ok(Schedule::default()));
        assert_eq!(args(Named::Classic).schedule(), Ok(Schedule::classic()));
    }

    #[test]
    fn every_option_reaches_its_place() {
        let args = DescentArgs {
            schedule: Named::Classic,
            iterations: Some(400),
            early_exaggeration_iterations: Some(0),
            early_exaggeration: Some(6.0),
            exaggeration: Some(2.0),
            learning_rate: Some(LearningRate::Fixed(7.0)),
            early_momentum: Some(0.6),
            momentum: Some(Momentum::Settling(Friction::default())),
            friction: Some(0.03),
            max_step_share: Some(StepShare(Some(0.1))),
            max_step_norm: Some(3.0),
            gain_growth: Some(0.3),
            gain_decay: Some(0.7),
            min_gain: Some(0.1),
            min_gradient_norm: Some(1e-7),
            min_relative_progress: Some(2e-4),
        };
        let schedule = args.schedule().unwrap();
        schedule.validate().unwrap();
        assert_eq!((schedule.iterations, schedule.early_iterations), (Some(400), Some(0)));
        assert_eq!((schedule.early.exaggeration, schedule.normal.exaggeration), (6.0, 2.0));
        assert_eq!(schedule.early.momentum, Momentum::Constant(0.6));
        let Momentum::Settling(friction) = schedule.normal.momentum else { panic!("{schedule:?}") };
        assert_eq!(friction.least, Some(0.03));
        let [early, normal] = [schedule.early, schedule.normal].map(|phase| phase.step_bound);
        assert_eq!((early.share, early.most, normal.share, normal.most), (None, 3.0, Some(0.1), 3.0));
        assert_eq!((schedule.gains.growth, schedule.gains.decay, schedule.gains.least), (0.3, 0.7, 0.1));
        assert_eq!(schedule.stop.min_gradient_norm, Some(1e-7));
        assert_eq!(schedule.stop.min_relative_progress, Some(2e-4));
        for phase in [schedule.early, schedule.normal] {
            assert_eq!(phase.learning_rate, LearningRate::Fixed(7.0));
        }
        let refused = DescentArgs { momentum: Some(Momentum::Constant(0.8)), ..args };
        assert!(refused.schedule().unwrap_err().contains("--momentum settling"));
    }
}
