//! Candidates ranked by their distances in all columns.

use crate::matrix::MatrixRef;
use crate::simd;

/// Rows at places and their candidates, as what they are compared in has them.
pub(super) trait Compare: Copy {
    /// The row that a candidate is.
    fn index(self, candidate: u32) -> u32;

    /// Asks for what is read of a candidate.
    fn prefetch(self, candidate: u32);

    /// The squared distance of the row at a place from a candidate, in all columns, to within 1e-6 of itself.
    fn squared_distance(self, place: u32, candidate: u32) -> f32;

    /// Those of the rows at several places.
    #[inline(always)]
    fn squared_distances<const N: usize>(self, places: [u32; N], candidate: u32) -> [f32; N] {
        places.map(
            #[inline(always)]
            |place| self.squared_distance(place, candidate),
        )
    }
}

/// Some rows of a table; candidates are known by their rows.
#[derive(Clone, Copy)]
pub(super) struct InColumns<'a> {
    pub(super) x: MatrixRef<'a>,
    pub(super) rows: &'a [u32],
}

impl Compare for InColumns<'_> {
    #[inline(always)]
    fn index(self, candidate: u32) -> u32 {
        candidate
    }

    #[inline(always)]
    fn prefetch(self, candidate: u32) {
        simd::prefetch(self.x.row(candidate as usize));
    }

    #[inline(always)]
    fn squared_distance(self, place: u32, candidate: u32) -> f32 {
        squared_distance(self.x.row(self.rows[place as usize] as usize), self.x.row(candidate as usize))
    }
}

/// Candidates of some rows that lie near each other.
#[derive(Default)]
pub(super) struct Ranking {
    /// (candidate, as the comparison knows it, and place of the row), packed, and sorted before they are compared: a candidate is read once for all rows, and the
    /// nearer these are to each other, the less there is to read.
    pairs: Vec<u64>,
    /// Where pairs go while they are sorted.
    sorted: Vec<u64>,
    /// For each row, (bits of the squared distance, index of the candidate), packed: the bits of floats that are not negative sort as they do.
    ranked: Vec<Vec<u64>>,
}

impl Ranking {
    /// Starts anew with some rows.
    pub(super) fn start(&mut self, n_rows: usize) {
        self.pairs.clear();
        self.ranked.resize_with(n_rows, Vec::new);
        self.ranked.iter_mut().for_each(Vec::clear);
    }

    /// Adds candidates of the row at a place.
    pub(super) fn add(&mut self, place: usize, candidates: impl IntoIterator<Item = u32>) {
        self.pairs.extend(candidates.into_iter().map(|candidate| pack(candidate, place as u32)));
    }

    /// Calls `each` with the `k` nearest candidates of each of the rows, as distances in all columns and indices, in the order of
    /// both. A row with fewer, as there are when values changed under the search and have no order any more, gets NaN in their place.
    pub(super) fn finish(
        &mut self,
        rows: impl Compare,
        k: usize,
        mut each: impl FnMut(&mut dyn Iterator<Item = (f32, u32)>),
    ) {
        sort_by_first(&mut self.pairs, &mut self.sorted);
        simd::vectorize!(compare(rows, &self.pairs, &mut self.ranked));
        for ranked in &mut self.ranked {
            ranked.sort_unstable();
            if ranked.len() < k {
                ranked.resize(k, pack(f32::NAN.to_bits(), 0));
            }
            each(&mut ranked[..k].iter().map(|&packed| {
                let (bits, candidate) = unpack(packed);
                (f32::from_bits(bits), candidate)
            }));
        }
    }
}

#[inline(always)]
fn pack(first: u32, second: u32) -> u64 {
    u64::from(first) << 32 | u64::from(second)
}

#[inline(always)]
fn unpack(packed: u64) -> (u32, u32) {
    ((packed >> 32) as u32, packed as u32)
}

/// Bits of a digit.
const DIGIT: usize = 11;

/// Sorts packed pairs by the first of each, digit by digit from the lowest on, those with the same in the order in which they are.
fn sort_by_first(pairs: &mut Vec<u64>, buffer: &mut Vec<u64>) {
    let all = pairs.iter().fold(0, |all, &pair| all | unpack(pair).0);
    buffer.clear();
    buffer.resize(pairs.len(), 0);
    for shift in (0..u32::BITS - all.leading_zeros()).step_by(DIGIT) {
        let digit = |pair: u64| (unpack(pair).0 >> shift) as usize % (1 << DIGIT);
        let mut next = [0; 1 << DIGIT];
        pairs.iter().for_each(|&pair| next[digit(pair)] += 1);
        let mut start = 0;
        for next in &mut next {
            start += std::mem::replace(next, start);
        }
        for &pair in pairs.iter() {
            let next = &mut next[digit(pair)];
            buffer[*next] = pair;
            *next += 1;
        }
        std::mem::swap(pairs, buffer);
    }
}

/// Candidates ahead that are on their way from memory.
const AHEAD: usize = 4;

#[inline(always)]
fn compare(rows: impl Compare, pairs: &[u64], ranked: &mut [Vec<u64>]) {
    let runs = pairs.chunk_by(|&a, &b| unpack(a).0 == unpack(b).0);
    // Rows are far apart in memory: one that comes later is on its way while these are compared.
    let mut later = runs.clone();
    for run in later.by_ref().take(AHEAD) {
        rows.prefetch(unpack(run[0]).0);
    }
    for run in runs {
        if let Some(run) = later.next() {
            rows.prefetch(unpack(run[0]).0);
        }
        let candidate = unpack(run[0]).0;
        let index = rows.index(candidate);
        let (fours, rest) = run.as_chunks::<4>();
        for four in fours {
            add(rows, four, candidate, index, ranked);
        }
        match *rest {
            [a, b, c] => add(rows, &[a, b, c], candidate, index, ranked),
            [a, b] => add(rows, &[a, b], candidate, index, ranked),
            [a] => add(rows, &[a], candidate, index, ranked),
            _ => {}
        }
    }
}

/// Compares the rows of some pairs with the candidate of all of them.
#[inline(always)]
fn add<const N: usize>(
    rows: impl Compare,
    pairs: &[u64; N],
    candidate: u32,
    index: u32,
    ranked: &mut [Vec<u64>],
) {
    let places = pairs.map(|pair| unpack(pair).1);
    for (place, distance) in places.into_iter().zip(rows.squared_distances(places, candidate)) {
        ranked[place as usize].push(pack(distance.to_bits(), index));
    }
}

/// Lanes of a vector.
const LANES: usize = 16;

/// |a − b|² in `f32` over four vectors of lanes, so that each lane sums few terms: within 1e-6 of itself.
#[inline(always)]
pub(super) fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let (vectors_a, tail_a) = a.as_chunks::<LANES>();
    let (vectors_b, tail_b) = b.as_chunks::<LANES>();
    let (fours_a, rest_a) = vectors_a.as_chunks::<4>();
    let (fours_b, rest_b) = vectors_b.as_chunks::<4>();
    // Four variables rather than an array of four: the compiler keeps these in registers.
    let (mut first, mut second) = ([0.0; LANES], [0.0; LANES]);
    let (mut third, mut fourth) = ([0.0; LANES], [0.0; LANES]);
    for (a, b) in fours_a.iter().zip(fours_b) {
        add_squares(&mut first, &a[0], &b[0]);
        add_squares(&mut second, &a[1], &b[1]);
        add_squares(&mut third, &a[2], &b[2]);
        add_squares(&mut fourth, &a[3], &b[3]);
    }
    for (a, b) in rest_a.iter().zip(rest_b) {
        add_squares(&mut first, a, b);
    }
    for (lane, (&a, &b)) in tail_a.iter().zip(tail_b).enumerate() {
        second[lane] += (a - b) * (a - b);
    }
    let mut lanes = [0.0; LANES];
    for lane in 0..LANES {
        lanes[lane] = (first[lane] + second[lane]) + (third[lane] + fourth[lane]);
    }
    let (left, right) = lanes.split_at(LANES / 2);
    let pairs: [f32; LANES / 2] = std::array::from_fn(|lane| left[lane] + right[lane]);
    ((pairs[0] + pairs[4]) + (pairs[2] + pairs[6])) + ((pairs[1] + pairs[5]) + (pairs[3] + pairs[7]))
}

#[inline(always)]
fn add_squares(sums: &mut [f32; LANES], a: &[f32; LANES], b: &[f32; LANES]) {
    for lane in 0..LANES {
        let difference = a[lane] - b[lane];
        sums[lane] += difference * difference;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::neighbors;
    use crate::random::{Purpose, Random};

    #[test]
    fn pairs_are_sorted_by_the_first_of_each() {
        let mut random = Random::new(8, Purpose::Synthesis);
        for (n, most) in [(0, 5), (3, 1), (500, 40), (5_000, 3_000), (5_000, 1 << 31)] {
            let mut pairs: Vec<u64> = (0..n).map(|place| pack(random.below(most) as u32, place)).collect();
            let mut expected = pairs.clone();
            expected.sort_unstable();
            sort_by_first(&mut pairs, &mut vec![7; 3]);
            assert_eq!(pairs, expected);
        }
    }

    #[test]
    fn candidates_are_ranked_by_their_true_distances() {
        for d in [1, 63, 64, 200] {
            let mut random = Random::new(d as u64, Purpose::Synthesis);
            let x = Matrix::new((0..50 * d).map(|_| random.normal() as f32).collect(), 50, d).unwrap();
            let mut ranking = Ranking::default();
            let rows = [7, 31];
            ranking.start(2);
            for place in [1, 0] {
                ranking.add(place, (0..50).filter(|&j| j != rows[place]).rev());
            }
            let mut found = Vec::new();
            ranking.finish(InColumns { x: x.view(), rows: &rows }, 12, |ranked| {
                found.push(ranked.collect::<Vec<_>>())
            });
            let expected = neighbors::exact(&x, 12).unwrap();
            for (row, ranked) in rows.into_iter().zip(found) {
                let indices: Vec<u32> = ranked.iter().map(|&(_, j)| j).collect();
                assert_eq!(indices, expected.indices(row as usize), "{d} columns");
                for ((distance, _), &exact) in ranked.iter().zip(expected.squared_distances(row as usize)) {
                    assert!((distance - exact).abs() <= 1e-6 * exact, "{distance} against {exact}");
                }
            }
        }
    }
}
