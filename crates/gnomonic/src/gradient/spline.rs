//! The cubic B-spline that spreads charges and reads the field.

/// Weights of the four nodes around a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spline {
    /// The first of the four nodes.
    pub(super) base: usize,
    pub(super) weights: [f32; 4],
}

impl Spline {
    /// The spline centered at `place`, in cells, which must be at least one.
    #[inline(always)]
    pub(super) fn at(place: f32) -> Self {
        // Through i32, whose conversion is one instruction.
        let cell = place as i32;
        let (weights, _) = factors(place - cell as f32);
        Self { base: (cell - 1) as usize, weights }
    }
}

/// Places whose splines are made together.
pub(super) const LANES: usize = 16;

/// The splines of several places, ready for loops over lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct SplineLanes {
    /// The first of the four nodes.
    pub(super) bases: [i32; LANES],
    /// Places within their cells, from 0 to 1.
    pub(super) fractions: [f32; LANES],
    pub(super) weights: [[f32; LANES]; 4],
    /// d weight / d place, per cell.
    pub(super) slopes: [[f32; LANES]; 4],
}

impl SplineLanes {
    /// [`Spline::at`] for each of `places`.
    #[inline(always)]
    pub(super) fn at(places: &[f32; LANES]) -> Self {
        let mut lanes = Self {
            bases: [0; LANES],
            fractions: [0.0; LANES],
            weights: [[0.0; LANES]; 4],
            slopes: [[0.0; LANES]; 4],
        };
        for (lane, &place) in places.iter().enumerate() {
            let cell = place as i32;
            let fraction = place - cell as f32;
            let (weights, slopes) = factors(fraction);
            (lanes.bases[lane], lanes.fractions[lane]) = (cell - 1, fraction);
            for node in 0..4 {
                lanes.weights[node][lane] = weights[node];
                lanes.slopes[node][lane] = slopes[node];
            }
        }
        lanes
    }
}

/// Weights and slopes of the four nodes around a place that is `t` of a cell behind the second.
#[inline(always)]
pub(super) fn factors(t: f32) -> ([f32; 4], [f32; 4]) {
    let s = 1.0 - t;
    let sixth = 1.0 / 6.0;
    (
        [
            sixth * s * s * s,
            sixth * (4.0 + t * t * (3.0 * t - 6.0)),
            sixth * (4.0 + s * s * (3.0 * s - 6.0)),
            sixth * t * t * t,
        ],
        [-0.5 * s * s, t * (1.5 * t - 2.0), s * (2.0 - 1.5 * s), 0.5 * t * t],
    )
}

/// The discrete Fourier transform of the spline sampled at the nodes, at frequency `index` of `length`: between 1/3 and 1.
pub(super) fn transform(index: usize, length: usize) -> f64 {
    (2.0 + (std::f64::consts::TAU * index as f64 / length as f64).cos()) / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_splines_side_by_side() {
        let places: [f32; LANES] = std::array::from_fn(|lane| 1.0 + 0.37 * lane as f32);
        let lanes = SplineLanes::at(&places);
        for (lane, &place) in places.iter().enumerate() {
            let spline = Spline::at(place);
            assert_eq!(lanes.bases[lane] as usize, spline.base);
            assert_eq!(lanes.weights.map(|weights| weights[lane]), spline.weights);
        }
    }

    #[test]
    fn weights_are_a_partition_of_unity_with_the_right_slopes() {
        for place in [1.0_f32, 1.25, 7.5, 3.999] {
            let spline = Spline::at(place);
            assert!((spline.weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            // The center of the weights is the place itself.
            let center: f32 =
                spline.weights.iter().enumerate().map(|(k, w)| w * (spline.base + k) as f32).sum();
            assert!((center - place).abs() < 1e-5, "{center} for {place}");
        }
        let lanes = SplineLanes::at(&std::array::from_fn(|lane| 2.3 + 1e-3 * lane as f32));
        for (weights, slopes) in lanes.weights.iter().zip(lanes.slopes) {
            assert!(((weights[1] - weights[0]) / 1e-3 - slopes[0]).abs() < 2e-3);
        }
        assert!(lanes.slopes.iter().map(|slopes| slopes[5]).sum::<f32>().abs() < 1e-6);
    }
}
