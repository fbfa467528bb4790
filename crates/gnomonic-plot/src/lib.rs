//! Pictures of maps in the look of seaborn, as PNG and SVG.
//!
//! A [`Scatter`] draws one map, a [`ScatterGrid`] several side by side, a [`Palplot`] the colours, a [`LineChart`] series of numbers. Each is a plain
//! struct with documented defaults; [`render`](Scatter::render) returns the file's bytes and the warnings, and
//! writes nothing. The look is the product of a [`Palette`], a [`Style`], a [`Context`] and a font scale, with the
//! values of seaborn 0.13 on matplotlib 3.11; the output is compared with theirs in the tests.
//!
//! ```
//! use gnomonic_plot::{Format, Scatter};
//!
//! let points = [0.0, 0.0, 1.0, 2.0, 3.0, 1.0]; // x, y, x, y, …
//! let classes = [0, 1, 1];
//! let picture = Scatter {
//!     classes: Some(&classes),
//!     title: Some("Three points".to_string()),
//!     ..Scatter::new(&points)
//! };
//! let png = picture.render(Format::Png)?;
//! assert!(png.bytes.starts_with(b"\x89PNG"));
//! assert!(png.warnings.is_empty());
//! # Ok::<(), gnomonic_plot::Error>(())
//! ```

mod axis;
mod color;
mod context;
mod error;
mod figure;
mod grid;
mod legend;
mod line_chart;
mod log_axis;
mod names;
mod palette;
mod palplot;
mod panel;
mod raster;
pub mod report;
mod scatter;
mod scene;
mod style;
mod svg;
mod text;

pub use color::Rgb;
pub use context::{Context, Sizes};
pub use error::{Error, Result};
pub use figure::{Figure, Format, Marker, Rendered, Theme, Warning};
pub use grid::{Panel, ScatterGrid};
pub use line_chart::{ChartAxis, Line, LineChart, Scale};
pub use palette::Palette;
pub use palplot::Palplot;
pub use panel::NO_CLASS;
pub use scatter::{Axes, PointsInSvg, Scatter};
pub use style::{Look, Style};
