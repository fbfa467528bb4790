//! Our pictures against those of matplotlib and seaborn, made by `reference/plot/golden.py`.
//!
//! The two differ where Agg approximates discs by curves and truncates when it blends, and in the rasterising of
//! glyphs: tolerances are stated per picture, as the mean absolute difference of all channels and the part of
//! pixels of which a channel differs by more than 32 of 255.

use gnomonic_plot::{Axes, Figure, Format, Marker, Palette, Palplot, Rendered, Scatter, Theme};

static POINTS: &str = include_str!("golden/points.csv");

struct Pixels {
    width: u32,
    height: u32,
    /// Red, green and blue of each pixel.
    rgb: Vec<[u8; 3]>,
}

fn decode(bytes: &[u8]) -> Pixels {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut data).unwrap();
    let channels = info.color_type.samples();
    assert!(channels >= 3 && info.bit_depth == png::BitDepth::Eight);
    let rgb = data.chunks_exact(channels).map(|p| [p[0], p[1], p[2]]).collect();
    Pixels { width: info.width, height: info.height, rgb }
}

/// The mean absolute difference of the channels, and the part of pixels that differ by more than 32.
fn difference(ours: &Pixels, theirs: &Pixels) -> (f64, f64) {
    assert_eq!((ours.width, ours.height), (theirs.width, theirs.height));
    let (mut sum, mut far) = (0u64, 0usize);
    for (a, b) in ours.rgb.iter().zip(&theirs.rgb) {
        let differences = [0, 1, 2].map(|k| a[k].abs_diff(b[k]));
        sum += differences.iter().map(|d| u64::from(*d)).sum::<u64>();
        far += usize::from(differences.iter().any(|d| *d > 32));
    }
    let n = ours.rgb.len() as f64;
    (sum as f64 / (3.0 * n), far as f64 / n)
}

fn assert_alike(ours: &Rendered, theirs: &[u8], mean: f64, far: f64) {
    assert!(ours.warnings.is_empty());
    let found = difference(&decode(&ours.bytes), &decode(theirs));
    println!("mean difference {:.3}, {:.4} of pixels far off", found.0, found.1);
    assert!(
        found.0 <= mean && found.1 <= far,
        "mean difference {:.3} (allowed {mean}), {:.4} of pixels far off (allowed {far})",
        found.0,
        found.1
    );
}

fn points() -> (Vec<f32>, Vec<u32>) {
    let rows = POINTS.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let mut points = Vec::new();
    let mut classes = Vec::new();
    for row in rows {
        points.extend(row[..2].iter().map(|value| value.parse::<f32>().unwrap()));
        classes.push(row[2].parse().unwrap());
    }
    assert_eq!(classes.len(), 300);
    (points, classes)
}

#[test]
fn palplot_is_that_of_seaborn() {
    let ours = Palplot::new(Palette::Muted).render(Format::Png).unwrap();
    assert_alike(&ours, include_bytes!("golden/palplot.png"), 0.05, 0.0);
}

#[test]
fn discs_are_those_of_matplotlib() {
    let (points, classes) = points();
    let map = Scatter {
        classes: Some(&classes),
        figure: Figure { width: 4.0, height: 4.0, dpi: 75.0 },
        marker: Marker { area: 200.0, alpha: 0.2 },
        ..Scatter::new(&points)
    };
    let ours = map.render(Format::Png).unwrap();
    assert_alike(&ours, include_bytes!("golden/map.png"), 0.5, 0.0);
}

#[test]
fn a_panel_is_that_of_seaborn() {
    let (points, classes) = points();
    let panel = Scatter {
        classes: Some(&classes),
        figure: Figure { width: 6.0, height: 4.5, dpi: 72.0 },
        theme: Theme { font_scale: 1.1, ..Theme::default() },
        equal_aspect: false,
        axes: Axes::On,
        title: Some("Perplexity = 30".to_string()),
        ..Scatter::new(&points)
    };
    let ours = panel.render(Format::Png).unwrap();
    assert_alike(&ours, include_bytes!("golden/panel.png"), 0.5, 0.005);
}
