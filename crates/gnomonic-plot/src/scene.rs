//! What a picture consists of, before it is written as pixels or vectors.
//!
//! Lengths are in points (1/72 inch) from the top left corner, y downwards.

use crate::color::Rgb;
use crate::error::Result;
use crate::figure::{Figure, Format, Rendered, Warning};
use crate::raster;
use crate::scatter::PointsInSvg;
use crate::svg;
use crate::text::Typesetter;

/// Points per inch.
pub(crate) const POINTS_PER_INCH: f64 = 72.0;

/// A rectangle, by its edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Rect {
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// A part of the rectangle, its edges given as fractions.
    pub(crate) fn part(&self, fractions: &Self) -> Self {
        Self {
            left: self.left + fractions.left * self.width(),
            top: self.top + fractions.top * self.height(),
            right: self.left + fractions.right * self.width(),
            bottom: self.top + fractions.bottom * self.height(),
        }
    }

    /// The rectangle, with sides no shorter than `side`: text may leave less than nothing.
    pub(crate) fn at_least(&self, side: f64) -> Self {
        Self { right: self.right.max(self.left + side), bottom: self.bottom.max(self.top + side), ..*self }
    }

    /// The largest rectangle of the given height for each unit of width that fits in the middle.
    pub(crate) fn with_aspect(&self, height_by_width: f64) -> Self {
        let width = self.width().min(self.height() / height_by_width);
        let height = width * height_by_width;
        let (x, y) = (0.5 * (self.left + self.right), 0.5 * (self.top + self.bottom));
        Self {
            left: x - 0.5 * width,
            top: y - 0.5 * height,
            right: x + 0.5 * width,
            bottom: y + 0.5 * height,
        }
    }
}

/// Where a text stands relative to its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of text.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) content: String,
    pub(crate) x: f64,
    /// Of the baseline.
    pub(crate) y: f64,
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    pub(crate) color: Rgb,
}

/// Discs of one size and opacity, drawn in order.
#[derive(Clone, Debug)]
pub(crate) struct Discs {
    pub(crate) centers: Vec<[f32; 2]>,
    pub(crate) colors: Vec<Rgb>,
    pub(crate) radius: f64,
    pub(crate) alpha: f64,
    /// Nothing is drawn outside.
    pub(crate) clip: Rect,
}

/// A part of a picture. Later items lie on top.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Rect {
        rect: Rect,
        fill: Rgb,
    },
    /// A horizontal or vertical line, cut off at `clip`.
    Rule {
        from: [f64; 2],
        to: [f64; 2],
        width: f64,
        color: Rgb,
        clip: Rect,
    },
    /// Straight lines from place to place.
    Polyline {
        places: Vec<[f64; 2]>,
        width: f64,
        color: Rgb,
    },
    Discs(Discs),
    Text(Text),
}

/// A picture on a white page.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) figure: Figure,
    pub(crate) items: Vec<Item>,
}

impl Scene {
    pub(crate) fn new(figure: Figure) -> Self {
        Self { figure, items: Vec::new() }
    }

    /// The whole page.
    pub(crate) fn page(&self) -> Rect {
        Rect {
            left: 0.0,
            top: 0.0,
            right: self.figure.width * POINTS_PER_INCH,
            bottom: self.figure.height * POINTS_PER_INCH,
        }
    }

    /// Writes the picture, with the typesetter that its layout was measured by.
    ///
    /// # Errors
    /// When there is no memory for the pixels.
    pub(crate) fn render(
        &self,
        format: Format,
        points: PointsInSvg,
        typesetter: &mut Typesetter,
    ) -> Result<Rendered> {
        let bytes = match format {
            Format::Png => raster::png(self, typesetter)?,
            Format::Svg => svg::svg(self, points)?.into_bytes(),
        };
        let missing = typesetter.missing();
        let warnings = if missing.is_empty() {
            Vec::new()
        } else {
            vec![Warning::MissingGlyphs { characters: missing.to_string() }]
        };
        Ok(Rendered { bytes, warnings })
    }
}
