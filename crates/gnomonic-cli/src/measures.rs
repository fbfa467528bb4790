//! What is measured on a map, for the record and the page.

use gnomonic::quality::MapShape;
use gnomonic::{Fit, MatrixRef, Neighbors, Result, neighbors, quality};
use serde_json::{Map, Value};

use crate::preparation::Prepared;
use crate::table::{Align, layout};

/// Neighbors that vote on a point's label, and among which the recall is counted.
pub(crate) const VOTERS: usize = 10;

/// Neighbors that trustworthiness looks at: scikit-learn's default.
const TRUSTED: usize = 5;

/// Beyond this many points, the measures that look at all pairs of points would take longer than the map: they are
/// left out of a sweep, and `gnomonic score` still makes them.
pub(crate) const ALL_PAIRS_UP_TO: usize = 10_000;

/// The measures of one map. Lengths are in map units; a cluster is all points of one label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measures {
    pub(crate) perplexity: f64,
    pub(crate) kl: f64,
    pub(crate) shape: MapShape,
    /// `None` where it is left out for its cost, or not defined for so few points.
    pub(crate) trustworthiness: Option<f64>,
    /// `None` also without labels, as the next.
    pub(crate) silhouette: Option<f64>,
    pub(crate) label_accuracy: Option<f64>,
}

/// Measures one map of the data `x`.
///
/// # Errors
/// When the map has values that are not finite.
pub(crate) fn measure(x: MatrixRef<'_>, labels: Option<&[u32]>, fit: &Fit) -> Result<Measures> {
    let nearest = neighbors::exact(fit.embedding.view(), VOTERS)?;
    let trustworthiness = trustworthiness(x, std::slice::from_ref(&nearest));
    measure_beside(labels, fit, &nearest, trustworthiness[0])
}

/// Measures each map of a sweep; all at once where all pairs of points are looked at, so that this is done once.
///
/// # Errors
/// As [`measure`].
pub(crate) fn measure_all(prepared: &Prepared, fits: &[Fit]) -> Result<Vec<Measures>> {
    let (x, classes) = (prepared.matrix.view(), prepared.classes());
    if x.n_samples() > ALL_PAIRS_UP_TO {
        return fits.iter().map(|fit| measure(x, classes, fit)).collect();
    }
    let nearest = fits.iter().map(|fit| neighbors::exact(fit.embedding.view(), VOTERS));
    let nearest = nearest.collect::<Result<Vec<_>>>()?;
    let trustworthiness = trustworthiness(x, &nearest);
    let maps = fits.iter().zip(&nearest).zip(trustworthiness);
    maps.map(|((fit, nearest), trust)| measure_beside(classes, fit, nearest, trust)).collect()
}

/// The trustworthiness of each map, by the nearest in it; `None` where it is left out for its cost, or not defined.
fn trustworthiness(x: MatrixRef<'_>, nearest: &[Neighbors]) -> Vec<Option<f64>> {
    if x.n_samples() > ALL_PAIRS_UP_TO {
        return vec![None; nearest.len()];
    }
    let trusted: Vec<Neighbors> = nearest.iter().map(|nearest| nearest.truncated(TRUSTED)).collect();
    match quality::trustworthiness_of_each(x, &trusted.iter().collect::<Vec<_>>()) {
        Ok(measured) => measured.into_iter().map(Some).collect(),
        Err(_) => vec![None; nearest.len()],
    }
}

/// The other measures, beside the trustworthiness.
fn measure_beside(
    labels: Option<&[u32]>,
    fit: &Fit,
    nearest: &Neighbors,
    trustworthiness: Option<f64>,
) -> Result<Measures> {
    let map = fit.embedding.view();
    let all_pairs = map.n_samples() <= ALL_PAIRS_UP_TO;
    Ok(Measures {
        perplexity: fit.record.perplexity.unwrap_or(f64::NAN),
        kl: fit.record.kl_divergence,
        shape: quality::map_shape(map, labels)?,
        trustworthiness,
        silhouette: labels.filter(|_| all_pairs).and_then(|labels| quality::silhouette(map, labels).ok()),
        label_accuracy: labels.and_then(|labels| quality::label_accuracy(nearest, labels).ok()),
    })
}

impl Measures {
    /// Each measure by its name, in the order to show them; `None` where there is none.
    fn named(&self) -> [(&'static str, Option<f64>); 12] {
        let shape = &self.shape;
        [
            ("perplexity", Some(self.perplexity)),
            ("kl", Some(self.kl)),
            ("trustworthiness", self.trustworthiness),
            ("silhouette", self.silhouette),
            ("label_accuracy", self.label_accuracy),
            ("rms_radius", Some(shape.rms_radius)),
            ("area", Some(shape.area)),
            ("area_by_label", shape.area_by_label),
            ("within", shape.within),
            ("between", shape.between),
            ("relative_within", shape.relative_within),
            ("relative_between", shape.relative_between),
        ]
    }

    /// The measures as the fields of a JSON object, null where there is none.
    pub(crate) fn to_fields(&self) -> Map<String, Value> {
        let fields = self.named().map(|(name, value)| (name.to_owned(), Value::from(value)));
        Map::from_iter(fields)
    }
}

/// The measures that a terminal is wide enough for, one map to a line.
pub(crate) fn table(measures: &[Measures]) -> String {
    let title = ["perplexity", "KL", "trustworthiness", "silhouette", "label accuracy", "RMS radius", "area"];
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    let number = |value: Option<f64>, decimals: usize| match value {
        Some(value) => format!("{value:.decimals$}"),
        None => "–".to_owned(),
    };
    rows.extend(measures.iter().map(|m| {
        vec![
            m.perplexity.to_string(),
            number(Some(m.kl), 3),
            number(m.trustworthiness, 3),
            number(m.silhouette, 3),
            number(m.label_accuracy, 3),
            number(Some(m.shape.rms_radius), 1),
            number(Some(m.shape.area), 0),
        ]
    }));
    layout(&[Align::Right; 7], &rows)
}
