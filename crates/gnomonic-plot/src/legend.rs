//! The legend: which colour is which class, right of the data so that it hides none.

use crate::figure::Theme;
use crate::panel::{ClassColors, NO_CLASS, cut};
use crate::scatter::PAD;
use crate::scene::{Anchor, Discs, Item, Scene, Text};
use crate::text::{ASCENT, Typesetter};

/// Lengths in ems of the names, near matplotlib's defaults: the height of a line, the disc's diameter, the gap
/// between disc and name, the gap between columns.
const LINE: f64 = 1.5;
const DISC: f64 = 0.72;
const GAP: f64 = 0.5;
const COLUMN_GAP: f64 = 1.2;

/// A legend, laid out but without a place.
pub(crate) struct Legend {
    entries: Vec<(u32, String)>,
    /// A last line that says how many classes found no room.
    rest: Option<String>,
    rows: usize,
    column_widths: Vec<f64>,
    size: f64,
}

impl Legend {
    /// The legend of the classes that occur, within a height and a width in points.
    pub(crate) fn new<'a>(
        classes: impl Iterator<Item = &'a [u32]>,
        names: &[String],
        theme: &Theme,
        room: [f64; 2],
        typesetter: &mut Typesetter,
    ) -> Option<Self> {
        let mut present: Vec<u32> = classes.flatten().copied().collect();
        present.sort_unstable();
        present.dedup();
        if present.is_empty() {
            return None;
        }
        let size = theme.sizes().label;
        let rows = ((room[1] / (LINE * size)) as usize).max(1);
        let mut legend = Self { entries: Vec::new(), rest: None, rows, column_widths: Vec::new(), size };
        let mut classes = present.into_iter().peekable();
        while classes.peek().is_some() {
            let most = (room[0] - size * (DISC + GAP)).max(size);
            let column: Vec<_> = classes
                .by_ref()
                .take(rows)
                .map(|class| (class, cut(&name_of(class, names), most, size, typesetter)))
                .collect();
            let widest = column.iter().map(|(_, name)| typesetter.width(name, size)).fold(0.0, f64::max);
            let width = size * (DISC + GAP) + widest;
            if !legend.column_widths.is_empty() && legend.width() + COLUMN_GAP * size + width > room[0] {
                let left_out = column.len() + classes.count();
                legend.shorten(left_out, typesetter);
                break;
            }
            legend.column_widths.push(width);
            legend.entries.extend(column);
        }
        Some(legend)
    }

    /// Gives the last line to the number of classes left out.
    fn shorten(&mut self, left_out: usize, typesetter: &mut Typesetter) {
        self.entries.pop();
        let rest = format!("+ {} more", left_out + 1);
        if let Some(last) = self.column_widths.last_mut() {
            *last = last.max(self.size * (DISC + GAP) + typesetter.width(&rest, self.size));
        }
        self.rest = Some(rest);
    }

    /// In points.
    pub(crate) fn width(&self) -> f64 {
        let gaps = COLUMN_GAP * self.size * (self.column_widths.len() as f64 - 1.0);
        self.column_widths.iter().sum::<f64>() + gaps
    }

    /// In points.
    fn height(&self) -> f64 {
        let lines = self.entries.len() + usize::from(self.rest.is_some());
        lines.min(self.rows) as f64 * LINE * self.size
    }

    /// Between the data and the legend, in points.
    pub(crate) fn margin(&self) -> f64 {
        1.5 * self.size
    }

    /// Draws the legend down from `(left, top)`, or from higher up where it would leave the page.
    pub(crate) fn draw(
        &self,
        scene: &mut Scene,
        left: f64,
        top: f64,
        theme: &Theme,
        colors: &mut ClassColors,
    ) {
        let page = scene.page();
        let top = top.min(page.bottom - PAD - self.height()).max(page.top);
        let ink = theme.style.look().ink;
        let mut discs = Discs {
            centers: Vec::new(),
            colors: Vec::new(),
            radius: 0.5 * DISC * self.size,
            // Opaque: the colour that a dense cluster has.
            alpha: 1.0,
            clip: page,
        };
        let mut texts = Vec::new();
        let line = |i: usize| {
            let (column, row) = (i / self.rows, i % self.rows);
            let before: f64 = self.column_widths[..column].iter().map(|w| w + COLUMN_GAP * self.size).sum();
            let middle = top + (row as f64 + 0.5) * LINE * self.size;
            [left + before, middle]
        };
        let mut text = |content: &str, x, middle| {
            texts.push(Item::Text(Text {
                content: content.to_string(),
                x,
                y: middle + 0.5 * ASCENT * self.size,
                size: self.size,
                anchor: Anchor::Start,
                color: ink,
            }));
        };
        for (i, (class, name)) in self.entries.iter().enumerate() {
            let [x, middle] = line(i);
            discs.centers.push([(x + discs.radius) as f32, middle as f32]);
            discs.colors.push(colors.of(*class));
            text(name, x + (DISC + GAP) * self.size, middle);
        }
        if let Some(rest) = &self.rest {
            let [x, middle] = line(self.entries.len());
            text(rest, x, middle);
        }
        scene.items.push(Item::Discs(discs));
        scene.items.extend(texts);
    }
}

/// The class's name, cut to a length that leaves room for the data; its number when it has none.
fn name_of(class: u32, names: &[String]) -> String {
    const LONGEST: usize = 40;
    match names.get(class as usize) {
        None if class == NO_CLASS => "no label".to_owned(),
        Some(name) if name.chars().count() > LONGEST => {
            name.chars().take(LONGEST - 1).chain(std::iter::once('…')).collect()
        }
        Some(name) => name.clone(),
        None => class.to_string(),
    }
}
