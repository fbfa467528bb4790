//! The best of a stream of scored rows, found by comparing them with a threshold that rises.

use super::codes::{BLOCK, LOWEST};
use crate::simd;

/// The rows with the greatest scores of those offered. Which ones does not depend on the order in which they came: between equal
/// scores, the least position wins.
#[derive(Default)]
pub(super) struct List {
    /// As long as there may be entries; `len` of them are.
    pub(super) scores: Vec<i32>,
    pub(super) positions: Vec<u32>,
    pub(super) len: usize,
    /// Only scores of at least this much are worth adding.
    pub(super) threshold: i32,
}

impl List {
    /// Empties the list, for the best `keep`.
    pub(super) fn start(&mut self, keep: usize) {
        // With more room the list is cut less often, with less it stays in the cache.
        let capacity = 3 * keep + 4 * BLOCK;
        self.scores.resize(capacity, 0);
        self.positions.resize(capacity, 0);
        self.len = 0;
        self.threshold = LOWEST;
    }

    /// Whether a block's worth of rows may be added.
    #[inline(always)]
    pub(super) fn has_room(&self) -> bool {
        self.len + BLOCK <= self.scores.len()
    }

    /// Cuts the list to about the best `keep`, all of them among what is left, and raises the threshold.
    #[inline(never)]
    pub(super) fn cut(&mut self, keep: usize) {
        if self.len <= keep {
            return;
        }
        self.threshold = self.kth_score(keep);
        self.retain(|score, threshold| score >= threshold);
        if self.len > keep + BLOCK {
            self.cut_ties(keep);
        }
    }

    /// The positions of the best `keep`, but for `own`, in no particular order; the list must have been kept for one more.
    pub(super) fn finish(&mut self, keep: usize, own: u32) -> &[u32] {
        if let Some(place) = self.positions[..self.len].iter().position(|&position| position == own) {
            self.len -= 1;
            self.positions.swap(place, self.len);
            self.scores.swap(place, self.len);
        }
        if self.len > keep {
            self.threshold = self.kth_score(keep);
            self.retain(|score, threshold| score >= threshold);
        }
        if self.len > keep {
            self.cut_ties(keep);
        }
        &self.positions[..self.len]
    }

    /// A score that `keep` entries reach and, unless they are exactly `keep`, the next higher score does not; `len` must be more
    /// than `keep`.
    fn kth_score(&self, keep: usize) -> i32 {
        let scores = &self.scores[..self.len];
        simd::vectorize!({
            let (mut reached, mut missed) = scores
                .iter()
                .fold((i64::MAX, i64::MIN), |(a, b), &s| (a.min(i64::from(s)), b.max(i64::from(s) + 1)));
            while missed - reached > 1 {
                let middle = reached + (missed - reached) / 2;
                let count = count_at_least(scores, middle as i32);
                if count >= keep {
                    reached = middle;
                    if count == keep {
                        break;
                    }
                } else {
                    missed = middle;
                }
            }
            reached as i32
        })
    }

    fn retain(&mut self, is_kept: impl Fn(i32, i32) -> bool) {
        let mut kept = 0;
        for place in 0..self.len {
            let (score, position) = (self.scores[place], self.positions[place]);
            self.scores[kept] = score;
            self.positions[kept] = position;
            kept += usize::from(is_kept(score, self.threshold));
        }
        self.len = kept;
    }

    /// Cuts to exactly the best `keep`.
    #[cold]
    fn cut_ties(&mut self, keep: usize) {
        let mut entries: Vec<(i32, u32)> =
            (0..self.len).map(|place| (!self.scores[place], self.positions[place])).collect();
        entries.select_nth_unstable(keep - 1);
        for (place, &(score, position)) in entries[..keep].iter().enumerate() {
            self.scores[place] = !score;
            self.positions[place] = position;
        }
        self.len = keep;
    }
}

#[inline(always)]
fn count_at_least(scores: &[i32], threshold: i32) -> usize {
    scores.iter().map(|&score| u32::from(score >= threshold)).sum::<u32>() as usize
}
