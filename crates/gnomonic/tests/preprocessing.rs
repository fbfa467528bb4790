//! Scalers against scikit-learn's (`reference/core/preprocessing.py`).

mod golden;

use gnomonic::preprocessing::{MinMaxScaler, StandardScaler};
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
