//! Which blocks of the codes lie around a panel.

use super::codes::BLOCK;
use super::locality::{Locality, centers};
use crate::matrix::{Matrix, MatrixRef};
use crate::simd;

/// Where panels and blocks lie.
pub(super) struct Around {
    panels: Matrix,
    blocks: Matrix,
}

/// Lanes of a vector.
const LANES: usize = 16;

impl Around {
    /// The rows of `scores` in panels, and in blocks of their order.
    pub(super) fn new(scores: MatrixRef<'_>, locality: &Locality) -> Self {
        let Locality { order, panels, .. } = locality;
        let ends: Vec<usize> = panels.iter().map(|panel| panel.end).collect();
        let panels = centers(scores, order, &ends);
        let n_blocks = order.len().div_ceil(BLOCK);
        let ends: Vec<usize> = (1..=n_blocks).map(|block| (block * BLOCK).min(order.len())).collect();
        Self { panels, blocks: centers(scores, order, &ends) }
    }

    /// Up to `count` blocks, those first whose centers are nearest to that of a panel.
    pub(super) fn nearest(&self, panel: usize, count: usize) -> Vec<u32> {
        let center = self.panels.row(panel);
        let mut keyed: Vec<(f32, u32)> = simd::vectorize!({
            self.blocks.view().rows().map(|block| squared_distance(center, block)).zip(0..).collect()
        });
        let order = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if count < keyed.len() {
            keyed.select_nth_unstable_by(count, order);
            keyed.truncate(count);
        }
        keyed.sort_unstable_by(order);
        keyed.into_iter().map(|(_, block)| block).collect()
    }
}

#[inline(always)]
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (heads_a, tail_a) = a.as_chunks::<LANES>();
    let (heads_b, tail_b) = b.as_chunks::<LANES>();
    for (a, b) in heads_a.iter().zip(heads_b) {
        for lane in 0..LANES {
            lanes[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]);
        }
    }
    for (lane, (a, b)) in tail_a.iter().zip(tail_b).enumerate() {
        lanes[lane] += (a - b) * (a - b);
    }
    lanes.iter().sum()
}
