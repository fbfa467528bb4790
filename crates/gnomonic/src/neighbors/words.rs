//! Codes widened to 16 bits, for processors whose instructions multiply and add pairs of these: all x86-64 have one.

use super::codes::{BLOCK, BlockGroup, GROUP, QUERIES, QueryGroup};

/// Two axes of the rows of a block.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct BlockWords(pub(super) [[i16; 2]; BLOCK]);

/// The same two axes of the queries of a tile, each pair in the 32 bits that an instruction repeats.
pub(super) type QueryWords = [i32; QUERIES];

/// The codes of a panel's queries and of one block of rows. Even and odd axes of a group stand together: that takes shifts and no
/// shuffles.
#[derive(Default)]
pub(super) struct Words {
    /// Tile by tile.
    pub(super) queries: Vec<QueryWords>,
    pub(super) rows: Vec<BlockWords>,
}

/// Pairs of axes in a group.
const PAIRS: usize = GROUP / 2;

impl Words {
    /// Takes the queries of the tiles.
    pub(super) fn start(&mut self, tiles: &[QueryGroup]) {
        const EVEN: i32 = 0x00FF_00FF;
        self.queries.clear();
        for group in tiles {
            let bytes = group.map(i32::from_le_bytes);
            self.queries.push(bytes.map(|bytes| bytes & EVEN));
            self.queries.push(bytes.map(|bytes| (bytes >> 8) & EVEN));
        }
    }

    /// Takes a block of rows.
    #[inline(always)]
    pub(super) fn take(&mut self, block: &[BlockGroup]) {
        self.rows.resize(block.len() * PAIRS, BlockWords([[0; 2]; BLOCK]));
        for (rows, group) in self.rows.as_chunks_mut::<PAIRS>().0.iter_mut().zip(block) {
            for (place, &[first, second, third, fourth]) in group.0.iter().enumerate() {
                for (half, bytes) in [[first, second], [third, fourth]].into_iter().enumerate() {
                    let word = i16::from_le_bytes(bytes.map(|byte| byte as u8));
                    rows[0].0[place][half] = (word << 8) >> 8;
                    rows[1].0[place][half] = word >> 8;
                }
            }
        }
    }
}
