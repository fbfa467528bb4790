//! What the page is told.

use std::time::Duration;

use gnomonic::Fit;
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
            ("gnomonic".into(), maps.map.record.version.into()),
            ("instruction set".into(), maps.map.record.instruction_set.into()),
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

/// The resolved parameters of the large map, by the names of the library.
fn parameters(map: &Fit) -> Vec<(String, String)> {
    fn text(value: &serde_json::Value) -> String {
        match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
            // n / 12 has no end; the record has all its digits.
            serde_json::Value::Number(number) => match number.as_f64() {
                Some(value) if (value * 100.0).fract() != 0.0 && value >= 1.0 => format!("{value:.1}"),
                _ => number.to_string(),
            },
            other => other.to_string(),
        }
    }
    let shown = |(name, value): (&String, &serde_json::Value)| (name.replace('_', " "), text(value));
    let mut parameters: Vec<(String, String)> = record::parameters(&map.record).iter().map(shown).collect();
    parameters.push(("repulsion".into(), map.record.repulsion.to_string()));
    parameters
}
