//! Limits and ticks of an axis, as matplotlib chooses them.

/// The range that an axis shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Limits {
    /// The range of the values with 5 % more on each side; 0 to 1 when there are none.
    pub(crate) fn of(values: impl Iterator<Item = f32>) -> Self {
        const MARGIN: f64 = 0.05;
        let (low, high) = values
            .map(f64::from)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            return Self { low: 0.0, high: 1.0 };
        }
        let span = high - low;
        let margin = if span > 0.0 {
            MARGIN * span
        } else {
            // One value only: half a unit on each side, or more where f32 could not tell that apart.
            (1e-3 * low.abs()).max(0.5)
        };
        Self { low: low - margin, high: high + margin }
    }

    /// The same range, `offset` further on.
    pub(crate) fn moved(self, offset: f64) -> Self {
        Self { low: self.low + offset, high: self.high + offset }
    }

    pub(crate) fn span(&self) -> f64 {
        self.high - self.low
    }

    /// Where a value lies, from 0 at the low end to 1 at the high one.
    pub(crate) fn fraction(&self, value: f64) -> f64 {
        (value - self.low) / self.span()
    }
}

/// A tick: its place on the axis, and its label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: String,
}

/// How many steps of ticks an axis has room for, given its length and its labels' size in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room(usize);

impl Room {
    /// Horizontal axes reckon with labels three times as wide as high.
    pub(crate) fn horizontal(length: f64, label_size: f64) -> Self {
        Self::new(length / (3.0 * label_size))
    }

    /// Vertical axes leave a line between labels.
    pub(crate) fn vertical(length: f64, label_size: f64) -> Self {
        Self::new(length / (2.0 * label_size))
    }

    fn new(steps: f64) -> Self {
        Self((steps as usize).clamp(1, 9))
    }
}

/// Ticks within the limits at multiples of 1, 2, 2.5 or 5 times a power of ten: as many as there is room for, and at
/// least two.
pub(crate) fn ticks(limits: Limits, room: Room) -> Vec<Tick> {
    let span = limits.span();
    let least = span / room.0 as f64;
    let power = 10f64.powf(least.log10().floor());
    // From a tenth of the power to twenty times it, so that there is always a larger and a smaller step.
    let steps: Vec<f64> = [0.1, 1.0, 10.0]
        .iter()
        .flat_map(|decade| [1.0, 2.0, 2.5, 5.0].map(|step| step * decade * power))
        .collect();
    let enough = steps.partition_point(|step| *step < least * (1.0 - 1e-10));
    for step in steps[..=enough.min(steps.len() - 1)].iter().rev() {
        let values = multiples(limits, *step);
        if values.len() >= 2 {
            return label(&values, *step);
        }
    }
    Vec::new()
}

/// Ticks of a horizontal axis of the given length, with fewer steps than matplotlib takes where labels would touch.
pub(crate) fn horizontal_ticks(limits: Limits, length: f64, label_size: f64) -> Vec<Tick> {
    // The widest characters of numbers, in ems, and the least gap.
    const CHARACTER: f64 = 0.66;
    let touch = |ticks: &[Tick]| {
        ticks.windows(2).any(|pair| {
            let apart = (pair[1].value - pair[0].value) / limits.span() * length;
            let characters = (pair[0].label.chars().count() + pair[1].label.chars().count()) as f64;
            apart < (0.5 * CHARACTER * characters + 0.3) * label_size
        })
    };
    let most = Room::horizontal(length, label_size).0;
    let fitting = (1..=most).rev().map(|steps| ticks(limits, Room(steps))).find(|ticks| !touch(ticks));
    // Where even the fewest touch, the first has to do.
    fitting.unwrap_or_else(|| ticks(limits, Room(1)).into_iter().take(1).collect())
}

/// The multiples of `step` within the limits.
fn multiples(limits: Limits, step: f64) -> Vec<f64> {
    // Rounding must not cost a tick that lies on a limit.
    let slack = 1e-10;
    let first = (limits.low / step - slack).ceil();
    let last = (limits.high / step + slack).floor();
    let count = (last - first + 1.0).clamp(0.0, 100.0) as usize;
    (0..count).map(|i| (first + i as f64) * step).collect()
}

fn label(values: &[f64], step: f64) -> Vec<Tick> {
    let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let scientific = !(1e-4..1e6).contains(&largest);
    // What `step` needs beyond its leading digit: one more for 2.5.
    let magnitude = (step.log10() + 1e-10).floor();
    let leading = step / 10f64.powf(magnitude);
    let finest = magnitude - f64::from(u8::from((leading - leading.round()).abs() > 1e-6));
    values
        .iter()
        .map(|&value| {
            let text = if value.abs() < 1e-6 * step {
                plain(0.0, if scientific { 0.0 } else { -finest })
            } else if scientific {
                let digits = (value.abs().log10().floor() - finest).clamp(0.0, 16.0);
                format!("{value:.*e}", digits as usize)
            } else {
                plain(value, -finest)
            };
            Tick {
                value,
                // A hyphen is too short for a sign.
                label: text.replace('-', "\u{2212}"),
            }
        })
        .collect()
}

fn plain(value: f64, decimals: f64) -> String {
    format!("{value:.*}", decimals.clamp(0.0, 16.0) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, room: usize) -> Vec<String> {
        ticks(Limits { low, high }, Room(room))
            .into_iter()
            .map(|tick| tick.label.replace('\u{2212}', "-"))
            .collect()
    }

    /// What matplotlib 3.11.2 shows for the same limits and room; see `reference/plot/ticks.py`.
    #[test]
    fn agrees_with_matplotlib() {
        assert_eq!(labels(-55.0, 63.0, 5), ["-50", "-25", "0", "25", "50"]);
        assert_eq!(
            labels(-11.0, 11.0, 9),
            ["-10.0", "-7.5", "-5.0", "-2.5", "0.0", "2.5", "5.0", "7.5", "10.0"]
        );
        assert_eq!(labels(0.0, 1.0, 9), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(-0.03, 0.05, 4), ["-0.02", "0.00", "0.02", "0.04"]);
        assert_eq!(labels(12.0, 19.0, 1), ["12.5", "15.0", "17.5"]);
        assert_eq!(labels(-105.3, 97.1, 7), ["-100", "-50", "0", "50"]);
        assert_eq!(labels(-0.37, 0.63, 3), ["0.0", "0.5"]);
        assert_eq!(labels(-250.0, 260.0, 9), ["-200", "-100", "0", "100", "200"]);
    }

    #[test]
    fn extreme_limits_have_readable_ticks() {
        assert_eq!(labels(-2.2e-5, 1.1e-5, 4), ["-2e-5", "-1e-5", "0", "1e-5"]);
        assert_eq!(labels(-3.0e38, 3.0e38, 3), ["-2e38", "0", "2e38"]);
        assert_eq!(labels(1_000_000.0, 1_000_010.0, 3).len(), 3);
        for room in 1..10 {
            for scale in [1e-30, 1e-3, 1.0, 7.7, 1e9, 1e38] {
                let shown = labels(-0.37 * scale, 0.63 * scale, room);
                assert!((2..=12).contains(&shown.len()), "{room} {scale} {shown:?}");
            }
        }
    }

    #[test]
    fn labels_never_touch() {
        let limits = Limits { low: -1e5, high: 1e5 };
        for length in [5.0, 40.0, 80.0, 200.0, 900.0] {
            let ticks = horizontal_ticks(limits, length, 10.0);
            let apart = |pair: &[Tick]| (pair[1].value - pair[0].value) / 2e5 * length;
            assert!(!ticks.is_empty() && ticks.windows(2).all(|pair| apart(pair) > 30.0), "{ticks:?}");
        }
        assert_eq!(horizontal_ticks(limits, 5.0, 10.0).len(), 1);
    }

    #[test]
    fn limits_have_margins() {
        let limits = Limits::of([0.0f32, 10.0].into_iter());
        assert_eq!((limits.low, limits.high), (-0.5, 10.5));
        let one = Limits::of([3.0f32].into_iter());
        assert_eq!((one.low, one.high), (2.5, 3.5));
        let none = Limits::of(std::iter::empty());
        assert_eq!((none.low, none.high), (0.0, 1.0));
        assert!(Limits::of([-f32::MAX, f32::MAX].into_iter()).span().is_finite());
    }
}
