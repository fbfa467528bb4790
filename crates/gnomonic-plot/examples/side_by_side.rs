//! Puts our pictures next to those of matplotlib and seaborn, for the documentation.
//!
//! `cargo run -p gnomonic-plot --example side_by_side -- docs/images/side-by-side.png`
//!
//! The pictures on the left, and the points, are those of `reference/plot/golden.py`.

use std::error::Error;
use std::path::{Path, PathBuf};

use gnomonic_plot::{Axes, Figure, Format, Marker, Scatter, Theme};

/// A picture as rows of RGB pixels.
struct Picture {
    width: usize,
    rows: Vec<Vec<u8>>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let target = std::env::args().nth(1).ok_or("name the file to write")?;
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let (points, classes) = read_points(&golden.join("points.csv"))?;
    let map = Scatter {
        classes: Some(&classes),
        figure: Figure { width: 4.0, height: 4.0, dpi: 75.0 },
        marker: Marker { area: 200.0, alpha: 0.2 },
        ..Scatter::new(&points)
    };
    let panel = Scatter {
        figure: Figure { width: 6.0, height: 4.5, dpi: 72.0 },
        marker: Marker::default(),
        theme: Theme { font_scale: 1.1, ..Theme::default() },
        equal_aspect: false,
        axes: Axes::On,
        title: Some("Perplexity = 30".to_string()),
        ..map.clone()
    };
    let theirs =
        |name: &str| -> Result<Picture, Box<dyn Error>> { decode(&std::fs::read(golden.join(name))?) };
    let ours = |picture: &Scatter<'_>| decode(&picture.render(Format::Png)?.bytes);
    let rows = [
        [caption("matplotlib 3.11, seaborn 0.13")?, caption("gnomonic")?],
        [theirs("panel.png")?, ours(&panel)?],
        [theirs("map.png")?, ours(&map)?],
    ];
    std::fs::write(PathBuf::from(target), encode(&beside(&rows))?)?;
    Ok(())
}

/// A line of text, which an empty scatter's title is.
fn caption(text: &str) -> Result<Picture, Box<dyn Error>> {
    let line = Scatter {
        figure: Figure { width: 6.0, height: 0.5, dpi: 72.0 },
        title: Some(text.to_string()),
        ..Scatter::new(&[])
    };
    decode(&line.render(Format::Png)?.bytes)
}

fn read_points(path: &Path) -> Result<(Vec<f32>, Vec<u32>), Box<dyn Error>> {
    let (mut points, mut classes) = (Vec::new(), Vec::new());
    for line in std::fs::read_to_string(path)?.lines() {
        let [x, y, class] = line.split(',').collect::<Vec<_>>()[..] else {
            return Err(format!("{}: not x, y, class: {line}", path.display()).into());
        };
        points.extend([x.parse::<f32>()?, y.parse::<f32>()?]);
        classes.push(class.parse()?);
    }
    Ok((points, classes))
}

fn decode(bytes: &[u8]) -> Result<Picture, Box<dyn Error>> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info()?;
    let mut data = vec![0; reader.output_buffer_size().ok_or("the picture is too large")?];
    let info = reader.next_frame(&mut data)?;
    let channels = info.color_type.samples();
    let rows = data.chunks_exact(info.line_size);
    Ok(Picture {
        width: info.width as usize,
        rows: rows.map(|row| row.chunks_exact(channels).flat_map(|p| [p[0], p[1], p[2]]).collect()).collect(),
    })
}

/// Two columns of pictures, each in the middle of its column.
fn beside(rows: &[[Picture; 2]]) -> Picture {
    let column = rows.iter().flatten().map(|picture| picture.width).max().unwrap_or(0);
    let mut page = Picture { width: 2 * column, rows: Vec::new() };
    for pair in rows {
        let height = pair.iter().map(|picture| picture.rows.len()).max().unwrap_or(0);
        for y in 0..height {
            let mut row = vec![255; 3 * page.width];
            for (i, picture) in pair.iter().enumerate() {
                let start = 3 * (i * column + (column - picture.width) / 2);
                if let Some(pixels) = picture.rows.get(y) {
                    row[start..start + pixels.len()].copy_from_slice(pixels);
                }
            }
            page.rows.push(row);
        }
    }
    page
}

fn encode(picture: &Picture) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width as u32, picture.rows.len() as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&picture.rows.concat())?;
    writer.finish()?;
    Ok(bytes)
}
