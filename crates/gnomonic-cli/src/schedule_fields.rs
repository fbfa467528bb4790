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
