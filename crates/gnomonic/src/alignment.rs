//! Turning one map so that it can be laid over another.

mod procrustes;

pub use procrustes::Procrustes;

use crate::embedding::Embedding;
use crate::error::{ErrorKind, Result, refuse};

/// Turns `map`, and mirrors it where that is better, so that its points come as near to those of `reference` as they can: orthogonal
/// Procrustes analysis (Schönemann 1966, doi:10.1007/BF02289451) of maps of any number of dimensions, c.
///
/// t-SNE knows no directions: a map turned or mirrored is the same map, with the same divergence and the same measures. So maps of one
/// data set at several perplexities can be compared by eye only when they are turned alike. Nothing is scaled or moved: the map turns
/// about its center. O(n·c²).
///
/// # Errors
/// When the two differ in their number of points or dimensions.
///
/// ```
/// use gnomonic::{Embedding, align};
///
/// let reference = Embedding::new(vec![1.0, 0.0, 0.0, 2.0, -1.0, -2.0], 3, 2)?;
/// let turned = Embedding::new(vec![0.0, 1.0, -2.0, 0.0, 2.0, -1.0], 3, 2)?;
/// assert_eq!(align(&turned, &reference)?, reference);
/// # Ok::<(), gnomonic::Error>(())
/// ```
pub fn align(map: &Embedding, reference: &Embedding) -> Result<Embedding> {
    let (n, c) = (map.n_samples(), map.n_components());
    if reference.n_samples() != n {
        let (what, found) = ("points of the reference", reference.n_samples());
        return Err(ErrorKind::LengthMismatch { what, found, expected: n }.into());
    }
    if reference.n_components() != c {
        let value = format!("{c} and {}", reference.n_components());
        return refuse("the number of components of two maps", value, "must be the same for both");
    }
    // The plane has a closed form.
    if c > 2 {
        return Procrustes::fit(map, reference)?.turned(map);
    }
    let [center, other_center] = [map, reference].map(center);
    // The products of the maps' coordinates, each from its center.
    let mut products = [[0.0; 2]; 2];
    for i in 0..n {
        for a in 0..c {
            for b in 0..c {
                let own = f64::from(map.row(i)[a]) - center[a];
                products[a][b] += own * (f64::from(reference.row(i)[b]) - other_center[b]);
            }
        }
    }
    let turn = best_turn(products);
    let rows = map.as_slice().chunks(c).flat_map(|point| {
        let own: [f64; 2] = [0, 1].map(|axis| point.get(axis).map_or(0.0, |&x| f64::from(x) - center[axis]));
        (0..c).map(move |axis| (own[0] * turn[0][axis] + own[1] * turn[1][axis] + center[axis]) as f32)
    });
    Embedding::new(rows.collect(), n, c)
}

/// The orthogonal matrix that, multiplied from the right, makes the sum of the products' diagonal largest: of the turns the best, or of
/// the turns of the mirrored map. Maps of one dimension have zeros in the second, where both are signs.
fn best_turn(products: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let [[xx, xy], [yx, yy]] = products;
    let (cos, sin) = (xx + yy, xy - yx);
    let (mirrored_cos, mirrored_sin) = (xx - yy, xy + yx);
    let (length, mirrored_length) = (cos.hypot(sin), mirrored_cos.hypot(mirrored_sin));
    if mirrored_length > length {
        let (cos, sin) = (mirrored_cos / mirrored_length, mirrored_sin / mirrored_length);
        [[cos, sin], [sin, -cos]]
    } else if length > 0.0 {
        let (cos, sin) = (cos / length, sin / length);
        [[cos, sin], [-sin, cos]]
    } else {
        [[1.0, 0.0], [0.0, 1.0]]
    }
}

fn center(map: &Embedding) -> [f64; 2] {
    let n = map.n_samples().max(1) as f64;
    let c = map.n_components();
    [0, 1].map(|axis| map.as_slice().iter().skip(axis).step_by(c).map(|&x| f64::from(x)).sum::<f64>() / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Random};

    fn map(n: usize, c: usize, seed: u64) -> Embedding {
        let mut random = Random::new(seed, Purpose::Synthesis);
        Embedding::new((0..n * c).map(|_| (5.0 * random.normal()) as f32).collect(), n, c).unwrap()
    }

    /// The same with its center at zero.
    fn centered(map: &Embedding) -> Embedding {
        let center = center(map);
        let rows = map.as_slice().chunks(2).flat_map(|p| [p[0] - center[0] as f32, p[1] - center[1] as f32]);
        Embedding::new(rows.collect(), map.n_samples(), 2).unwrap()
    }

    fn distance(a: &Embedding, b: &Embedding) -> f64 {
        a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
    }

    /// Turned by an angle, and mirrored before that where asked.
    fn turned(map: &Embedding, angle: f64, mirrored: bool) -> Embedding {
        let sign = if mirrored { -1.0 } else { 1.0 };
        let rows = map.as_slice().chunks(2).flat_map(|point| {
            let (x, y) = (sign * f64::from(point[0]), f64::from(point[1]));
            [x * angle.cos() - y * angle.sin(), x * angle.sin() + y * angle.cos()].map(|x| x as f32)
        });
        Embedding::new(rows.collect(), map.n_samples(), 2).unwrap()
    }

    #[test]
    fn a_map_that_was_turned_or_mirrored_comes_back() {
        let reference = centered(&map(200, 2, 1));
        for angle in [0.0, 0.3, 1.6, 3.0, -2.0] {
            for mirrored in [false, true] {
                let back = align(&turned(&reference, angle, mirrored), &reference).unwrap();
                assert!(distance(&back, &reference) < 1e-4, "{angle}, {mirrored}");
            }
        }
    }

    #[test]
    fn no_turn_of_many_is_better() {
        let (reference, other) = (map(40, 2, 1), map(40, 2, 2));
        let (reference, other) = (centered(&reference), centered(&other));
        let best = distance(&align(&other, &reference).unwrap(), &reference);
        for step in 0..360 {
            for mirrored in [false, true] {
                let some = turned(&other, f64::from(step).to_radians(), mirrored);
                assert!(distance(&some, &reference) > best - 1e-3, "{step} degrees");
            }
        }
    }

    #[test]
    fn distances_within_a_map_stay() {
        let (reference, other) = (map(30, 2, 3), map(30, 2, 4));
        let aligned = align(&other, &reference).unwrap();
        let apart = |map: &Embedding, i: usize| {
            f64::from(map.row(i)[0] - map.row(0)[0]).hypot(f64::from(map.row(i)[1] - map.row(0)[1]))
        };
        for i in 1..30 {
            assert!((apart(&aligned, i) - apart(&other, i)).abs() < 1e-4);
        }
        let (before, after) = (center(&other), center(&aligned));
        assert!((before[0] - after[0]).abs() < 1e-5 && (before[1] - after[1]).abs() < 1e-5);
    }

    #[test]
    fn maps_of_more_dimensions_come_back_too() {
        for c in [3, 5] {
            let reference = map(200, c, 1);
            // Every coordinate in the place of the next, the first mirrored, and elsewhere.
            let rows = reference.view().rows().flat_map(|point| {
                (0..c).map(move |axis| if axis == 0 { 7.0 - point[c - 1] } else { point[axis - 1] })
            });
            let other = Embedding::new(rows.collect(), 200, c).unwrap();
            let back = align(&other, &reference).unwrap();
            let middle = |map: &Embedding, axis: usize| {
                map.view().rows().map(|row| f64::from(row[axis])).sum::<f64>() / 200.0
            };
            for axis in 0..c {
                // It turns about its own center.
                assert!((middle(&back, axis) - middle(&other, axis)).abs() < 1e-5);
                for i in 0..200 {
                    let own = f64::from(back.row(i)[axis]) - middle(&back, axis);
                    let expected = f64::from(reference.row(i)[axis]) - middle(&reference, axis);
                    assert!((own - expected).abs() < 1e-4, "{c}: {own} for {expected}");
                }
            }
        }
    }

    #[test]
    fn lines_turn_by_their_sign_and_what_does_not_fit_is_refused() {
        let line = Embedding::new(vec![1.0, 2.0, 4.0], 3, 1).unwrap();
        let reversed = Embedding::new(vec![-1.0, -2.0, -4.0], 3, 1).unwrap();
        let back = align(&reversed, &line).unwrap();
        let centered: Vec<f64> = line.as_slice().iter().map(|x| f64::from(*x) - 7.0 / 3.0).collect();
        for (x, expected) in back.as_slice().iter().zip(centered) {
            assert!((f64::from(*x) + 7.0 / 3.0 - expected).abs() < 1e-5);
        }
        let point = Embedding::new(vec![0.0; 6], 3, 2).unwrap();
        assert_eq!(align(&point, &point).unwrap(), point);
        for other in [map(3, 3, 1), map(4, 2, 1), map(3, 1, 1)] {
            assert!(align(&point, &other).is_err());
        }
    }
}
