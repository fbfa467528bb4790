//! exp in `f64` over several lanes, for the weights of neighbors: the same bits on every processor, which those of the platform's
//! library are not.

/// Numbers that are taken together.
pub(super) const LANES: usize = 8;

/// Adding this rounds to a whole number, which then stands in the lowest bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// ln 2, the first part so short that its products with exponents are exact.
const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];

/// Below this, results are taken to be that of it: less than any `f32`.
const LEAST: f64 = -700.0;

/// exp of numbers that are not positive, to within 3e-16 of itself, and 1e-304 of those below -700.
#[inline(always)]
pub(super) fn exp(numbers: [f64; LANES]) -> [f64; LANES] {
    let mut results = [0.0; LANES];
    for lane in 0..LANES {
        // In this order NaN becomes the bound.
        let number = if numbers[lane] > LEAST { numbers[lane] } else { LEAST };
        let shifted = number * std::f64::consts::LOG2_E + WHOLE;
        let exponent = shifted - WHOLE;
        let rest = (number - exponent * LN_2[0]) - exponent * LN_2[1];
        // Taylor's series on |rest| ≤ ln 2 / 2: the next term is 4e-18.
        let mut sum = 1.0 / 6_227_020_800.0;
        for factor in [
            1.0 / 479_001_600.0,
            1.0 / 39_916_800.0,
            1.0 / 3_628_800.0,
            1.0 / 362_880.0,
            1.0 / 40_320.0,
            1.0 / 5_040.0,
            1.0 / 720.0,
            1.0 / 120.0,
            1.0 / 24.0,
            1.0 / 6.0,
            0.5,
            1.0,
            1.0,
        ] {
            sum = sum * rest + factor;
        }
        // The exponent, from -1010 on, is added to that of the sum's representation.
        results[lane] = f64::from_bits(sum.to_bits().wrapping_add(shifted.to_bits() << 52));
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_the_library() {
        for step in 0..200_000 {
            let numbers: [f64; LANES] =
                std::array::from_fn(|lane| -1e-9 * (1.0 + lane as f64) - 0.0035 * f64::from(step));
            for (number, result) in numbers.into_iter().zip(exp(numbers)) {
                let expected = number.max(LEAST).exp();
                assert!(
                    (result - expected).abs() <= 4e-16 * expected,
                    "{number}: {result} against {expected}"
                );
            }
        }
        assert_eq!(exp([-0.0; LANES]), [1.0; LANES]);
        for number in [f64::NEG_INFINITY, f64::NAN, -1e300, -701.0] {
            assert!(exp([number; LANES]).iter().all(|&result| (0.0..1e-300).contains(&result)));
        }
    }
}
