//! The cells that hold points, parents before children, so that a walk needs no stack.

use super::morton::{Curve, LEVELS};
use std::ops::Range;

/// A cell with at most this many points is not divided: its points walk the tree together, and near ones take them one by
/// one. From 8 to 64 the time of a walk hardly changes.
const LEAF: usize = 32;

/// A cell this narrow is not divided either. Its points have w² ≥ 1 − 4 · width² = 1 − 1e-6 to each other, so to the
/// precision of the sums they act as one, even upon each other: a tiny map, or one of copies, costs O(n) at any angle. So do
/// points that the last level cannot part, whose cell is narrower still unless the map spans two million units.
const NARROW: f64 = 5e-4;

/// A cell, shrunk to the smallest that holds the same points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// The mean of its points.
    pub(super) center: [f32; 2],
    /// The number of its points.
    pub(super) mass: f32,
    /// The square of its width.
    squared_width: f32,
    /// Its points in the order of the curve.
    start: u32,
    end: u32,
    /// The first node that does not descend from this one.
    next: u32,
}

/// What a walk comes to.
pub(super) enum Source {
    /// A cell to be taken as one.
    Cell(Node),
    /// Points to be taken one by one.
    Points(Range<usize>),
}

/// The cells over a [`Curve`].
#[derive(Default)]
pub(super) struct Quadtree {
    nodes: Vec<Node>,
    groups: Vec<Range<usize>>,
}

impl Quadtree {
    /// Divides the cells anew. O(n); at most 2 n nodes, at most 32 levels deep.
    pub(super) fn grow(&mut self, curve: &Curve) {
        self.nodes.clear();
        self.groups.clear();
        if !curve.keys.is_empty() {
            self.divide(curve, 0..curve.keys.len());
        }
    }

    /// Ranges of the curve, one after the other, each with points of one cell; together they hold all.
    pub(super) fn groups(&self) -> &[Range<usize>] {
        &self.groups
    }

    /// Adds the cell around the points of `range` and returns the sums of their coordinates.
    fn divide(&mut self, curve: &Curve, range: Range<usize>) -> [f64; 2] {
        let (first, last) = (curve.keys[range.start].0, curve.keys[range.end - 1].0);
        // Each level is two bits. Equal codes agree in all.
        let level = (first ^ last).leading_zeros() / 2;
        let width = curve.width * (-f64::from(level)).exp2();
        let at = self.nodes.len();
        self.nodes.push(Node {
            center: [0.0; 2],
            mass: range.len() as f32,
            squared_width: (width * width) as f32,
            start: range.start as u32,
            end: range.end as u32,
            next: 0,
        });
        let mut sums = [0.0; 2];
        if range.len() <= LEAF || level == LEVELS || width <= NARROW {
            let starts = range.clone().step_by(LEAF);
            self.groups.extend(starts.map(|start| start..(start + LEAF).min(range.end)));
            for (sum, values) in sums.iter_mut().zip([&curve.xs, &curve.ys]) {
                *sum = values[range.clone()].iter().map(|&value| f64::from(value)).sum();
            }
        } else {
            let shift = 2 * (LEVELS - 1 - level);
            let mut start = range.start;
            for quadrant in 0..4 {
                let rest = &curve.keys[start..range.end];
                let end = start + rest.partition_point(|key| key.0 >> shift & 3 <= quadrant);
                if start < end {
                    let child = self.divide(curve, start..end);
                    sums = [sums[0] + child[0], sums[1] + child[1]];
                }
                start = end;
            }
        }
        let next = self.nodes.len() as u32;
        let node = &mut self.nodes[at];
        node.center = sums.map(|sum| (sum / range.len() as f64) as f32);
        node.next = next;
        sums
    }

    /// Hands `take` the sources whose sum is the repulsion on the points of `group`, themselves included. A cell is taken
    /// as one where its width is below √`squared_angle` of the distance from its center to the nearest point of the box
    /// around the group: for every point, as the criterion of one point alone would or with more care.
    pub(super) fn walk(
        &self,
        group: &Range<usize>,
        [low, high]: [[f32; 2]; 2],
        squared_angle: f32,
        mut take: impl FnMut(Source),
    ) {
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let [dx, dy] = [0, 1].map(|axis| {
                let center = node.center[axis];
                (low[axis] - center).max(center - high[axis]).max(0.0)
            });
            let points = node.start as usize..node.end as usize;
            let is_leaf = node.next as usize == at + 1;
            // At large angles a cell can be far enough from points that it holds itself: they must not be hidden in it.
            let is_far = node.squared_width < squared_angle * (dx * dx + dy * dy);
            if is_far && !points.contains(&group.start) || is_leaf && points.len() > LEAF {
                take(Source::Cell(*node));
                at = node.next as usize;
            } else {
                if is_leaf {
                    take(Source::Points(points));
                }
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::clumps;
    use super::*;

    fn grown(positions: &[f32]) -> (Curve, Quadtree) {
        let mut curve = Curve::default();
        curve.sort(positions.as_chunks().0);
        let mut tree = Quadtree::default();
        tree.grow(&curve);
        (curve, tree)
    }

    #[test]
    fn groups_cover_all_points_in_order() {
        for positions in [clumps(5_000, 100.0), clumps(1_000, 1e-4), vec![2.0; 400], clumps(1, 1.0), vec![]] {
            let (_, tree) = grown(&positions);
            let mut end = 0;
            for group in tree.groups() {
                assert!(group.start == end && !group.is_empty() && group.len() <= LEAF);
                end = group.end;
            }
            assert_eq!(end, positions.len() / 2);
        }
    }

    #[test]
    fn sources_hold_every_point_once() {
        let mut positions = clumps(3_000, 100.0);
        positions.extend([1e6, -1e6, 7.0, 7.0, 7.0, 7.0]);
        let (_, tree) = grown(&positions);
        let mut n_cells = 0;
        for squared_angle in [0.0, 0.25, 1.0] {
            for group in tree.groups() {
                let mut mass = 0.0;
                tree.walk(group, [[0.0; 2]; 2], squared_angle, |source| match source {
                    Source::Cell(node) => {
                        mass += node.mass;
                        n_cells += 1;
                    }
                    Source::Points(points) => mass += points.len() as f32,
                });
                assert_eq!(mass, 3_003.0);
            }
            assert!(squared_angle > 0.0 || n_cells == 0, "cells taken as one at angle 0");
        }
        assert!(n_cells > 0);
    }

    #[test]
    fn the_number_of_nodes_is_bounded() {
        // Pairs of points so close that only the last levels part them: every chain of cells is one node.
        let positions: Vec<f32> =
            (0..2_000).flat_map(|i| [(i / 40) as f32 * 1e3, (i % 40) as f32 * 1e-3]).collect();
        let (_, tree) = grown(&positions);
        assert!(tree.nodes.len() <= 2 * 2_000);
        let nodes_of_one_place = grown(&[5.0; 10_000]).1.nodes.len();
        assert_eq!(nodes_of_one_place, 1);
    }

    #[test]
    fn centers_are_means() {
        let (curve, tree) = grown(&clumps(500, 100.0));
        for node in &tree.nodes {
            let points = node.start as usize..node.end as usize;
            let mean =
                curve.xs[points.clone()].iter().map(|&x| f64::from(x)).sum::<f64>() / points.len() as f64;
            assert!((f64::from(node.center[0]) - mean).abs() < 1e-5);
            assert_eq!(node.mass, points.len() as f32);
        }
    }
}
