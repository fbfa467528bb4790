//! Where a map falls apart into what lies inside a box and what lies far outside it.

use super::resolution::Survey;
use crate::parallel;
use rayon::prelude::*;

/// Pairs' worth of work per point of grid and near field from which a gap is looked for: the rest of an evaluation costs about as
/// much, so that a map whose grid is cheaper has nothing to gain.
pub(super) const WORTHWHILE: f64 = 400.0;

/// Points in the gap that are summed pair by pair: one vector of them.
const MOST_CLOSE: usize = 16;

/// Parts of an octave in which distances are counted: the highest two bits of the fraction.
const SHIFT: u32 = f32::MANTISSA_DIGITS - 1 - 2;

/// Far points are at least this many half widths from the center, where the gap is narrow or wide.
const NARROW: f32 = 4.0 / 3.0;
const WIDE: f32 = 8.0;

/// One point in this many, or more, must be inside, or splitting would not come to an end soon.
const LEAST_SHARE: usize = 64;

/// The rows of a map inside a box and outside it, with a gap between. Distances are those of the maximum norm, from the
/// center of the box.
#[derive(Default)]
pub(super) struct Split {
    center: [f64; 2],
    half_width: f64,
    wide: bool,
    distances: Vec<f32>,
    inside: Vec<u32>,
    /// Far points, then those in the gap.
    outside: Vec<u32>,
    far: usize,
}

impl Split {
    /// Looks for the widest gap around the fullest place of the map. O(n).
    pub(super) fn find(&mut self, positions: &[f32], survey: &Survey) -> bool {
        let center = survey.fullest(positions).map(|center| center as f32);
        self.center = center.map(f64::from);
        let points = positions.as_chunks::<2>().0;
        self.distances.resize(points.len(), 0.0);
        self.distances.par_iter_mut().with_min_len(parallel::CHUNK).zip(points).for_each(
            |(distance, &[x, y])| {
                *distance = (x - center[0]).abs().max((y - center[1]).abs());
            },
        );
        let mut counts = vec![0_usize; (f32::INFINITY.to_bits() >> SHIFT) as usize + 1];
        for &distance in &self.distances {
            counts[(distance.to_bits() >> SHIFT) as usize] += 1;
        }
        let Some((from, to)) = widest_gap(&counts) else { return false };
        let edge = |bin: usize| f32::from_bits((bin as u32) << SHIFT);
        self.wide = edge(to) >= WIDE * edge(from);
        // A box wider than the points in it costs nothing, and one of no width has no polynomials.
        let half_width = edge(from).max(edge(to) / 64.0);
        if f64::from(half_width) > 0.25 * survey.spans[0].max(survey.spans[1]) {
            return false;
        }
        self.half_width = f64::from(half_width);
        self.divide(edge(from), half_width * if self.wide { WIDE } else { NARROW });
        true
    }

    fn divide(&mut self, edge: f32, far: f32) {
        self.inside.clear();
        self.outside.clear();
        let mut close = Vec::new();
        for (row, &distance) in self.distances.iter().enumerate() {
            if distance < edge {
                self.inside.push(row as u32);
            } else if distance < far {
                close.push(row as u32);
            } else {
                self.outside.push(row as u32);
            }
        }
        self.far = self.outside.len();
        self.outside.append(&mut close);
    }

    pub(super) fn center(&self) -> [f64; 2] {
        self.center
    }

    /// Half the side of the box.
    pub(super) fn half_width(&self) -> f64 {
        self.half_width
    }

    /// Whether far points are at least 8 half widths from the center, rather than 4/3.
    pub(super) fn is_wide(&self) -> bool {
        self.wide
    }

    /// The rows in the box.
    pub(super) fn inside(&self) -> &[u32] {
        &self.inside
    }

    /// The rows outside, the far ones first.
    pub(super) fn outside(&self) -> &[u32] {
        &self.outside
    }

    /// How many of those outside are far.
    pub(super) fn far(&self) -> usize {
        self.far
    }
}

/// The longest run of at least two bins that has no more than [`MOST_CLOSE`] points in all, and enough below and some above: two
/// bins make a ratio of 4/3 or more.
fn widest_gap(counts: &[usize]) -> Option<(usize, usize)> {
    let n: usize = counts.iter().sum();
    let (mut from, mut below, mut within) = (0, 0, 0);
    let mut best: Option<(usize, usize)> = None;
    for to in 1..=counts.len() {
        within += counts[to - 1];
        while within > MOST_CLOSE || (from < to && below * LEAST_SHARE < n.max(1)) {
            below += counts[from];
            within -= counts[from];
            from += 1;
        }
        let longest = best.map_or(1, |(from, to)| to - from);
        if to - from > longest && below + within < n {
            best = Some((from, to));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_gap_is_found() {
        assert_eq!(widest_gap(&[500, 0, 0, 0, 5, 0, 0, 0, 0, 7]), Some((1, 9)));
        assert_eq!(widest_gap(&[500, 0, 0, 0, 50, 0, 0, 0, 0, 7]), Some((5, 9)));
        // Nothing above, one bin only, or too few below.
        assert_eq!(widest_gap(&[500, 0, 0, 0, 0, 0]), None);
        assert_eq!(widest_gap(&[500, 0, 50, 0, 50, 0, 50]), None);
        assert_eq!(widest_gap(&[3, 0, 0, 0, 500, 20]), None);
    }

    #[test]
    fn every_row_is_on_one_side() {
        let mut positions: Vec<f32> = (0..2000).map(|i| ((i * 7919) % 1000) as f32 / 10.0).collect();
        positions.extend([5000.0, 0.0, 0.0, -7000.0, 160.0, 50.0]);
        let survey = Survey::of(&positions);
        let mut split = Split::default();
        assert!(split.find(&positions, &survey));
        let mut rows: Vec<u32> = split.inside().iter().chain(split.outside()).copied().collect();
        rows.sort_unstable();
        assert_eq!(rows, (0..1003).collect::<Vec<_>>());
        assert!(split.inside().len() >= 1000 && (2..=3).contains(&split.far()));
    }
}
