//! A schedule as the record tells it: by the names of the library, every number of it.

use gnomonic::Momentum;
use gnomonic::schedule::{Plan, PlannedPhase};
use serde_json::{Value, json};

/// The schedule of a run.
pub(crate) fn fields(plan: &Plan) -> Value {
    json!({
        "early": phase(&plan.early),
        "normal": phase(&plan.normal),
        "gains": {"growth": plan.gains.growth, "decay": plan.gains.decay, "least": plan.gains.least},
        "min_gradient_norm": plan.stop.min_gradient_norm,
        "min_relative_progress": plan.stop.min_relative_progress,
    })
}

fn phase(phase: &PlannedPhase) -> Value {
    json!({
        "iterations": phase.iterations,
        "exaggeration": phase.exaggeration,
        "learning_rate": phase.learning_rate,
        "momentum": momentum(phase.momentum),
        "most_gain": bound(phase.most_gain),
        "longest_step": {
            "share_of_radius": phase.step_bound.share,
            "least": phase.step_bound.least,
            "most": bound(phase.step_bound.most),
        },
    })
}

fn momentum(momentum: Momentum) -> Value {
    match momentum {
        Momentum::Settling(friction) => json!({
            "one_less_friction": {
                "first": friction.first,
                "least": friction.least,
                "last": friction.last,
                "glides_from": friction.glides_from,
                "settles_from": friction.settles_from,
            }
        }),
        Momentum::Constant(momentum) => json!(momentum),
        other => json!(format!("{other:?}")),
    }
}

/// A bound, where there is one: JSON has no infinity.
fn bound(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gnomonic::Schedule;

    #[test]
    fn every_number_stands_under_its_name() {
        let told = fields(&Schedule::default().plan(2_000));
        assert_eq!(
            told["early"],
            json!({
                "iterations": 125,
                "exaggeration": 6.0,
                "learning_rate": 2_000.0 / 24.0,
                "momentum": 0.9,
                "most_gain": 1.0,
                "longest_step": {"share_of_radius": null, "least": 0.0, "most": 5.0},
            })
        );
        assert_eq!(
            told["normal"]["longest_step"],
            json!({"share_of_radius": 0.06, "least": 0.25, "most": 3.0})
        );
        assert_eq!(
            told["normal"]["momentum"]["one_less_friction"],
            json!({"first": 0.5, "least": 0.02, "last": 0.5, "glides_from": 0.3, "settles_from": 0.6})
        );
        assert_eq!(told["normal"]["most_gain"], json!(null));
        let classic = fields(&Schedule::classic().plan(2_000));
        assert_eq!(classic["gains"], json!({"growth": 0.2, "decay": 0.8, "least": 0.01}));
        assert_eq!(classic["normal"]["momentum"], json!(0.8));
    }
}
