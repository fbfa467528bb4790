//! Anti-aliased translucent discs, many of one size.

use super::canvas::{Canvas, OPAQUE, Window, blend};
use crate::color::Rgb;

/// Draws discs of one radius and opacity within a window.
///
/// A pixel's cover is the area of the disc within it: exact along x, by a midpoint rule along y. Time per disc is
/// linear in its pixels within the window.
pub(super) struct Stamp {
    radius: f32,
    alpha: f32,
    window: Window,
    /// Chords in each row of pixels.
    chords: usize,
    /// The change of cover from one pixel of the row to the next.
    change: Vec<f32>,
}

impl Stamp {
    pub(super) fn new(radius: f32, alpha: f64, window: Window) -> Self {
        Self {
            radius,
            alpha: alpha as f32,
            window,
            // The smaller the disc, the more of a row its curved cap takes.
            chords: if radius < 4.0 { 16 } else { 8 },
            change: Vec::new(),
        }
    }

    /// Blends a disc over the canvas.
    pub(super) fn draw(&mut self, canvas: &mut Canvas, x: f32, y: f32, color: Rgb) {
        let window = self.window;
        let left = (x - self.radius).floor().max(window.left as f32) as usize;
        let right = ((x + self.radius).ceil().max(0.0) as usize).min(window.right);
        let top = (y - self.radius).floor().max(window.top as f32) as usize;
        let bottom = ((y + self.radius).ceil().max(0.0) as usize).min(window.bottom);
        if left >= right {
            return;
        }
        let source = [color.r, color.g, color.b, 255];
        // Rounding may leave the sum of changes a little over one.
        let full = self.alpha * OPAQUE as f32;
        for row in top..bottom {
            self.cover(row as f32, [x, y], left, right);
            let mut cover = 0.0f32;
            for (pixel, change) in canvas.row(row, left, right).iter_mut().zip(&self.change) {
                cover += change;
                let opacity = (cover.clamp(0.0, 1.0) * full + 0.5) as u32;
                blend(pixel, source, opacity);
            }
        }
    }

    /// Fills `change` for columns `left..right` of one row.
    fn cover(&mut self, row: f32, [x, y]: [f32; 2], left: usize, right: usize) {
        self.change.clear();
        // Both ends of a chord touch two pixels; the last may lie one beyond.
        self.change.resize(right - left + 2, 0.0);
        let from = row.max(y - self.radius);
        let to = (row + 1.0).min(y + self.radius);
        let step = (to - from).max(0.0) / self.chords as f32;
        for i in 0..self.chords {
            let dy = from + (i as f32 + 0.5) * step - y;
            let half = (self.radius * self.radius - dy * dy).max(0.0).sqrt();
            for (end, weight) in [(x - half, step), (x + half, -step)] {
                let end = end.clamp(left as f32, right as f32) - left as f32;
                let pixel = end as usize;
                let part = end - pixel as f32;
                self.change[pixel] += weight * (1.0 - part);
                self.change[pixel + 1] += weight * part;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cover of each pixel by an opaque black disc, from 0 to 1.
    fn covers(radius: f32, x: f32, y: f32, side: usize) -> Vec<f64> {
        let mut canvas = Canvas::new(side, side, Some(Rgb::WHITE)).unwrap();
        let window = canvas.window();
        Stamp::new(radius, 1.0, window).draw(&mut canvas, x, y, Rgb::BLACK);
        (0..side)
            .flat_map(|row| {
                canvas.row(row, 0, side).iter().map(|p| 1.0 - f64::from(p[0]) / 255.0).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn covers_sum_to_the_area() {
        for radius in [0.3f32, 0.5, 1.0, 3.47, 7.5, 16.14] {
            for (dx, dy) in [(0.0, 0.0), (0.5, 0.5), (0.13, 0.71), (0.9, 0.37)] {
                let sum: f64 = covers(radius, 20.0 + dx, 20.0 + dy, 42).iter().sum();
                let area = std::f64::consts::PI * f64::from(radius * radius);
                // Each pixel of the rim is rounded to 1/255.
                let tolerance = 0.005 * area + 0.1 * f64::from(radius) / 2.55;
                assert!((sum - area).abs() < tolerance, "radius {radius} at {dx}, {dy}: {sum} for {area}");
            }
        }
    }

    #[test]
    fn covers_agree_with_dense_sampling() {
        let (radius, x, y) = (3.47f32, 6.3f32, 5.8f32);
        let found = covers(radius, x, y, 12);
        for (i, found) in found.iter().enumerate() {
            let (column, row) = ((i % 12) as f32, (i / 12) as f32);
            let mut inside = 0;
            for a in 0..64 {
                for b in 0..64 {
                    let dx = column + (a as f32 + 0.5) / 64.0 - x;
                    let dy = row + (b as f32 + 0.5) / 64.0 - y;
                    inside += usize::from(dx * dx + dy * dy <= radius * radius);
                }
            }
            let expected = inside as f64 / 4096.0;
            assert!((found - expected).abs() < 0.01, "pixel {column}, {row}: {found} for {expected}");
        }
    }

    #[test]
    fn overlapping_discs_compose_in_order() {
        let mut canvas = Canvas::new(9, 9, Some(Rgb::WHITE)).unwrap();
        let window = canvas.window();
        let mut stamp = Stamp::new(4.0, 0.2, window);
        let (blue, orange) = (Rgb::from_hex(0x4878D0), Rgb::from_hex(0xEE854A));
        stamp.draw(&mut canvas, 4.5, 4.5, blue);
        stamp.draw(&mut canvas, 4.5, 4.5, orange);
        let over = |ground: f64, source: u8| 0.8 * ground + 0.2 * f64::from(source);
        let expected = [
            over(over(255.0, blue.r), orange.r),
            over(over(255.0, blue.g), orange.g),
            over(over(255.0, blue.b), orange.b),
        ];
        let pixel = canvas.row(4, 4, 5)[0];
        for k in 0..3 {
            assert!((f64::from(pixel[k]) - expected[k]).abs() <= 1.0);
        }
    }

    #[test]
    fn stays_within_the_window() {
        let mut canvas = Canvas::new(10, 10, Some(Rgb::WHITE)).unwrap();
        let window = Window { left: 3, top: 2, right: 7, bottom: 8 };
        let mut stamp = Stamp::new(1e6, 1.0, window);
        stamp.draw(&mut canvas, 5.0, 5.0, Rgb::BLACK);
        let mut small = Stamp::new(2.0, 1.0, window);
        for (x, y) in [(-9.0, 5.0), (5.0, -9.0), (30.0, 5.0), (5.0, 30.0), (3.0, 2.0)] {
            small.draw(&mut canvas, x, y, Rgb::BLACK);
        }
        for row in 0..10 {
            for column in 0..10 {
                let inside = (2..8).contains(&row) && (3..7).contains(&column);
                let black = canvas.row(row, column, column + 1)[0][0] == 0;
                assert_eq!(black, inside, "{column}, {row}");
            }
        }
    }
}
