//! An order of the points in which neighbors in the map are neighbors in memory: that of a Hilbert curve.

use rayon::prelude::*;

/// The curve visits 2¹⁶ × 2¹⁶ squares.
const LEVELS: u32 = 16;

/// The points in the order in which the curve meets them (Hilbert 1891, Math. Ann. 38:459), over the square that holds them all;
/// points of one square in the order of their indices. O(n log n).
pub(super) fn order(points: &[[f32; 2]]) -> Vec<u32> {
    let bounds = |axis: usize| {
        let values = points.iter().map(|point| point[axis]);
        values
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let [(left, right), (bottom, top)] = [bounds(0), bounds(1)];
    let squares = (1_u32 << LEVELS) as f32;
    let scale = squares / (right - left).max(top - bottom).max(f32::MIN_POSITIVE);
    // Casts saturate: the greatest coordinate comes to lie in the last square.
    let square = |value: f32, low: f32| (((value - low) * scale) as u32).min((1 << LEVELS) - 1);
    let mut keyed: Vec<(u32, u32)> = points
        .par_iter()
        .enumerate()
        .map(|(i, &[x, y])| (distance_along(square(x, left), square(y, bottom)), i as u32))
        .collect();
    keyed.par_sort_unstable();
    keyed.into_iter().map(|(_, i)| i).collect()
}

/// How many squares the curve has visited before this one.
fn distance_along(mut x: u32, mut y: u32) -> u32 {
    let mut distance = 0;
    for level in (0..LEVELS).rev() {
        let (right, up) = (x >> level & 1, y >> level & 1);
        distance = distance << 2 | (3 * right) ^ up;
        // The curve inside each quarter is the whole one, turned so that it begins where the quarter before ends.
        if up == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_goes_from_square_to_neighboring_square() {
        // The first 4⁴ squares of the curve fill a corner of 16 × 16.
        let mut visits: Vec<(u32, [i64; 2])> = (0..16_u32)
            .flat_map(|x| (0..16_u32).map(move |y| (distance_along(x, y), [i64::from(x), i64::from(y)])))
            .collect();
        visits.sort_unstable();
        assert!(visits.iter().enumerate().all(|(at, (distance, _))| at == *distance as usize));
        for pair in visits.windows(2) {
            let step = (pair[0].1[0] - pair[1].1[0]).abs() + (pair[0].1[1] - pair[1].1[1]).abs();
            assert_eq!(step, 1, "from {:?} to {:?}", pair[0], pair[1]);
        }
    }

    #[test]
    fn any_positions_give_a_permutation() {
        for points in [
            vec![],
            vec![[1.0, 2.0]],
            vec![[3.0, 3.0]; 5],
            vec![[1e-4, 0.0], [0.0, 0.0], [-1e30, 1e30], [f32::NAN, 0.0]],
        ] {
            let mut order = order(&points);
            order.sort_unstable();
            assert!(order.iter().enumerate().all(|(at, &point)| at == point as usize));
            assert_eq!(order.len(), points.len());
        }
    }
}
