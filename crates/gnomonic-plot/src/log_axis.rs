//! Ticks of a logarithmic axis: at powers of ten, and between them where there is room.

use crate::axis::{Limits, Tick};

/// What stands in each decade, from many ticks to few.
const STEPS: [&[f64]; 3] = [&[1.0, 2.0, 3.0, 5.0, 7.0], &[1.0, 2.0, 5.0], &[1.0]];

/// At most `most` ticks, and at least two where the limits, logarithms to base ten, hold two; each with the logarithm for its
/// value and the number itself for its label.
pub(crate) fn ticks(limits: Limits, most: usize) -> Vec<Tick> {
    let every = |steps: &[f64], decades: i32| {
        let (first, last) = (limits.low.floor() as i32, limits.high.ceil() as i32);
        let mut ticks = Vec::new();
        for power in (first..=last).filter(|power| power.rem_euclid(decades) == 0) {
            for step in steps {
                let value = f64::from(power) + step.log10();
                if value >= limits.low - 1e-9 && value <= limits.high + 1e-9 {
                    ticks.push(Tick { value, label: label(*step, power) });
                }
            }
        }
        ticks
    };
    let finer = STEPS.iter().map(|steps| every(steps, 1));
    let coarser = (2..=300).map(|decades| every(&[1.0], decades));
    finer.chain(coarser).find(|ticks| ticks.len() <= most.max(2)).unwrap_or_default()
}

/// `step` times ten to the `power`, with a comma after each thousand; beyond six digits in scientific notation.
fn label(step: f64, power: i32) -> String {
    if !(-4..7).contains(&power) {
        return format!("{step}e{power}").replace('-', "\u{2212}");
    }
    if power < 0 {
        return format!("{:.*}", power.unsigned_abs() as usize, step * 10f64.powi(power));
    }
    let digits = format!("{:.0}", step * 10f64.powi(power));
    let head = (digits.len() - 1) % 3 + 1;
    let thousands =
        digits.as_bytes()[head..].chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    std::iter::once(digits[..head].to_owned()).chain(thousands).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, most: usize) -> Vec<String> {
        ticks(Limits { low: low.log10(), high: high.log10() }, most)
            .into_iter()
            .map(|tick| tick.label)
            .collect()
    }

    #[test]
    fn decades_are_divided_where_there_is_room() {
        assert_eq!(labels(1_000.0, 1e6, 8), ["1,000", "10,000", "100,000", "1,000,000"]);
        assert_eq!(labels(0.9, 12.0, 8), ["1", "2", "3", "5", "7", "10"]);
        assert_eq!(labels(0.04, 0.6, 5), ["0.05", "0.1", "0.2", "0.5"]);
        assert_eq!(
            labels(1e-6, 1e8, 8),
            ["1e\u{2212}6", "0.0001", "0.01", "1", "100", "10,000", "1,000,000", "1e8"]
        );
    }

    #[test]
    fn they_are_never_more_than_there_is_room_for() {
        for most in 2..12 {
            for (low, high) in [(1.0, 1.5), (0.3, 9.0), (1e-3, 1e3), (1e-200, 1e200), (1e-300, 1e300)] {
                let shown = labels(low, high, most);
                assert!(shown.len() <= most, "{low} {high} {most}: {shown:?}");
            }
        }
    }
}
