//! The pictures of maps.

use anyhow::Result;
use gnomonic::random::{Purpose, Random};
use gnomonic::{Embedding, Fit};
use gnomonic_plot::{
    Axes, Figure, Format, Marker, Palette, Palplot, Panel, Rendered, Rgb, Scatter, ScatterGrid, Theme,
};

use crate::plan;
use crate::preparation::Prepared;
use crate::progress::Progress;

/// The lecture's palette.
const PALETTE: Palette = Palette::Muted;
/// The lecture's marks on the large map.
const LESSON_MARKER: Marker = Marker { area: 540.0, alpha: 0.2 };
/// More names than this would make a legend longer than the picture.
const MOST_IN_LEGEND: usize = 30;
/// Text of the usual size is small beside fourteen inches of map.
const LEGEND_SCALE: f64 = 1.5;
/// Swatches are an inch each; beyond this many their hues can no longer be told apart anyway.
const MOST_SWATCHES: usize = 100;

/// One map as `embed` draws it: discs that suit the number of points, and a legend of the labels.
///
/// A map of one dimension is a strip, across which the points are strewn at random; one of three is drawn as its three planes.
pub(crate) fn map(
    embedding: &Embedding,
    prepared: &Prepared,
    format: Format,
    progress: &mut Progress,
) -> Result<Vec<u8>> {
    let (strewn, points);
    match embedding.n_components() {
        1 => {
            strewn = strewn_across(embedding.as_slice());
            points = strewn.as_slice();
        }
        3 => return planes(embedding, prepared, format, progress),
        _ => points = embedding.as_slice(),
    }
    let names = prepared.class_names();
    let scatter = Scatter {
        classes: prepared.classes(),
        names,
        marker: plan::marker(points.len() / 2),
        legend: (1..=MOST_IN_LEGEND).contains(&names.len()),
        theme: Theme { font_scale: LEGEND_SCALE, ..Theme::default() },
        ..Scatter::new(points)
    };
    finish(scatter.render(format), progress)
}

/// Points of a line beside it, within a twentieth of its length.
fn strewn_across(line: &[f32]) -> Vec<f32> {
    let ends =
        line.iter().fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], &x| [low.min(x), high.max(x)]);
    let width = (ends[1] - ends[0]).max(0.0) / 10.0;
    let mut random = Random::new(0, Purpose::Initialization);
    line.iter().flat_map(|&x| [x, width * (random.uniform() as f32 - 0.5)]).collect()
}

/// The three planes of a map of three dimensions, side by side.
fn planes(
    embedding: &Embedding,
    prepared: &Prepared,
    format: Format,
    progress: &mut Progress,
) -> Result<Vec<u8>> {
    const PLANES: [([usize; 2], &str); 3] = [([0, 1], "x, y"), ([0, 2], "x, z"), ([1, 2], "y, z")];
    let points = PLANES.map(|(axes, _)| -> Vec<f32> {
        embedding.view().rows().flat_map(|point| axes.map(|axis| point[axis])).collect()
    });
    let panels = points.iter().zip(PLANES).map(|(points, (_, title))| Panel {
        points,
        classes: prepared.classes(),
        title: title.to_owned(),
    });
    let names = prepared.class_names();
    let grid = ScatterGrid {
        names,
        columns: PLANES.len(),
        figure: Figure::new(21.0, 7.5),
        marker: plan::marker(3 * embedding.n_samples()),
        equal_aspect: true,
        axes: Axes::Off,
        legend: (1..=MOST_IN_LEGEND).contains(&names.len()),
        ..ScatterGrid::new(panels.collect())
    };
    finish(grid.render(format), progress)
}

/// The large map as the lecture draws it.
pub(crate) fn lesson_map(points: &[f32], prepared: &Prepared, progress: &mut Progress) -> Result<Vec<u8>> {
    let scatter = Scatter {
        classes: prepared.classes(),
        names: prepared.class_names(),
        marker: LESSON_MARKER,
        theme: Theme { palette: PALETTE, ..Theme::default() },
        ..Scatter::new(points)
    };
    finish(scatter.render(Format::Png), progress)
}

/// The maps of a sweep side by side, as the lecture draws them.
pub(crate) fn sweep(fits: &[Fit], prepared: &Prepared, progress: &mut Progress) -> Result<Vec<u8>> {
    let panels = fits.iter().map(|fit| Panel {
        points: fit.embedding.as_slice(),
        classes: prepared.classes(),
        title: fit
            .record
            .perplexity
            .map(|perplexity| format!("Perplexity = {perplexity}"))
            .unwrap_or_default(),
    });
    finish(ScatterGrid::new(panels.collect()).render(Format::Png), progress)
}

/// The lecture's palette: each label's color with its name, or the ten colors when there are no labels.
pub(crate) fn palette(names: &[String], progress: &mut Progress) -> Result<Vec<u8>> {
    let n_colors = if names.is_empty() { PALETTE.colors().len() } else { names.len().min(MOST_SWATCHES) };
    let names = if names.len() <= MOST_IN_LEGEND { names } else { &[] };
    finish(Palplot { n_colors, names, ..Palplot::new(PALETTE) }.render(Format::Png), progress)
}

/// The colors that [`palette`] draws.
pub(crate) fn colors(n_classes: usize) -> Vec<Rgb> {
    let n_colors = if n_classes == 0 { PALETTE.colors().len() } else { n_classes };
    (0..n_colors).map(|class| PALETTE.color(class, n_colors)).collect()
}

/// The picture's bytes; what it lacks is told.
pub(crate) fn finish(rendered: gnomonic_plot::Result<Rendered>, progress: &mut Progress) -> Result<Vec<u8>> {
    let rendered = rendered?;
    for warning in &rendered.warnings {
        progress.warn(&warning.to_string());
    }
    Ok(rendered.bytes)
}
