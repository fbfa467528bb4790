//! Writing a scene as a PNG.

mod canvas;
mod discs;
mod outline;

use crate::color::Rgb;
use crate::error::Result;
use crate::figure::Figure;
use crate::scene::{Anchor, Discs, Item, POINTS_PER_INCH, Rect, Scene, Text};
use crate::text::Typesetter;
use canvas::{Canvas, Window, nearest_pixel};

/// The scene as the bytes of an 8-bit RGB PNG that records its dpi.
///
/// # Errors
/// When there is no memory for the pixels.
pub(crate) fn png(scene: &Scene, typesetter: &mut Typesetter) -> Result<Vec<u8>> {
    let figure = &scene.figure;
    let scale = figure.dpi / POINTS_PER_INCH;
    let (width, height) = pixels(figure);
    let mut canvas = Canvas::new(width, height, Some(Rgb::WHITE))?;
    for item in &scene.items {
        match item {
            Item::Rect { rect, fill } => draw_rect(&mut canvas, rect, *fill, scale),
            Item::Rule { from, to, width, color, clip } => {
                draw_rule(&mut canvas, *from, *to, *width, *color, clip, scale)
            }
            Item::Polyline { places, width, color } => {
                draw_polyline(&mut canvas, places, *width, *color, scale)
            }
            Item::Discs(discs) => draw_discs(&mut canvas, discs, [0.0, 0.0], scale),
            Item::Text(text) => draw_text(&mut canvas, text, typesetter, scale),
        }
    }
    Ok(canvas.into_png(figure.dpi))
}

/// Discs alone on a transparent ground, cut out of the page.
pub(crate) struct DiscImage {
    pub(crate) png: Vec<u8>,
    /// Where the image stands on the page, in points.
    pub(crate) place: Rect,
}

/// Draws a batch of discs by itself, as an RGBA PNG.
///
/// # Errors
/// When there is no memory for the pixels.
pub(crate) fn disc_image(discs: &Discs, figure: &Figure) -> Result<DiscImage> {
    let scale = figure.dpi / POINTS_PER_INCH;
    let window = Window::new(&discs.clip, scale, pixels(figure));
    let (width, height) = (window.right - window.left, window.bottom - window.top);
    let mut canvas = Canvas::new(width.max(1), height.max(1), None)?;
    let origin = [window.left as f64, window.top as f64];
    draw_discs(&mut canvas, discs, origin, scale);
    Ok(DiscImage {
        png: canvas.into_png(figure.dpi),
        place: Rect {
            left: origin[0] / scale,
            top: origin[1] / scale,
            right: (origin[0] + width as f64) / scale,
            bottom: (origin[1] + height as f64) / scale,
        },
    })
}

/// The size of a validated figure, in pixels.
fn pixels(figure: &Figure) -> (usize, usize) {
    let side = |inches: f64| (inches * figure.dpi).round() as usize;
    (side(figure.width), side(figure.height))
}

/// Fills a rectangle whose edges are moved to the nearest pixel, for crispness.
fn draw_rect(canvas: &mut Canvas, rect: &Rect, fill: Rgb, scale: f64) {
    let [left, top, right, bottom] =
        [rect.left, rect.top, rect.right, rect.bottom].map(|edge| nearest_pixel(edge * scale));
    let whole = canvas.window();
    canvas.fill_rect([left, right], [top, bottom], fill, whole);
}

/// Draws a line whose middle is moved so that it covers whole pixels as far as its width allows.
fn draw_rule(
    canvas: &mut Canvas,
    from: [f64; 2],
    to: [f64; 2],
    width: f64,
    color: Rgb,
    clip: &Rect,
    scale: f64,
) {
    let width = width * scale;
    // A line an odd number of pixels wide is centred on a pixel, an even one on an edge.
    let middle = if width.round() % 2.0 == 1.0 { 0.5 } else { 0.0 };
    let snap = |v: f64| nearest_pixel(v * scale) + middle;
    let mut spans = [0, 1].map(|k| [snap(from[k].min(to[k])), snap(from[k].max(to[k]))]);
    let across = usize::from(from[0] != to[0]);
    spans[across] = [spans[across][0] - 0.5 * width, spans[across][0] + 0.5 * width];
    let window = Window::new(clip, scale, (canvas.width(), canvas.height()));
    canvas.fill_rect(spans[0], spans[1], color, window);
}

/// Draws each straight line by itself: at the corners, where two overlap, the charts have discs.
fn draw_polyline(canvas: &mut Canvas, places: &[[f64; 2]], width: f64, color: Rgb, scale: f64) {
    for pair in places.windows(2) {
        let [from, to] = [pair[0], pair[1]].map(|place| place.map(|v| v * scale));
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length = dx.hypot(dy);
        if length > 0.0 {
            let half = 0.5 * width * scale / length;
            let (across_x, across_y) = (-dy * half, dx * half);
            let corner = |at: [f64; 2], side: f64| {
                [(at[0] + side * across_x) as f32, (at[1] + side * across_y) as f32]
            };
            let band = vec![corner(from, 1.0), corner(to, 1.0), corner(to, -1.0), corner(from, -1.0)];
            outline::fill(canvas, &[band], color);
        }
    }
}

fn draw_discs(canvas: &mut Canvas, discs: &Discs, origin: [f64; 2], scale: f64) {
    let shifted = Rect {
        left: discs.clip.left - origin[0] / scale,
        top: discs.clip.top - origin[1] / scale,
        right: discs.clip.right - origin[0] / scale,
        bottom: discs.clip.bottom - origin[1] / scale,
    };
    let window = Window::new(&shifted, scale, (canvas.width(), canvas.height()));
    let radius = (discs.radius * scale) as f32;
    let mut stamp = discs::Stamp::new(radius, discs.alpha, window);
    for (center, color) in discs.centers.iter().zip(&discs.colors) {
        let [x, y] = [0, 1].map(|k| (f64::from(center[k]) * scale - origin[k]) as f32);
        stamp.draw(canvas, x, y, *color);
    }
}

fn draw_text(canvas: &mut Canvas, text: &Text, typesetter: &mut Typesetter, scale: f64) {
    let size = text.size * scale;
    let width = typesetter.width(&text.content, size);
    let start = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5 * width,
        Anchor::End => -width,
    };
    // A baseline on a pixel's edge keeps the feet of the letters sharp.
    let contours = typesetter.outline(&text.content, size, text.x * scale + start, (text.y * scale).round());
    outline::fill(canvas, &contours, text.color);
}
