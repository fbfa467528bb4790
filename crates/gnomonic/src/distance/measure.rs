//! A loop for each distance that no other rows make Euclidean.
//!
//! Each distance is written twice: in `f32`, for an estimate that can only be too large by a known share, and in `f64`, for the
//! distance itself. Terms are not negative, so a sum of them in `f32` is off by at most one rounding for each addition, relative to the
//! whole: what is farther by its estimate than rounding explains is farther. Sixteen lanes, added in one order, without fused
//! operations: the same bits on any processor.

use super::Distance;
use crate::matrix::MatrixRef;
use crate::simd;

/// Rows whose estimates are formed together, so that one does not wait for another's additions.
pub(crate) const AT_ONCE: usize = 4;

/// Values that are added side by side.
const LANES: usize = 16;

/// A distance between rows of `d` values.
pub(crate) trait Measure: Sync {
    /// Estimates e of the distances of `row` to `others`, of which each distance is at least (1 − [`tolerance`](Self::tolerance)) e.
    fn estimates(&self, row: &[f32], others: [&[f32]; AT_ONCE]) -> [f32; AT_ONCE];

    /// The distance.
    fn distance(&self, a: &[f32], b: &[f32]) -> f64;

    /// The share by which an estimate in rows of `d` values may be too large.
    fn tolerance(&self, d: usize) -> f64 {
        // One rounding of 2⁻²⁴ for each addition of a lane and a few for each term, twice where sums are divided, and twice that.
        (d as f64 / LANES as f64 + 16.0) * 2.0_f64.powi(-22)
    }
}

/// What is done with a measure, whichever it is: [`with_measure`] chooses it once, so that each has a loop of its own.
pub(crate) trait Task {
    type Output;
    fn run<M: Measure>(self, measure: M) -> Self::Output;
}

/// Runs `task` with the loops of `distance`, one of those that [`prepare`](super::prepare) leaves to them, for the rows of `x`.
pub(crate) fn with_measure<T: Task>(distance: &Distance, x: MatrixRef<'_>, task: T) -> T::Output {
    match *distance.resolved() {
        Distance::Chebyshev => task.run(Chebyshev),
        Distance::Canberra => task.run(Canberra),
        Distance::BrayCurtis => task.run(BrayCurtis),
        Distance::Hamming => task.run(Hamming { d: x.n_features() as f64 }),
        Distance::Jaccard => task.run(Jaccard),
        Distance::Minkowski { p } => {
            let largest = x.as_slice().iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            let unit = 2.0 * largest.max(f32::MIN_POSITIVE);
            // The distance falls as the power rises, so a higher power than p gives no estimate that is too large.
            match p {
                _ if p <= 2.0 => task.run(Minkowski::<2> { p, unit }),
                _ if p <= 3.0 => task.run(Minkowski::<3> { p, unit }),
                _ if p <= 4.0 => task.run(Minkowski::<4> { p, unit }),
                _ if p <= 8.0 => task.run(Minkowski::<8> { p, unit }),
                _ => task.run(Minkowski::<0> { p, unit }),
            }
        }
        _ => task.run(Manhattan),
    }
}

/// The sums over the columns of `N` terms each, in lanes that are added in order.
#[inline(always)]
fn sums<const N: usize>(a: &[f32], b: &[f32], term: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
    let mut lanes = [[0.0_f64; LANES]; N];
    let ((heads_a, tail_a), (heads_b, tail_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in heads_a.iter().zip(heads_b) {
        for lane in 0..LANES {
            let terms = term(f64::from(a[lane]), f64::from(b[lane]));
            for (sums, term) in lanes.iter_mut().zip(terms) {
                sums[lane] += term;
            }
        }
    }
    for (lane, (&a, &b)) in tail_a.iter().zip(tail_b).enumerate() {
        for (sums, term) in lanes.iter_mut().zip(term(f64::from(a), f64::from(b))) {
            sums[lane] += term;
        }
    }
    lanes.map(|lanes| lanes.iter().sum())
}

/// What [`combined`] keeps of the terms in a lane.
#[derive(Clone, Copy, PartialEq)]
enum Keep {
    Sum,
    Largest,
}

impl Keep {
    #[inline(always)]
    fn add(self, kept: &mut f32, term: f32) {
        match self {
            Self::Sum => *kept += term,
            Self::Largest => *kept = if term > *kept { term } else { *kept },
        }
    }
}

/// The sums, or the largest, of `N` terms in `f32`, of one row with several.
#[inline(always)]
fn combined<const N: usize>(
    keep: Keep,
    row: &[f32],
    others: [&[f32]; AT_ONCE],
    term: impl Fn(f32, f32) -> [f32; N],
) -> [[f32; N]; AT_ONCE] {
    let mut lanes = [[[0.0_f32; LANES]; N]; AT_ONCE];
    let (heads, tail) = row.as_chunks::<LANES>();
    let others = others.map(|other| other.as_chunks::<LANES>());
    for (at, a) in heads.iter().enumerate() {
        for (lanes, (heads, _)) in lanes.iter_mut().zip(&others) {
            let b = &heads[at];
            for lane in 0..LANES {
                for (kept, term) in lanes.iter_mut().zip(term(a[lane], b[lane])) {
                    keep.add(&mut kept[lane], term);
                }
            }
        }
    }
    for (lanes, (_, others)) in lanes.iter_mut().zip(&others) {
        for (lane, (&a, &b)) in tail.iter().zip(*others).enumerate() {
            for (kept, term) in lanes.iter_mut().zip(term(a, b)) {
                keep.add(&mut kept[lane], term);
            }
        }
    }
    lanes.map(|lanes| {
        lanes.map(|lanes| {
            let mut total = 0.0;
            lanes.into_iter().for_each(|value| keep.add(&mut total, value));
            total
        })
    })
}

/// [`combined`] of one term.
#[inline(always)]
fn single(
    keep: Keep,
    row: &[f32],
    others: [&[f32]; AT_ONCE],
    term: impl Fn(f32, f32) -> f32,
) -> [f32; AT_ONCE] {
    combined(
        keep,
        row,
        others,
        #[inline(always)]
        |a, b| [term(a, b)],
    )
    .map(|[value]| value)
}

/// 0 / 0 counts as 0.
#[inline(always)]
fn ratio(numerator: f64, denominator: f64) -> f64 {
    if numerator == 0.0 { 0.0 } else { numerator / denominator }
}

fn ratios(sums: [[f32; 2]; AT_ONCE]) -> [f32; AT_ONCE] {
    sums.map(|[numerator, denominator]| if numerator == 0.0 { 0.0 } else { numerator / denominator })
}

struct Manhattan;

impl Measure for Manhattan {
    fn estimates(&self, row: &[f32], others: [&[f32]; AT_ONCE]) -> [f32; AT_ONCE] {
        simd::vectorize!(single(
            Keep::Sum,
            row,
            others,
            #[inline(always)]
            |a, b| (a - b).abs()
        ))
    }

    fn distance(&self, a: &[f32], b: &[f32]) -> f64 {
        let [sum] = simd::vectorize!(sums(
            a,
            b,
            #[inline(always)]
            |a, b| [(a - b).abs()]
        ));
        sum
    }
}

struct Chebyshev;

impl Measure for Chebyshev {
    fn estimates(&self, row: &[f32], others: [&[f32]; AT_ONCE]) -> [f32; AT_ONCE] {
        simd::vectorize!(single(
            Keep::Largest,
            row,
            others,
            #[inline(always)]
            |a, b| (a - b).abs()
        ))
    }

    fn distance(&self, a: &[f32], b: &[f32]) -> f64 {
        a.iter().zip(b).fold(0.0, |most, (&a, &b)| (f64::from(a) - f64::from(b)).abs().max(most))
    }
}

/// The estimate is the distance of power `Q`, or the largest difference where `Q` is 0; neither is above that of power `p`.
struct Minkowski<const Q: usize> {
    p: f64,
    /// No difference is beyond it, so that no power of what is divided by it overflows.
    unit: f32,
}

impl<const Q: usize> Measure for Minkowski<Q> {
    fn estimates(&self, row: &[f32], others: [&[f32]; AT_ONCE]) -> [f32; AT_ONCE] {
        if Q == 0 {
            return Chebyshev.estimates(row, others);
        }
        let scale = 1.0 / self.unit;
        let sums = simd::vectorize!(single(
            Keep::Sum,
            row,
            others,
            #[inline(always)]
            |a, b| {
                let difference = (a - b).abs() * scale;
                let square = difference * difference;
                match Q {
                    2 => square,
                    3 => square * difference,
                    4 => square * square,
                    _ => (square * square) * (square * square),
                }
            }
        ));
        sums.map(|sum| (f64::from(sum).powf(1.0 / Q as f64) * f64::from(self.unit)) as f32)
    }

    fn distance(&self, a: &[f32], b: &[f32]) -> f64 {
        let largest = Chebyshev.distance(a, b);
        if largest == 0.0 {
            return 0.0;
        }
        let [sum] = sums(a, b, |a, b| [((a - b).abs() / largest).powf(self.p)]);
        largest * sum.powf(1.0 / self.p)
    }
}

struct Canberra;

impl Measure for Canberra {
    fn estimates(&self, row: &[f32], others: [&[f32]; AT_ONCE]) -> [f32; AT_ONCE] {
        simd::vectorize!(single(
            Keep::Sum,
            row,
            others,
            #[inline(always)]
            // What is divided by is no less than the difference: where that is zero, so is the term, whatever it is divided by.
            |a, b| (a - b).abs() / (a.abs() + b.abs()).max(f32::MIN_POSITIVE)
        ))
    }

    fn distance(&self, a: &[f32], b: &[f32]) -> f64 {
        let [sum] = simd::vectorize!(sums(
            a,
            b,
            #[inline(always)]
            |a, b| [(a - b).abs() / (a.abs() + b.abs()).max(f64::MIN_POSITIVE)]
        ));
        sum
    }
}

struct BrayCurtis;

impl Measure for BrayCurtis {
    fn estimates(&self, row: &[f32], others: [&[f32]; AT_ONCE]) -> [f32; AT_ONCE] {
        ratios(simd::vectorize!(combined(
            Keep::Sum,
            row,
            others,
            #[inline(always)]
            |a, b| [(a - b).abs(), (a + b).abs()]
        )))
    }

    fn distance(&self, a: &[f32], b: &[f32]) -> f64 {
        let [numerator, denominator] = simd::vectorize!(sums(
            a,
            b,
            #[inline(always)]
            |a, b| [(a - b).abs(), (a + b).abs()]
        ));
        ratio(numerator, denominator)
    }
}

struct Hamming {
    d: f64,
}

impl Measure for Hamming {
    fn estimates(&self, row: &[f32], others: [&[f32]; AT_ONCE]) -> [f32; AT_ONCE] {
        let counts = simd::vectorize!(single(
            Keep::Sum,
            row,
            others,
            #[inline(always)]
            |a, b| f32::from(a != b)
        ));
        counts.map(|count| (f64::from(count) / self.d) as f32)
    }

    fn distance(&self, a: &[f32], b: &[f32]) -> f64 {
        let [count] = simd::vectorize!(sums(
            a,
            b,
            #[inline(always)]
            |a, b| [f64::from(a != b)]
        ));
        count / self.d
    }
}

struct Jaccard;

impl Measure for Jaccard {
    fn estimates(&self, row: &[f32], others: [&[f32]; AT_ONCE]) -> [f32; AT_ONCE] {
        ratios(simd::vectorize!(combined(
            Keep::Sum,
            row,
            others,
            #[inline(always)]
            |a, b| {
                let (a, b) = (a != 0.0, b != 0.0);
                [f32::from(a != b), f32::from(a | b)]
            }
        )))
    }

    fn distance(&self, a: &[f32], b: &[f32]) -> f64 {
        let [numerator, denominator] = simd::vectorize!(sums(
            a,
            b,
            #[inline(always)]
            |a, b| {
                let (a, b) = (a != 0.0, b != 0.0);
                [f64::from(a != b), f64::from(a | b)]
            }
        ));
        ratio(numerator, denominator)
    }
}
