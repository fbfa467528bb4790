//! Candidates ranked by their distances in all columns.

use crate::matrix::MatrixRef;
use crate::simd;

/// Candidates of some rows that lie near each other.
#[derive(Default)]
pub(super) struct Ranking {
    /// (candidate, place of the row), sorted before they are compared: a candidate is read once for all rows, and the nearer these
    /// are to each other, the less there is to read.
    pairs: Vec<(u32, u32)>,
    ranked: Vec<Vec<(f32, u32)>>,
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
        self.pairs.extend(candidates.into_iter().map(|candidate| (candidate, place as u32)));
    }

    /// Calls `each` with the `k` nearest candidates of each of `rows`: in the order of their distances in all columns of `x`, then of
    /// their indices.
    pub(super) fn finish(
        &mut self,
        x: MatrixRef<'_>,
        rows: &[u32],
        k: usize,
        mut each: impl FnMut(&[(f32, u32)]),
    ) {
        self.pairs.sort_unstable();
        simd::vectorized(
            #[inline(always)]
            || compare(x, rows, &self.pairs, &mut self.ranked),
        );
        for ranked in &mut self.ranked {
            ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            each(&ranked[..k]);
        }
    }
}

/// Candidates ahead that are on their way from memory.
const AHEAD: usize = 4;

#[inline(always)]
fn compare(x: MatrixRef<'_>, rows: &[u32], pairs: &[(u32, u32)], ranked: &mut [Vec<(f32, u32)>]) {
    let runs = pairs.chunk_by(|a, b| a.0 == b.0);
    // Rows are far apart in memory: one that comes later is on its way while these are compared.
    let mut later = runs.clone();
    for run in later.by_ref().take(AHEAD) {
        simd::prefetch(x.row(run[0].0 as usize));
    }
    for run in runs {
        if let Some(run) = later.next() {
            simd::prefetch(x.row(run[0].0 as usize));
        }
        let j = run[0].0;
        let candidate = x.row(j as usize);
        for &(_, place) in run {
            let distance = squared_distance(x.row(rows[place as usize] as usize), candidate);
            ranked[place as usize].push((distance, j));
        }
    }
}

/// |a − b|² in `f32` over 64 lanes, so that each sums few terms: within 1e-6 of itself.
#[inline(always)]
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    const WIDTH: usize = 16;
    const PARTS: usize = 4;
    let mut lanes = [[0.0_f32; WIDTH]; PARTS];
    let (heads_a, tail_a) = a.as_chunks::<{ WIDTH * PARTS }>();
    let (heads_b, tail_b) = b.as_chunks::<{ WIDTH * PARTS }>();
    for (a, b) in heads_a.iter().zip(heads_b) {
        for part in 0..PARTS {
            for lane in 0..WIDTH {
                let difference = a[part * WIDTH + lane] - b[part * WIDTH + lane];
                lanes[part][lane] += difference * difference;
            }
        }
    }
    for (place, (&a, &b)) in tail_a.iter().zip(tail_b).enumerate() {
        let difference = a - b;
        lanes[0][place % WIDTH] += difference * difference;
    }
    let mut total = [0.0; WIDTH];
    for lane in 0..WIDTH {
        total[lane] = (lanes[0][lane] + lanes[1][lane]) + (lanes[2][lane] + lanes[3][lane]);
    }
    let mut width = WIDTH / 2;
    while width > 0 {
        for lane in 0..width {
            total[lane] += total[lane + width];
        }
        width /= 2;
    }
    total[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::neighbors;
    use crate::random::{Purpose, Random};

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
            ranking.finish(x.view(), &rows, 12, |ranked| found.push(ranked.to_vec()));
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
