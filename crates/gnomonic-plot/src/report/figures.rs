//! Numbers as the page writes them.

/// A number with a fixed count of decimals, a true minus sign, and commas between thousands from five digits on.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let is_zero = digits.chars().all(|c| c == '0' || c == '.');
    let sign = if value < 0.0 && !is_zero { "−" } else { "" };
    let whole = if whole.len() >= 5 { grouped(whole) } else { whole.to_owned() };
    format!("{sign}{whole}{fraction}")
}

/// A count, with commas between thousands from five digits on.
pub(super) fn count(value: usize) -> String {
    let digits = value.to_string();
    if digits.len() >= 5 { grouped(&digits) } else { digits }
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The decimals that give the largest of the values four significant digits, at most three decimals.
pub(super) fn decimals(values: impl Iterator<Item = f64>) -> usize {
    let largest = values.map(f64::abs).fold(0.0, f64::max);
    match largest {
        l if l >= 1000.0 => 0,
        l if l >= 100.0 => 1,
        l if l >= 10.0 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_reading() {
        assert_eq!(fixed(-0.954, 2), "−0.95");
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(1234.5, 1), "1234.5");
        assert_eq!(fixed(-1234567.0, 0), "−1,234,567");
        assert_eq!(count(60_000), "60,000");
        assert_eq!(decimals([3.0, 12345.0].into_iter()), 0);
        assert_eq!(decimals([0.5].into_iter()), 3);
    }
}
