//! The five styles of seaborn 0.13: what stands behind the data.

use crate::color::Rgb;
use crate::names::named;

/// A style of the axes: face, grid, spines and ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// White grid on a light blue-grey face; seaborn's default, and the lecture's.
    #[default]
    Darkgrid,
    /// Grey grid on white.
    Whitegrid,
    /// Light blue-grey face without a grid.
    Dark,
    /// White face, dark spines.
    White,
    /// As [`White`](Self::White), with tick marks.
    Ticks,
}

named!(Style, "style", {
    Darkgrid => "darkgrid",
    Whitegrid => "whitegrid",
    Dark => "dark",
    White => "white",
    Ticks => "ticks",
});

/// What a [`Style`] says, resolved. Text and tick marks are `#262626` in every style and the page is white.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The inside of the axes.
    pub face: Rgb,
    /// The four lines around the axes.
    pub spine: Rgb,
    /// The grid's lines, when there is a grid.
    pub grid: Option<Rgb>,
    /// Whether tick marks are drawn.
    pub ticks: bool,
    /// Text and tick marks.
    pub ink: Rgb,
}

impl Style {
    /// The colours and parts of the style.
    #[must_use]
    pub const fn look(self) -> Look {
        const BLUE_GREY: Rgb = Rgb::from_hex(0xEAEAF2);
        const LIGHT_GREY: Rgb = Rgb::from_hex(0xCCCCCC);
        const INK: Rgb = Rgb::from_hex(0x262626);
        let (face, spine, grid, ticks) = match self {
            Self::Darkgrid => (BLUE_GREY, Rgb::WHITE, Some(Rgb::WHITE), false),
            Self::Whitegrid => (Rgb::WHITE, LIGHT_GREY, Some(LIGHT_GREY), false),
            Self::Dark => (BLUE_GREY, Rgb::WHITE, None, false),
            Self::White => (Rgb::WHITE, INK, None, false),
            Self::Ticks => (Rgb::WHITE, INK, None, true),
        };
        Look { face, spine, grid, ticks, ink: INK }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_suggests() {
        for style in Style::ALL {
            assert_eq!(style.name().parse(), Ok(*style));
        }
        let error = "dark-grid".parse::<Style>().unwrap_err().to_string();
        assert!(error.contains("did you mean 'darkgrid'"), "{error}");
    }
}
