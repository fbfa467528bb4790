//! A lesson with made-up numbers, for the tests.

use crate::Rgb;

use super::{DatasetFacts, LabelMeasures, Language, Lesson, MapScores, Pictures, SweepRow};

/// The lecture's nine perplexities.
pub(super) const PERPLEXITIES: [f64; 9] = [2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0];

/// A map at rank `at` of the sweep, on which everything goes as the lecture says in map units, except that clusters
/// never move apart.
pub(super) fn row(at: usize, perplexity: f64) -> SweepRow {
    let falling = 10.0 - at as f64;
    SweepRow {
        perplexity,
        kl: 0.1 * falling,
        trustworthiness: Some(0.99 - 0.005 * at as f64),
        rms_radius: 5.0 * falling,
        area: 100.0 * falling,
        labeled: Some(LabelMeasures {
            area_by_label: 40.0 * falling,
            within: 2.0 * falling,
            between: Some(6.0 * falling),
            silhouette: Some(0.5 - 0.01 * at as f64),
            label_accuracy: 0.9 - 0.01 * at as f64,
        }),
        points: (0..40)
            .map(|i| [f64::sin(i as f64 * 1.3), f64::cos(i as f64 * 0.7)].map(|v| (v * falling) as f32))
            .collect(),
    }
}

/// The sweep of the lecture's nine perplexities.
pub(super) fn sweep() -> Vec<SweepRow> {
    PERPLEXITIES.iter().enumerate().map(|(at, &perplexity)| row(at, perplexity)).collect()
}

/// A whole lesson.
pub(super) fn lesson(language: Language) -> Lesson {
    Lesson {
        language,
        dataset: DatasetFacts {
            name: "digits".into(),
            n_samples: 1797,
            n_features: 64,
            licence: Some("CC BY 4.0".into()),
        },
        printed: vec!["(1797, 64)".into(), "(1797,)".into()],
        pictures: Pictures { palette: vec![1], map: vec![2], sweep: vec![3] },
        palette: vec![Rgb::from_hex(0x4878D0), Rgb::from_hex(0xEE854A)],
        class_names: vec!["0".into(), "1".into()],
        map: MapScores {
            perplexity: 30.0,
            n_samples: 1797,
            iterations: 750,
            kl: 0.7,
            trustworthiness: Some(0.99),
            label_accuracy: Some(0.98),
        },
        sweep: sweep(),
        sweep_labels: (0..40).map(|i| i % 2).collect(),
        sweep_samples: 40,
        parameters: vec![("iterations".into(), "750".into())],
        seed: 42,
        versions: vec![("gnomonic".into(), "0.1.0".into())],
        command: "gnomonic lesson --seed 42".into(),
        elapsed: 3.2,
    }
}

/// The same without labels.
pub(super) fn without_labels(mut lesson: Lesson) -> Lesson {
    lesson.class_names.clear();
    lesson.sweep_labels.clear();
    lesson.map.label_accuracy = None;
    for row in &mut lesson.sweep {
        row.labeled = None;
    }
    lesson
}
