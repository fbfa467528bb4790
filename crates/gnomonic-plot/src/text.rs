//! Text as outlines: the bundled face, a search for a system font that has what it lacks, widths.

use std::borrow::Cow;
use std::cell::OnceCell;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use unicode_normalization::UnicodeNormalization;

use crate::figure::Format;

/// DejaVu Sans, which matplotlib falls back to where Arial is not installed; cut down to the scripts of Europe and
/// the signs of mathematics.
static DEJAVU_SANS: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");

/// Height of an `l` over the baseline, in ems: what matplotlib aligns text by.
pub(crate) const ASCENT: f64 = 0.76;
/// Depth of a `p` under the baseline, in ems.
pub(crate) const DESCENT: f64 = 0.21;

/// A polygon in pixels, y downwards. The last point joins the first.
pub(crate) type Contour = Vec<[f32; 2]>;

/// Finds the file of a font that has a character, and the face's index in it.
type Search = dyn Fn(char) -> Option<(Vec<u8>, u32)>;

/// Measures text and turns it into outlines, and remembers which characters no font had.
pub(crate) struct Typesetter {
    /// The bundled face, then those found for characters that it lacks.
    faces: Vec<Face>,
    search: Option<Box<Search>>,
    missing: String,
}

struct Face {
    data: Cow<'static, [u8]>,
    index: u32,
}

impl Face {
    fn font(&self) -> Option<FontRef<'_>> {
        FontRef::from_index(&self.data, self.index).ok()
    }

    fn glyph(&self, character: char) -> Option<GlyphId> {
        glyph_of(&self.font()?, character)
    }
}

/// The glyph of a character, if the font has one that can be drawn: fonts of colour pictures have no outlines.
fn glyph_of(font: &FontRef<'_>, character: char) -> Option<GlyphId> {
    let glyph = font.charmap().map(character).filter(|glyph| *glyph != GlyphId::NOTDEF)?;
    font.outline_glyphs().get(glyph).map(|_| glyph)
}

impl Typesetter {
    /// The typesetter for a format: an SVG's text is drawn by its viewer, so no font is searched for it.
    pub(crate) fn new(format: Format) -> Self {
        match format {
            Format::Png => {
                let fonts = SystemFonts::default();
                Self::with_search(Some(Box::new(move |character| fonts.with(character))))
            }
            Format::Svg => Self::with_search(None),
        }
    }

    fn with_search(search: Option<Box<Search>>) -> Self {
        Self { faces: vec![Face { data: DEJAVU_SANS.into(), index: 0 }], search, missing: String::new() }
    }

    /// The characters that no font had, in the order of their first use.
    pub(crate) fn missing(&self) -> &str {
        &self.missing
    }

    /// The width of a line of text, in the unit of `size`.
    pub(crate) fn width(&mut self, text: &str, size: f64) -> f64 {
        self.place(text, size as f32).1
    }

    /// The outlines of a line of text that starts at `(x, y)` on its baseline.
    pub(crate) fn outline(&mut self, text: &str, size: f64, x: f64, y: f64) -> Vec<Contour> {
        let (glyphs, _) = self.place(text, size as f32);
        let mut pen = Flattener::default();
        for placed in glyphs {
            let Some(font) = self.faces[placed.face].font() else {
                continue;
            };
            let Some(outline) = font.outline_glyphs().get(placed.glyph) else {
                continue;
            };
            pen.origin = [(x + placed.x) as f32, y as f32];
            let settings = DrawSettings::unhinted(Size::new(size as f32), LocationRef::default());
            // A broken glyph of a system font is left out, as other readers do.
            if outline.draw(settings, &mut pen).is_err() {
                pen.current.clear();
            }
            pen.close();
        }
        pen.contours
    }

    /// Glyphs one after the other, and their width together. Precomposed characters (NFC) stand for sequences, such
    /// as the syllables of Hangul that file systems hand out letter by letter.
    fn place(&mut self, text: &str, size: f32) -> (Vec<Placed>, f64) {
        let mut x = 0.0;
        let mut glyphs = Vec::new();
        for character in text.nfc() {
            let character = if character.is_control() { ' ' } else { character };
            let (face, glyph) = self.find(character);
            // What another program will draw is reckoned as wide as a syllable of Hangul.
            let foreign = self.search.is_none() && glyph == GlyphId::NOTDEF;
            let advance = self.faces[face]
                .font()
                .filter(|_| !foreign)
                .and_then(|font| {
                    font.glyph_metrics(Size::new(size), LocationRef::default()).advance_width(glyph)
                })
                .unwrap_or(size);
            glyphs.push(Placed { face, glyph, x });
            x += f64::from(advance);
        }
        (glyphs, x)
    }

    /// The face and glyph for a character; an empty box of the bundled face when there is none.
    fn find(&mut self, character: char) -> (usize, GlyphId) {
        for (i, face) in self.faces.iter().enumerate() {
            if let Some(glyph) = face.glyph(character) {
                return (i, glyph);
            }
        }
        if let Some(search) = &self.search
            && !self.missing.contains(character)
        {
            if let Some((data, index)) = search(character) {
                let face = Face { data: data.into(), index };
                if let Some(glyph) = face.glyph(character) {
                    self.faces.push(face);
                    return (self.faces.len() - 1, glyph);
                }
            }
            self.missing.push(character);
        }
        (0, GlyphId::NOTDEF)
    }
}

struct Placed {
    face: usize,
    glyph: GlyphId,
    x: f64,
}

/// The installed fonts, read when a character first asks for them.
#[derive(Default)]
struct SystemFonts {
    database: OnceCell<(fontdb::Database, Vec<fontdb::ID>)>,
}

impl SystemFonts {
    /// The font that best goes with DejaVu Sans among those that have the character.
    fn with(&self, character: char) -> Option<(Vec<u8>, u32)> {
        let (database, by_likeness) = self.database.get_or_init(Self::load);
        by_likeness.iter().find_map(|id| {
            database.with_face_data(*id, |data, index| {
                glyph_of(&FontRef::from_index(data, index).ok()?, character)?;
                Some((data.to_vec(), index))
            })?
        })
    }

    /// All fonts: first those that are upright, of regular weight and width, proportional and, by their name, not a
    /// serif; among equals by name, so that the choice is repeatable.
    fn load() -> (fontdb::Database, Vec<fontdb::ID>) {
        let mut database = fontdb::Database::new();
        database.load_system_fonts();
        let mut faces: Vec<_> = database
            .faces()
            .map(|face| {
                let name = face.post_script_name.to_lowercase();
                let unlike = (
                    face.style != fontdb::Style::Normal,
                    face.weight.0.abs_diff(fontdb::Weight::NORMAL.0),
                    face.stretch != fontdb::Stretch::Normal,
                    face.monospaced || name.contains("mono"),
                    name.contains("serif") && !name.contains("sans"),
                );
                (unlike, name, face.id)
            })
            .collect();
        faces.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let ids = faces.into_iter().map(|(_, _, id)| id).collect();
        (database, ids)
    }
}

/// Turns a glyph's curves into polygons.
#[derive(Default)]
struct Flattener {
    contours: Vec<Contour>,
    current: Contour,
    origin: [f32; 2],
}

impl Flattener {
    /// Chords for one curve: at text sizes they stay within a hundredth of a pixel.
    const CHORDS: usize = 8;

    fn point(&self, x: f32, y: f32) -> [f32; 2] {
        [self.origin[0] + x, self.origin[1] - y]
    }

    fn last(&self) -> [f32; 2] {
        self.current.last().copied().unwrap_or(self.origin)
    }
}

impl OutlinePen for Flattener {
    fn move_to(&mut self, x: f32, y: f32) {
        self.close();
        self.current.push(self.point(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.current.push(self.point(x, y));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let (a, b, c) = (self.last(), self.point(cx, cy), self.point(x, y));
        for i in 1..=Self::CHORDS {
            let t = i as f32 / Self::CHORDS as f32;
            let s = 1.0 - t;
            self.current.push([0, 1].map(|k| s * s * a[k] + 2.0 * s * t * b[k] + t * t * c[k]));
        }
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let (a, b, c, d) = (self.last(), self.point(cx0, cy0), self.point(cx1, cy1), self.point(x, y));
        for i in 1..=Self::CHORDS {
            let t = i as f32 / Self::CHORDS as f32;
            let s = 1.0 - t;
            self.current.push([0, 1].map(|k| {
                s * s * s * a[k] + 3.0 * s * s * t * b[k] + 3.0 * s * t * t * c[k] + t * t * t * d[k]
            }));
        }
    }

    fn close(&mut self) {
        if self.current.len() > 2 {
            self.contours.push(std::mem::take(&mut self.current));
        }
        self.current.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A font with squares for the two syllables of 한글; see `reference/plot/square_font.py`.
    static SQUARES: &[u8] = include_bytes!("../tests/golden/square.ttf");

    #[test]
    fn widths_are_those_of_the_face() {
        let mut typesetter = Typesetter::with_search(None);
        // DejaVu Sans has 2048 units to the em; its digits are 1303 wide, its minus 1716.
        let expected = 100.0 * (1716.0 + 2.0 * 1303.0) / 2048.0;
        assert!((typesetter.width("\u{2212}50", 100.0) - expected).abs() < 1e-3);
        assert_eq!(typesetter.width("", 100.0), 0.0);
        assert!(typesetter.missing().is_empty());
    }

    #[test]
    fn hangul_comes_from_a_font_that_has_it() {
        let search = |_: char| Some((SQUARES.to_vec(), 0));
        let mut typesetter = Typesetter::with_search(Some(Box::new(search)));
        let contours = typesetter.outline("한글", 10.0, 0.0, 20.0);
        assert_eq!(contours.len(), 2);
        assert_eq!(contours[0].len(), 4);
        assert!(contours[0].contains(&[1.0, 19.0]) && contours[0].contains(&[8.0, 12.0]), "{contours:?}");
        assert!((typesetter.width("한글", 10.0) - 18.0).abs() < 1e-3);
        assert!(typesetter.missing().is_empty());
        // File systems hand out the letters of a syllable one by one.
        let letters = "\u{1112}\u{1161}\u{11ab}";
        assert_eq!(typesetter.outline(letters, 10.0, 0.0, 20.0), contours[..1]);
    }

    #[test]
    fn what_no_font_has_is_a_box_and_is_named_once() {
        let mut typesetter = Typesetter::with_search(Some(Box::new(|_| None)));
        let contours = typesetter.outline("한 글 한", 10.0, 0.0, 20.0);
        assert!(contours.len() >= 3);
        typesetter.width("한글", 10.0);
        assert_eq!(typesetter.missing(), "한글");
        // A font that claims a character but cannot draw it does not help.
        let mut typesetter = Typesetter::with_search(Some(Box::new(|_| Some((vec![1, 2, 3], 0)))));
        typesetter.width("한", 10.0);
        assert_eq!(typesetter.missing(), "한");
    }

    #[test]
    fn an_svg_asks_no_font() {
        let mut typesetter = Typesetter::new(Format::Svg);
        assert_eq!(typesetter.width("한글", 10.0), 20.0);
        assert!(typesetter.missing().is_empty());
    }
}
