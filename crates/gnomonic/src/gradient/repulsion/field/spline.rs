//! The cubic B-spline that spreads charges and reads the field.

/// Weights and slopes of the four nodes around a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spline {
    /// The first of the four nodes.
    pub(super) base: usize,
    pub(super) weights: [f32; 4],
    /// d weight / d place, per cell.
    pub(super) slopes: [f32; 4],
}

impl Spline {
    /// The spline centered at `place`, in cells, which must be at least one.
    #[inline(always)]
    pub(super) fn at(place: f32) -> Self {
        let cell = place as usize;
        let t = place - cell as f32;
        let s = 1.0 - t;
        let sixth = 1.0 / 6.0;
        Self {
            base: cell - 1,
            weights: [
                sixth * s * s * s,
                sixth * (4.0 + t * t * (3.0 * t - 6.0)),
                sixth * (4.0 + s * s * (3.0 * s - 6.0)),
                sixth * t * t * t,
            ],
            slopes: [-0.5 * s * s, t * (1.5 * t - 2.0), s * (2.0 - 1.5 * s), 0.5 * t * t],
        }
    }
}

/// The discrete Fourier transform of the spline sampled at the nodes, at frequency `index` of `length`: between 1/3 and 1.
pub(super) fn transform(index: usize, length: usize) -> f64 {
    (2.0 + (std::f64::consts::TAU * index as f64 / length as f64).cos()) / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_a_partition_of_unity_with_the_right_slopes() {
        for place in [1.0_f32, 1.25, 7.5, 3.999] {
            let spline = Spline::at(place);
            assert!((spline.weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!(spline.slopes.iter().sum::<f32>().abs() < 1e-6);
            // The center of the weights is the place itself.
            let center: f32 =
                spline.weights.iter().enumerate().map(|(k, w)| w * (spline.base + k) as f32).sum();
            assert!((center - place).abs() < 1e-5, "{center} for {place}");
        }
        let (a, b) = (Spline::at(2.3), Spline::at(2.3 + 1e-3));
        for k in 0..4 {
            assert!(((b.weights[k] - a.weights[k]) / 1e-3 - a.slopes[k]).abs() < 2e-3);
        }
    }
}
