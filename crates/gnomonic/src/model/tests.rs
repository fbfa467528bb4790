use super::*;
use crate::random::{Purpose, Random};
use crate::tsne::Tsne;

/// Rows of five groups, and the group of each.
fn groups(n: usize, seed: u64) -> Matrix {
    let mut random = Random::new(seed, Purpose::Synthesis);
    let value = |i: usize, j: usize, random: &mut Random| {
        let center = if i % 5 == j % 5 { 6.0 } else { 0.0 };
        (center + random.normal()) as f32
    };
    let data = (0..n * 10).map(|at| value(at / 10, at % 10, &mut random)).collect();
    Matrix::new(data, n, 10).unwrap()
}

fn model(n: usize) -> Model {
    let rows = groups(n, 1);
    let fit = Tsne::new().perplexity(15.0).iterations(400).fit(&rows).unwrap();
    Model::new(rows, fit.embedding, 15.0).unwrap()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    f64::from(a[0] - b[0]).hypot(f64::from(a[1] - b[1]))
}

/// The old point nearest to a place.
fn nearest(model: &Model, place: &[f32]) -> usize {
    let to = |i: &usize| distance(model.embedding().row(*i), place);
    (0..model.rows().n_samples()).min_by(|a, b| to(a).total_cmp(&to(b))).unwrap()
}

fn radius(model: &Model) -> f64 {
    let squares = model.embedding().as_slice().iter().map(|&x| f64::from(x).powi(2));
    (squares.sum::<f64>() / model.rows().n_samples() as f64).sqrt()
}

#[test]
fn new_rows_come_to_the_group_that_they_are_of() {
    // Sums over all points, and a potential.
    for n in [600, 1_500] {
        let model = model(n);
        let new = groups(200, 2);
        let placed = model.transform(&new).unwrap();
        let right = (0..200).filter(|&i| nearest(&model, placed.row(i)) % 5 == i % 5).count();
        assert!(right >= 198, "{right} of 200 on a map of {n}");
    }
}

#[test]
fn old_rows_come_to_their_old_places() {
    let model = model(1_500);
    let placed = model.transform(&model.rows().clone()).unwrap();
    let mut moved: Vec<f64> = (0..1_500).map(|i| distance(placed.row(i), model.embedding().row(i))).collect();
    moved.sort_by(f64::total_cmp);
    let (median, radius) = (moved[750], radius(&model));
    assert!(median < 0.05 * radius, "half of all move by {median} on a map of radius {radius}");
}

#[test]
fn every_point_is_at_rest() {
    let model = model(600);
    let new = groups(40, 3);
    let placed = model.transform(&new).unwrap();
    let nearest = Index::new(model.rows()).unwrap().of(&new, 45).unwrap();
    let map: Vec<[f64; 2]> =
        model.embedding().as_slice().as_chunks::<2>().0.iter().map(|p| p.map(f64::from)).collect();
    let weight = |a: [f64; 2], b: [f64; 2]| 1.0 / (1.0 + (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2));
    let all: f64 = map.iter().flat_map(|&a| map.iter().map(move |&b| weight(a, b))).sum();
    let mean = (all - 600.0) / 600.0;
    for i in 0..40 {
        let mut p = nearest.squared_distances(i).to_vec();
        conditional_probabilities(&mut p, 45, &Affinity::Perplexity(15.0));
        // The function by its definition, and its slope by differences.
        let value = |y: [f64; 2]| {
            let pull: f64 = nearest
                .indices(i)
                .iter()
                .zip(&p)
                .map(|(&j, &p)| -f64::from(p) * weight(y, map[j as usize]).ln())
                .sum();
            pull + map.iter().map(|&b| weight(y, b)).sum::<f64>() / mean
        };
        let at = [f64::from(placed.row(i)[0]), f64::from(placed.row(i)[1])];
        for step in [[1e-2, 0.0], [-1e-2, 0.0], [0.0, 1e-2], [0.0, -1e-2]] {
            let there = value([at[0] + step[0], at[1] + step[1]]);
            assert!(there > value(at) - 1e-6, "{i}: {there} beside {}", value(at));
        }
    }
}

#[test]
fn one_by_one_is_all_at_once_on_any_number_of_threads() {
    for n in [300, 1_500] {
        let model = model(n);
        let new = groups(2_100, 4);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| model.clone().transform(&new).unwrap())
        };
        let all = on(1);
        assert_eq!(all, on(2));
        assert_eq!(all, on(7));
        for i in [0, 1, 777, 2_099] {
            let one = model.transform(&new.view().select_rows(&[i])).unwrap();
            assert_eq!(one.row(0), all.row(i));
        }
    }
}

#[test]
fn rows_far_from_all_stay_on_the_map_and_equal_ones_at_their_place() {
    let model = model(600);
    let mut new = groups(6, 5);
    new.as_mut_slice()[..10].fill(1e6);
    new.as_mut_slice()[10..20].fill(-1e15);
    new.as_mut_slice()[20..30].copy_from_slice(model.rows().row(17));
    let placed = model.transform(&new).unwrap();
    let widest = model.embedding().as_slice().iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    assert!(placed.as_slice().iter().all(|x| x.abs() <= 1.1 * widest), "{placed:?} beyond {widest}");
    assert!(distance(placed.row(2), model.embedding().row(17)) < 0.2 * radius(&model));
}

#[test]
fn maps_of_few_points_and_of_one_place_are_no_trouble() {
    let rows = groups(5, 1);
    for positions in
        [vec![0.0; 10], (0..10).map(|x| x as f32).collect(), (0..10).map(|x| 1e6 * x as f32).collect()]
    {
        let map = Embedding::new(positions, 5, 2).unwrap();
        let model = Model::new(rows.clone(), map, 2.0).unwrap();
        let placed = model.transform(&groups(7, 2)).unwrap();
        assert_eq!(placed.n_samples(), 7);
    }
}

#[test]
fn every_distance_and_affinity_is_served() {
    let rows = groups(300, 1);
    let new = groups(60, 2);
    let map = Tsne::new().perplexity(15.0).iterations(300).fit(&rows).unwrap().embedding;
    for distance in Distance::ALL {
        let model =
            Model::new(rows.clone(), map.clone(), 15.0).unwrap().with_distance(distance.clone()).unwrap();
        let all = model.transform(&new).unwrap();
        let one = model.transform(&new.view().select_rows(&[41])).unwrap();
        assert_eq!(one.row(0), all.row(41), "{distance}");
        // Two rows in which all columns differ, or none is zero, are as far apart as any.
        if !matches!(distance, Distance::Hamming | Distance::Jaccard) {
            let right = (0..60).filter(|&i| nearest(&model, all.row(i)) % 5 == i % 5).count();
            assert!(right >= 54, "{right} of 60 by {distance}");
        }
    }
    for affinity in ["multiscale:5,20", "mixture:5,20", "uniform:15", "fixed:2,30"] {
        let affinity: Affinity = affinity.parse().unwrap();
        let model = Model::new(rows.clone(), map.clone(), affinity.clone()).unwrap();
        let all = model.transform(&new).unwrap();
        let right = (0..60).filter(|&i| nearest(&model, all.row(i)) % 5 == i % 5).count();
        assert!(right >= 58, "{right} of 60 with {affinity}");
        assert_eq!(model.transform(&new.view().select_rows(&[7])).unwrap().row(0), all.row(7));
    }
}

#[test]
fn the_nearest_by_a_distance_are_those_of_the_search_for_maps() {
    // A row of the old ones has itself beside its neighbors.
    let rows = groups(200, 7);
    for distance in Distance::ALL {
        let map = Embedding::new(vec![0.0; 400], 200, 2).unwrap();
        let model = Model::new(rows.clone(), map, 5.0).unwrap().with_distance(distance.clone()).unwrap();
        let (indices, squared) = model.nearest(rows.view(), 200, model.search().unwrap()).unwrap();
        let found = crate::neighbors::search(
            (&rows).into(),
            199,
            &distance,
            crate::neighbors::NeighborMethod::Exact,
            &mut Silent,
        )
        .unwrap()
        .neighbors;
        for i in 0..200 {
            let own = indices[200 * i..][..200].iter().zip(&squared[200 * i..][..200]);
            let others: Vec<f32> =
                own.filter(|&(&j, _)| j as usize != i).map(|(_, &squared)| squared).collect();
            for (a, b) in others.iter().zip(found.squared_distances(i)) {
                assert!((a - b).abs() <= 1e-5 * b.abs() + 1e-9, "{distance}, {i}: {a} {b}");
            }
        }
    }
}

#[test]
fn what_was_done_to_the_rows_is_done_to_new_ones() {
    let raw = groups(400, 1);
    let scaler = crate::preprocessing::StandardScaler::fit(&raw).unwrap();
    let mut scaled = raw.clone();
    scaler.transform(&mut scaled).unwrap();
    let axes = crate::pca::Pca::fit(&scaled, 6, 1).unwrap();
    let rows = axes.transform(&scaled).unwrap();
    let map = Tsne::new().perplexity(15.0).iterations(300).fit(&rows).unwrap().embedding;
    let preparation = Preparation::default().scaled((&scaler).into()).projected(axes.clone());
    let plain = Model::new(rows, map, 15.0).unwrap();
    let model = plain.clone().with_preparation(preparation).unwrap();
    assert_eq!((model.n_features(), plain.n_features()), (10, 6));
    let mut new = groups(30, 2);
    let placed = model.transform(&new).unwrap();
    let one = model.transform(&new.view().select_rows(&[11])).unwrap();
    assert_eq!(one.row(0), placed.row(11));
    scaler.transform(&mut new).unwrap();
    assert_eq!(plain.transform(&axes.transform(&new).unwrap()).unwrap(), placed);
    let wide = Preparation::default().projected(axes.truncated(3));
    assert!(plain.with_preparation(wide).is_err());
}

#[test]
fn a_row_without_a_distance_is_named_by_its_place_among_all() {
    let model = model(60).with_distance(Distance::Cosine).unwrap();
    let mut new = groups(PIECE + 9, 2);
    new.as_mut_slice()[(PIECE + 4) * 10..(PIECE + 5) * 10].fill(0.0);
    let message = model.transform(&new).unwrap_err().to_string();
    assert!(message.starts_with(&format!("row {} holds zeros alone", PIECE + 5)), "{message}");
    assert!(model.with_distance(Distance::Minkowski { p: 0.5 }).is_err());
}

#[test]
fn what_does_not_fit_is_named() {
    let model = model(60);
    assert_eq!(model.transform(&Matrix::zeros(0, 10)).unwrap().n_samples(), 0);
    let message = model.transform(&Matrix::zeros(2, 9)).unwrap_err().to_string();
    assert!(message.contains("columns is 9; it must be 10"), "{message}");
    let mut new = groups(3, 2);
    new.as_mut_slice()[14] = f32::NAN;
    let message = model.transform(&new).unwrap_err().to_string();
    assert!(message.starts_with("row 2, column 5 is NaN"), "{message}");
    let (rows, map) = (groups(60, 1), model.embedding().clone());
    assert!(Model::new(groups(59, 1), map.clone(), 10.0).is_err());
    assert!(Model::new(rows.clone(), map, 60.0).is_err());
    assert!(Model::new(rows, Embedding::new(vec![0.0; 60], 60, 1).unwrap(), 10.0).is_err());
}

#[test]
fn an_observer_may_stop_the_work() {
    struct Stops;
    impl Observer for Stops {
        fn progress(&mut self, _: Stage, fraction: f64) -> Control {
            if fraction > 0.4 { Control::Stop } else { Control::Continue }
        }
    }
    let error = model(60).transform_observed(&groups(2 * PIECE, 2), &mut Stops).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Cancelled);
}
