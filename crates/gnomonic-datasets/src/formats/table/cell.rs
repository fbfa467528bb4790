//! One cell of a table of text, as a number.

use crate::shown;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// As the nearest `f32` and the nearest `f64`.
    Finite(f32, f64),
    /// NaN, an infinity, or nothing; in words.
    NotFinite(String),
    /// A number beyond the range of `f32`.
    BeyondRange(String),
    Text(String),
}

/// What tools write where a value is missing; `nan` is among the numbers.
const MISSING: [&str; 6] = ["NA", "N/A", "null", "NULL", "None", "<NA>"];

/// Whether the cell is a finite number.
pub(crate) fn is_number(cell: &[u8]) -> bool {
    matches!(parse_cell(cell), Cell::Finite(..) | Cell::BeyondRange(_))
}

/// Reads a cell, rounding to the nearest `f32` and `f64`.
#[inline]
pub(crate) fn parse_cell(cell: &[u8]) -> Cell {
    match parse_small_integer(cell) {
        Some(value) => Cell::Finite(value, value.into()),
        None => parse_other(cell.trim_ascii()),
    }
}

fn parse_other(cell: &[u8]) -> Cell {
    if let Some(value) = parse_small_integer(cell) {
        return Cell::Finite(value, value.into());
    }
    let text = String::from_utf8_lossy(cell);
    if text.is_empty() {
        return Cell::NotFinite("missing (the cell is empty)".to_owned());
    }
    match text.parse::<f64>().map(|double| (narrow(&text, double), double)) {
        Ok((value, double)) if value.is_finite() => Cell::Finite(value, double),
        Ok(_) if text.bytes().any(|byte| byte.is_ascii_digit()) => Cell::BeyondRange(shown::text(&text)),
        Ok((value, _)) => Cell::NotFinite(value.to_string()),
        Err(_) if MISSING.contains(&text.as_ref()) => Cell::NotFinite(format!("missing ({text})")),
        Err(_) => Cell::Text(shown::text(&text)),
    }
}

/// The `f32` nearest to what `text` says, of which `double` is the nearest `f64`. Rounding twice can only go wrong from
/// the middle between two `f32`, or among the subnormal ones.
fn narrow(text: &str, double: f64) -> f32 {
    const DROPPED: u64 = (1 << 29) - 1;
    let middle = double.to_bits() & DROPPED == 1 << 28;
    if middle || double.abs() < f64::from(f32::MIN_POSITIVE) {
        return text.parse().unwrap_or(f32::NAN);
    }
    double as f32
}

/// Pixels and counts: up to seven digits, exact in `f32` because below 2^24.
#[inline]
fn parse_small_integer(cell: &[u8]) -> Option<f32> {
    if cell.is_empty() || cell.len() > 7 {
        return None;
    }
    let mut value = 0_u32;
    for &byte in cell {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = 10 * value + u32::from(digit);
    }
    Some(value as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_nearest_single() {
        let cases: [(&str, f32); 9] = [
            ("0", 0.0),
            ("255", 255.0),
            ("9999999", 9_999_999.0),
            ("16777217", 16_777_216.0),
            (" -1.5e-3 ", -1.5e-3),
            ("+.5", 0.5),
            // Just above the middle of two: by way of `f64` it would become 1.
            ("1.00000005960464477540", 1.000_000_1),
            ("007", 7.0),
            ("3.4028235e38", f32::MAX),
        ];
        for (text, value) in cases {
            let Cell::Finite(single, double) = parse_cell(text.as_bytes()) else { panic!("{text}") };
            assert_eq!((single, double), (value, text.trim().parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_finite_number_is_told_apart() {
        for text in ["nan", "NaN", "-inf", "Infinity", "", "  ", "NA", "null"] {
            assert!(matches!(parse_cell(text.as_bytes()), Cell::NotFinite(_)), "{text}");
        }
        for text in ["1e39", "-1e400"] {
            assert_eq!(parse_cell(text.as_bytes()), Cell::BeyondRange(text.to_owned()));
        }
        for text in ["abc", "1,5", "0x10", "1 2", "--1"] {
            assert_eq!(parse_cell(text.as_bytes()), Cell::Text(text.to_owned()));
        }
        assert!(matches!(parse_cell(b"\xff1"), Cell::Text(_)));
    }
}
