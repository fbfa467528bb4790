//! A few rows against many: scores by integer products, of which each row keeps the best.

#[cfg(target_arch = "x86_64")]
use super::avx512::Avx512;
#[cfg(target_arch = "x86_64")]
use super::codes::BlockGroup;
use super::codes::{BLOCK, Codes, GROUP, QUERIES, QueryGroup};
#[cfg(any(test, not(target_arch = "x86_64")))]
use super::floats::Floats;
use super::lists::List;
#[cfg(target_arch = "x86_64")]
use super::words::{BlockWords, QueryWords, Words};
#[cfg(target_arch = "x86_64")]
use super::x86::{Avx2, AvxVnni, Sse2};

/// The scores of the rows of a block for the queries of a tile.
#[derive(Clone)]
#[repr(align(64))]
pub(super) struct Tile(pub(super) [[i32; BLOCK]; QUERIES]);

/// Instructions for products of queries in one form with rows in another, and for the filter after them. All have the same results.
#[cfg(target_arch = "x86_64")]
pub(super) trait Products<Query, Rows>: Copy {
    /// Writes the scores of a block for a tile of queries, and says which of these have some that reach their threshold, a bit for each;
    /// those of the others may be left out.
    fn products(
        self,
        queries: &[Query],
        rows: &[Rows],
        biases: &[i32; BLOCK],
        thresholds: &[i32; QUERIES],
        tile: &mut Tile,
    ) -> u8;

    /// Adds the rows from `first` on whose scores reach the list's threshold.
    ///
    /// Panics when there is no room for them.
    fn add(self, list: &mut List, scores: &[i32; BLOCK], first: u32);
}

/// Rows that look for their nearest together, and the best that each has found so far.
pub(super) struct Panel {
    positions: Vec<u32>,
    keep: usize,
    /// Tile by tile, the groups of axes of its queries.
    queries: Vec<QueryGroup>,
    lists: Vec<List>,
    tile: Box<Tile>,
    #[cfg(target_arch = "x86_64")]
    words: Words,
    #[cfg(any(test, not(target_arch = "x86_64")))]
    floats: Floats,
}

impl Default for Panel {
    fn default() -> Self {
        let tile = Box::new(Tile([[0; BLOCK]; QUERIES]));
        let (positions, queries, lists) = Default::default();
        Self {
            positions,
            keep: 0,
            queries,
            lists,
            tile,
            #[cfg(target_arch = "x86_64")]
            words: Words::default(),
            #[cfg(any(test, not(target_arch = "x86_64")))]
            floats: Floats::default(),
        }
    }
}

impl Panel {
    /// Starts with the rows of `codes` at `positions`, each of which looks for its best `keep`.
    pub(super) fn start(&mut self, codes: &Codes, positions: impl IntoIterator<Item = u32>, keep: usize) {
        self.positions.clear();
        self.positions.extend(positions);
        self.keep = keep;
        self.queries.clear();
        for tile in self.positions.chunks(QUERIES) {
            for group in 0..codes.n_groups() {
                let mut queries = [[128; GROUP]; QUERIES];
                for (query, &position) in queries.iter_mut().zip(tile) {
                    *query = codes.codes(position as usize, group).map(|code| (code as u8) ^ 128);
                }
                self.queries.push(queries);
            }
        }
        // Lists of the queries that fill the last tile are there, and nobody reads them.
        self.lists.resize_with(self.positions.len().next_multiple_of(QUERIES), List::default);
        // One more than asked: a row may find itself.
        self.lists.iter_mut().for_each(|list| list.start(keep + 1));
    }

    /// Compares with the rows of some blocks. Every row should be offered once at most; the order does not matter, but near rows
    /// first saves work.
    pub(super) fn scan(&mut self, codes: &Codes, blocks: impl Iterator<Item = usize>) {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx512) = Avx512::detected() {
            self.scan_bytes(avx512, codes, blocks);
        } else if let Some(vnni) = AvxVnni::detected() {
            self.scan_bytes(vnni, codes, blocks);
        } else if let Some(avx2) = Avx2::detected() {
            self.scan_words(avx2, codes, blocks);
        } else {
            self.scan_words(Sse2, codes, blocks);
        }
        #[cfg(not(target_arch = "x86_64"))]
        self.scan_floats(codes, blocks);
    }

    #[cfg(target_arch = "x86_64")]
    fn scan_bytes(
        &mut self,
        instructions: impl Products<QueryGroup, BlockGroup>,
        codes: &Codes,
        blocks: impl Iterator<Item = usize>,
    ) {
        for index in blocks {
            let (block, biases) = codes.block(index);
            let queries = self.queries.chunks_exact(codes.n_groups());
            for (queries, lists) in queries.zip(self.lists.chunks_exact_mut(QUERIES)) {
                let thresholds = thresholds(lists);
                let reaching = instructions.products(queries, block, biases, &thresholds, &mut self.tile);
                offer(&self.tile, reaching, lists, self.keep, |list, scores| {
                    instructions.add(list, scores, (index * BLOCK) as u32)
                });
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn scan_words(
        &mut self,
        instructions: impl Products<QueryWords, BlockWords>,
        codes: &Codes,
        blocks: impl Iterator<Item = usize>,
    ) {
        self.words.start(&self.queries);
        for index in blocks {
            let (block, biases) = codes.block(index);
            self.words.take(block);
            let queries = self.words.queries.chunks_exact(self.words.rows.len());
            for (queries, lists) in queries.zip(self.lists.chunks_exact_mut(QUERIES)) {
                let (rows, thresholds) = (&self.words.rows, thresholds(lists));
                let reaching = instructions.products(queries, rows, biases, &thresholds, &mut self.tile);
                offer(&self.tile, reaching, lists, self.keep, |list, scores| {
                    instructions.add(list, scores, (index * BLOCK) as u32)
                });
            }
        }
    }

    /// Does the same in loops for any processor.
    #[cfg(any(test, not(target_arch = "x86_64")))]
    fn scan_floats(&mut self, codes: &Codes, blocks: impl Iterator<Item = usize>) {
        self.floats.start(codes, &self.queries);
        for index in blocks {
            let (block, biases) = codes.block(index);
            self.floats.take(block);
            for (tile, lists) in self.lists.chunks_exact_mut(QUERIES).enumerate() {
                self.floats.products::<{ cfg!(target_arch = "aarch64") }>(tile, biases, &mut self.tile);
                offer(&self.tile, u8::MAX, lists, self.keep, |list, scores| {
                    add(list, scores, (index * BLOCK) as u32)
                });
            }
        }
    }

    /// For each query, the positions of the best `keep` other rows, in no particular order.
    pub(super) fn finish(&mut self, mut each: impl FnMut(u32, &[u32])) {
        for (list, &own) in self.lists.iter_mut().zip(&self.positions) {
            each(own, list.finish(self.keep, own));
        }
    }
}

/// What the scores for the queries of a tile must reach.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn thresholds(lists: &[List]) -> [i32; QUERIES] {
    std::array::from_fn(|query| lists[query].threshold)
}

/// Adds the scores of a tile to the lists of those of its queries whose bits are set.
#[inline(always)]
fn offer(
    tile: &Tile,
    mut queries: u8,
    lists: &mut [List],
    keep: usize,
    add: impl Fn(&mut List, &[i32; BLOCK]),
) {
    while queries != 0 {
        let query = queries.trailing_zeros() as usize;
        queries &= queries - 1;
        let list = &mut lists[query];
        if !list.has_room() {
            list.cut(keep + 1);
        }
        add(list, &tile.0[query]);
    }
}

/// Adds the rows from `first` on whose scores reach the list's threshold; there must be room for a block.
#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline(always)]
fn add(list: &mut List, scores: &[i32; BLOCK], first: u32) {
    let mut any = false;
    for &score in scores {
        any |= score >= list.threshold;
    }
    if !any {
        return;
    }
    for (place, &score) in scores.iter().enumerate() {
        if score >= list.threshold {
            list.scores[list.len] = score;
            list.positions[list.len] = first + place as u32;
            list.len += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::random::{Purpose, Random};
    use std::ops::Range;

    /// Codes of rows that are random, or random among a few, so that scores are equal by the dozen.
    fn some_codes(n: usize, n_axes: usize, distinct: usize) -> Codes {
        let mut random = Random::new(n as u64, Purpose::Synthesis);
        let rows: Vec<f32> = (0..distinct * n_axes).map(|_| random.normal() as f32).collect();
        let data: Vec<f32> =
            (0..n).flat_map(|i| rows[i % distinct * n_axes..][..n_axes].iter().copied()).collect();
        let scores = Matrix::new(data, n, n_axes).unwrap();
        let norms: Vec<f64> = (0..n).map(|i| n_axes as f64 * (1.0 + (i % distinct % 7) as f64)).collect();
        let order: Vec<u32> = (0..n as u32).rev().collect();
        Codes::new(scores.view(), &norms, n_axes, &order)
    }

    /// All pairs, sorted.
    fn plain(codes: &Codes, n: usize, own: u32, keep: usize) -> Vec<u32> {
        let score = |other: usize| {
            let product = |group| {
                let (a, b) = (codes.codes(own as usize, group), codes.codes(other, group));
                a.iter().zip(b).map(|(&a, b)| (i32::from(a) + 128) * i32::from(b)).sum::<i32>()
            };
            (0..codes.n_groups()).map(product).sum::<i32>() + codes.block(other / BLOCK).1[other % BLOCK]
        };
        let mut all: Vec<(i32, u32)> =
            (0..n as u32).filter(|&j| j != own).map(|j| (-score(j as usize), j)).collect();
        all.sort_unstable();
        let mut nearest: Vec<u32> = all[..keep].iter().map(|&(_, j)| j).collect();
        nearest.sort_unstable();
        nearest
    }

    #[test]
    fn lists_are_those_of_a_plain_loop() {
        for (n, n_axes, distinct, keep) in [
            (2, 3, 2, 1),
            (100, 5, 100, 99),
            (1500, 32, 1500, 20),
            (1500, 8, 12, 30),
            (700, 4, 1, 5),
            (200, 128, 200, 9),
        ] {
            let codes = some_codes(n, n_axes, distinct);
            let queries: Vec<u32> = (0..n as u32).step_by(n.div_ceil(19)).collect();
            let blocks = codes.n_blocks();
            let mut panels = Vec::new();
            let mut search = |scan: &dyn Fn(&mut Panel, Range<usize>)| {
                let mut panel = Panel::default();
                panel.start(&codes, queries.iter().copied(), keep);
                scan(&mut panel, blocks / 2..blocks);
                scan(&mut panel, 0..blocks / 2);
                panels.push(panel);
            };
            search(&|panel, blocks| panel.scan(&codes, blocks));
            search(&|panel, blocks| panel.scan_floats(&codes, blocks));
            #[cfg(target_arch = "x86_64")]
            {
                search(&|panel, blocks| panel.scan_words(Sse2, &codes, blocks));
                if let Some(avx2) = Avx2::detected() {
                    search(&|panel, blocks| panel.scan_words(avx2, &codes, blocks));
                }
                if let Some(vnni) = AvxVnni::detected() {
                    search(&|panel, blocks| panel.scan_bytes(vnni, &codes, blocks));
                }
            }
            for panel in &mut panels {
                let mut found = 0;
                panel.finish(|own, list| {
                    let mut list = list.to_vec();
                    list.sort_unstable();
                    assert_eq!(list, plain(&codes, n, own, keep), "{n} rows, {n_axes} axes, row {own}");
                    found += 1;
                });
                assert_eq!(found, queries.len());
            }
        }
    }
}
