//! The points that may be within the cutoff of some point of a tile.
//!
//! Nine tiles hold nearly three times the area of the disc around a point, so those that no point of the middle one can reach
//! are left out once for all of them, and the rest stand one after another, to fill vectors.

use super::super::FAR;
#[cfg(target_arch = "x86_64")]
use super::super::avx512::Avx512;
use std::ops::Range;

/// Pairs handled together.
pub(super) const LANES: usize = 16;

/// Coordinates of neighbors in columns.
#[derive(Default)]
pub(super) struct Neighborhood {
    /// Whole vectors of neighbors and points that are far from everything, then room.
    xs: Vec<f32>,
    ys: Vec<f32>,
    /// Numbers in whole vectors.
    length: usize,
}

impl Neighborhood {
    /// Takes from `runs` all points that are not farther than √`squared_reach` from the bounding box of `points`, in their order.
    pub(super) fn gather(
        &mut self,
        columns: [&[f32]; 2],
        points: Range<usize>,
        runs: &[(usize, usize)],
        squared_reach: f32,
    ) {
        let room = runs.iter().map(|(start, end)| end - start).sum::<usize>() + LANES;
        if self.xs.len() < room {
            self.xs.resize(room, FAR);
            self.ys.resize(room, FAR);
        }
        let kept = [&mut self.xs[..], &mut self.ys[..]];
        let count = gather(columns, points, runs, squared_reach, kept);
        self.length = count.next_multiple_of(LANES);
        self.xs[count..self.length].fill(FAR);
        self.ys[count..self.length].fill(FAR);
    }

    /// Whole vectors of x and of y.
    pub(super) fn columns(&self) -> [&[f32]; 2] {
        [&self.xs[..self.length], &self.ys[..self.length]]
    }
}

/// Copies those points of `runs` that are no farther than √`squared_reach` from the bounding box of `points` into `kept`, and
/// returns how many there are. What `kept` holds after them is written over too.
fn gather(
    columns: [&[f32]; 2],
    points: Range<usize>,
    runs: &[(usize, usize)],
    squared_reach: f32,
    kept: [&mut [f32]; 2],
) -> usize {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx512) = Avx512::new() {
        return avx512.gather(columns, points, runs, squared_reach, kept);
    }
    gather_one_by_one(columns, points, runs, squared_reach, kept)
}

fn gather_one_by_one(
    [all_x, all_y]: [&[f32]; 2],
    points: Range<usize>,
    runs: &[(usize, usize)],
    squared_reach: f32,
    [kept_x, kept_y]: [&mut [f32]; 2],
) -> usize {
    let (x, y) = (Extent::of(&all_x[points.clone()]), Extent::of(&all_y[points]));
    let mut count = 0;
    for &(start, end) in runs {
        for (&at_x, &at_y) in all_x[start..end].iter().zip(&all_y[start..end]) {
            // Written in any case: a branch would be guessed wrongly a third of the time.
            (kept_x[count], kept_y[count]) = (at_x, at_y);
            let (dx, dy) = (x.distance(at_x), y.distance(at_y));
            count += usize::from(dx * dx + dy * dy <= squared_reach);
        }
    }
    count
}

/// The least and the greatest of some values.
struct Extent {
    low: f32,
    high: f32,
}

impl Extent {
    fn of(values: &[f32]) -> Self {
        let mut extent = Self { low: f32::INFINITY, high: f32::NEG_INFINITY };
        for &value in values {
            extent.low = least(extent.low, value);
            extent.high = -least(-extent.high, -value);
        }
        extent
    }

    /// How far `value` is outside; 0 where it is not.
    #[inline]
    fn distance(&self, value: f32) -> f32 {
        -least(least(value - self.low, self.high - value), 0.0)
    }
}

/// One instruction, where `f32::min` asks for NaN.
#[inline]
fn least(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_points_in_reach_of_the_box_are_gathered_in_their_order() {
        let coordinates =
            |phase: f32| -> Vec<f32> { (0..200).map(|i| 9.0 * (i as f32 * phase).sin()).collect() };
        let (xs, ys) = (coordinates(1.3), coordinates(2.1));
        for (points, runs) in [
            (70..71, [(0, 50), (64, 96), (100, 200)]),
            (90..120, [(3, 3), (80, 130), (130, 147)]),
            (5..6, [(0, 0), (5, 6), (6, 6)]),
        ] {
            let outside = |all: &[f32], at: f32| {
                let own = &all[points.clone()];
                let low = own.iter().copied().fold(f32::INFINITY, f32::min);
                let high = own.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                (low - at).max(at - high).max(0.0)
            };
            let is_near = |&j: &usize| outside(&xs, xs[j]).hypot(outside(&ys, ys[j])) <= 4.0;
            let near = runs.into_iter().flat_map(|(start, end)| start..end).filter(is_near);
            let expected: Vec<[f32; 2]> = near.map(|j| [xs[j], ys[j]]).collect();
            for gather in [gather, gather_one_by_one] {
                let (mut kept_x, mut kept_y) = (vec![FAR; 200 + LANES], vec![FAR; 200 + LANES]);
                let kept = [&mut kept_x[..], &mut kept_y[..]];
                let count = gather([&xs, &ys], points.clone(), &runs, 16.0, kept);
                let found: Vec<[f32; 2]> = (0..count).map(|j| [kept_x[j], kept_y[j]]).collect();
                assert_eq!(found, expected, "{points:?}");
            }
        }
    }

    #[test]
    fn what_fills_the_last_vector_is_far_from_everything() {
        let xs: Vec<f32> = (0..40).map(|i| i as f32).collect();
        let mut neighborhood = Neighborhood::default();
        // The second has room left over from the first.
        for (end, length) in [(40, 48), (5, 16)] {
            neighborhood.gather([&xs, &xs], 0..end, &[(0, end)], 1.0);
            let [found, _] = neighborhood.columns();
            assert_eq!(found.len(), length);
            assert_eq!(found[..end], xs[..end]);
            assert!(found[end..].iter().all(|&x| x == FAR));
        }
    }
}
