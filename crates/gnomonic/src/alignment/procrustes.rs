//! How one map is moved, turned, mirrored and scaled to lie as near to another as it can.
//!
//! The products of the two maps' centered coordinates are the matrix M = AᵀB. With its singular values M = U Σ Vᵀ the best turn is U Vᵀ,
//! and the best scale Σ σ / |A|² (Schönemann & Carroll 1970, doi:10.1007/BF02291478). M is as small as a map has dimensions: its columns
//! are made orthogonal by turning them in pairs (Hestenes 1958, doi:10.1137/0106005).

use crate::embedding::Embedding;
use crate::error::{ErrorKind, Result, refuse};

/// What lays one map over another: a turn, perhaps a mirror, one scale for all directions, and a shift.
///
/// ```
/// use gnomonic::{Embedding, Procrustes};
///
/// let reference = Embedding::new(vec![0.0, 0.0, 4.0, 0.0, 0.0, 2.0], 3, 2)?;
/// // The same, half as large, turned by a right angle, and elsewhere.
/// let map = Embedding::new(vec![7.0, 7.0, 7.0, 9.0, 6.0, 7.0], 3, 2)?;
/// let fit = Procrustes::fit(&map, &reference)?;
/// assert!((fit.scale() - 2.0).abs() < 1e-6 && (fit.correlation() - 1.0).abs() < 1e-9 && !fit.mirrors());
/// let laid = fit.apply(&map)?;
/// assert!(laid.as_slice().iter().zip(reference.as_slice()).all(|(a, b)| (a - b).abs() < 1e-5));
/// # Ok::<(), gnomonic::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Procrustes {
    /// Row after row, multiplied from the right.
    turn: Vec<f64>,
    mirrors: bool,
    scale: f64,
    /// The means of the coordinates of the map, and of the reference.
    from: Vec<f64>,
    to: Vec<f64>,
    correlation: f64,
}

impl Procrustes {
    /// The turn, scale and shift of `map` after which the squares of its points' distances from those of `reference` have the least
    /// sum. Point i of one belongs to point i of the other. O(n·c²) for maps of c dimensions.
    ///
    /// # Errors
    /// Another number of points or dimensions in one than in the other, or no points.
    pub fn fit(map: &Embedding, reference: &Embedding) -> Result<Self> {
        let (n, c) = (map.n_samples(), map.n_components());
        if reference.n_samples() != n {
            let (what, found) = ("points of the reference", reference.n_samples());
            return Err(ErrorKind::LengthMismatch { what, found, expected: n }.into());
        }
        if reference.n_components() != c {
            let value = reference.n_components().to_string();
            return refuse(
                "the number of components of the reference",
                value,
                &format!("must be {c}, as of the map"),
            );
        }
        if n == 0 || c == 0 {
            return refuse(
                "the number of points of two maps to lay over each other",
                "0".into(),
                "must be at least 1",
            );
        }
        let (from, to) = (center(map), center(reference));
        let mut products = vec![0.0; c * c];
        let mut squares = [0.0; 2];
        for (own, other) in map.view().rows().zip(reference.view().rows()) {
            for a in 0..c {
                let own = f64::from(own[a]) - from[a];
                squares[0] += own * own;
                squares[1] += (f64::from(other[a]) - to[a]).powi(2);
                for b in 0..c {
                    products[a * c + b] += own * (f64::from(other[b]) - to[b]);
                }
            }
        }
        let (turn, sum) = nearest_turn(products, c);
        let mirrors = determinant(turn.clone(), c) < 0.0;
        let scale = if squares[0] > 0.0 { sum / squares[0] } else { 1.0 };
        let lengths = (squares[0] * squares[1]).sqrt();
        let correlation = if lengths > 0.0 { (sum / lengths).clamp(0.0, 1.0) } else { 0.0 };
        Ok(Self { turn, mirrors, scale, from, to, correlation })
    }

    /// Lays a map over the reference: the one that was fitted, or another that belongs to it. O(n·c²).
    ///
    /// # Errors
    /// Another number of dimensions than the maps had that were fitted.
    pub fn apply(&self, map: &Embedding) -> Result<Embedding> {
        let c = self.from.len();
        if map.n_components() != c {
            let value = map.n_components().to_string();
            return refuse(
                "the number of components",
                value,
                &format!("must be {c}, as of the maps that were fitted"),
            );
        }
        self.laid(map, self.scale, &self.to)
    }

    /// The map that was fitted turned about its center, neither scaled nor moved.
    pub(super) fn turned(&self, map: &Embedding) -> Result<Embedding> {
        self.laid(map, 1.0, &self.from)
    }

    fn laid(&self, map: &Embedding, scale: f64, to: &[f64]) -> Result<Embedding> {
        let (n, c) = (map.n_samples(), self.from.len());
        let place = |point: &[f32], b: usize| {
            let turned =
                (0..c).map(|a| (f64::from(point[a]) - self.from[a]) * self.turn[a * c + b]).sum::<f64>();
            (scale * turned + to[b]) as f32
        };
        let positions = map.view().rows().flat_map(|point| (0..c).map(move |b| place(point, b)));
        Embedding::new(positions.collect(), n, c)
    }

    /// By how much the map is made larger.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Whether it is mirrored.
    #[must_use]
    pub fn mirrors(&self) -> bool {
        self.mirrors
    }

    /// The correlation of the coordinates of the two maps once one lies over the other, r = Σ σ / (|A| |B|), from 0 to 1. What is left
    /// of the second map's squared size is 1 − r², the disparity of SciPy's `procrustes`. Where all points of a map lie at one place it
    /// is 0.
    #[must_use]
    pub fn correlation(&self) -> f64 {
        self.correlation
    }
}

/// The orthogonal matrix nearest to a c × c one, and the sum of the singular values of that.
fn nearest_turn(matrix: Vec<f64>, c: usize) -> (Vec<f64>, f64) {
    // Columns of M V, which become U Σ, and of V.
    let mut columns: Vec<Vec<f64>> = (0..c).map(|b| (0..c).map(|a| matrix[a * c + b]).collect()).collect();
    let mut turns: Vec<Vec<f64>> =
        (0..c).map(|b| (0..c).map(|a| f64::from(u8::from(a == b))).collect()).collect();
    // Each round more than doubles the digits: ten are plenty.
    for _ in 0..30 {
        let mut turned = false;
        for a in 0..c {
            for b in a + 1..c {
                let product = dot(&columns[a], &columns[b]);
                let (first, second) = (dot(&columns[a], &columns[a]), dot(&columns[b], &columns[b]));
                if product.abs() <= 1e-15 * (first * second).sqrt() {
                    continue;
                }
                turned = true;
                let ratio = (second - first) / (2.0 * product);
                let tangent = ratio.signum() / (ratio.abs() + ratio.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = tangent * cosine;
                for pair in [&mut columns, &mut turns] {
                    for at in 0..c {
                        let (x, y) = (pair[a][at], pair[b][at]);
                        pair[a][at] = cosine * x - sine * y;
                        pair[b][at] = sine * x + cosine * y;
                    }
                }
            }
        }
        if !turned {
            break;
        }
    }
    let lengths: Vec<f64> = columns.iter().map(|column| dot(column, column).sqrt()).collect();
    let largest = lengths.iter().copied().fold(0.0, f64::max);
    // The longest first: directions that the maps do not share take what is left.
    let mut order: Vec<usize> = (0..c).collect();
    order.sort_by(|&a, &b| lengths[b].total_cmp(&lengths[a]));
    let mut axes: Vec<Vec<f64>> = Vec::with_capacity(c);
    for &at in &order {
        let own = &columns[at];
        let axis = if lengths[at] > 1e-12 * largest {
            own.iter().map(|value| value / lengths[at]).collect()
        } else {
            // As near to the direction that it is laid on as the others leave.
            let units =
                (0..c).map(|unit| (0..c).map(|a| f64::from(u8::from(a == unit))).collect::<Vec<f64>>());
            let directions =
                std::iter::once(turns[at].clone()).chain(units).map(|direction| beside(direction, &axes));
            let longest = directions.max_by(|a, b| {
                // The first of nearly equal ones.
                let [a, b] = [a, b].map(|direction| (dot(direction, direction) * 1e6).round());
                a.total_cmp(&b).then(std::cmp::Ordering::Greater)
            });
            let direction = longest.unwrap_or_default();
            let length = dot(&direction, &direction).sqrt();
            direction.into_iter().map(|value| value / length).collect()
        };
        axes.push(axis);
    }
    let mut turn = vec![0.0; c * c];
    for (axis, &at) in axes.iter().zip(&order) {
        for a in 0..c {
            for b in 0..c {
                turn[a * c + b] += axis[a] * turns[at][b];
            }
        }
    }
    (turn, lengths.iter().sum())
}

/// What is left of a direction beside some axes.
fn beside(mut direction: Vec<f64>, axes: &[Vec<f64>]) -> Vec<f64> {
    for axis in axes {
        let along = dot(&direction, axis);
        direction.iter_mut().zip(axis).for_each(|(value, axis)| *value -= along * axis);
    }
    direction
}

/// The determinant of a c × c matrix, by elimination.
fn determinant(mut matrix: Vec<f64>, c: usize) -> f64 {
    let mut product = 1.0;
    for column in 0..c {
        let size = |row: &usize| matrix[row * c + column].abs();
        let pivot = (column..c).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(column);
        if pivot != column {
            (0..c).for_each(|at| matrix.swap(pivot * c + at, column * c + at));
            product = -product;
        }
        let head = matrix[column * c + column];
        product *= head;
        if head == 0.0 {
            return 0.0;
        }
        for row in column + 1..c {
            let share = matrix[row * c + column] / head;
            for at in column..c {
                matrix[row * c + at] -= share * matrix[column * c + at];
            }
        }
    }
    product
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn center(map: &Embedding) -> Vec<f64> {
    let (n, c) = (map.n_samples() as f64, map.n_components());
    (0..c).map(|axis| map.view().rows().map(|row| f64::from(row[axis])).sum::<f64>() / n).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alignment::align;
    use crate::random::{Purpose, Random};

    fn map(n: usize, c: usize, seed: u64) -> Embedding {
        let mut random = Random::new(seed, Purpose::Synthesis);
        Embedding::new((0..n * c).map(|_| (5.0 * random.normal()) as f32).collect(), n, c).unwrap()
    }

    fn squares(a: &Embedding, b: &Embedding) -> f64 {
        a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| f64::from(a - b).powi(2)).sum()
    }

    #[test]
    fn what_was_moved_turned_mirrored_and_scaled_comes_back() {
        for c in 1..=4 {
            let reference = map(60, c, 1);
            // An orthogonal matrix, from another map.
            let (turn, _) = nearest_turn(map(c, c, 7).as_slice().iter().map(|&x| f64::from(x)).collect(), c);
            for (scale, mirror) in [(1.0, false), (0.02, true), (30.0, false)] {
                let positions = reference.view().rows().flat_map(|row| {
                    let turn = &turn;
                    (0..c).map(move |b| {
                        let sign = |a: usize| if mirror && a == 0 { -1.0 } else { 1.0 };
                        let at: f64 = (0..c).map(|a| sign(a) * f64::from(row[a]) * turn[a * c + b]).sum();
                        (scale * at + 3.0 * b as f64) as f32
                    })
                });
                let other = Embedding::new(positions.collect(), 60, c).unwrap();
                let fit = Procrustes::fit(&other, &reference).unwrap();
                assert!((fit.scale() * scale - 1.0).abs() < 1e-5, "{}", fit.scale());
                assert!((fit.correlation() - 1.0).abs() < 1e-9);
                assert_eq!(fit.mirrors(), (determinant(turn.clone(), c) < 0.0) != mirror);
                assert!(squares(&fit.apply(&other).unwrap(), &reference) < 1e-6);
            }
        }
    }

    #[test]
    fn nothing_near_it_is_better_and_what_is_left_is_what_the_correlation_says() {
        for c in [1, 2, 3] {
            let (a, b) = (map(40, c, 2), map(40, c, 3));
            let fit = Procrustes::fit(&a, &b).unwrap();
            let least = squares(&fit.apply(&a).unwrap(), &b);
            let center = center(&b);
            let size: f64 = b
                .view()
                .rows()
                .flat_map(|row| {
                    row.iter().zip(&center).map(|(&x, m)| (f64::from(x) - m).powi(2)).collect::<Vec<_>>()
                })
                .sum();
            assert!((least / size - (1.0 - fit.correlation().powi(2))).abs() < 1e-6, "{c}");
            let mut random = Random::new(9, Purpose::Synthesis);
            for _ in 0..200 {
                let mut other = fit.clone();
                other.scale *= 1.0 + 0.1 * random.normal();
                other.to.iter_mut().for_each(|to| *to += 0.1 * random.normal());
                let moved: Vec<f64> = other.turn.iter().map(|value| value + 0.1 * random.normal()).collect();
                other.turn = nearest_turn(moved, c).0;
                assert!(squares(&other.apply(&a).unwrap(), &b) >= least - 1e-3);
            }
        }
    }

    #[test]
    fn in_two_dimensions_the_turn_is_that_of_align() {
        let (a, b) = (map(30, 2, 4), map(30, 2, 5));
        let mut fit = Procrustes::fit(&a, &b).unwrap();
        (fit.scale, fit.to) = (1.0, fit.from.clone());
        assert!(squares(&fit.apply(&a).unwrap(), &align(&a, &b).unwrap()) < 1e-8);
    }

    #[test]
    fn maps_of_one_place_or_one_line_have_a_turn_too() {
        let place = Embedding::new(vec![2.0; 12], 4, 3).unwrap();
        let other = map(4, 3, 1);
        for (a, b) in [(&place, &other), (&other, &place), (&place, &place)] {
            let fit = Procrustes::fit(a, b).unwrap();
            assert_eq!(fit.correlation(), 0.0);
            assert!((determinant(fit.turn.clone(), 3).abs() - 1.0).abs() < 1e-9);
            assert!(fit.apply(a).unwrap().as_slice().iter().all(|x| x.is_finite()));
        }
        let line = Embedding::new((0..15).map(|at| (at / 3) as f32).collect(), 5, 3).unwrap();
        let fit = Procrustes::fit(&line, &map(5, 3, 2)).unwrap();
        assert!((determinant(fit.turn.clone(), 3).abs() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (a, b) in
            [(map(3, 2, 1), map(4, 2, 1)), (map(3, 2, 1), map(3, 3, 1)), (map(0, 2, 1), map(0, 2, 1))]
        {
            assert!(Procrustes::fit(&a, &b).is_err());
        }
        let fit = Procrustes::fit(&map(3, 2, 1), &map(3, 2, 2)).unwrap();
        assert!(fit.apply(&map(3, 3, 1)).is_err());
    }
}
