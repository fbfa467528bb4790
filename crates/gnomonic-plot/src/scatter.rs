//! One map as a scatter of discs.

use crate::error::{Error, Result};
use crate::figure::{Figure, Format, Marker, Rendered, Theme};
use crate::legend::Legend;
use crate::panel::{ClassColors, Contents, n_classes, wrapped};
use crate::scene::{Rect, Scene};
use crate::text::Typesetter;

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
    /// The class of each point, `n` values, [`NO_CLASS`](crate::NO_CLASS) of one without; `None` draws all points in the palette's first colour.
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
    /// What to add to x and y where the labels of the axes say them: of coordinates that differ by little at a large distance from 0, this
    /// keeps the digits. Default 0.
    pub offset: [f64; 2],
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
            offset: [0.0; 2],
        }
    }

    /// Draws the picture.
    ///
    /// No points give an empty picture. Discs are drawn in the order of the points, so that later ones lie on top.
    ///
    /// # Errors
    ///
    /// A size, area, alpha or font scale out of bounds; discs so large and many that drawing them would take minutes; an odd number of coordinates; classes of another length; a
    /// coordinate that is not finite.
    pub fn render(&self, format: Format) -> Result<Rendered> {
        self.figure.validate()?;
        self.marker.validate()?;
        self.theme.validate()?;
        check_points(self.points, self.classes)?;
        self.marker.check_paint(self.points.len() / 2, &self.figure)?;
        let mut typesetter = Typesetter::new(format);
        let scene = self.scene(&mut typesetter);
        scene.render(format, self.points_in_svg, &mut typesetter)
    }

    fn scene(&self, typesetter: &mut Typesetter) -> Scene {
        let mut scene = Scene::new(self.figure);
        let page = scene.page();
        let n_classes = n_classes(self.names, self.classes.into_iter());
        let mut contents = Contents {
            points: self.points,
            classes: self.classes,
            title: Vec::new(),
            n_classes,
            marker: self.marker,
            theme: self.theme,
            axes: self.axes,
            equal_aspect: self.equal_aspect,
            offset: self.offset,
        };
        let mut room = self.room(&page);
        let title = self.title.as_deref().unwrap_or_default();
        let size = self.theme.sizes().title;
        contents.title = wrapped(title, room.width(), size, typesetter);
        let legend = self.legend.then(|| {
            let bounds = [0.4 * page.width(), page.bottom - PAD - room.top.max(contents.title_reach() + PAD)];
            Legend::new(self.classes.into_iter(), self.names, &self.theme, bounds, typesetter)
        });
        let legend = legend.flatten();
        if let Some(legend) = &legend {
            let needed = legend.width() + legend.margin() + PAD;
            room.right = room.right.min(page.right - needed).max(room.left + 1.0);
        }
        // A title never takes room from the map at its sides.
        let beside = contents.reach(&contents.frame(room), typesetter);
        let top = Rect { top: room.top.max(page.top + beside.top + PAD), ..room }.at_least(1.0);
        contents.title = wrapped(title, contents.frame(top).width(), size, typesetter);
        // Labels and title keep a little paper around them, whatever the size of the page.
        let reach = contents.reach(&contents.frame(room), typesetter);
        let room = Rect {
            left: room.left.max(page.left + reach.left + PAD),
            top: room.top.max(page.top + reach.top + PAD),
            right: room.right.min(page.right - reach.right - PAD),
            bottom: room.bottom.min(page.bottom - reach.bottom - PAD),
        }
        .at_least(1.0);
        let frame = contents.frame(room);
        contents.draw(&mut scene, &frame);
        if let Some(legend) = &legend {
            let mut colors = ClassColors::new(self.theme.palette, n_classes);
            legend.draw(&mut scene, frame.right + legend.margin(), frame.top, &self.theme, &mut colors);
        }
        scene
    }

    /// The part of the page for the axes, before labels, title and legend ask for more.
    fn room(&self, page: &Rect) -> Rect {
        match self.axes {
            Axes::On => page.part(&SUBPLOT),
            // Without axes the data has the page.
            Axes::Off => Rect {
                left: page.left + PAD,
                top: page.top + PAD,
                right: page.right - PAD,
                bottom: page.bottom - PAD,
            },
        }
    }
}

/// Paper left at the edges of the page, in points: a tenth of an inch, as matplotlib's tight boxes have.
pub(crate) const PAD: f64 = 7.2;

/// Matplotlib's default place for axes, in parts of the page: 0.125 to 0.9 from the left, 0.12 to 0.89 from the top.
pub(crate) const SUBPLOT: Rect = Rect { left: 0.125, top: 0.12, right: 0.9, bottom: 0.89 };

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
