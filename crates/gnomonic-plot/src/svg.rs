//! Writing a scene as an SVG.

use std::fmt::Write;

use crate::color::Rgb;
use crate::error::Result;
use crate::figure::Figure;
use crate::raster;
use crate::scatter::PointsInSvg;
use crate::scene::{Anchor, Discs, Item, Rect, Scene, Text};

/// Discs in all, beyond which they are embedded as an image.
const MAX_CIRCLES: usize = 20_000;

/// The scene as SVG text: one unit is a point, text stays text.
///
/// # Errors
/// When there is no memory for the image that many discs become.
pub(crate) fn svg(scene: &Scene, points: PointsInSvg) -> Result<String> {
    let page = scene.page();
    let discs: usize = scene
        .items
        .iter()
        .map(|item| match item {
            Item::Discs(discs) => discs.centers.len(),
            _ => 0,
        })
        .sum();
    let vector = points == PointsInSvg::Vector || discs <= MAX_CIRCLES;
    let mut out = String::new();
    let (width, height) = (Number(page.width()), Number(page.height()));
    put(
        &mut out,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}pt\" height=\"{height}pt\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"'DejaVu Sans', Verdana, sans-serif\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
        ),
    );
    let mut clips = 0;
    for item in &scene.items {
        match item {
            Item::Rect { rect, fill } => {
                put(&mut out, format_args!("<rect {} fill=\"{fill}\"/>\n", Place(rect)))
            }
            Item::Rule { from, to, width, color, .. } => put(
                &mut out,
                format_args!(
                    "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{color}\" stroke-width=\"{}\"/>\n",
                    Number(from[0]),
                    Number(from[1]),
                    Number(to[0]),
                    Number(to[1]),
                    Number(*width)
                ),
            ),
            Item::Polyline { places, width, color } => polyline(&mut out, places, *width, *color),
            Item::Discs(discs) if vector => {
                clips += 1;
                circles(&mut out, discs, clips);
            }
            Item::Discs(discs) => image(&mut out, discs, &scene.figure)?,
            Item::Text(line) => text(&mut out, line),
        }
    }
    out.push_str("</svg>\n");
    Ok(out)
}

fn polyline(out: &mut String, places: &[[f64; 2]], width: f64, color: Rgb) {
    let places: Vec<String> =
        places.iter().map(|place| format!("{},{}", Number(place[0]), Number(place[1]))).collect();
    put(
        out,
        format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{}\"/>\n",
            places.join(" "),
            Number(width)
        ),
    );
}

/// Discs as circles. Each has an opacity of its own: one for the group would not add up where discs overlap.
fn circles(out: &mut String, discs: &Discs, clip: usize) {
    put(
        out,
        format_args!(
            "<clipPath id=\"clip{clip}\"><rect {}/></clipPath>\n<g clip-path=\"url(#clip{clip})\" fill-opacity=\"{}\">\n",
            Place(&discs.clip),
            Number(discs.alpha)
        ),
    );
    for (center, color) in discs.centers.iter().zip(&discs.colors) {
        put(
            out,
            format_args!(
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{color}\"/>\n",
                Number(f64::from(center[0])),
                Number(f64::from(center[1])),
                Number(discs.radius)
            ),
        );
    }
    out.push_str("</g>\n");
}

/// Discs as an embedded image of the figure's dpi.
fn image(out: &mut String, discs: &Discs, figure: &Figure) -> Result<()> {
    let image = raster::disc_image(discs, figure)?;
    put(
        out,
        format_args!(
            "<image {} preserveAspectRatio=\"none\" href=\"data:image/png;base64,{}\"/>\n",
            Place(&image.place),
            base64(&image.png)
        ),
    );
    Ok(())
}

fn text(out: &mut String, text: &Text) {
    let anchor = match text.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    put(
        out,
        format_args!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{anchor}\" fill=\"{}\">{}</text>\n",
            Number(text.x),
            Number(text.y),
            Number(text.size),
            text.color,
            Escaped(&text.content)
        ),
    );
}

fn put(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(arguments);
}

/// A rectangle as attributes.
struct Place<'a>(&'a Rect);

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
            Number(self.0.left),
            Number(self.0.top),
            Number(self.0.width()),
            Number(self.0.height())
        )
    }
}

/// A number with up to three decimals.
struct Number(f64);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.3}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

/// Text with the signs that XML reserves written as entities, and without the controls that it forbids.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => f.write_char(' ')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Standard base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_agrees_with_the_rfc() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn numbers_are_short() {
        let shown = [1.0, 0.2, -0.0001, 12.34567, 1e6].map(|v| Number(v).to_string());
        assert_eq!(shown, ["1", "0.2", "0", "12.346", "1000000"]);
    }

    #[test]
    fn reserved_signs_are_escaped() {
        assert_eq!(Escaped("a<b & \"c\"\u{1}").to_string(), "a&lt;b &amp; &quot;c&quot; ");
    }
}
