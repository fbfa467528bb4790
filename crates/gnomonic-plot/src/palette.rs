//! The six categorical palettes of seaborn 0.13.

use crate::color::{Rgb, husl};
use crate::names::named;

/// A categorical palette of ten colours.
///
/// The values are those of seaborn 0.13; `colorblind` is the one to choose when readers may not tell red from green.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Palette {
    /// Seaborn's own default.
    Deep,
    /// Softer; the lecture's palette, and the default here.
    #[default]
    Muted,
    /// Light, for large areas.
    Pastel,
    /// Saturated, for small marks.
    Bright,
    /// Dark, for small marks on white.
    Dark,
    /// Told apart with every kind of colour vision.
    Colorblind,
}

named!(Palette, "palette", {
    Deep => "deep",
    Muted => "muted",
    Pastel => "pastel",
    Bright => "bright",
    Dark => "dark",
    Colorblind => "colorblind",
});

impl Palette {
    /// The ten colours.
    #[must_use]
    pub const fn colors(self) -> &'static [Rgb; 10] {
        match self {
            Self::Deep => &DEEP,
            Self::Muted => &MUTED,
            Self::Pastel => &PASTEL,
            Self::Bright => &BRIGHT,
            Self::Dark => &DARK,
            Self::Colorblind => &COLORBLIND,
        }
    }

    /// The colour of one class of `n_classes`.
    ///
    /// Up to ten classes take the palette's colours in order. More than ten would repeat them, so all classes then
    /// take evenly spaced hues of equal lightness (seaborn's `husl_palette`), whichever the palette.
    #[must_use]
    pub fn color(self, class: usize, n_classes: usize) -> Rgb {
        let colors = self.colors();
        if n_classes <= colors.len() {
            colors[class % colors.len()]
        } else {
            husl(class % n_classes, n_classes)
        }
    }
}

/// Turns `0xRRGGBB` numbers into colours.
const fn table(hex: [u32; 10]) -> [Rgb; 10] {
    let mut colors = [Rgb::BLACK; 10];
    let mut i = 0;
    while i < hex.len() {
        colors[i] = Rgb::from_hex(hex[i]);
        i += 1;
    }
    colors
}

static DEEP: [Rgb; 10] = table([
    0x4C72B0, 0xDD8452, 0x55A868, 0xC44E52, 0x8172B3, 0x937860, 0xDA8BC3, 0x8C8C8C, 0xCCB974, 0x64B5CD,
]);
static MUTED: [Rgb; 10] = table([
    0x4878D0, 0xEE854A, 0x6ACC64, 0xD65F5F, 0x956CB4, 0x8C613C, 0xDC7EC0, 0x797979, 0xD5BB67, 0x82C6E2,
]);
static PASTEL: [Rgb; 10] = table([
    0xA1C9F4, 0xFFB482, 0x8DE5A1, 0xFF9F9B, 0xD0BBFF, 0xDEBB9B, 0xFAB0E4, 0xCFCFCF, 0xFFFEA3, 0xB9F2F0,
]);
static BRIGHT: [Rgb; 10] = table([
    0x023EFF, 0xFF7C00, 0x1AC938, 0xE8000B, 0x8B2BE2, 0x9F4800, 0xF14CC1, 0xA3A3A3, 0xFFC400, 0x00D7FF,
]);
static DARK: [Rgb; 10] = table([
    0x001C7F, 0xB1400D, 0x12711C, 0x8C0800, 0x591E71, 0x592F0D, 0xA23582, 0x3C3C3C, 0xB8850A, 0x006374,
]);
static COLORBLIND: [Rgb; 10] = table([
    0x0173B2, 0xDE8F05, 0x029E73, 0xD55E00, 0xCC78BC, 0xCA9161, 0xFBAFE4, 0x949494, 0xECE133, 0x56B4E9,
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_suggests() {
        assert_eq!("Muted".parse(), Ok(Palette::Muted));
        let error = "mutde".parse::<Palette>().unwrap_err().to_string();
        assert!(error.contains("did you mean 'muted'"), "{error}");
        for palette in Palette::ALL {
            assert_eq!(palette.name().parse(), Ok(*palette));
        }
    }

    #[test]
    fn repeats_no_color_beyond_ten() {
        let mut colors: Vec<_> = (0..30).map(|c| Palette::Deep.color(c, 30)).collect();
        colors.sort();
        colors.dedup();
        assert_eq!(colors.len(), 30);
        assert_eq!(Palette::Deep.color(9, 10).to_string(), "#64b5cd");
    }
}
