//! How far a map reaches.

use crate::parallel;
use rayon::prelude::*;

/// The least and the greatest coordinates of all points.
pub(super) fn bounds(positions: &[f32]) -> [[f32; 2]; 2] {
    // Minimum and maximum do not depend on the order, so any division among threads will do.
    positions
        .as_chunks::<2>()
        .0
        .par_chunks(parallel::CHUNK)
        .map(|points| {
            let mut bounds = [[f32::INFINITY; 2], [f32::NEG_INFINITY; 2]];
            for point in points {
                for axis in 0..2 {
                    bounds[0][axis] = bounds[0][axis].min(point[axis]);
                    bounds[1][axis] = bounds[1][axis].max(point[axis]);
                }
            }
            bounds
        })
        .reduce(
            || [[f32::INFINITY; 2], [f32::NEG_INFINITY; 2]],
            |a, b| {
                [[a[0][0].min(b[0][0]), a[0][1].min(b[0][1])], [a[1][0].max(b[1][0]), a[1][1].max(b[1][1])]]
            },
        )
}
