//! One cell of a table of text, as a number.

use crate::shown;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// As the nearest `f32` and the nearest `f64`.
    Finite(f32, f64),
    /// Nothing, or a word for it; in words.
    Missing(String),
    /// An infinity; in words.
    NotFinite(String),
    /// A number beyond the range of `f32`.
    BeyondRange(String),
    Text(String),
}

/// What tools and people write where a value is missing; NaN is among the numbers.
const MISSING: [&str; 11] = ["NA", "N/A", "n/a", "null", "NULL", "None", "none", "<NA>", ".", "?", "-"];

/// Whether the cell is a finite number, with a comma before its decimals or a period.
pub(crate) fn is_number(cell: &[u8], comma: bool) -> bool {
    matches!(parse_cell(cell, comma), Cell::Finite(..) | Cell::BeyondRange(_))
}

/// Whether nothing stands there, or a word for it.
pub(crate) fn is_missing(cell: &[u8]) -> bool {
    matches!(parse_cell(cell, false), Cell::Missing(_))
}

/// 1 or 0, of a word for true or false.
pub(crate) fn parse_boolean(cell: &[u8]) -> Option<f32> {
    let cell = cell.trim_ascii();
    let is = |words: [&str; 2]| words.iter().any(|word| cell.eq_ignore_ascii_case(word.as_bytes()));
    if is(["true", "yes"]) {
        Some(1.0)
    } else if is(["false", "no"]) {
        Some(0.0)
    } else {
        None
    }
}

/// Reads a cell, rounding to the nearest `f32` and `f64`.
#[inline]
pub(crate) fn parse_cell(cell: &[u8], comma: bool) -> Cell {
    match parse_small_integer(cell) {
        Some(value) => Cell::Finite(value, value.into()),
        None => parse_other(cell.trim_ascii(), comma),
    }
}

fn parse_other(cell: &[u8], comma: bool) -> Cell {
    if let Some(value) = parse_small_integer(cell) {
        return Cell::Finite(value, value.into());
    }
    let text = String::from_utf8_lossy(cell);
    if text.is_empty() {
        return Cell::Missing("missing (the cell is empty)".to_owned());
    }
    let plain = if comma && text.contains([',', '.']) { None } else { text.parse::<f64>().ok() };
    let number = plain.map(|double| (narrow(&text, double), double)).or_else(|| {
        let spelled = spelled_plainly(&text, comma)?;
        let double = spelled.parse().ok()?;
        Some((narrow(&spelled, double), double))
    });
    match number {
        Some((value, double)) if value.is_finite() => Cell::Finite(value, double),
        Some(_) if text.bytes().any(|byte| byte.is_ascii_digit()) => Cell::BeyondRange(shown::text(&text)),
        Some((value, _)) if value.is_nan() => Cell::Missing(value.to_string()),
        Some((value, _)) => Cell::NotFinite(value.to_string()),
        None if MISSING.contains(&text.as_ref()) => Cell::Missing(format!("missing ({text})")),
        None => Cell::Text(shown::text(&text)),
    }
}

/// Longer cells than this are no numbers in another spelling.
const LONGEST_SPELLING: usize = 64;

/// A number that people or older tools spelled, as Rust spells it: a decimal comma, groups of thousands (`1,234.5`, `1 234`, `1'234`),
/// the minus sign of Unicode, Fortran's `1.5D+03`, a sign of money before it or a `%` after it. `None` when it is none of these.
fn spelled_plainly(text: &str, comma: bool) -> Option<String> {
    if text.len() > LONGEST_SPELLING || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let text = text.strip_suffix('%').unwrap_or(text).trim_end();
    let (sign, text) = match text.strip_prefix(['-', '\u{2212}', '+']) {
        Some(rest) => (if text.starts_with('+') { "" } else { "-" }, rest),
        None => ("", text),
    };
    let text = text.strip_prefix(['$', '€', '£', '¥']).unwrap_or(text).trim_start();
    let (decimal, thousands) = if comma { (',', '.') } else { ('.', ',') };
    let (mantissa, exponent) = match text.find(['e', 'E', 'd', 'D']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    let (whole, fraction) = mantissa.split_once(decimal).unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = exponent.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(exponent);
    if !digits(fraction) || !digits(unsigned) || (mantissa.len() < text.len() && unsigned.is_empty()) {
        return None;
    }
    let is_group = |c: char| c == thousands || matches!(c, '\u{a0}' | '\u{202f}' | ' ' | '\'' | '\u{2019}');
    let mut groups = whole.split(is_group);
    let first = groups.next().unwrap_or_default();
    let mut number = format!("{sign}{first}");
    let mut more = false;
    for group in groups {
        if group.len() != 3 || !digits(group) || first.is_empty() || first.len() > 3 {
            return None;
        }
        more = true;
        number.push_str(group);
    }
    if !digits(first) || (more && first.len() > 3) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    if !fraction.is_empty() {
        number.push('.');
        number.push_str(fraction);
    }
    if !unsigned.is_empty() {
        number.push('e');
        number.push_str(&exponent.replace('\u{2212}', "-"));
    }
    Some(number)
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
            let Cell::Finite(single, double) = parse_cell(text.as_bytes(), false) else { panic!("{text}") };
            assert_eq!((single, double), (value, text.trim().parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_finite_number_is_told_apart() {
        for text in ["nan", "NaN", "", "  ", "NA", "null", "-", ".", "?"] {
            assert!(matches!(parse_cell(text.as_bytes(), false), Cell::Missing(_)), "{text}");
        }
        for text in ["-inf", "Infinity"] {
            assert!(matches!(parse_cell(text.as_bytes(), false), Cell::NotFinite(_)), "{text}");
        }
        for text in ["1e39", "-1e400"] {
            assert_eq!(parse_cell(text.as_bytes(), false), Cell::BeyondRange(text.to_owned()));
        }
        for text in [
            "abc",
            "1,5",
            "0x10",
            "1 2",
            "--1",
            "1,23,456",
            "12,3456",
            ",",
            "2026-01-01",
            "e5",
            "5e",
            "%",
            "1.2.3",
        ] {
            assert_eq!(parse_cell(text.as_bytes(), false), Cell::Text(text.to_owned()));
        }
        assert!(matches!(parse_cell(b"\xff1", false), Cell::Text(_)));
    }

    #[test]
    fn numbers_as_people_spell_them() {
        let cases = [
            ("1,234.5", false, 1234.5),
            ("1,234,567", false, 1_234_567.0),
            ("\u{2212}3", false, -3.0),
            ("1.5D+03", false, 1500.0),
            ("1\u{202f}234", false, 1234.0),
            ("1'234.5", false, 1234.5),
            ("12%", false, 12.0),
            ("$ 3.50", false, 3.5),
            ("-$3", false, -3.0),
            ("1,5", true, 1.5),
            ("-0,25e-2", true, -0.0025),
            ("1.234,5", true, 1234.5),
            ("1234567", true, 1_234_567.0),
        ];
        for (text, comma, value) in cases {
            assert_eq!(parse_cell(text.as_bytes(), comma), Cell::Finite(value as f32, value), "{text}");
        }
        // A period groups thousands where a comma stands before the decimals.
        assert_eq!(parse_cell(b"1.234", true), Cell::Finite(1234.0, 1234.0));
        assert_eq!(parse_cell(b"1.5", true), Cell::Text("1.5".to_owned()));
    }

    #[test]
    fn words_for_true_and_false() {
        assert_eq!(
            ["True", "no", " YES", "0"].map(|word| parse_boolean(word.as_bytes())),
            [Some(1.0), Some(0.0), Some(1.0), None]
        );
    }
}
