//! Principal axes against scikit-learn's (`reference/core/pca.py`).

mod golden;

use gnomonic::Matrix;
use gnomonic::pca::Pca;
use golden::{Golden, assert_close};

/// The same numbers as in the script.
fn data(n: usize, d: usize) -> Matrix {
    let value = |i: usize, j: usize| {
        let noise = (i * 7919 + j * 104_729 + i * i * j * 31) % 1009;
        (noise as f64 / 64.0 * (8.0 - j as f64).max(1.0)) as f32
    };
    let values = (0..n).flat_map(|i| (0..d).map(move |j| value(i, j)));
    Matrix::new(values.collect(), n, d).unwrap()
}

#[test]
fn axes_are_those_of_scikit_learn() {
    let golden = Golden::parse(include_str!("../../../reference/core/pca.json"));
    for case in golden.parts("cases") {
        let x = data(case.number("n") as usize, case.number("d") as usize);
        let pca = Pca::fit(&x, 4, 0).unwrap();
        for (found, expected) in [
            (pca.mean(), case.numbers("mean")),
            (pca.explained_variance(), case.numbers("explained_variance")),
        ] {
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
            }
        }
        let components = case.matrix("components");
        assert_close(pca.components().as_slice(), components.as_slice(), 1e-7);
        let scores = pca.transform(x.view().select_rows(&(0..10).collect::<Vec<_>>()).view());
        // Coordinates up to 60, rounded to f32.
        assert_close(scores.unwrap().as_slice(), case.matrix("scores").as_slice(), 1e-5);
    }
}
