//! Filling polygons with exact cover, for glyphs.

use super::canvas::{Canvas, OPAQUE, blend};
use crate::color::Rgb;
use crate::text::Contour;

/// Blends the inside of contours over the canvas.
///
/// Every edge adds, to the pixels that it crosses, the signed area between it and their right side, and to the rest
/// of the row its signed height; the running sum along a row is then the cover. Contours must not overlap with the
/// same sense: glyphs do not.
pub(super) fn fill(canvas: &mut Canvas, contours: &[Contour], color: Rgb) {
    let points = || contours.iter().flatten();
    if points().next().is_none() || points().flatten().any(|v| !v.is_finite()) {
        return;
    }
    let bound = |k: usize| {
        let low = points().map(|p| p[k]).fold(f32::INFINITY, f32::min);
        let high = points().map(|p| p[k]).fold(f32::NEG_INFINITY, f32::max);
        (low, high)
    };
    let ((x0, x1), (y0, y1)) = (bound(0), bound(1));
    let left = x0.floor().clamp(0.0, canvas.width() as f32) as usize;
    let right = x1.ceil().clamp(0.0, canvas.width() as f32) as usize;
    let top = y0.floor().clamp(0.0, canvas.height() as f32) as usize;
    let bottom = y1.ceil().clamp(0.0, canvas.height() as f32) as usize;
    if left >= right || top >= bottom {
        return;
    }
    let mut cover = Cover::new(right - left, bottom - top);
    let shift = |p: [f32; 2]| [p[0] - left as f32, p[1] - top as f32];
    for contour in contours {
        let ends = contour.iter().cycle().skip(1);
        for (a, b) in contour.iter().zip(ends) {
            cover.edge(shift(*a), shift(*b));
        }
    }
    let source = [color.r, color.g, color.b, 255];
    for row in 0..bottom - top {
        let mut sum = 0.0f32;
        let changes = cover.row(row);
        for (pixel, change) in canvas.row(top + row, left, right).iter_mut().zip(changes) {
            sum += change;
            blend(pixel, source, (sum.abs().min(1.0) * OPAQUE as f32 + 0.5) as u32);
        }
    }
}

/// The change of cover from each pixel to its right neighbour.
struct Cover {
    width: usize,
    height: usize,
    change: Vec<f32>,
}

impl Cover {
    fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            // Two more columns: an edge in the last pixel, or right of it, changes the one after.
            change: vec![0.0; (width + 2) * height],
        }
    }

    fn row(&self, y: usize) -> &[f32] {
        let stride = self.width + 2;
        &self.change[y * stride..y * stride + self.width]
    }

    fn edge(&mut self, a: [f32; 2], b: [f32; 2]) {
        let (sign, a, b) = if a[1] <= b[1] { (1.0, a, b) } else { (-1.0, b, a) };
        if a[1] == b[1] {
            return;
        }
        let slope = (b[0] - a[0]) / (b[1] - a[1]);
        let first = a[1].max(0.0) as usize;
        let last = (b[1].max(0.0).ceil() as usize).min(self.height);
        for row in first..last {
            let from = a[1].max(row as f32);
            let to = b[1].min(row as f32 + 1.0);
            if to > from {
                let x = [a[0] + (from - a[1]) * slope, a[0] + (to - a[1]) * slope];
                self.segment(row, sign * (to - from), x);
            }
        }
    }

    /// Adds a piece of an edge within one row: its signed height, and where it enters and leaves.
    fn segment(&mut self, row: usize, height: f32, x: [f32; 2]) {
        let bound = self.width as f32;
        let [low, high] = [x[0].min(x[1]).clamp(0.0, bound), x[0].max(x[1]).clamp(0.0, bound)];
        let change = &mut self.change[row * (self.width + 2)..];
        let (first, last) = (low as usize, high as usize);
        if first == last {
            let part = 0.5 * (low + high) - first as f32;
            change[first] += height * (1.0 - part);
            change[first + 1] += height * part;
            return;
        }
        let per_column = height / (high - low);
        for column in first..=last {
            let from = low.max(column as f32);
            let to = high.min(column as f32 + 1.0);
            let piece = per_column * (to - from);
            let part = 0.5 * (from + to) - column as f32;
            change[column] += piece * (1.0 - part);
            change[column + 1] += piece * part;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row_of(contours: &[Contour], y: usize) -> Vec<u8> {
        let mut canvas = Canvas::new(6, 6, Some(Rgb::WHITE)).unwrap();
        fill(&mut canvas, contours, Rgb::BLACK);
        canvas.row(y, 0, 6).iter().map(|p| p[0]).collect()
    }

    #[test]
    fn covers_are_exact() {
        let square = vec![[1.5, 1.0], [1.5, 4.0], [4.25, 4.0], [4.25, 1.0]];
        assert_eq!(row_of(&[square], 2), [255, 127, 0, 0, 191, 255]);
        let triangle = vec![[0.0, 0.0], [0.0, 4.0], [4.0, 4.0]];
        assert_eq!(row_of(&[triangle], 2), [0, 0, 127, 255, 255, 255]);
    }

    #[test]
    fn holes_stay_open() {
        let outer = vec![[0.0, 0.0], [0.0, 6.0], [6.0, 6.0], [6.0, 0.0]];
        let inner = vec![[2.0, 2.0], [4.0, 2.0], [4.0, 4.0], [2.0, 4.0]];
        assert_eq!(row_of(&[outer, inner], 3), [0, 0, 255, 255, 0, 0]);
    }

    #[test]
    fn outlines_may_leave_the_canvas() {
        let wide = vec![[-9.0, -9.0], [-9.0, 3.0], [99.0, 3.0], [99.0, -9.0]];
        assert_eq!(row_of(std::slice::from_ref(&wide), 2), [0; 6]);
        assert_eq!(row_of(&[wide], 3), [255; 6]);
    }
}
