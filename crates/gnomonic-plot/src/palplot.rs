//! The colours of a palette as a row of swatches.

use crate::color::Rgb;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::figure::{Figure, Format, Rendered};
use crate::palette::Palette;
use crate::scatter::{PointsInSvg, SUBPLOT};
use crate::scene::{Anchor, Item, Rect, Scene, Text};
use crate::text::{ASCENT, Typesetter};

/// The size of names on swatches, in points, and their dark colour.
const SIZE: f64 = 16.0;
const INK: Rgb = Rgb::from_hex(0x262626);

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
        let mut typesetter = Typesetter::new(format);
        let scene = self.scene(figure, &mut typesetter);
        scene.render(format, PointsInSvg::Vector, &mut typesetter)
    }

    fn scene(&self, figure: Figure, typesetter: &mut Typesetter) -> Scene {
        let mut scene = Scene::new(figure);
        let page = scene.page();
        let frame = page.part(&SUBPLOT);
        let step = frame.width() / self.n_colors as f64;
        let edge = |i: usize| frame.left + i as f64 * step;
        let colors: Vec<_> = (0..self.n_colors).map(|i| self.palette.color(i, self.n_colors)).collect();
        for (i, color) in colors.iter().enumerate() {
            scene
                .items
                .push(Item::Rect { rect: Rect { left: edge(i), right: edge(i + 1), ..frame }, fill: *color });
        }
        let sizes = Context::Notebook.sizes(1.0);
        let mut rule = |from, to, width| {
            scene.items.push(Item::Rule { from, to, width, color: Rgb::WHITE, clip: page });
        };
        // What parts the swatches are the white lines of seaborn's grid, one at the left of each.
        for i in 0..self.n_colors {
            rule([edge(i), frame.top], [edge(i), frame.bottom], sizes.grid);
        }
        for x in [frame.left, frame.right] {
            rule([x, frame.top], [x, frame.bottom], sizes.spine);
        }
        for y in [frame.top, frame.bottom] {
            rule([frame.left, y], [frame.right, y], sizes.spine);
        }
        for (i, (name, color)) in self.names.iter().zip(&colors).enumerate() {
            // A name wider than its swatch is set smaller.
            let room = 0.86 * step;
            let size = SIZE.min(SIZE * room / typesetter.width(name, SIZE).max(1e-9));
            scene.items.push(Item::Text(Text {
                content: name.clone(),
                x: 0.5 * (edge(i) + edge(i + 1)),
                y: 0.5 * (frame.top + frame.bottom + ASCENT * size),
                size,
                anchor: Anchor::Middle,
                color: readable_on(*color),
            }));
        }
        scene
    }
}

/// The ink or white, whichever stands out more by the contrast ratio of WCAG 2.
fn readable_on(ground: Rgb) -> Rgb {
    let contrast = |text: Rgb| {
        let (a, b) = (text.luminance() + 0.05, ground.luminance() + 0.05);
        (a / b).max(b / a)
    };
    if contrast(INK) > contrast(Rgb::WHITE) { INK } else { Rgb::WHITE }
}
