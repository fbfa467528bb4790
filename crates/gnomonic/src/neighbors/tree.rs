//! Exact search in up to three dimensions, where a tree leaves nothing to products of blocks: maps, mostly.
//!
//! A k-d tree (Bentley 1975, doi:10.1145/361002.361007) that splits each node at the median of its widest side, so that
//! strays and dense spots cost nothing extra, and knows the box around each node's points. Rounding is monotone: a
//! distance to a box, computed like one to a point, bounds the computed distances to all points inside, so every
//! comparison is exact.

use rayon::prelude::*;

use super::Neighbors;
use crate::matrix::MatrixRef;

/// The most columns that the tree takes.
pub(crate) const MOST_FEATURES: usize = 3;

/// Points of a leaf: about as many as are compared in the time of one step down.
const LEAF: usize = 12;

/// Fewer columns are filled up with zeros, which change no distance.
type Point = [f64; MOST_FEATURES];

/// The rows of a matrix, arranged for the search.
pub(crate) struct Tree {
    /// The rows in the order of the leaves, and where each stood.
    points: Vec<Point>,
    indices: Vec<u32>,
    /// A node before its descendants, the left side first.
    nodes: Vec<Node>,
}

struct Node {
    start: usize,
    end: usize,
    least: Point,
    greatest: Point,
    /// The smallest and the largest index of its points: among equal distances they decide.
    first: u32,
    last: u32,
    /// The right child; the left one follows its parent. `None` for a leaf.
    right: Option<usize>,
}

/// A row at a squared distance, ordered as the contract of [`Neighbors`] says.
type Candidate = (f64, u32);

/// The `k` nearest other rows of each row of at most [`MOST_FEATURES`] columns; `k` is below the number of rows.
/// O(n·k·log n).
pub(super) fn search(x: MatrixRef<'_>, k: usize) -> Neighbors {
    let n = x.n_samples();
    let tree = Tree::new(x);
    let (mut indices, mut squared_distances) = (vec![0; n * k], vec![0.0; n * k]);
    indices.par_chunks_mut(k).zip(squared_distances.par_chunks_mut(k)).enumerate().for_each_init(
        Vec::new,
        |found, (i, (indices, squared_distances))| {
            tree.nearest(x.row(i), i as u32, k, found);
            for (place, &(squared_distance, j)) in found.iter().enumerate() {
                indices[place] = j;
                squared_distances[place] = squared_distance as f32;
            }
        },
    );
    Neighbors { n_samples: n, k, indices, squared_distances }
}

impl Tree {
    /// Arranges the rows of `x`, which has at most [`MOST_FEATURES`] columns and fewer than 2³² rows. O(n log n).
    pub(crate) fn new(x: MatrixRef<'_>) -> Self {
        let mut rows: Vec<(Point, u32)> = x.rows().zip(0..).map(|(row, i)| (point(row), i)).collect();
        let mut nodes = Vec::with_capacity(4 * rows.len() / LEAF + 1);
        split(&mut rows, 0, &mut nodes);
        let (points, indices) = rows.into_iter().unzip();
        Self { points, indices, nodes }
    }

    /// How many rows stand before (`squared_distance`, `j`) in the order of neighbors of row `i`, whose values are
    /// `row`. About O(√n) steps in the plane.
    pub(crate) fn count_nearer(&self, row: &[f32], i: u32, squared_distance: f64, j: u32) -> usize {
        let limit = (squared_distance, j);
        let own = usize::from((0.0, i) < limit);
        self.count_before(&point(row), limit, 0) - own
    }

    fn count_before(&self, from: &Point, limit: Candidate, at: usize) -> usize {
        let node = &self.nodes[at];
        if node.nearest_to(from) >= limit {
            return 0;
        }
        if node.farthest_from(from) < limit {
            return node.end - node.start;
        }
        if let Some(right) = node.right {
            return self.count_before(from, limit, at + 1) + self.count_before(from, limit, right);
        }
        self.candidates(node, from).filter(|&candidate| candidate < limit).count()
    }

    /// Fills `found` with the `k` nearest rows but `i`, whose values are `row`, in order.
    fn nearest(&self, row: &[f32], i: u32, k: usize, found: &mut Vec<Candidate>) {
        found.clear();
        self.visit(&point(row), i, k, found, 0);
    }

    fn visit(&self, from: &Point, i: u32, k: usize, found: &mut Vec<Candidate>, at: usize) {
        let node = &self.nodes[at];
        let Some(right) = node.right else {
            for candidate in self.candidates(node, from) {
                let full = found.len() == k;
                if candidate.1 == i || full && candidate > found[k - 1] {
                    continue;
                }
                if full {
                    found.pop();
                }
                let place = found.partition_point(|other| *other < candidate);
                found.insert(place, candidate);
            }
            return;
        };
        let mut sides = [at + 1, right].map(|side| (self.nodes[side].nearest_to(from), side));
        if sides[1].0 < sides[0].0 {
            sides.swap(0, 1);
        }
        for (bound, side) in sides {
            if found.len() < k || bound < found[k - 1] {
                self.visit(from, i, k, found, side);
            }
        }
    }

    fn candidates(&self, node: &Node, from: &Point) -> impl Iterator<Item = Candidate> {
        let range = node.start..node.end;
        let distances =
            self.points[range.clone()].iter().map(|point| squared_length(difference(point, from)));
        distances.zip(self.indices[range].iter().copied())
    }
}

impl Node {
    /// What no point inside stands before in the order of neighbors.
    fn nearest_to(&self, from: &Point) -> Candidate {
        let mut outside = [0.0; MOST_FEATURES];
        for axis in 0..MOST_FEATURES {
            let below = self.least[axis] - from[axis];
            let above = from[axis] - self.greatest[axis];
            outside[axis] = below.max(above).max(0.0);
        }
        (squared_length(outside), self.first)
    }

    /// What no point inside stands behind in the order of neighbors.
    fn farthest_from(&self, from: &Point) -> Candidate {
        let (to_least, to_greatest) = (difference(&self.least, from), difference(&self.greatest, from));
        let mut farthest = [0.0; MOST_FEATURES];
        for axis in 0..MOST_FEATURES {
            farthest[axis] = to_least[axis].abs().max(to_greatest[axis].abs());
        }
        (squared_length(farthest), self.last)
    }
}

/// Appends the node of these rows, which begin at `start`, and its descendants.
fn split(rows: &mut [(Point, u32)], start: usize, nodes: &mut Vec<Node>) {
    let (mut least, mut greatest) = ([f64::INFINITY; MOST_FEATURES], [f64::NEG_INFINITY; MOST_FEATURES]);
    let (mut first, mut last) = (u32::MAX, 0);
    for (point, index) in rows.iter() {
        (first, last) = (first.min(*index), last.max(*index));
        for axis in 0..MOST_FEATURES {
            least[axis] = least[axis].min(point[axis]);
            greatest[axis] = greatest[axis].max(point[axis]);
        }
    }
    let at = nodes.len();
    nodes.push(Node { start, end: start + rows.len(), least, greatest, first, last, right: None });
    if rows.len() <= LEAF {
        return;
    }
    let side = difference(&greatest, &least);
    let widest =
        (1..MOST_FEATURES).fold(0, |widest, axis| if side[axis] > side[widest] { axis } else { widest });
    let middle = rows.len() / 2;
    rows.select_nth_unstable_by(middle, |a, b| a.0[widest].total_cmp(&b.0[widest]).then(a.1.cmp(&b.1)));
    let (left, right) = rows.split_at_mut(middle);
    split(left, start, nodes);
    nodes[at].right = Some(nodes.len());
    split(right, start + middle, nodes);
}

fn point(row: &[f32]) -> Point {
    let mut point = [0.0; MOST_FEATURES];
    for (coordinate, &value) in point.iter_mut().zip(row) {
        *coordinate = f64::from(value);
    }
    point
}

fn difference(a: &Point, b: &Point) -> Point {
    let mut difference = [0.0; MOST_FEATURES];
    for axis in 0..MOST_FEATURES {
        difference[axis] = a[axis] - b[axis];
    }
    difference
}

fn squared_length(vector: Point) -> f64 {
    vector.iter().map(|coordinate| coordinate * coordinate).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::neighbors::squared_distance;
    use crate::random::{Purpose, Random};

    /// Normal points, points on a coarse grid (many ties and duplicates), strays far out, and all points equal.
    fn clouds() -> Vec<Matrix> {
        let mut random = Random::new(1, Purpose::Synthesis);
        let mut clouds = Vec::new();
        for (n, d) in [(2, 1), (13, 2), (400, 1), (700, 2), (500, 3)] {
            let normal = (0..n * d).map(|_| random.normal() as f32).collect();
            let grid = (0..n * d).map(|_| random.below(5) as f32 * 0.3).collect();
            let strays =
                (0..n * d).map(|i| random.normal() as f32 * if i % 50 == 0 { 1e9 } else { 1.0 }).collect();
            let equal = vec![0.1; n * d];
            clouds.extend([normal, grid, strays, equal].map(|values| Matrix::new(values, n, d).unwrap()));
        }
        clouds
    }

    fn ordered(x: &Matrix, i: usize) -> Vec<Candidate> {
        let others = (0..x.n_samples()).filter(|&j| j != i);
        let mut order: Vec<Candidate> =
            others.map(|j| (squared_distance(x.row(i), x.row(j)), j as u32)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        order
    }

    #[test]
    fn the_nearest_are_those_of_a_plain_loop() {
        for x in clouds() {
            let k = 20.min(x.n_samples() - 1);
            let found = search(x.view(), k);
            for i in 0..x.n_samples() {
                let expected = ordered(&x, i);
                let expected: Vec<u32> = expected[..k].iter().map(|&(_, j)| j).collect();
                assert_eq!(found.indices(i), expected);
            }
        }
    }

    #[test]
    fn many_duplicates_take_no_longer_than_others() {
        // By pairs this would be 4e10 comparisons.
        let x = Matrix::new(vec![1.5; 400_000], 200_000, 2).unwrap();
        let found = search(x.view(), 3);
        assert_eq!(found.indices(0), [1, 2, 3]);
        assert_eq!(found.indices(199_999), [0, 1, 2]);
        assert_eq!(Tree::new(x.view()).count_nearer(x.row(7), 7, 0.0, 150_000), 149_999);
    }

    #[test]
    fn those_that_are_nearer_are_counted() {
        for x in clouds() {
            let tree = Tree::new(x.view());
            for i in (0..x.n_samples()).step_by(17) {
                for (rank, &(squared_distance, j)) in ordered(&x, i).iter().enumerate() {
                    assert_eq!(tree.count_nearer(x.row(i), i as u32, squared_distance, j), rank);
                }
            }
        }
    }
}
