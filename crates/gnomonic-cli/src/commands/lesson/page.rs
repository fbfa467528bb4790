//! What the page is told.

use std::time::Duration;

use gnomonic::schedule::{PlannedPhase, StepBound};
use gnomonic::{Fit, Momentum};
use gnomonic_plot::report::{DatasetFacts, LabelMeasures, Language, Lesson, MapScores, Pictures, SweepRow};

use super::{Data, Drawn, LessonMaps};
use crate::args::{self, LessonArgs};
use crate::measures::Measures;
use crate::pictures;
use crate::record;

/// Everything that the page says.
pub(super) fn lesson(
    args: &LessonArgs,
    data: &Data,
    maps: &LessonMaps,
    drawn: &Drawn,
    elapsed: Duration,
) -> Lesson {
    let class_names = data.map.class_names().to_vec();
    Lesson {
        language: match args.lang {
            args::Language::En => Language::English,
            args::Language::Ko => Language::Korean,
        },
        dataset: DatasetFacts {
            name: data.name.clone(),
            n_samples: data.n_samples,
            n_features: data.n_features,
            licence: data.license.clone(),
        },
        printed: data.printed.clone(),
        pictures: Pictures {
            palette: drawn.palette.clone(),
            map: drawn.map.clone(),
            sweep: drawn.sweep.clone(),
        },
        palette: pictures::colors(class_names.len()),
        class_names,
        map: map_scores(&maps.map, &maps.map_measures),
        sweep: maps.sweep.iter().zip(&maps.sweep_measures).map(sweep_row).collect(),
        sweep_labels: data.sweep.classes().unwrap_or_default().to_vec(),
        sweep_samples: data.sweep.matrix.n_samples(),
        parameters: parameters(&maps.map),
        seed: args.seed,
        versions: vec![
            ("gnomonic".into(), maps.map.record.version.clone()),
            ("instruction set".into(), maps.map.record.instruction_set.clone()),
        ],
        command: record::shell_command(&record::command_line()),
        elapsed: elapsed.as_secs_f64(),
    }
}

fn map_scores(map: &Fit, measures: &Measures) -> MapScores {
    MapScores {
        perplexity: measures.perplexity,
        n_samples: map.embedding.n_samples(),
        iterations: map.record.iterations_done,
        kl: measures.kl,
        trustworthiness: measures.trustworthiness,
        label_accuracy: measures.label_accuracy,
    }
}

fn sweep_row((fit, measures): (&Fit, &Measures)) -> SweepRow {
    let shape = &measures.shape;
    // These three come together: they are there when there are labels.
    let labeled = shape.area_by_label.zip(shape.within).zip(measures.label_accuracy);
    SweepRow {
        perplexity: measures.perplexity,
        kl: measures.kl,
        trustworthiness: measures.trustworthiness,
        rms_radius: shape.rms_radius,
        area: shape.area,
        labeled: labeled.map(|((area_by_label, within), label_accuracy)| LabelMeasures {
            area_by_label,
            within,
            between: shape.between,
            silhouette: measures.silhouette,
            label_accuracy,
        }),
        points: fit.embedding.view().rows().map(|point| [point[0], point[1]]).collect(),
    }
}

/// The parameters of the large map in numbers, by the names of the library.
fn parameters(map: &Fit) -> Vec<(String, String)> {
    let record = &map.record;
    let (early, normal) = (&record.schedule.early, &record.schedule.normal);
    let both = |of: &dyn Fn(&PlannedPhase) -> String| match (early.iterations, of(early), of(normal)) {
        (0, _, normal) => normal,
        (_, early, normal) if early == normal => normal,
        (_, early, normal) => format!("{early}, then {normal}"),
    };
    let shown = [
        ("perplexity", record.perplexity.map_or(String::new(), |perplexity| perplexity.to_string())),
        ("iterations", both(&|phase| phase.iterations.to_string())),
        ("exaggeration", both(&|phase| phase.exaggeration.to_string())),
        ("learning rate", both(&|phase| rounded(phase.learning_rate))),
        ("momentum", both(&|phase| momentum(phase.momentum))),
        ("longest step", both(&|phase| longest_step(phase.step_bound))),
        ("initialization", record.initialization.map_or(String::new(), |start| start.to_string())),
        ("repulsion", record.repulsion.to_string()),
    ];
    shown.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A number with a few digits: n / 24 may have no end, and the record has all of them.
fn rounded(value: f64) -> String {
    let digits = if value >= 1.0 { 10.0 } else { 1e4 };
    ((value * digits).round() / digits).to_string()
}

fn momentum(momentum: Momentum) -> String {
    match momentum {
        Momentum::Settling(friction) => {
            let least = friction.least.unwrap_or(friction.last);
            let [first, least, last] = [friction.first, least, friction.last].map(|part| rounded(1.0 - part));
            format!("{first} to {least} to {last}")
        }
        Momentum::Constant(momentum) => momentum.to_string(),
        other => format!("{other:?}"),
    }
}

fn longest_step(bound: StepBound) -> String {
    match bound.share {
        Some(share) => format!("{share} of the radius, {} to {}", bound.least, bound.most),
        None => bound.most.to_string(),
    }
}
