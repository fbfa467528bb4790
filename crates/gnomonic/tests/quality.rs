//! Quality measures against scikit-learn's and scipy's (`reference/core/quality.py`).

mod golden;

use gnomonic::neighbors;
use gnomonic::quality::{
    continuity, kl_divergence, map_shape, neighbor_recall, rank_correlation, silhouette, trustworthiness,
};
use gnomonic::{Affinities, Matrix, affinities};
use golden::Golden;

struct Example {
    golden: Golden,
    x: Matrix,
    y: Matrix,
    labels: Vec<u32>,
}

fn example() -> Example {
    let golden = Golden::parse(include_str!("../../../reference/core/quality.json"));
    let (x, y, labels) = (golden.matrix("x"), golden.matrix("y"), golden.labels("labels"));
    Example { golden, x, y, labels }
}

fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, not {expected}");
}

#[test]
fn ranks_are_those_of_scikit_learn() {
    let Example { golden, x, y, .. } = example();
    for case in golden.parts("ranks") {
        let k = case.number("k") as usize;
        // Both sums are integers: only the last division differs.
        assert_near(trustworthiness(&x, &y, k).unwrap(), case.number("trustworthiness"), 1e-12);
        assert_near(continuity(&x, &y, k).unwrap(), case.number("continuity"), 1e-12);
    }
}

#[test]
fn the_silhouette_is_that_of_scikit_learn() {
    let Example { golden, y, labels, .. } = example();
    assert_near(silhouette(&y, &labels).unwrap(), golden.number("silhouette"), 1e-12);
}

#[test]
fn the_recall_is_the_overlap_of_neighborhoods() {
    let Example { golden, x, y, .. } = example();
    let (x, y) = (neighbors::exact(&x, 10).unwrap(), neighbors::exact(&y, 10).unwrap());
    assert_near(neighbor_recall(&x, &y).unwrap(), golden.number("recall_10"), 1e-12);
}

#[test]
fn the_divergence_is_the_textbook_one() {
    let Example { golden, x, y, .. } = example();
    let perplexity = golden.number("perplexity");
    let k = affinities::n_neighbors(perplexity, x.n_samples());
    let p = Affinities::from_neighbors(&neighbors::exact(&x, k).unwrap(), perplexity).unwrap();
    // P is stored in f32 and its entropy is met within the tolerance of the bandwidth search.
    assert_near(kl_divergence(&p, &y).unwrap(), golden.number("kl"), 1e-5);
}

#[test]
fn shapes_are_measured_as_defined() {
    let Example { golden, y, labels, .. } = example();
    let (shape, expected) = (map_shape(&y, Some(&labels)).unwrap(), golden.part("shape"));
    for (found, key) in [
        (Some(shape.rms_radius), "rms_radius"),
        (Some(shape.area), "area"),
        (shape.area_by_label, "area_by_label"),
        (shape.within, "within"),
        (shape.between, "between"),
    ] {
        let expected = expected.number(key);
        assert_near(found.unwrap(), expected, 1e-12 * expected);
    }
}

#[test]
fn the_rank_correlation_is_that_of_scipy() {
    let case = example().golden.part("spearman");
    let found = rank_correlation(&case.numbers("a"), &case.numbers("b")).unwrap();
    assert_near(found, case.number("value"), 1e-12);
}
