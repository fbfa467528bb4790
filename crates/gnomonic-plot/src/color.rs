//! Colours, and the evenly spaced hues for more classes than a palette has.

use std::fmt;

/// An opaque colour in 8-bit sRGB. `Display` writes `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rgb {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

impl Rgb {
    /// Black.
    pub const BLACK: Self = Self::from_hex(0x000000);
    /// White.
    pub const WHITE: Self = Self::from_hex(0xFFFFFF);

    /// The colour of a number `0xRRGGBB`; higher bits are ignored.
    #[must_use]
    pub const fn from_hex(hex: u32) -> Self {
        let [_, r, g, b] = hex.to_be_bytes();
        Self { r, g, b }
    }

    /// The relative luminance of WCAG 2, from 0 (black) to 1 (white).
    #[must_use]
    pub fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }
}

/// Colour `i` of `n` evenly spaced hues of equal lightness, as seaborn's `husl_palette(n)` has them.
///
/// HUSL (now HSLuv) is CIE LCh(uv) with the chroma of each hue divided by the largest that sRGB can show.
pub(crate) fn husl(i: usize, n: usize) -> Rgb {
    // Seaborn's defaults: hues start at 0.01 of the circle; saturation 0.9, lightness 0.65. It stretches the circle
    // to 359 degrees and the other two to 99 of 100.
    const FIRST_HUE: f64 = 0.01;
    const SATURATION: f64 = 0.9 * 0.99;
    const LIGHTNESS: f64 = 0.65 * 99.0;
    let hue = (FIRST_HUE + i as f64 / n as f64).rem_euclid(1.0) * 359.0;
    let (sin, cos) = hue.to_radians().sin_cos();
    let chroma = SATURATION * max_chroma(LIGHTNESS, sin, cos);
    luv_to_rgb(LIGHTNESS, chroma * cos, chroma * sin)
}

/// From CIE XYZ (D65, Y of white = 1) to linear sRGB.
const XYZ_TO_RGB: [[f64; 3]; 3] =
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]];
/// The chromaticity u′, v′ of the white point D65.
const WHITE_UV: [f64; 2] = [0.19784, 0.46834];

/// The relative luminance Y of a CIE lightness above 8.
fn luminance_of(lightness: f64) -> f64 {
    ((lightness + 16.0) / 116.0).powi(3)
}

/// The linear sRGB channels of a CIE LUV colour; outside 0 to 1 when the screen cannot show it.
fn luv_to_linear(lightness: f64, u: f64, v: f64) -> [f64; 3] {
    let u = u / (13.0 * lightness) + WHITE_UV[0];
    let v = v / (13.0 * lightness) + WHITE_UV[1];
    let y = luminance_of(lightness);
    let x = y * 9.0 * u / (4.0 * v);
    let z = y * (12.0 - 3.0 * u - 20.0 * v) / (4.0 * v);
    XYZ_TO_RGB.map(|[a, b, c]| a * x + b * y + c * z)
}

/// The largest chroma of a hue (by its sine and cosine) at a lightness that sRGB can show.
fn max_chroma(lightness: f64, sin: f64, cos: f64) -> f64 {
    // Every channel is monotone along the ray once it leaves the gamut, so bisection finds the border.
    let (mut inside, mut outside) = (0.0, 400.0);
    for _ in 0..50 {
        let chroma = 0.5 * (inside + outside);
        let shown = luv_to_linear(lightness, chroma * cos, chroma * sin)
            .iter()
            .all(|channel| (0.0..=1.0).contains(channel));
        if shown {
            inside = chroma;
        } else {
            outside = chroma;
        }
    }
    inside
}

fn luv_to_rgb(lightness: f64, u: f64, v: f64) -> Rgb {
    let [r, g, b] = luv_to_linear(lightness, u, v).map(|linear| {
        let encoded =
            if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
        (encoded.clamp(0.0, 1.0) * 255.0).round() as u8
    });
    Rgb { r, g, b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn husl_agrees_with_seaborn() {
        let expected = [
            "#f77189", "#dc8932", "#ae9d31", "#77ab31", "#33b07a", "#36ada4", "#38a9c5", "#6e9bf4",
            "#cc7af4", "#f565cc",
        ];
        for (i, expected) in expected.iter().enumerate() {
            assert_eq!(husl(i, 10).to_string(), *expected);
        }
    }

    #[test]
    fn luminance_is_that_of_wcag() {
        assert!((Rgb::WHITE.luminance() - 1.0).abs() < 1e-12);
        assert_eq!(Rgb::BLACK.luminance(), 0.0);
        assert!((Rgb::from_hex(0x777777).luminance() - 0.1845).abs() < 1e-3);
    }
}
