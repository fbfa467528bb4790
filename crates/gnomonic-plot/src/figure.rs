//! What every picture shares: its size, its theme, its marks, and what rendering returns.

use std::fmt;
use std::path::Path;

use crate::context::{Context, Sizes};
use crate::error::{Error, Result};
use crate::names::named;
use crate::palette::Palette;
use crate::scene::POINTS_PER_INCH;
use crate::style::Style;

/// The longest side of a picture, in pixels.
pub(crate) const MAX_SIDE: f64 = 20_000.0;
/// The most pixels of a picture: 400 million take 1.6 GB while it is drawn, and what they are packed to, twice.
pub(crate) const MAX_PIXELS: f64 = 400e6;

/// The most pixels that the discs of a picture cover, each disc counted by itself: about 20 seconds of drawing.
pub(crate) const MAX_PAINT: f64 = 4e9;

/// The size of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// Width in inches. Default 14, the lecture's.
    pub width: f64,
    /// Height in inches. Default 14.
    pub height: f64,
    /// Pixels per inch. Default 100, matplotlib's. An SVG uses it only where dots are embedded as an image.
    pub dpi: f64,
}

/// Bytes of a pixel while it is drawn.
const PIXEL: f64 = 4.0;

impl Default for Figure {
    fn default() -> Self {
        Self { width: 14.0, height: 14.0, dpi: 100.0 }
    }
}

impl Figure {
    /// A picture of `width` × `height` inches at 100 dpi.
    #[must_use]
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, ..Self::default() }
    }

    /// The bytes that the pixels take while the picture is drawn; beside them there is what they are packed to.
    #[must_use]
    pub fn pixel_bytes(&self) -> u64 {
        // A cast from floating point saturates.
        (PIXEL * (self.width * self.dpi).round() * (self.height * self.dpi).round()) as u64
    }

    /// Checks the size, so that a program can refuse it before any long work.
    ///
    /// # Errors
    ///
    /// A side or dpi that is not positive and finite; a side of no pixel or of more than 20,000; more than
    /// 400 million pixels.
    pub fn validate(&self) -> Result<()> {
        positive("figure width (inches)", self.width)?;
        positive("figure height (inches)", self.height)?;
        positive("dpi", self.dpi)?;
        let (width, height) = (self.width * self.dpi, self.height * self.dpi);
        if width < 1.0 || height < 1.0 {
            return Err(Error::Parameter {
                name: "figure size (pixels)",
                value: format!("{width:.2} x {height:.2}"),
                bound: "must be at least 1 x 1: raise the dpi or the size",
            });
        }
        if width.max(height) > MAX_SIDE || width * height > MAX_PIXELS {
            return Err(Error::TooManyPixels { width: width.round(), height: height.round() });
        }
        Ok(())
    }
}

/// The marks of a scatter: discs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marker {
    /// Size in points², as matplotlib's `s`: the disc's diameter is the square root, in points. Default 25.
    pub area: f64,
    /// Opacity of each disc, from 0 to 1; overlapping discs add up. Default 0.3.
    pub alpha: f64,
}

impl Default for Marker {
    fn default() -> Self {
        Self { area: 25.0, alpha: 0.3 }
    }
}

impl Marker {
    /// Checks the values.
    ///
    /// # Errors
    ///
    /// An area that is not positive and finite; an alpha outside 0 to 1.
    pub fn validate(&self) -> Result<()> {
        positive("marker area (points²)", self.area)?;
        if (0.0..=1.0).contains(&self.alpha) {
            Ok(())
        } else {
            Err(Error::Parameter {
                name: "alpha",
                value: self.alpha.to_string(),
                bound: "must be from 0 (invisible) to 1 (opaque)",
            })
        }
    }

    /// Refuses `n_points` discs that would take minutes to draw on `figure`, for each covers most of it.
    pub(crate) fn check_paint(&self, n_points: usize, figure: &Figure) -> Result<()> {
        let scale = figure.dpi / POINTS_PER_INCH;
        let disc = std::f64::consts::FRAC_PI_4 * self.area * scale * scale;
        let pixels = figure.width * figure.height * figure.dpi * figure.dpi;
        let paint = n_points as f64 * disc.min(pixels);
        if paint <= MAX_PAINT { Ok(()) } else { Err(Error::TooMuchPaint { n_points, paint }) }
    }

    /// The radius in points.
    pub(crate) fn radius(&self) -> f64 {
        0.5 * self.area.sqrt()
    }
}

/// The look of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    /// Colours of the classes. Default `muted`.
    pub palette: Palette,
    /// Face, grid, spines and ticks. Default `darkgrid`.
    pub style: Style,
    /// Sizes of text and lines. Default `notebook`.
    pub context: Context,
    /// Multiplies the sizes of text. Default 1.
    pub font_scale: f64,
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            palette: Palette::default(),
            style: Style::default(),
            context: Context::default(),
            font_scale: 1.0,
        }
    }
}

impl Theme {
    /// Checks the font scale; the rest cannot be wrong.
    ///
    /// # Errors
    ///
    /// A font scale that is not positive, or above 20.
    pub fn validate(&self) -> Result<()> {
        positive("font scale", self.font_scale)?;
        if self.font_scale > 20.0 {
            return Err(Error::Parameter {
                name: "font scale",
                value: self.font_scale.to_string(),
                bound: "must be at most 20",
            });
        }
        Ok(())
    }

    /// The sizes of text and lines, in points.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        self.context.sizes(self.font_scale)
    }
}

fn positive(name: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(Error::Parameter { name, value: value.to_string(), bound: "must be positive and finite" })
    }
}

/// The file format of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Pixels: 8-bit RGB, with the dpi recorded.
    Png,
    /// Vectors: text stays text.
    Svg,
}

named!(Format, "picture format", { Png => "png", Svg => "svg" });

impl Format {
    /// The format that a path's extension names.
    ///
    /// # Errors
    ///
    /// [`UnknownName`](Error::UnknownName) when there is no extension or an unknown one.
    pub fn from_path(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default();
        extension.to_string_lossy().parse()
    }
}

/// A rendered picture.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Rendered {
    /// The file's bytes. An SVG is UTF-8 text.
    pub bytes: Vec<u8>,
    /// What the picture lacks, each said once.
    pub warnings: Vec<Warning>,
}

/// Something a picture lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// No font has these characters; each is drawn as an empty box.
    MissingGlyphs {
        /// The characters, in the order of their first use.
        characters: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingGlyphs { characters } => {
                const SHOWN: usize = 12;
                let shown: String = characters.chars().take(SHOWN).collect();
                let more = if characters.chars().count() > SHOWN { "…" } else { "" };
                write!(
                    f,
                    "no font on this system has the characters '{shown}{more}'; they are drawn as boxes: install a font \
                     that has them, such as Noto Sans, or write an SVG"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_absurd_sizes() {
        for (width, height, dpi) in [
            (0.0, 4.0, 100.0),
            (-1.0, 4.0, 100.0),
            (f64::NAN, 4.0, 100.0),
            (4.0, f64::INFINITY, 100.0),
            (4.0, 4.0, 0.0),
            (0.001, 4.0, 100.0),
            (300.0, 1.0, 100.0),
            (150.0, 150.0, 135.0),
        ] {
            let figure = Figure { width, height, dpi };
            assert!(figure.validate().is_err(), "{figure:?}");
        }
        assert!(Figure::default().validate().is_ok());
        assert_eq!(Figure::new(200.0, 200.0).pixel_bytes(), 1_600_000_000);
        let error = Figure::new(300.0, 1.0).validate().unwrap_err().to_string();
        assert!(error.contains("30000 x 100") && error.contains("20000"), "{error}");
    }

    #[test]
    fn refuses_bad_marks() {
        for (area, alpha) in [(0.0, 0.5), (-1.0, 0.5), (f64::NAN, 0.5), (25.0, 1.5), (25.0, f64::NAN)] {
            assert!(Marker { area, alpha }.validate().is_err());
        }
        let theme = Theme { font_scale: f64::NAN, ..Theme::default() };
        assert!(theme.validate().is_err());
    }

    #[test]
    fn refuses_discs_that_take_minutes() {
        let (figure, large) = (Figure::default(), Marker { area: 1e6, alpha: 0.5 });
        assert!(large.check_paint(1_000, &figure).is_ok());
        let error = large.check_paint(10_000, &figure).unwrap_err().to_string();
        assert!(error.contains("10000 discs") && error.contains("lower the area or the dpi"), "{error}");
        // A disc larger than the picture covers no more than that, and small ones may be many.
        assert!(Marker { area: f64::MAX, alpha: 0.5 }.check_paint(1_000, &figure).is_ok());
        assert!(Marker { area: 25.0, alpha: 0.5 }.check_paint(50_000_000, &figure).is_ok());
    }

    #[test]
    fn takes_the_format_from_the_extension() {
        assert_eq!(Format::from_path(Path::new("a/map.PNG")), Ok(Format::Png));
        assert_eq!(Format::from_path(Path::new("map.svg")), Ok(Format::Svg));
        let error = Format::from_path(Path::new("map.pgn")).unwrap_err();
        assert!(error.to_string().contains("did you mean 'png'"), "{error}");
        assert!(Format::from_path(Path::new("map")).is_err());
    }
}
