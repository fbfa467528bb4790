//! Several maps side by side.

use crate::error::{Error, Result};
use crate::figure::{Figure, Format, Marker, Rendered, Theme};
use crate::legend::Legend;
use crate::panel::{ClassColors, Contents, Reach, n_classes};
use crate::scatter::{Axes, PAD, PointsInSvg, check_points};
use crate::scene::{Rect, Scene};
use crate::text::Typesetter;

/// One map of a [`ScatterGrid`].
#[derive(Clone, Debug)]
pub struct Panel<'a> {
    /// The map: x, y of each point in turn, `2 n` values.
    pub points: &'a [f32],
    /// The class of each point; `None` draws all in the palette's first colour.
    pub classes: Option<&'a [u32]>,
    /// The title over the panel; empty for none.
    pub title: String,
}

/// Several maps side by side, each with its own limits.
#[derive(Clone, Debug)]
pub struct ScatterGrid<'a> {
    /// The maps, by rows from the top left.
    pub panels: Vec<Panel<'a>>,
    /// The name of each class, for the legend; a class without one shows its number.
    pub names: &'a [String],
    /// Panels in a row. Default: the smallest square that holds all.
    pub columns: usize,
    /// Size of the picture. Default 15 × 15 inches at 100 dpi, the lecture's.
    pub figure: Figure,
    /// Size and opacity of the discs. Default 25 points² at 0.3.
    pub marker: Marker,
    /// Colours and sizes. Default darkgrid, notebook, font scale 1.5, as in the lecture.
    pub theme: Theme,
    /// Whether a unit of x is as long as a unit of y. Default false, as in the lecture.
    pub equal_aspect: bool,
    /// Whether axes are drawn. Default on: panels have scales of their own, which only ticks can tell.
    pub axes: Axes,
    /// Whether one legend for all panels stands to the right of them. Default false.
    pub legend: bool,
    /// How an SVG holds the discs; the bound of 20,000 is on the points of all panels.
    pub points_in_svg: PointsInSvg,
}

impl<'a> ScatterGrid<'a> {
    /// A grid of `panels` with every default.
    #[must_use]
    pub fn new(panels: Vec<Panel<'a>>) -> Self {
        let columns = (1..).find(|c| c * c >= panels.len()).unwrap_or(1);
        Self {
            panels,
            names: &[],
            columns,
            figure: Figure::new(15.0, 15.0),
            marker: Marker::default(),
            theme: Theme { font_scale: 1.5, ..Theme::default() },
            equal_aspect: false,
            axes: Axes::On,
            legend: false,
            points_in_svg: PointsInSvg::default(),
        }
    }

    /// Draws the picture.
    ///
    /// # Errors
    ///
    /// As for [`Scatter::render`](crate::Scatter::render); also zero columns.
    pub fn render(&self, format: Format) -> Result<Rendered> {
        self.figure.validate()?;
        self.marker.validate()?;
        self.theme.validate()?;
        if self.columns == 0 {
            return Err(Error::Parameter {
                name: "columns",
                value: "0".to_string(),
                bound: "must be at least 1",
            });
        }
        for panel in &self.panels {
            check_points(panel.points, panel.classes)?;
        }
        let n_points = self.panels.iter().map(|panel| panel.points.len() / 2).sum();
        self.marker.check_paint(n_points, &self.figure)?;
        let mut typesetter = Typesetter::new(format);
        let scene = self.scene(&mut typesetter);
        scene.render(format, self.points_in_svg, &mut typesetter)
    }

    fn scene(&self, typesetter: &mut Typesetter) -> Scene {
        let mut scene = Scene::new(self.figure);
        let page = scene.page();
        let classes = || self.panels.iter().filter_map(|panel| panel.classes);
        let n_classes = n_classes(self.names, classes());
        let contents: Vec<_> = self
            .panels
            .iter()
            .map(|panel| Contents {
                points: panel.points,
                classes: panel.classes,
                title: Some(panel.title.clone()).filter(|title| !title.is_empty()).into_iter().collect(),
                offset: [0.0; 2],
                n_classes,
                marker: self.marker,
                theme: self.theme,
                axes: self.axes,
                equal_aspect: self.equal_aspect,
            })
            .collect();
        let legend = self.legend.then(|| {
            let bounds = [0.3 * page.width(), 0.7 * page.height()];
            Legend::new(classes(), self.names, &self.theme, bounds, typesetter)
        });
        let legend = legend.flatten();
        let beside = legend.as_ref().map_or(0.0, |legend| legend.width() + legend.margin());
        let frames = self.frames(&page, &contents, beside, typesetter);
        for (contents, frame) in contents.iter().zip(&frames) {
            contents.draw(&mut scene, &contents.frame(*frame));
        }
        let corner = frames.iter().take(self.columns).next_back();
        if let (Some(legend), Some(corner)) = (&legend, corner) {
            let mut colors = ClassColors::new(self.theme.palette, n_classes);
            legend.draw(&mut scene, corner.right + legend.margin(), corner.top, &self.theme, &mut colors);
        }
        scene
    }

    /// The room of each panel. Gaps hold what reaches out of the axes, and are never narrower than matplotlib's.
    fn frames(
        &self,
        page: &Rect,
        contents: &[Contents<'_>],
        beside: f64,
        typesetter: &mut Typesetter,
    ) -> Vec<Rect> {
        let columns = self.columns.min(contents.len()).max(1);
        let rows = contents.len().div_ceil(columns).max(1);
        // Labels are measured on axes of about the size that they will have.
        let sample = Rect {
            left: 0.0,
            top: 0.0,
            right: 0.75 * page.width() / columns as f64,
            bottom: 0.75 * page.height() / rows as f64,
        };
        let reach = contents
            .iter()
            .map(|contents| contents.reach(&sample, typesetter))
            .fold(Reach::default(), Reach::max);
        let air = 1.2 * self.theme.sizes().label;
        let outer = Rect {
            left: page.left + reach.left + 2.0 * PAD,
            top: page.top + reach.top + 2.0 * PAD,
            right: page.right - (reach.right.max(beside) + 2.0 * PAD),
            bottom: page.bottom - (reach.bottom + 2.0 * PAD),
        }
        .at_least(1.0);
        let (width, gap_x) = share(outer.width(), columns, reach.left + reach.right + air);
        let (height, gap_y) = share(outer.height(), rows, reach.top + reach.bottom + air);
        (0..contents.len())
            .map(|i| {
                let left = outer.left + (i % columns) as f64 * (width + gap_x);
                let top = outer.top + (i / columns) as f64 * (height + gap_y);
                Rect { left, top, right: left + width, bottom: top + height }
            })
            .collect()
    }
}

/// Shares a length among panels and the gaps between them: a fifth of a panel, as in matplotlib, or what is needed.
/// Where there is no room for that, panels keep half.
fn share(length: f64, panels: usize, needed: f64) -> (f64, f64) {
    let count = panels as f64;
    let panel = length / (count + GAP * (count - 1.0));
    if GAP * panel >= needed {
        return (panel, GAP * panel);
    }
    let panel = (length - needed * (count - 1.0)) / count;
    let panel = panel.max(0.5 * length / count);
    (panel, (length - panel * count) / (count - 1.0).max(1.0))
}

/// Matplotlib's `wspace` and `hspace`.
const GAP: f64 = 0.2;
