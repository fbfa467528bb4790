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
/// Between the lines of a title, in ems.
const LINE: f64 = 1.2;
/// Between the axes and the title: matplotlib's `axes.titlepad`, in points.
const TITLE_PAD: f64 = 6.0;

/// What stands in one set of axes.
pub(crate) struct Contents<'a> {
    pub(crate) points: &'a [f32],
    pub(crate) classes: Option<&'a [u32]>,
    /// The lines of the title, from the top; none without one.
    pub(crate) title: Vec<String>,
    /// Of all panels together, so that a class has one colour.
    pub(crate) n_classes: usize,
    pub(crate) marker: Marker,
    pub(crate) theme: Theme,
    pub(crate) axes: Axes,
    pub(crate) equal_aspect: bool,
    /// What to add to the coordinates where numbers say them.
    pub(crate) offset: [f64; 2],
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

    /// The ticks, placed where the points are, and labeled with the coordinates that they stand for.
    fn ticks(&self, frame: &Rect) -> [Vec<Tick>; 2] {
        let [x, y] = self.limits();
        let size = self.sizes().label;
        let [x, y] = [x.moved(self.offset[0]), y.moved(self.offset[1])];
        let mut ticks =
            [horizontal_ticks(x, frame.width(), size), ticks(y, Room::vertical(frame.height(), size))];
        for (ticks, offset) in ticks.iter_mut().zip(self.offset) {
            ticks.iter_mut().for_each(|tick| tick.value -= offset);
        }
        ticks
    }

    /// From the axes to the labels. Matplotlib leaves room for tick marks even where a style draws none.
    fn label_offset(&self) -> f64 {
        self.sizes().tick_length + LABEL_PAD
    }

    /// How far the title reaches over the axes.
    pub(crate) fn title_reach(&self) -> f64 {
        let size = self.sizes().title;
        match self.title.len() {
            0 => 0.0,
            lines => TITLE_PAD + (ASCENT + LINE * (lines - 1) as f64) * size,
        }
    }

    /// How far labels and title reach out of the axes `frame`.
    pub(crate) fn reach(&self, frame: &Rect, typesetter: &mut Typesetter) -> Reach {
        let sizes = self.sizes();
        let mut reach = Reach { top: self.title_reach(), ..Reach::default() };
        for line in &self.title {
            let beside = 0.5 * (typesetter.width(line, sizes.title) - frame.width());
            reach.left = reach.left.max(beside);
            reach.right = reach.right.max(beside);
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
        for (line, content) in self.title.iter().rev().enumerate() {
            scene.items.push(Item::Text(Text {
                content: content.clone(),
                x: 0.5 * (frame.left + frame.right),
                y: frame.top - TITLE_PAD - LINE * line as f64 * self.sizes().title,
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

    /// The points in the order in which they are drawn: those without a class lie under the others.
    fn order(&self) -> Vec<usize> {
        let n = self.points.len() / 2;
        let none = |i: &usize| self.classes.is_some_and(|classes| classes[*i] == NO_CLASS);
        (0..n).filter(none).chain((0..n).filter(|i| !none(i))).collect()
    }

    fn discs(&self, frame: &Rect, clip: Rect) -> Discs {
        let limits = self.limits();
        let order = self.order();
        let centers = order
            .iter()
            .map(|&i| &self.points[2 * i..2 * i + 2])
            .map(|p| self.place(&limits, frame, f64::from(p[0]), f64::from(p[1])).map(|v| v as f32))
            .collect::<Vec<_>>();
        let mut colors = ClassColors::new(self.theme.palette, self.n_classes);
        let colors = match self.classes {
            Some(classes) => order.iter().map(|&i| colors.of(classes[i])).collect(),
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
        if class == NO_CLASS {
            return UNLABELED;
        }
        let (palette, n_classes) = (self.palette, self.n_classes);
        *self.known.entry(class).or_insert_with(|| palette.color(class as usize, n_classes))
    }
}

/// The class of a point that has none: it is drawn in gray, under the others.
pub const NO_CLASS: u32 = u32::MAX;

/// The gray of points without a class.
const UNLABELED: Rgb = Rgb::from_hex(0xC8C8C8);

/// `text` in lines no wider than `width`, broken at blanks, or within words that are wider; what three lines do not hold is cut.
pub(crate) fn wrapped(text: &str, width: f64, size: f64, typesetter: &mut Typesetter) -> Vec<String> {
    const MOST: usize = 3;
    let mut lines: Vec<String> = Vec::new();
    // More than a few thousand letters fit on no page, and would take long to measure.
    let text: String = text.chars().take(2_000).collect();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if lines.len() + 1 == MOST {
            lines.push(cut(rest, width, size, typesetter));
            break;
        }
        let mut end = 0;
        let mut last_blank = None;
        for (at, character) in rest.char_indices() {
            let next = at + character.len_utf8();
            if end > 0 && typesetter.width(&rest[..next], size) > width {
                break;
            }
            if character.is_whitespace() {
                last_blank = Some(at);
            }
            end = next;
        }
        if end < rest.len() {
            end = last_blank.filter(|&at| at > 0).unwrap_or(end);
        }
        lines.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    lines
}

/// `text`, or as much of its beginning as `width` holds, with an ellipsis.
pub(crate) fn cut(text: &str, width: f64, size: f64, typesetter: &mut Typesetter) -> String {
    if typesetter.width(text, size) <= width {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().take(500).collect();
    loop {
        kept.pop();
        let shorter: String = kept.iter().collect::<String>().trim_end().chars().chain(['…']).collect();
        if kept.len() <= 1 || typesetter.width(&shorter, size) <= width {
            return shorter;
        }
    }
}

/// How many classes there are: as many as names, or as the largest class asks for.
pub(crate) fn n_classes<'a>(names: &[String], classes: impl Iterator<Item = &'a [u32]>) -> usize {
    classes
        .filter_map(|classes| classes.iter().filter(|&&class| class != NO_CLASS).max())
        .map(|largest| (*largest as usize).saturating_add(1))
        .fold(names.len(), usize::max)
}
