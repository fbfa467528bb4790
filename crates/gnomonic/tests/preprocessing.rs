//! Scalers against scikit-learn's (`reference/core/preprocessing.py`).

mod golden;

use gnomonic::preprocessing::{
    MinMaxScaler, RowNorm, StandardScaler, arcsinh, log1p, normalize_rows, top_variance,
};
use golden::{Golden, assert_close};

#[test]
fn scalers_are_those_of_scikit_learn() {
    let golden = Golden::parse(include_str!("../../../reference/core/preprocessing.json"));
    let x = golden.matrix("x");

    // scikit-learn rounds to f32 at every step: a few units in the last place apart, on values up to 5.
    let mut scaled = x.clone();
    MinMaxScaler::fit(&x).unwrap().transform(&mut scaled).unwrap();
    assert_close(scaled.as_slice(), golden.matrix("minmax").as_slice(), 1e-6);
    let standard = StandardScaler::fit(&x).unwrap();
    let mut scaled = x.clone();
    standard.transform(&mut scaled).unwrap();
    assert_close(scaled.as_slice(), golden.matrix("standard").as_slice(), 1e-6);

    for (found, expected) in
        [(standard.mean(), golden.numbers("mean")), (standard.scale(), golden.numbers("scale"))]
    {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-12 * (1.0 + expected.abs()));
        }
    }
}

#[test]
fn counts_are_prepared_as_scikit_learn_and_scanpy_do() {
    let golden = Golden::parse(include_str!("../../../reference/core/preprocessing.json"));
    let counts = golden.matrix("counts");
    for (norm, name) in [(RowNorm::L1, "l1"), (RowNorm::L2, "l2"), (RowNorm::Per(1e4), "per_ten_thousand")] {
        let mut x = counts.clone();
        normalize_rows(&mut x, norm).unwrap();
        for (found, expected) in x.as_slice().iter().zip(golden.matrix(name).as_slice()) {
            assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{name}: {found} for {expected}");
        }
    }
    let mut x = counts.clone();
    normalize_rows(&mut x, RowNorm::Per(1e4)).unwrap();
    log1p(&mut x).unwrap();
    assert_close(x.as_slice(), golden.matrix("log1p").as_slice(), 2e-6);
    let mut x = counts.clone();
    arcsinh(&mut x, 5.0).unwrap();
    assert_close(x.as_slice(), golden.matrix("arcsinh_5").as_slice(), 1e-6);
    let top: Vec<f64> = top_variance(&counts, 3).unwrap().into_iter().map(|column| column as f64).collect();
    assert_eq!(top, golden.numbers("top_3"));
}
