//! One set of axes with its data: face, grid, discs, spines, ticks, title.

use std::collections::HashMap;

use crate::axis::{Limits, Room, Tick, horizontal_ticks, ticks};
use crate::color::Rgb;
use crate::context::Sizes;
use crate::figure::{Marker, Theme};
use crate::palette::Palette;
use crate::scatter::Axes;
use crate::scene::{Anchor, Discs, Item, Rect, Scene, Text};
use crate::text::{ASCENT, DESCENT, Typesetter};

/// Between the axes, or their ticks, and the labels: matplotlib's `tick.major.pad`, in points.
const LABEL_PAD: f64 = 3.5;
/// Between the axes and the title: matplotlib's `axes.titlepad`, in points.
const TITLE_PAD: f64 = 6.0;

/// What stands in one set of axes.
pub(crate) struct Contents<'a> {
    pub(crate) points: &'a [f32],
    pub(crate) classes: Option<&'a [u32]>,
    pub(crate) title: &'a str,
    /// Of all panels together, so that a class has one colour.
    pub(crate) n_classes: usize,
    pub(crate) marker: Marker,
    pub(crate) theme: Theme,
    pub(crate) axes: Axes,
    pub(crate) equal_aspect: bool,
}

/// How far labels and titles reach out of the axes, in points.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Reach {
    /// The larger of each side.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

impl Contents<'_> {
    fn limits(&self) -> [Limits; 2] {
        [0, 1].map(|k| Limits::of(self.points.iter().skip(k).step_by(2).copied()))
    }

    fn sizes(&self) -> Sizes {
        self.theme.sizes()
    }

    /// The axes within the room that the layout gives them.
    pub(crate) fn frame(&self, room: Rect) -> Rect {
        if !self.equal_aspect {
            return room;
        }
        let [x, y] = self.limits();
        // One point, or a line of them, has no aspect to speak of: keep the axes a visible shape.
        room.with_aspect((y.span() / x.span()).clamp(0.02, 50.0))
    }

    fn ticks(&self, frame: &Rect) -> [Vec<Tick>; 2] {
        let [x, y] = self.limits();
        let size = self.sizes().label;
        [horizontal_ticks(x, frame.width(), size), ticks(y, Room::vertical(frame.height(), size))]
    }

    /// From the axes to the labels. Matplotlib leaves room for tick marks even where a style draws none.
    fn label_offset(&self) -> f64 {
        self.sizes().tick_length + LABEL_PAD
    }

    /// How far the title reaches over the axes.
    pub(crate) fn title_reach(&self) -> f64 {
        if self.title.is_empty() { 0.0 } else { TITLE_PAD + ASCENT * self.sizes().title }
    }

    /// How far labels and title reach out of the axes `frame`.
    pub(crate) fn reach(&self, frame: &Rect, typesetter: &mut Typesetter) -> Reach {
        let sizes = self.sizes();
        let mut reach = Reach { top: self.title_reach(), ..Reach::default() };
        if !self.title.is_empty() {
            let beside = 0.5 * (typesetter.width(self.title, sizes.title) - frame.width());
            reach.left = beside.max(0.0);
            reach.right = beside.max(0.0);
        }
        if self.axes == Axes::On {
            let [x, y] = self.ticks(frame);
            let widest = |ticks: &[Tick], typesetter: &mut Typesetter| {
                ticks.iter().map(|tick| typesetter.width(&tick.label, sizes.label)).fold(0.0, f64::max)
            };
            reach.bottom = self.label_offset() + (ASCENT + DESCENT) * sizes.label;
            reach.left = reach.left.max(self.label_offset() + widest(&y, typesetter));
            // Half of a label stands beyond a tick at the right end.
            reach.right = reach.right.max(0.5 * widest(&x, typesetter) - 0.04 * frame.width());
            reach.top = reach.top.max(0.5 * ASCENT * sizes.label);
        }
        reach
    }

    /// Draws everything into the axes `frame`.
    pub(crate) fn draw(&self, scene: &mut Scene, frame: &Rect) {
        match self.axes {
            Axes::On => {
                self.draw_ground(scene, frame);
                scene.items.push(Item::Discs(self.discs(frame, *frame)));
                self.draw_spines(scene, frame);
            }
            Axes::Off => {
                let page = scene.page();
                scene.items.push(Item::Discs(self.discs(frame, page)));
            }
        }
        if !self.title.is_empty() {
            scene.items.push(Item::Text(Text {
                content: self.title.to_string(),
                x: 0.5 * (frame.left + frame.right),
                y: frame.top - TITLE_PAD,
                size: self.sizes().title,
                anchor: Anchor::Middle,
                color: self.theme.style.look().ink,
            }));
        }
    }

    /// Where a coordinate lies on the page.
    fn place(&self, limits: &[Limits; 2], frame: &Rect, x: f64, y: f64) -> [f64; 2] {
        [
            frame.left + limits[0].fraction(x) * frame.width(),
            frame.bottom - limits[1].fraction(y) * frame.height(),
        ]
    }

    fn discs(&self, frame: &Rect, clip: Rect) -> Discs {
        let limits = self.limits();
        let centers = self
            .points
            .chunks_exact(2)
            .map(|p| self.place(&limits, frame, f64::from(p[0]), f64::from(p[1])).map(|v| v as f32))
            .collect::<Vec<_>>();
        let mut colors = ClassColors::new(self.theme.palette, self.n_classes);
        let colors = match self.classes {
            Some(classes) => classes.iter().map(|class| colors.of(*class)).collect(),
            None => vec![self.theme.palette.colors()[0]; centers.len()],
        };
        Discs { centers, colors, radius: self.marker.radius(), alpha: self.marker.alpha, clip }
    }

    /// What lies under the data: face, grid, tick marks and their labels.
    fn draw_ground(&self, scene: &mut Scene, frame: &Rect) {
        let (look, sizes, limits) = (self.theme.style.look(), self.sizes(), self.limits());
        let page = scene.page();
        let items = &mut scene.items;
        items.push(Item::Rect { rect: *frame, fill: look.face });
        let [x_ticks, y_ticks] = self.ticks(frame);
        let mut rule = |from, to, width, color, clip| {
            items.push(Item::Rule { from, to, width, color, clip });
        };
        for tick in &x_ticks {
            let x = self.place(&limits, frame, tick.value, 0.0)[0];
            if let Some(grid) = look.grid {
                rule([x, frame.top], [x, frame.bottom], sizes.grid, grid, *frame);
            }
            if look.ticks {
                let end = frame.bottom + sizes.tick_length;
                rule([x, frame.bottom], [x, end], sizes.tick_width, look.ink, page);
            }
        }
        for tick in &y_ticks {
            let y = self.place(&limits, frame, 0.0, tick.value)[1];
            if let Some(grid) = look.grid {
                rule([frame.left, y], [frame.right, y], sizes.grid, grid, *frame);
            }
            if look.ticks {
                let end = frame.left - sizes.tick_length;
                rule([end, y], [frame.left, y], sizes.tick_width, look.ink, page);
            }
        }
        let text = |content: String, x, y, anchor| {
            Item::Text(Text { content, x, y, size: sizes.label, anchor, color: look.ink })
        };
        items.extend(x_ticks.into_iter().map(|tick| {
            let x = self.place(&limits, frame, tick.value, 0.0)[0];
            let y = frame.bottom + self.label_offset() + ASCENT * sizes.label;
            text(tick.label, x, y, Anchor::Middle)
        }));
        items.extend(y_ticks.into_iter().map(|tick| {
            let y = self.place(&limits, frame, 0.0, tick.value)[1] + 0.5 * ASCENT * sizes.label;
            text(tick.label, frame.left - self.label_offset(), y, Anchor::End)
        }));
    }

    fn draw_spines(&self, scene: &mut Scene, frame: &Rect) {
        let (spine, width) = (self.theme.style.look().spine, self.sizes().spine);
        let page = scene.page();
        // The lines reach over each other at the corners.
        let half = 0.5 * width;
        let (left, right) = (frame.left - half, frame.right + half);
        let (top, bottom) = (frame.top - half, frame.bottom + half);
        for (from, to) in [
            ([frame.left, top], [frame.left, bottom]),
            ([frame.right, top], [frame.right, bottom]),
            ([left, frame.bottom], [right, frame.bottom]),
            ([left, frame.top], [right, frame.top]),
        ] {
            scene.items.push(Item::Rule { from, to, width, color: spine, clip: page });
        }
    }
}

/// The colours of classes, each computed once.
pub(crate) struct ClassColors {
    palette: Palette,
    n_classes: usize,
    known: HashMap<u32, Rgb>,
}

impl ClassColors {
    pub(crate) fn new(palette: Palette, n_classes: usize) -> Self {
        Self { palette, n_classes, known: HashMap::new() }
    }

    pub(crate) fn of(&mut self, class: u32) -> Rgb {
        let (palette, n_classes) = (self.palette, self.n_classes);
        *self.known.entry(class).or_insert_with(|| palette.color(class as usize, n_classes))
    }
}

/// How many classes there are: as many as names, or as the largest class asks for.
pub(crate) fn n_classes<'a>(names: &[String], classes: impl Iterator<Item = &'a [u32]>) -> usize {
    classes
        .filter_map(|classes| classes.iter().max())
        .map(|largest| (*largest as usize).saturating_add(1))
        .fold(names.len(), usize::max)
}
