//! The lesson's page: one offline HTML file that shows the maps, explains them, and sets what was measured against the
//! five observations of the lecture.
//!
//! [`Lesson`] is everything the page says; [`html`] writes it. [`observations()`] decides the verdicts, and is of use
//! without the page.
//!
//! The file loads nothing: pictures are data URIs, formulas are MathML, charts are SVG, and a content security policy
//! forbids the rest. It reads without scripts; with them, a slider moves through the maps of the sweep.

mod chart;
pub mod claims;
mod encode;
mod evidence;
mod figures;
mod formulas;
pub mod measure;
pub mod observations;
mod page;
mod text;
mod text_en;
mod text_ko;

#[cfg(test)]
mod made_up;

use crate::Rgb;

pub use claims::Claim;
pub use measure::Measure;
pub use observations::{Observation, observations};
pub use page::html;

/// The language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

/// Everything that the page of a lesson says.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// The language of the page. Names of data sets, classes and parameters are shown as given.
    pub language: Language,
    /// What was mapped.
    pub dataset: DatasetFacts,
    /// What the notebook prints on the way, line by line: the shapes, as in `(60000, 784)`.
    pub printed: Vec<String>,
    /// The pictures, as PNG files.
    pub pictures: Pictures,
    /// The colours of the classes, in order; classes beyond the last begin again at the first.
    pub palette: Vec<Rgb>,
    /// The names of the classes: `class_names[c]` is class `c`. Empty when there are no labels.
    pub class_names: Vec<String>,
    /// The large map.
    pub map: MapScores,
    /// The maps of the sweep, by rising perplexity.
    pub sweep: Vec<SweepRow>,
    /// The class of each point of the sweep's maps, which share their points. Empty when there are no labels.
    pub sweep_labels: Vec<u32>,
    /// Points in each map of the sweep.
    pub sweep_samples: usize,
    /// Name and value of every resolved parameter, in the order to show them.
    pub parameters: Vec<(String, String)>,
    /// The seed of every random choice.
    pub seed: u64,
    /// Name and version of what made the page, and the instruction set used.
    pub versions: Vec<(String, String)>,
    /// The command line that repeats the run.
    pub command: String,
    /// The run's wall-clock time in seconds.
    pub elapsed: f64,
}

/// The data set, before sampling.
#[derive(Clone, Debug)]
pub struct DatasetFacts {
    /// Its name.
    pub name: String,
    /// Rows.
    pub n_samples: usize,
    /// Columns.
    pub n_features: usize,
    /// The licence it comes under, where known.
    pub licence: Option<String>,
}

/// The pictures of the lesson: the bytes of PNG files.
#[derive(Clone, Debug)]
pub struct Pictures {
    /// The palette, one swatch per colour.
    pub palette: Vec<u8>,
    /// The large map.
    pub map: Vec<u8>,
    /// The maps of the sweep in a grid.
    pub sweep: Vec<u8>,
}

/// The large map, and how well it keeps the data.
#[derive(Clone, Debug)]
pub struct MapScores {
    /// Its perplexity.
    pub perplexity: f64,
    /// Its points.
    pub n_samples: usize,
    /// Iterations done.
    pub iterations: usize,
    /// The Kullback-Leibler divergence of the returned map, in nats.
    pub kl: f64,
    /// Trustworthiness, in [0, 1], where measured.
    pub trustworthiness: Option<f64>,
    /// Leave-one-out accuracy of the label by the 10 nearest points in the map, where there are labels.
    pub label_accuracy: Option<f64>,
}

/// One map of the sweep: its perplexity and what was measured on it.
#[derive(Clone, Debug)]
pub struct SweepRow {
    /// The perplexity.
    pub perplexity: f64,
    /// The Kullback-Leibler divergence, in nats.
    pub kl: f64,
    /// Trustworthiness, in [0, 1]; `None` where there are too few points for it.
    pub trustworthiness: Option<f64>,
    /// Root mean square distance of the points from their centroid, in map units.
    pub rms_radius: f64,
    /// Area of the convex hull of the central 95 % of the points, in square map units.
    pub area: f64,
    /// What needs labels; `None` when there are none.
    pub labeled: Option<LabelMeasures>,
    /// The points, for the slider; an empty list leaves the slider out.
    pub points: Vec<[f32; 2]>,
}

/// What is measured with labels, a cluster being all points of one label.
#[derive(Clone, Debug)]
pub struct LabelMeasures {
    /// Area of the convex hull of the central 95 % of each label's points, summed over labels, in square map units.
    pub area_by_label: f64,
    /// Mean distance of the points to the centroid of their own label, in map units.
    pub within: f64,
    /// Mean distance over all pairs of label centroids, in map units; `None` with fewer than two labels.
    pub between: Option<f64>,
    /// Mean silhouette, in [−1, 1]; `None` where it is not defined, as with a single label.
    pub silhouette: Option<f64>,
    /// Leave-one-out accuracy of the label by the 10 nearest points in the map, in [0, 1].
    pub label_accuracy: f64,
}
