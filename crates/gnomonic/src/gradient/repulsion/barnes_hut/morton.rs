//! Points in the order of a Z-shaped curve through the map: every square cell of every level is one range of it.

use super::super::bounds::bounds;
use rayon::prelude::*;

/// Halvings of the map's square, each of which gives two bits of a code: after them a cell is 2⁻³² of the square wide.
pub(super) const LEVELS: u32 = 32;

/// All points, sorted by Morton code (Morton 1966), and among equal codes by index.
#[derive(Default)]
pub(super) struct Curve {
    /// The width of the square that the codes divide.
    pub(super) width: f64,
    /// The code and the index of each point.
    pub(super) keys: Vec<(u64, u32)>,
    /// The coordinates in this order.
    pub(super) xs: Vec<f32>,
    /// As `xs`.
    pub(super) ys: Vec<f32>,
}

impl Curve {
    /// Sorts the points anew. O(n log n).
    pub(super) fn sort(&mut self, points: &[[f32; 2]]) {
        let [low, high] = bounds(points.as_flattened()).map(|corner| corner.map(f64::from));
        self.width = (high[0] - low[0]).max(high[1] - low[1]);
        let cells = f64::from(LEVELS).exp2();
        let scale = if self.width > 0.0 { cells / self.width } else { 0.0 };
        self.keys.clear();
        self.keys.par_extend(points.par_iter().enumerate().map(|(index, point)| {
            // A cast saturates: the last point of an axis lies in the last cell.
            let [column, row] = [0, 1].map(|axis| ((f64::from(point[axis]) - low[axis]) * scale) as u32);
            (spread_bits(column) | spread_bits(row) << 1, index as u32)
        }));
        // No two keys are equal, so there is one sorted order, whoever sorts.
        self.keys.par_sort_unstable();
        for (axis, values) in [&mut self.xs, &mut self.ys].into_iter().enumerate() {
            values.clear();
            values.par_extend(self.keys.par_iter().map(|&(_, index)| points[index as usize][axis]));
        }
    }
}

/// Puts a zero before every bit, by doubling the gaps between ever smaller groups of bits.
fn spread_bits(bits: u32) -> u64 {
    let mut spread = u64::from(bits);
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        spread = (spread | spread << shift) & mask;
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_alternate() {
        for bits in [0, 1, 0b1011, 0x8000_0001, u32::MAX] {
            let expected: u64 = (0..32).map(|at| u64::from(bits >> at & 1) << (2 * at)).sum();
            assert_eq!(spread_bits(bits), expected);
        }
    }

    #[test]
    fn quadrants_follow_each_other() {
        let mut curve = Curve::default();
        curve.sort(&[[9.0, 9.0], [1.0, 9.0], [1.0, 1.0], [9.0, 1.0], [1.0, 1.0]]);
        assert_eq!(curve.keys.iter().map(|key| key.1).collect::<Vec<_>>(), [2, 4, 3, 1, 0]);
        assert_eq!((curve.width, curve.xs[0], curve.ys[4]), (8.0, 1.0, 9.0));
        assert_eq!(curve.keys[4].0, u64::MAX, "the far corner is in the last cell");
    }

    #[test]
    fn one_place_has_one_code() {
        let mut curve = Curve::default();
        curve.sort(&[[3.0, -4.0]; 3]);
        assert_eq!((curve.width, &curve.keys), (0.0, &vec![(0, 0), (0, 1), (0, 2)]));
        assert_eq!(curve.xs, [3.0; 3]);
    }
}
