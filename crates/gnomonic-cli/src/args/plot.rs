//! `gnomonic plot`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use gnomonic_plot::{Context, Palette, Style};

use super::shared::{CoordinateArgs, ForesightArgs, GeneralArgs, LabelArgs, input_name, named, positive};

const EXAMPLES: &str = "\
Examples:
  gnomonic plot map.csv -o map.png                  a map that `embed` wrote, with its labels
  gnomonic plot map.npy --labels y.csv --legend -o map.svg
  gnomonic plot projection.csv --labels clusters.csv --legend -o map.png       rows joined by name
  gnomonic plot seurat.csv --x umap_1 --y umap_2 --label-column cluster -o map.png
  gnomonic plot map.csv --palette colorblind --style whitegrid --context talk --size 8x6 -o map.png";

/// Draw a map, from any tool, in the look of seaborn
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES, disable_help_flag = true)]
pub(crate) struct PlotArgs {
    /// A map of two columns; in a table, those named x, y and label, or as tools call them
    #[arg(value_name = "Y", value_parser = input_name())]
    pub(crate) map: OsString,

    #[command(flatten)]
    pub(crate) labels: LabelArgs,

    #[command(flatten)]
    pub(crate) coordinates: CoordinateArgs,

    /// The picture, .png or .svg
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: PathBuf,

    /// The look of the axes; without one they are off
    #[arg(
        long, value_name = "STYLE", value_parser = named(Style::ALL.to_vec()), ignore_case = true,
        help_heading = "Look"
    )]
    pub(crate) style: Option<Style>,

    /// The colors of up to ten labels; more take as many hues [default: muted]
    #[arg(
        long, value_name = "PALETTE", value_parser = named(Palette::ALL.to_vec()), ignore_case = true,
        help_heading = "Look"
    )]
    pub(crate) palette: Option<Palette>,

    /// Where the picture is to be seen, which sets the size of text and lines
    #[arg(
        long, value_name = "CONTEXT", default_value_t, value_parser = named(Context::ALL.to_vec()),
        ignore_case = true, help_heading = "Look"
    )]
    pub(crate) context: Context,

    /// A factor on the size of text
    #[arg(
        long, value_name = "X", default_value_t = 1.0, value_parser = positive,
        allow_negative_numbers = true, help_heading = "Look"
    )]
    pub(crate) font_scale: f64,

    /// Width and height in inches
    #[arg(long, value_name = "W[xH]", default_value = "14x14", value_parser = size, help_heading = "Look")]
    pub(crate) size: (f64, f64),

    /// Pixels per inch
    #[arg(
        long, value_name = "N", default_value_t = gnomonic_plot::Figure::default().dpi,
        value_parser = positive, allow_negative_numbers = true, help_heading = "Look"
    )]
    pub(crate) dpi: f64,

    /// The area of a point's disc in points² [default: less, the more points]
    #[arg(
        long, value_name = "A", value_parser = positive, allow_negative_numbers = true,
        help_heading = "Look"
    )]
    pub(crate) area: Option<f64>,

    /// The opacity of a disc, from 0 to 1 [default: less, the more points]
    #[arg(
        long, value_name = "X", value_parser = opacity, allow_negative_numbers = true,
        help_heading = "Look"
    )]
    pub(crate) alpha: Option<f64>,

    /// A title over the map
    #[arg(long, value_name = "TEXT", help_heading = "Look")]
    pub(crate) title: Option<String>,

    /// Say beside the map which color is which label
    #[arg(long, help_heading = "Look")]
    pub(crate) legend: bool,

    #[command(flatten)]
    pub(crate) foresight: ForesightArgs,

    #[command(flatten)]
    pub(crate) general: GeneralArgs,
}

/// `8` is 8 × 8 inches, `8x6` is 8 wide and 6 high.
fn size(text: &str) -> Result<(f64, f64), String> {
    let (width, height) = text.split_once(['x', 'X', '×', ',']).unwrap_or((text, text));
    let side = |text: &str| positive(text.trim()).map_err(|_| "must be inches, as in 14 or 8x6".to_owned());
    Ok((side(width)?, side(height)?))
}

fn opacity(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 1.0 => Ok(value),
        _ => Err("must be above 0 (invisible) and at most 1 (opaque)".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_one_or_two_lengths() {
        assert_eq!(size("14"), Ok((14.0, 14.0)));
        assert_eq!(size("8x6.5"), Ok((8.0, 6.5)));
        for text in ["", "x", "8x", "0", "8x-1", "8x6x4", "nan"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
