//! Rows whose values are bytes, as those of images are: compared in whole numbers, many columns take a quarter of the memory.

#[cfg(target_arch = "x86_64")]
use super::avx512::Avx512;
use super::rank::{Compare, squared_distance};
use crate::matrix::MatrixRef;
use crate::simd;
use rayon::prelude::*;

/// Bytes compared at once. Rows are filled up to whole lines with zeros, which are no distance apart.
const LINE: usize = 64;

/// Columns from which this is worth it: narrower rows would be filling for the most part.
const FEWEST_COLUMNS: usize = 64;

/// Columns up to which a squared distance fits 32 bits.
const MOST_COLUMNS: usize = u32::MAX as usize / (255 * 255);

/// What values may be bytes over: images have 0 to 255 as they are, or brought to 0 to 1.
const DENOMINATORS: [u8; 2] = [1, 255];

/// Where the squared distance of two rows, in squares of the step, is at least this many times the number of their values that are
/// rounded, it is that of the values to within 1e-6 of itself.
///
/// A quotient in `f32` is off by at most 2⁻²⁵, a difference of two by e. Over m rounded values Σ e² is at most 2 m 2⁻⁵⁰, so that
/// Σ (δ + e)² is off from S = Σ δ² by at most a share of 2 √(Σ e² / S) and its square: 2 · 255 · √2 · 2⁻²⁵ / 24, or 9e-7, where S is
/// 24² m squares of 1/255. Rounding the result adds 6e-8.
const ROUNDING: u32 = 24 * 24;

/// Rows that a thread takes at least: so few that what is no bytes is soon known.
const CHUNK: usize = 64;

/// A cache line, so that one value brings all to the processor.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Line(pub(super) [u8; LINE]);

/// What is known of a row beside its bytes.
#[derive(Clone, Copy, Default)]
struct Known {
    /// How many of its values are rounded.
    n_rounded: u32,
    /// Σ b and Σ b².
    sum: u32,
    squares: u32,
}

/// The rows of a table in which every value is a byte over the same denominator, in an order of choice.
pub(super) struct Bytes {
    lines: Vec<Line>,
    /// Lines of a row.
    width: usize,
    known: Vec<Known>,
    /// The square of what a value is for a byte of 1.
    scale: f64,
}

impl Bytes {
    /// The rows of `x` in an `order`, if all values are whole numbers from 0 to 255, or all are such numbers divided by 255 in
    /// `f32`, to the bit, and if there are enough columns.
    pub(super) fn of(x: MatrixRef<'_>, order: &[u32]) -> Option<Self> {
        if !(FEWEST_COLUMNS..=MOST_COLUMNS).contains(&x.n_features()) {
            return None;
        }
        DENOMINATORS.into_iter().find_map(|denominator| Self::over(x, order, denominator))
    }

    fn over(x: MatrixRef<'_>, order: &[u32], denominator: u8) -> Option<Self> {
        let width = x.n_features().div_ceil(LINE);
        let mut lines = vec![Line([0; LINE]); order.len() * width];
        let mut known = vec![Known::default(); order.len()];
        let places = lines.par_chunks_exact_mut(width).zip(&mut known).zip(order).with_min_len(CHUNK);
        let all = places.all(|((lines, known), &row)| {
            simd::vectorize!({
                let is_same = take(lines, x.row(row as usize), f32::from(denominator));
                *known = know(lines, denominator > 1);
                is_same
            })
        });
        all.then(|| Self { lines, width, known, scale: f64::from(denominator).powi(-2) })
    }

    /// The bytes of the row at a position.
    #[inline(always)]
    fn row(&self, position: u32) -> &[Line] {
        &self.lines[position as usize * self.width..][..self.width]
    }

    /// The squared distance of the rows at two positions to within 1e-6 of itself, unless it is too small beside what is rounded.
    #[inline(always)]
    fn squared_distance(&self, a: u32, b: u32) -> Option<f32> {
        self.scaled(sum_of_squares(self.row(a), self.row(b)), a, b)
    }

    /// What the sum of squares of the rows at two positions is as a squared distance.
    #[inline(always)]
    fn scaled(&self, sum: u32, a: u32, b: u32) -> Option<f32> {
        let n_rounded = self.known[a as usize].n_rounded + self.known[b as usize].n_rounded;
        (sum / ROUNDING >= n_rounded).then(|| (f64::from(sum) * self.scale) as f32)
    }

    /// Σ (a − b)² of the rows at some positions and another, from products: Σ a² + Σ b² − 2 (Σ a (b − 128) + 128 Σ a). What goes
    /// beyond 32 bits on the way comes back, because the sums do not.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn sums_of_squares<const N: usize>(&self, avx512: Avx512, positions: [u32; N], other: u32) -> [u32; N] {
        let products = avx512.byte_products(positions.map(|position| self.row(position)), self.row(other));
        let squares = self.known[other as usize].squares;
        std::array::from_fn(|at| {
            let own = self.known[positions[at] as usize];
            let product = (products[at] as u32).wrapping_add(own.sum.wrapping_mul(128));
            own.squares.wrapping_add(squares).wrapping_sub(product.wrapping_mul(2))
        })
    }
}

/// Rows whose nearest are looked for together: as many as the first cache holds.
#[cfg(target_arch = "x86_64")]
const TOGETHER: usize = 32;

/// Of these, the rows that are compared with another at once.
#[cfg(target_arch = "x86_64")]
const AT_ONCE: usize = 4;

#[cfg(target_arch = "x86_64")]
impl Bytes {
    /// The `k` nearest others of each of the rows at some positions, as sums of squares and positions, in the order of both.
    /// O(queries · n · d).
    pub(super) fn nearest(&self, avx512: Avx512, positions: &[u32], k: usize) -> Vec<Vec<(u32, u32)>> {
        let per_chunk = positions.par_chunks(TOGETHER).map(|own| {
            let mut lists = vec![Vec::with_capacity(4 * k); own.len()];
            let mut limits = vec![u32::MAX; own.len()];
            for other in 0..self.known.len() as u32 {
                let places = (0..own.len()).step_by(AT_ONCE);
                for first in places {
                    // What fills up the last is not looked at.
                    let several = std::array::from_fn(|at| own[(first + at).min(own.len() - 1)]);
                    let sums: [u32; AT_ONCE] = self.sums_of_squares(avx512, several, other);
                    for (place, sum) in (first..own.len()).zip(sums) {
                        if sum <= limits[place] && own[place] != other {
                            lists[place].push(u64::from(sum) << 32 | u64::from(other));
                            if lists[place].len() == 4 * k {
                                lists[place].select_nth_unstable(k - 1);
                                lists[place].truncate(k);
                                limits[place] = (lists[place][k - 1] >> 32) as u32;
                            }
                        }
                    }
                }
            }
            lists.into_iter().map(|mut list| {
                list.sort_unstable();
                list.truncate(k);
                list.into_iter().map(|packed| ((packed >> 32) as u32, packed as u32)).collect()
            })
        });
        per_chunk.flatten_iter().collect()
    }
}

#[inline(always)]
fn know(lines: &[Line], is_rounded: bool) -> Known {
    let mut known = Known::default();
    for line in lines {
        // In this width, and one sum at a time, compilers keep to whole registers.
        let wide: [u32; LINE] = std::array::from_fn(|at| u32::from(line.0[at]));
        known.sum += wide.iter().sum::<u32>();
        known.squares += wide.iter().map(|byte| byte * byte).sum::<u32>();
        if is_rounded {
            // 0 and 1 are not rounded.
            known.n_rounded += wide.iter().map(|byte| u32::from((1..255).contains(byte))).sum::<u32>();
        }
    }
    known
}

/// Takes the bytes that a row's values are times `denominator`; false if one is none.
#[inline(always)]
fn take(lines: &mut [Line], row: &[f32], denominator: f32) -> bool {
    let mut is_same = true;
    for (line, values) in lines.iter_mut().zip(row.chunks(LINE)) {
        for (byte, &value) in line.0.iter_mut().zip(values) {
            // The cast saturates, and makes 0 of NaN: what is no byte differs from what it became.
            *byte = (value * denominator + 0.5) as u8;
            is_same &= f32::from(*byte) / denominator == value;
        }
    }
    is_same
}

/// Σ (a − b)². In this shape compilers multiply in 16 bits, where squares of bytes fit, on every level: a sum over single bytes
/// takes as long in AVX2 and AVX-512 and more than twice as long in SSE2.
#[inline(always)]
fn sum_of_squares(a: &[Line], b: &[Line]) -> u32 {
    const HALF: usize = LINE / 2;
    let mut sums = [0; HALF];
    for (a, b) in a.iter().zip(b) {
        let squares: [u16; LINE] = std::array::from_fn(|at| u16::from(a.0[at].abs_diff(b.0[at])).pow(2));
        for lane in 0..HALF {
            sums[lane] += u32::from(squares[lane]) + u32::from(squares[lane + HALF]);
        }
    }
    sums.iter().sum()
}

/// Rows that stand in the order of their bytes from a position on, and candidates by position.
#[derive(Clone, Copy)]
pub(super) struct InBytes<'a> {
    pub(super) bytes: &'a Bytes,
    /// For what bytes do not tell.
    pub(super) x: MatrixRef<'a>,
    pub(super) order: &'a [u32],
    pub(super) first: u32,
}

impl Compare for InBytes<'_> {
    #[inline(always)]
    fn index(self, candidate: u32) -> u32 {
        self.order[candidate as usize]
    }

    #[inline(always)]
    fn prefetch(self, candidate: u32) {
        simd::prefetch(self.bytes.row(candidate));
    }

    #[inline(always)]
    fn squared_distance(self, place: u32, candidate: u32) -> f32 {
        let in_bytes = self.bytes.squared_distance(self.first + place, candidate);
        in_bytes.unwrap_or_else(|| self.in_columns(place, candidate))
    }

    #[inline(always)]
    fn squared_distances<const N: usize>(self, places: [u32; N], candidate: u32) -> [f32; N] {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx512) = Avx512::detected() {
            let positions = places.map(|place| self.first + place);
            let sums = self.bytes.sums_of_squares(avx512, positions, candidate);
            return std::array::from_fn(|at| {
                let in_bytes = self.bytes.scaled(sums[at], positions[at], candidate);
                in_bytes.unwrap_or_else(|| self.in_columns(places[at], candidate))
            });
        }
        places.map(|place| self.squared_distance(place, candidate))
    }
}

impl InBytes<'_> {
    /// The squared distance by the values themselves: of few pairs, so not inlined.
    #[inline(never)]
    fn in_columns(self, place: u32, candidate: u32) -> f32 {
        let row = |position| self.x.row(self.index(position) as usize);
        simd::vectorize!(squared_distance(row(self.first + place), row(candidate)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::rank::{InColumns, Ranking};
    use super::*;
    use crate::matrix::Matrix;
    use crate::neighbors;
    use crate::random::{Purpose, Random};

    /// Rows of random bytes, a few of them extremes, each near the one before it in half of its columns.
    fn random_bytes(n: usize, d: usize) -> Vec<u8> {
        let mut random = Random::new((n * d) as u64, Purpose::Synthesis);
        let mut bytes: Vec<u8> = Vec::with_capacity(n * d);
        for at in 0..n * d {
            bytes.push(match random.below(4) {
                0 => [0, 255][random.below(2)],
                1 => random.below(256) as u8,
                _ if at < d => 128,
                _ => bytes[at - d].saturating_add(random.below(2) as u8),
            });
        }
        bytes
    }

    fn matrix(n: usize, d: usize, values: impl IntoIterator<Item = f32>) -> Matrix {
        Matrix::new(values.into_iter().collect(), n, d).unwrap()
    }

    fn backwards(n: usize) -> Vec<u32> {
        (0..n as u32).rev().collect()
    }

    #[test]
    fn whole_numbers_have_exact_distances() {
        for d in [64, 65, 127, 128, 200, 784] {
            let values = random_bytes(20, d);
            let x = matrix(20, d, values.iter().map(|&byte| f32::from(byte)));
            let order = backwards(20);
            let bytes = Bytes::of(x.view(), &order).unwrap();
            for a in 0..20 {
                for b in 0..20 {
                    let (i, j) = (order[a] as usize, order[b] as usize);
                    let pairs = values[i * d..][..d].iter().zip(&values[j * d..][..d]);
                    let sum: u64 = pairs.map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2)).sum();
                    assert_eq!(bytes.squared_distance(a as u32, b as u32), Some(sum as f32), "{d} columns");
                }
            }
        }
    }

    /// All rows from the sixth on with all others as candidates.
    fn ranked<C: Compare>(rows: C, candidate: impl Fn(u32) -> u32) -> Vec<Vec<(u32, u32)>> {
        let mut ranking = Ranking::default();
        ranking.start(30);
        for place in 0..30 {
            ranking.add(place as usize, (0..36).filter(|&at| at != place + 6).map(&candidate));
        }
        let mut found = Vec::new();
        ranking.finish(rows, 20, |nearest| {
            found.push(nearest.map(|(distance, row)| (distance.to_bits(), row)).collect());
        });
        found
    }

    #[test]
    fn the_ranking_is_that_of_all_columns() {
        // So few that sums are exact in `f32` too; copies of rows are tied.
        let d = 100;
        let mut values = random_bytes(36, d);
        values.copy_within(0..6 * d, 20 * d);
        let x = matrix(36, d, values.into_iter().map(f32::from));
        let order = backwards(36);
        let bytes = Bytes::of(x.view(), &order).unwrap();
        let in_columns = InColumns { x: x.view(), rows: &order[6..] };
        let in_bytes = InBytes { bytes: &bytes, x: x.view(), order: &order, first: 6 };
        let expected = ranked(in_columns, |at| order[at as usize]);
        assert_eq!(ranked(in_bytes, |at| at), expected);
    }

    #[test]
    fn values_that_change_under_the_search_are_no_panic() {
        let d = 100;
        let mut values = random_bytes(36, d);
        values.copy_within(0..6 * d, 20 * d);
        let x = matrix(36, d, values.into_iter().map(|byte| f32::from(byte) / 255.0));
        let order = backwards(36);
        let bytes = Bytes::of(x.view(), &order).unwrap();
        let changed = matrix(36, d, vec![f32::NAN; 36 * d]);
        let rows = InBytes { bytes: &bytes, x: changed.view(), order: &order, first: 6 };
        let found = ranked(rows, |at| at);
        assert!(found.len() == 30 && found.iter().all(|nearest| nearest.len() == 20));
        assert!(Bytes::of(changed.view(), &order).is_none());
    }

    #[test]
    fn the_greatest_sum_fits() {
        let x = matrix(
            2,
            MOST_COLUMNS,
            (0..2 * MOST_COLUMNS).map(|at| if at < MOST_COLUMNS { 0.0 } else { 255.0 }),
        );
        let bytes = Bytes::of(x.view(), &[0, 1]).unwrap();
        assert_eq!(bytes.squared_distance(0, 1), Some((MOST_COLUMNS * 255 * 255) as f32));
        let wider = Matrix::zeros(2, MOST_COLUMNS + 1);
        assert!(Bytes::of(wider.view(), &[0, 1]).is_none());
    }

    #[test]
    fn quotients_have_their_distances_though_they_are_rounded() {
        for d in [64, 100, 784] {
            let mut values = random_bytes(40, d);
            // Rows that differ by one step in one column, where rounding is worst, and rows that are equal.
            for (row, byte) in [(1, 200), (2, 201), (3, 201)] {
                values.copy_within(0..d, row * d);
                values[row * d] = byte;
            }
            let x = matrix(40, d, values.iter().map(|&byte| f32::from(byte) / 255.0));
            let order = backwards(40);
            let bytes = Bytes::of(x.view(), &order).unwrap();
            let rows = InBytes { bytes: &bytes, x: x.view(), order: &order, first: 4 };
            let mut n_in_bytes = 0;
            for place in 0..36 {
                for candidate in 0..40 {
                    let (i, j) = (rows.index(place + 4) as usize, rows.index(candidate) as usize);
                    let expected = neighbors::squared_distance(x.row(i), x.row(j));
                    let found = f64::from(rows.squared_distance(place, candidate));
                    assert!((found - expected).abs() <= 1e-6 * expected, "{found} against {expected}");
                    n_in_bytes += usize::from(bytes.squared_distance(place + 4, candidate).is_some());
                }
            }
            assert!((700..36 * 40 - 36).contains(&n_in_bytes), "{n_in_bytes}");
        }
    }

    #[test]
    fn the_bound_on_what_is_rounded_holds_for_every_pair_of_bytes() {
        // One column each: sums from the bound on are those of the values, for any number of such columns.
        for a in 0..=255_u8 {
            for b in 0..=255_u8 {
                let value = |byte: u8| f64::from(f32::from(byte) / 255.0);
                let step = f64::from(a.abs_diff(b)) / 255.0;
                let error = (value(a) - value(b)).abs() - step;
                assert!(error.abs() <= 2.0 * 0.5_f64.powi(25));
                let n_rounded = [a, b].iter().filter(|byte| (1..255).contains(*byte)).count() as f64;
                assert!(error.powi(2) <= 2.0 * n_rounded * 0.5_f64.powi(50) + 1e-30);
            }
        }
    }

    #[test]
    fn what_is_no_byte_is_left_alone() {
        let d = 80;
        let denormal = f32::from_bits(1);
        for denominator in [1.0, 255.0] {
            let values: Vec<f32> =
                random_bytes(300, d).iter().map(|&byte| f32::from(byte) / denominator).collect();
            let order = backwards(300);
            let is_taken = |value: f32| {
                let mut values = values.clone();
                values[201 * d + 7] = value;
                Bytes::of(matrix(300, d, values).view(), &order).is_some()
            };
            assert!(is_taken(0.0) && is_taken(-0.0) && is_taken(1.0) && is_taken(255.0 / denominator));
            let near = f32::from_bits((17.0 / denominator).to_bits() + 1);
            for value in [near, -1.0, 256.0, 0.3, denormal, -denormal, f32::MAX, f32::NAN, f32::INFINITY] {
                assert!(!is_taken(value), "{value} over {denominator}");
            }
        }
        let narrow = Matrix::zeros(300, FEWEST_COLUMNS - 1);
        assert!(Bytes::of(narrow.view(), &backwards(300)).is_none());
    }
}
