//! The four contexts of seaborn 0.13: how large text and lines are.

use crate::names::named;

/// For which reading distance text and lines are sized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Context {
    /// 0.8 × notebook.
    Paper,
    /// The reference: 12 pt text.
    #[default]
    Notebook,
    /// 1.5 × notebook.
    Talk,
    /// 2 × notebook.
    Poster,
}

named!(Context, "context", {
    Paper => "paper",
    Notebook => "notebook",
    Talk => "talk",
    Poster => "poster",
});

/// What a [`Context`] and a font scale say, in points (1/72 inch).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// Titles, and labels of the axes.
    pub title: f64,
    /// Tick labels, and names in the legend.
    pub label: f64,
    /// Width of the lines around the axes.
    pub spine: f64,
    /// Width of the grid's lines.
    pub grid: f64,
    /// Length of a tick mark.
    pub tick_length: f64,
    /// Width of a tick mark.
    pub tick_width: f64,
}

impl Context {
    /// The sizes of the context; `font_scale` multiplies those of text only.
    #[must_use]
    pub fn sizes(self, font_scale: f64) -> Sizes {
        let scale = match self {
            Self::Paper => 0.8,
            Self::Notebook => 1.0,
            Self::Talk => 1.5,
            Self::Poster => 2.0,
        };
        Sizes {
            title: 12.0 * scale * font_scale,
            label: 11.0 * scale * font_scale,
            spine: 1.25 * scale,
            grid: scale,
            tick_length: 6.0 * scale,
            tick_width: 1.25 * scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn font_scale_leaves_lines_alone() {
        let plain = Context::Talk.sizes(1.0);
        let large = Context::Talk.sizes(1.5);
        assert_eq!((plain.title, large.title), (18.0, 27.0));
        assert_eq!(plain.spine, large.spine);
        assert_eq!(plain.tick_length, 9.0);
    }

    #[test]
    fn parses_and_suggests() {
        for context in Context::ALL {
            assert_eq!(context.name().parse(), Ok(*context));
        }
        let error = "notebok".parse::<Context>().unwrap_err().to_string();
        assert!(error.contains("did you mean 'notebook'"), "{error}");
    }
}
