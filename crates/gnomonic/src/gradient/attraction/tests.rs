use super::edges::EXPONENT_BITS;
use super::*;
use crate::random::{Purpose, Random};

/// P with rows of 0 to 40 entries, and positions.
fn problem() -> (Affinities, Vec<f32>) {
    let n = 41;
    let mut random = Random::new(51, Purpose::Synthesis);
    let positions = (0..2 * n).map(|_| 20.0 * random.normal() as f32).collect();
    // Point i is tied to all j with i + j ≥ n: one entry for the second, n − 1 for the last.
    let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for i in 0..n {
        for j in (0..n).filter(|&j| j != i && i + j >= n) {
            indices.push(j as u32);
            values.push(((i + 1) * (j + 1)) as f32);
        }
        starts.push(indices.len());
    }
    (Affinities::new(starts, indices, values).unwrap(), positions)
}

/// Σ_j p_ij w_ij (y_i − y_j) in `f64`, and the sum of the sizes of what was added.
fn plain_force(affinities: &Affinities, positions: &[f32], i: usize) -> ([f64; 2], f64) {
    let points = positions.as_chunks::<2>().0;
    let (columns, values) = affinities.row(i);
    let (mut force, mut size) = ([0.0_f64; 2], 1e-30_f64);
    for (&j, &p) in columns.iter().zip(values) {
        let d = [0, 1].map(|axis| f64::from(points[i][axis]) - f64::from(points[j as usize][axis]));
        let pull = f64::from(p) / (1.0 + d[0] * d[0] + d[1] * d[1]);
        for axis in 0..2 {
            force[axis] += pull * d[axis];
            size += (pull * d[axis]).abs();
        }
    }
    (force, size)
}

#[test]
fn rows_of_every_length_agree_with_a_plain_loop() {
    let (affinities, positions) = problem();
    let points = positions.as_chunks::<2>().0;
    let mut unpacked = vec![[f32::NAN; 2]; points.len()];
    unpacked_forces(&affinities, points, &mut unpacked);
    // Bits of the index, and what rounding to the bits that they leave may cost.
    for (index_bits, error) in [(6, 1e-6), (10, 1e-5), (20, 4e-3), (24, 0.07)] {
        let packing = Packing::with_index_bits(&affinities, index_bits).unwrap();
        let mut edges = Edges::new(&affinities, packing);
        let order = hilbert::order(points);
        edges.arrange(&affinities, order.clone());
        let by_place: Vec<[f32; 2]> = order.iter().map(|&i| points[i as usize]).collect();
        let mut forces = vec![[f32::NAN; 2]; points.len()];
        edges.forces(&by_place, &mut forces);
        let mut portable = vec![[f32::NAN; 2]; points.len()];
        edges.portable_pull(&mut portable);
        #[cfg(target_arch = "x86_64")]
        {
            let mut loaded = vec![[f32::NAN; 2]; points.len()];
            assert!(!edges.loaded_pull(&mut loaded) || loaded == portable, "{index_bits}");
        }
        for ((&i, force), portable) in order.iter().zip(forces).zip(portable) {
            let i = i as usize;
            let (expected, size) = plain_force(&affinities, &positions, i);
            for axis in 0..2 {
                let expected = expected[axis];
                assert!((f64::from(unpacked[i][axis]) - expected).abs() < 1e-6 * size, "row {i}");
                assert!((f64::from(force[axis]) - expected).abs() < error * size, "row {i}, {index_bits}");
                assert!((f64::from(portable[axis]) - f64::from(force[axis])).abs() < 1e-6 * size, "row {i}");
            }
        }
    }
    assert!(Packing::with_index_bits(&affinities, 25).is_none());
}

#[test]
fn no_order_changes_a_bit() {
    let (affinities, positions) = problem();
    let mut attraction = Attraction::new(&affinities, Space::USUAL);
    let mut before = vec![f32::NAN; positions.len()];
    attraction.forces(&positions, &mut before);
    let watched = attraction.watched_cross_entropy(&positions);
    let whole = cross_entropy(&affinities, Space::USUAL, &positions);
    assert!((watched - whole).abs() < 1e-6 * whole, "{watched} against {whole}");
    let (mut place_of, mut by_place) = ((0..affinities.n_samples()).collect::<Vec<_>>(), positions.clone());
    for towards in [1.0, -1.0] {
        // Turned around, so that the curve meets the points in another order.
        let moves = attraction.arrange(&by_place.iter().map(|x| towards * x).collect::<Vec<_>>()).unwrap();
        by_place = moves.iter().flat_map(|&old| by_place[2 * old as usize..][..2].to_vec()).collect();
        for (place, &point) in attraction.order().unwrap().iter().enumerate() {
            place_of[point as usize] = place;
        }
        let mut after = vec![f32::NAN; positions.len()];
        attraction.forces(&by_place, &mut after);
        for (point, &place) in place_of.iter().enumerate() {
            assert_eq!(before[2 * point..][..2], after[2 * place..][..2], "point {point}");
            assert_eq!(positions[2 * point..][..2], by_place[2 * place..][..2], "point {point}");
        }
        let again = attraction.watched_cross_entropy(&by_place);
        assert!((watched - again).abs() < 1e-14 * watched, "{watched} and {again}");
    }
}

#[test]
fn packed_values_are_rounded_to_the_nearest_and_smallest_ones_kept() {
    let greatest = 0.3_f32;
    let values = [0.15, 0.1, 1e-3, 1e-9, 1e-11, 1e-30];
    let (mut starts, mut indices, mut entries) = (vec![0, values.len() + 1], vec![1], vec![greatest]);
    for (at, value) in values.into_iter().enumerate() {
        indices.push(at as u32 + 2);
        entries.push(value);
    }
    for &value in entries.clone().iter() {
        starts.push(indices.len() + 1);
        indices.push(0);
        entries.push(value);
    }
    let affinities = Affinities::new(starts, indices, entries).unwrap();
    let greatest = affinities.row(0).1[0];
    for index_bits in [3, 10, 20] {
        let packing = Packing::with_index_bits(&affinities, index_bits).unwrap();
        let kept = 32 - EXPONENT_BITS - index_bits;
        for (&column, &value) in affinities.row(0).0.iter().zip(affinities.row(0).1) {
            let (index, packed) = packing.unpack(packing.pack(column, value));
            assert_eq!(index, column as usize);
            let packed = packed * packing.unit;
            let half = 0.5_f32.powi(kept.min(23) as i32 + 1).max(f32::EPSILON) * 1.001;
            if value > greatest * 0.5_f32.powi(30) {
                assert!((packed - value).abs() <= half * value, "{value:e} as {packed:e}, {index_bits}");
            } else {
                assert!(packed <= greatest * 0.5_f32.powi(30), "{value:e} as {packed:e}, {index_bits}");
            }
        }
    }
}
