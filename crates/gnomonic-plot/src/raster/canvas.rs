//! Pixels, and blending onto them.

use crate::color::Rgb;
use crate::error::{Error, Result};
use crate::scene::Rect;

/// 8-bit sRGB pixels with premultiplied alpha.
pub(super) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 4]>,
    opaque: bool,
}

/// A part of a canvas: columns `left..right` of rows `top..bottom`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) right: usize,
    pub(super) bottom: usize,
}

impl Window {
    /// The pixels of a rectangle in points, its edges moved to the nearest pixel, on a canvas of the given size.
    pub(super) fn new(rect: &Rect, scale: f64, (width, height): (usize, usize)) -> Self {
        // Casting saturates: what lies left of or over the canvas becomes zero.
        let pixel = |edge: f64, bound: usize| (nearest_pixel(edge * scale) as usize).min(bound);
        let (left, top) = (pixel(rect.left, width), pixel(rect.top, height));
        Self {
            left,
            top,
            right: pixel(rect.right, width).max(left),
            bottom: pixel(rect.bottom, height).max(top),
        }
    }
}

/// The edge between pixels nearest to a place. One halfway goes up, whichever way its rounding error points.
pub(super) fn nearest_pixel(place: f64) -> f64 {
    (place + 0.5 + 1e-6).floor()
}

/// The opacity of full cover by an opaque colour.
pub(super) const OPAQUE: u32 = 65_535;

impl Canvas {
    /// A canvas of one colour, or transparent.
    ///
    /// # Errors
    /// When the system has no memory for it.
    pub(super) fn new(width: usize, height: usize, ground: Option<Rgb>) -> Result<Self> {
        let pixel = ground.map_or([0; 4], |c| [c.r, c.g, c.b, 255]);
        let mut pixels = Vec::new();
        let bytes = width.saturating_mul(height).saturating_mul(4) as u64;
        pixels.try_reserve_exact(width * height).map_err(|_| Error::NoMemory { bytes })?;
        pixels.resize(width * height, pixel);
        Ok(Self { width, height, pixels, opaque: ground.is_some() })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    pub(super) fn window(&self) -> Window {
        Window { left: 0, top: 0, right: self.width, bottom: self.height }
    }

    /// Columns `left..right` of a row.
    pub(super) fn row(&mut self, y: usize, left: usize, right: usize) -> &mut [[u8; 4]] {
        &mut self.pixels[y * self.width + left..y * self.width + right]
    }

    /// Fills a rectangle in pixels; edges between pixels cover them in part.
    pub(super) fn fill_rect(&mut self, x: [f64; 2], y: [f64; 2], color: Rgb, window: Window) {
        let left = x[0].max(window.left as f64);
        let right = x[1].min(window.right as f64);
        let top = y[0].max(window.top as f64);
        let bottom = y[1].min(window.bottom as f64);
        if left >= right || top >= bottom {
            return;
        }
        let source = [color.r, color.g, color.b, 255];
        let overlap = |pixel: usize, from: f64, to: f64| to.min(pixel as f64 + 1.0) - from.max(pixel as f64);
        let columns = left.floor() as usize..right.ceil() as usize;
        for row in top.floor() as usize..bottom.ceil() as usize {
            let cover_y = overlap(row, top, bottom);
            let pixels = self.row(row, columns.start, columns.end);
            for (pixel, column) in pixels.iter_mut().zip(columns.clone()) {
                let cover = cover_y * overlap(column, left, right);
                blend(pixel, source, (cover * f64::from(OPAQUE)).round() as u32);
            }
        }
    }

    /// The canvas as a PNG: RGB when it was opaque from the start, else RGBA. The pixels are made ready where they lie: beside
    /// them there is only what they are packed to.
    pub(super) fn into_png(mut self, dpi: f64) -> Vec<u8> {
        const METERS_PER_INCH: f64 = 0.0254;
        let n_pixels = self.pixels.len();
        let data: &[u8] = if self.opaque {
            let bytes = self.pixels.as_flattened_mut();
            for pixel in 0..n_pixels {
                bytes.copy_within(4 * pixel..4 * pixel + 3, 3 * pixel);
            }
            &bytes[..3 * n_pixels]
        } else {
            self.pixels.iter_mut().for_each(|pixel| *pixel = straight(*pixel));
            self.pixels.as_flattened()
        };
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(if self.opaque { png::ColorType::Rgb } else { png::ColorType::Rgba });
        encoder.set_depth(png::BitDepth::Eight);
        let per_meter = (dpi / METERS_PER_INCH).round() as u32;
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: per_meter,
            yppu: per_meter,
            unit: png::Unit::Meter,
        }));
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(data)?;
            writer.finish()
        });
        debug_assert!(written.is_ok(), "{written:?}");
        bytes
    }
}

/// From premultiplied to straight alpha.
fn straight(pixel: [u8; 4]) -> [u8; 4] {
    let alpha = u32::from(pixel[3]);
    if alpha == 0 {
        return [0; 4];
    }
    let channel = |c: u8| ((u32::from(c) * 255 + alpha / 2) / alpha).min(255) as u8;
    [channel(pixel[0]), channel(pixel[1]), channel(pixel[2]), pixel[3]]
}

/// Source-over: moves a pixel towards an opaque source by `opacity / 65535`, to the nearest of 8 bits.
///
/// On premultiplied pixels the same line does for the alpha channel, whose source is 255.
#[inline]
pub(super) fn blend(pixel: &mut [u8; 4], source: [u8; 4], opacity: u32) {
    for (p, s) in pixel.iter_mut().zip(source) {
        let mixed = u32::from(*p) * (OPAQUE - opacity) + u32::from(s) * opacity;
        *p = ((mixed + OPAQUE / 2) / OPAQUE) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blends_as_the_formula_says() {
        for ground in [0u8, 17, 128, 255] {
            for source in [0u8, 60, 200, 255] {
                for alpha in [0.0, 0.2, 0.3, 0.5, 1.0] {
                    let mut pixel = [ground, ground, ground, 255];
                    blend(&mut pixel, [source, source, source, 255], (alpha * 65_535.0f64).round() as u32);
                    let exact = f64::from(ground) * (1.0 - alpha) + f64::from(source) * alpha;
                    assert!((f64::from(pixel[0]) - exact).abs() <= 0.501, "{ground} {source} {alpha}");
                    assert_eq!(pixel[3], 255);
                }
            }
        }
    }

    #[test]
    fn a_transparent_ground_keeps_the_color_straight() {
        let mut pixel = [0; 4];
        blend(&mut pixel, [72, 120, 208, 255], (0.3 * 65_535.0) as u32);
        let [r, g, b, a] = straight(pixel);
        assert!(a.abs_diff(77) <= 1, "{a}");
        for (found, expected) in [(r, 72u8), (g, 120), (b, 208)] {
            assert!(found.abs_diff(expected) <= 2, "{found} {expected}");
        }
    }

    #[test]
    fn partial_pixels_are_covered_in_part() {
        let mut canvas = Canvas::new(4, 3, Some(Rgb::WHITE)).unwrap();
        let window = canvas.window();
        canvas.fill_rect([0.5, 2.25], [1.0, 2.0], Rgb::BLACK, window);
        let row: Vec<u8> = canvas.row(1, 0, 4).iter().map(|p| p[0]).collect();
        assert_eq!(row, [127, 0, 191, 255]);
        assert!(canvas.row(0, 0, 4).iter().all(|p| p[0] == 255));
    }
}
