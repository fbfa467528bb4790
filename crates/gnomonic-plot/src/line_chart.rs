//! Several series of numbers in one set of axes, each linear or logarithmic.

use crate::axis::{Limits, Room, Tick, horizontal_ticks, ticks};
use crate::error::{Error, Result};
use crate::figure::{Figure, Format, Rendered, Theme};
use crate::legend::Legend;
use crate::log_axis;
use crate::panel::ClassColors;
use crate::scatter::{PAD, PointsInSvg};
use crate::scene::{Anchor, Discs, Item, Rect, Scene, Text};
use crate::style::Style;
use crate::text::{ASCENT, DESCENT, Typesetter};

/// How numbers become places on an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps are equal lengths.
    #[default]
    Linear,
    /// Equal ratios are equal lengths; numbers must be positive.
    Logarithmic,
}

/// An axis of a [`LineChart`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChartAxis<'a> {
    /// What it shows, and in which unit. Stands under the horizontal axis, and over the vertical one.
    pub title: &'a str,
    /// How numbers become places.
    pub scale: Scale,
}

/// A series of a [`LineChart`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line<'a> {
    /// Its name in the legend.
    pub name: &'a str,
    /// x and y of each point, in the order in which they are joined.
    pub points: &'a [[f64; 2]],
}

/// Several series in one set of axes: a disc for each point, lines between them, and a legend.
///
/// The color of a series is that of its place, also when others have no points: a series keeps it from chart to chart.
/// Time and memory are linear in points and pixels.
#[derive(Clone, Debug)]
pub struct LineChart<'a> {
    /// The series.
    pub lines: &'a [Line<'a>],
    /// The horizontal axis.
    pub x: ChartAxis<'a>,
    /// The vertical axis.
    pub y: ChartAxis<'a>,
    /// What the chart shows; none by default.
    pub title: Option<String>,
    /// Whether the points of a series are joined. Default true.
    pub joined: bool,
    /// Size of the picture. Default 8 × 5 inches at 100 dpi.
    pub figure: Figure,
    /// Colors and sizes. Default whitegrid, muted.
    pub theme: Theme,
}

/// Radius of a point's disc and width of a line, in points.
const RADIUS: f64 = 3.2;
const WIDTH: f64 = 1.6;
/// Between ticks and their labels, and between labels and titles, in points.
const GAP: f64 = 6.0;
/// Between the lines of text over the axes, in ems.
const LEADING: f64 = 1.7;

impl<'a> LineChart<'a> {
    /// A chart of `lines` with every default and axes without titles.
    #[must_use]
    pub fn new(lines: &'a [Line<'a>]) -> Self {
        Self {
            lines,
            x: ChartAxis::default(),
            y: ChartAxis::default(),
            title: None,
            joined: true,
            figure: Figure::new(8.0, 5.0),
            theme: Theme { style: Style::Whitegrid, ..Theme::default() },
        }
    }

    /// Draws the chart. No points give empty axes.
    ///
    /// # Errors
    ///
    /// A size or font scale out of bounds; a number that is not finite or, on a logarithmic axis, not positive.
    pub fn render(&self, format: Format) -> Result<Rendered> {
        self.figure.validate()?;
        self.theme.validate()?;
        self.check()?;
        let mut typesetter = Typesetter::new(format);
        let scene = self.scene(&mut typesetter);
        scene.render(format, PointsInSvg::Vector, &mut typesetter)
    }

    fn check(&self) -> Result<()> {
        for point in self.lines.iter().flat_map(|line| line.points) {
            for (value, axis) in point.iter().zip([self.x, self.y]) {
                let bound = match axis.scale {
                    Scale::Linear if value.is_finite() => continue,
                    Scale::Logarithmic if value.is_finite() && *value > 0.0 => continue,
                    Scale::Linear => "must be finite",
                    Scale::Logarithmic => "must be positive and finite on a logarithmic axis",
                };
                return Err(Error::Parameter { name: "a point of a line", value: value.to_string(), bound });
            }
        }
        Ok(())
    }

    fn scene(&self, typesetter: &mut Typesetter) -> Scene {
        let mut scene = Scene::new(self.figure);
        let (page, sizes) = (scene.page(), self.theme.sizes());
        let classes: Vec<u32> = (0_u32..)
            .zip(self.lines)
            .filter(|(_, line)| !line.points.is_empty())
            .map(|(class, _)| class)
            .collect();
        let names: Vec<String> = self.lines.iter().map(|line| line.name.to_owned()).collect();
        let bounds = [0.4 * page.width(), page.height() - 2.0 * PAD];
        let legend =
            Legend::new(std::iter::once(classes.as_slice()), &names, &self.theme, bounds, typesetter);
        let beside = legend.as_ref().map_or(0.0, |legend| legend.width() + legend.margin());
        let over = [self.title.is_some(), !self.y.title.is_empty()].iter().filter(|&&there| there).count();
        let under = GAP
            + (ASCENT + DESCENT) * sizes.label
            + if self.x.title.is_empty() { 0.0 } else { LEADING * sizes.title };
        let limits = self.limits();
        let room = Rect {
            left: page.left + PAD,
            top: page.top + PAD + over as f64 * LEADING * sizes.title + ASCENT * sizes.label,
            right: page.right - PAD - beside,
            bottom: page.bottom - PAD - under,
        }
        .at_least(1.0);
        let y_ticks = vertical_ticks(self.y.scale, limits[1], room.height(), sizes.label);
        let widest =
            y_ticks.iter().map(|tick| typesetter.width(&tick.label, sizes.label)).fold(0.0, f64::max);
        let frame = Rect { left: room.left + widest + GAP, ..room }.at_least(1.0);
        let x_ticks = self.x_ticks(limits[0], &frame, typesetter);
        let canvas = Canvas { frame, limits };
        self.draw_axes(&mut scene, &canvas, &x_ticks, &y_ticks);
        self.draw_lines(&mut scene, &canvas, &mut ClassColors::new(self.theme.palette, self.lines.len()));
        if let Some(legend) = &legend {
            let mut colors = ClassColors::new(self.theme.palette, self.lines.len());
            legend.draw(&mut scene, frame.right + legend.margin(), frame.top, &self.theme, &mut colors);
        }
        scene
    }

    /// What the axes show, after the scale.
    fn limits(&self) -> [Limits; 2] {
        [(self.x.scale, 0), (self.y.scale, 1)].map(|(scale, k)| {
            let points = self.lines.iter().flat_map(|line| line.points);
            Limits::of(points.map(|point| scaled(scale, point[k]) as f32))
        })
    }

    /// As many as can stand side by side without touching.
    fn x_ticks(&self, limits: Limits, frame: &Rect, typesetter: &mut Typesetter) -> Vec<Tick> {
        let size = self.theme.sizes().label;
        if self.x.scale == Scale::Linear {
            return horizontal_ticks(limits, frame.width(), size);
        }
        let mut touch = |ticks: &[Tick]| {
            ticks.windows(2).any(|pair| {
                let apart = (pair[1].value - pair[0].value) / limits.span() * frame.width();
                let widths = typesetter.width(&pair[0].label, size) + typesetter.width(&pair[1].label, size);
                apart < 0.5 * widths + size
            })
        };
        let fitting = (2..=8).rev().map(|most| log_axis::ticks(limits, most)).find(|ticks| !touch(ticks));
        fitting.unwrap_or_default()
    }

    /// Face, grid, labels of ticks, titles.
    fn draw_axes(&self, scene: &mut Scene, canvas: &Canvas, x_ticks: &[Tick], y_ticks: &[Tick]) {
        let (look, sizes, frame) = (self.theme.style.look(), self.theme.sizes(), canvas.frame);
        let page = scene.page();
        scene.items.push(Item::Rect { rect: frame, fill: look.face });
        let mut rule = |from, to, width, color| {
            scene.items.push(Item::Rule { from, to, width, color, clip: page });
        };
        if let Some(grid) = look.grid {
            for tick in y_ticks {
                let y = canvas.y(tick.value);
                rule([frame.left, y], [frame.right, y], 0.6 * sizes.grid, grid);
            }
        }
        rule([frame.left, frame.bottom], [frame.right, frame.bottom], sizes.spine, look.ink);
        for tick in x_ticks {
            let x = canvas.x(tick.value);
            rule([x, frame.bottom], [x, frame.bottom + 0.5 * GAP], sizes.tick_width, look.ink);
        }
        let mut text = |content: &str, x, y, size, anchor| {
            let content = content.to_owned();
            scene.items.push(Item::Text(Text { content, x, y, size, anchor, color: look.ink }));
        };
        let under = frame.bottom + GAP + ASCENT * sizes.label;
        for tick in x_ticks {
            text(&tick.label, canvas.x(tick.value), under, sizes.label, Anchor::Middle);
        }
        for tick in y_ticks {
            let y = canvas.y(tick.value) + 0.5 * ASCENT * sizes.label;
            text(&tick.label, frame.left - GAP, y, sizes.label, Anchor::End);
        }
        let middle = 0.5 * (frame.left + frame.right);
        text(self.x.title, middle, under + LEADING * sizes.title, sizes.title, Anchor::Middle);
        let first = page.top + PAD + ASCENT * sizes.title;
        let mut lines =
            self.title.as_deref().into_iter().chain([self.y.title]).filter(|line| !line.is_empty());
        for (line, content) in lines.by_ref().enumerate() {
            let size = if line == 0 && self.title.is_some() { sizes.title } else { sizes.label };
            let y = first + line as f64 * LEADING * sizes.title;
            text(content, page.left + PAD, y, size, Anchor::Start);
        }
    }

    fn draw_lines(&self, scene: &mut Scene, canvas: &Canvas, colors: &mut ClassColors) {
        for (class, line) in (0..).zip(self.lines).filter(|(_, line)| !line.points.is_empty()) {
            let color = colors.of(class);
            let place =
                |&[x, y]: &[f64; 2]| [canvas.x(scaled(self.x.scale, x)), canvas.y(scaled(self.y.scale, y))];
            let places: Vec<[f64; 2]> = line.points.iter().map(place).collect();
            let centers = places.iter().map(|place| place.map(|v| v as f32)).collect();
            if self.joined {
                scene.items.push(Item::Polyline { places, width: WIDTH, color });
            }
            scene.items.push(Item::Discs(Discs {
                centers,
                colors: vec![color; line.points.len()],
                radius: RADIUS,
                alpha: 1.0,
                clip: scene.page(),
            }));
        }
    }
}

/// The axes, and what they show.
struct Canvas {
    frame: Rect,
    limits: [Limits; 2],
}

impl Canvas {
    fn x(&self, value: f64) -> f64 {
        self.frame.left + self.limits[0].fraction(value) * self.frame.width()
    }

    fn y(&self, value: f64) -> f64 {
        self.frame.bottom - self.limits[1].fraction(value) * self.frame.height()
    }
}

fn scaled(scale: Scale, value: f64) -> f64 {
    match scale {
        Scale::Linear => value,
        Scale::Logarithmic => value.log10(),
    }
}

fn vertical_ticks(scale: Scale, limits: Limits, length: f64, size: f64) -> Vec<Tick> {
    match scale {
        Scale::Linear => ticks(limits, Room::vertical(length, size)),
        Scale::Logarithmic => log_axis::ticks(limits, (length / (2.5 * size)) as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: [[f64; 2]; 3] = [[1e3, 0.1], [1e4, 1.0], [1e5, 10.0]];

    fn chart<'a>(lines: &'a [Line<'a>]) -> LineChart<'a> {
        let scale = Scale::Logarithmic;
        LineChart {
            title: Some("Time against rows".to_owned()),
            x: ChartAxis { title: "rows", scale },
            y: ChartAxis { title: "seconds", scale },
            ..LineChart::new(lines)
        }
    }

    #[test]
    fn equal_ratios_are_equal_lengths() {
        let lines = [Line { name: "one", points: &TIMES }];
        let scene = chart(&lines).scene(&mut Typesetter::new(Format::Svg));
        let places = scene.items.iter().find_map(|item| match item {
            Item::Polyline { places, .. } => Some(places.clone()),
            _ => None,
        });
        let places = places.unwrap();
        for axis in 0..2 {
            let steps = [places[1][axis] - places[0][axis], places[2][axis] - places[1][axis]];
            assert!((steps[0] - steps[1]).abs() < 1e-3 && steps[0].abs() > 50.0, "{steps:?}");
        }
    }

    #[test]
    fn it_is_well_formed_and_says_what_it_shows() {
        let lines = [Line { name: "a < b", points: &TIMES }, Line { name: "absent", points: &[] }];
        let svg = chart(&lines).render(Format::Svg).unwrap();
        let document = roxmltree::Document::parse(std::str::from_utf8(&svg.bytes).unwrap()).unwrap();
        let texts: Vec<_> = document.descendants().filter_map(|node| node.text()).collect();
        for expected in ["a < b", "rows", "seconds", "Time against rows", "10,000", "0.1"] {
            assert!(texts.contains(&expected), "{texts:?}");
        }
        assert!(!texts.contains(&"absent"));
        assert!(chart(&lines).render(Format::Png).unwrap().bytes.starts_with(b"\x89PNG"));
        assert!(LineChart::new(&[]).render(Format::Png).is_ok());
    }

    #[test]
    fn what_has_no_place_is_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let points = [[1.0, bad]];
            assert!(chart(&[Line { name: "", points: &points }]).render(Format::Svg).is_err());
        }
    }
}
