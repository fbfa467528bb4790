//! Products of bytes in `f32`, for processors other than x86-64: plain loops that every compiler turns into
//! multiply-adds of whole registers, which it does not with bytes.
//!
//! The sums are integers, and begin at one and a half times 2²³. As long as they stay within 2²² of it, where neighboring `f32` are
//! one apart, nothing is ever rounded, whether or not multiplication and addition are fused, and the lowest bits of a sum are the
//! integer.

use super::codes::{BLOCK, BlockGroup, Codes, GROUP, QUERIES, QueryGroup};
use super::scan::Tile;

/// Where the sums begin.
const MIDDLE: f32 = 12_582_912.0;

/// How far a sum may be from there: a product is 255 · 127 at most.
const MOST_AXES: usize = (1 << 22) / (255 * 127);

/// Queries and rows whose sums are formed together, few enough for the registers of every processor. In AVX2, the search of 10,000 rows
/// of MNIST took 1.0 s with these, 1.1 with 2 × 48, and 2.7 to 3.7 with 2 × 24, 4 × 16 and 8 × 8; NEON was not measured.
const TOGETHER: usize = 4;
const ROWS: usize = 8;

/// The codes of a panel's queries and of one block of rows as `f32`, axis by axis.
#[derive(Default)]
pub(super) struct Floats {
    /// Tile by tile.
    queries: Vec<[f32; QUERIES]>,
    rows: Vec<[f32; BLOCK]>,
}

impl Floats {
    /// Takes the queries of `codes` that the tiles have.
    pub(super) fn start(&mut self, codes: &Codes, tiles: &[QueryGroup]) {
        assert!(codes.n_groups() * GROUP <= MOST_AXES, "sums of so many products may not be exact");
        self.queries.clear();
        for group in tiles {
            for axis in 0..GROUP {
                self.queries.push(group.map(|query| f32::from(query[axis])));
            }
        }
    }

    /// Takes a block of rows.
    #[inline(always)]
    pub(super) fn take(&mut self, block: &[BlockGroup]) {
        self.rows.resize(block.len() * GROUP, [0.0; BLOCK]);
        for (rows, group) in self.rows.chunks_exact_mut(GROUP).zip(block) {
            for (axis, rows) in rows.iter_mut().enumerate() {
                for (value, row) in rows.iter_mut().zip(&group.0) {
                    *value = f32::from(row[axis]);
                }
            }
        }
    }

    /// Writes the scores of the block for the queries of the tile with this index. `FUSED` where the processor has the instruction:
    /// without it, it is a function call.
    #[inline(always)]
    pub(super) fn products<const FUSED: bool>(&self, tile: usize, biases: &[i32; BLOCK], scores: &mut Tile) {
        let queries = &self.queries[tile * self.rows.len()..][..self.rows.len()];
        for first_query in (0..QUERIES).step_by(TOGETHER) {
            for first_row in (0..BLOCK).step_by(ROWS) {
                let mut sums = [[MIDDLE; ROWS]; TOGETHER];
                for (rows, queries) in self.rows.iter().zip(queries) {
                    let rows: &[f32; ROWS] = rows[first_row..][..ROWS].try_into().unwrap();
                    let queries: &[f32; TOGETHER] = queries[first_query..][..TOGETHER].try_into().unwrap();
                    // By index: with iterators, the sums are left in memory.
                    for query in 0..TOGETHER {
                        for row in 0..ROWS {
                            let (a, b, sum) = (rows[row], queries[query], &mut sums[query][row]);
                            *sum = if FUSED { a.mul_add(b, *sum) } else { a * b + *sum };
                        }
                    }
                }
                for (scores, sums) in scores.0[first_query..].iter_mut().zip(&sums) {
                    let biases = &biases[first_row..][..ROWS];
                    for ((score, &bias), sum) in scores[first_row..][..ROWS].iter_mut().zip(biases).zip(sums)
                    {
                        *score = bias + (sum.to_bits() as i32 - MIDDLE.to_bits() as i32);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_sums_are_exact() {
        let n_axes = MOST_AXES / GROUP * GROUP;
        let biases = std::array::from_fn(|row| i32::MIN / 2 + row as i32);
        for code in [-127_i8, 127] {
            let rows = vec![[f32::from(code); BLOCK]; n_axes];
            let floats = Floats { queries: vec![[255.0; QUERIES]; n_axes], rows };
            for products in [Floats::products::<false>, Floats::products::<true>] {
                let mut tile = Tile([[0; BLOCK]; QUERIES]);
                products(&floats, 0, &biases, &mut tile);
                let expected = biases.map(|bias| bias + n_axes as i32 * 255 * i32::from(code));
                assert_eq!(tile.0, [expected; QUERIES]);
            }
        }
    }
}
