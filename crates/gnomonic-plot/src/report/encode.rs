//! Text and bytes made safe to stand in an HTML file.

/// Text of the user's data as HTML content, by itself: whatever its direction of writing, the sentence around it keeps its own.
pub(super) fn foreign(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// Text as HTML content or as a quoted attribute value. What HTML forbids or no reader sees is spelled out: controls, and the
/// marks that begin and end a change of direction, which need not come in pairs.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                escaped.extend(c.escape_default());
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text as a JSON string with its quotes, which no `</script>` can end.
pub(super) fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => push_code(&mut json, c),
            c if c.is_control() => push_code(&mut json, c),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

fn push_code(json: &mut String, c: char) {
    json.push_str(&format!("\\u{:04x}", u32::from(c)));
}

/// Base64 with padding (RFC 4648, section 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().enumerate().fold(0u32, |group, (i, &byte)| group | u32::from(byte) << (16 - 8 * i));
        for i in 0..4 {
            if i <= chunk.len() {
                let six = group >> (18 - 6 * i) & 63;
                text.push(char::from(ALPHABET[six as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// Points in 16 bits per coordinate: x and y in turn, little-endian, as fractions of a square box.
pub(super) struct Quantized {
    /// The box's lower corner.
    pub(super) origin: [f32; 2],
    /// The box's side.
    pub(super) side: f32,
    /// `x, y, x, y, …`.
    pub(super) bytes: Vec<u8>,
}

/// Quantizes points to 1/65535 of the side of the smallest square that holds them all from their lower corner.
pub(super) fn quantize(points: &[[f32; 2]]) -> Quantized {
    let mut low = [f32::INFINITY; 2];
    let mut high = [f32::NEG_INFINITY; 2];
    for point in points {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    let side = (high[0] - low[0]).max(high[1] - low[1]);
    let side = if side > 0.0 { side } else { 1.0 };
    let bytes = points
        .iter()
        .flat_map(|point| [0, 1].map(|axis| (point[axis] - low[axis]) / side))
        .flat_map(|fraction| ((fraction * 65535.0).round() as u16).to_le_bytes())
        .collect();
    Quantized { origin: low, side, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_standard_vectors() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn text_cannot_leave_its_place() {
        assert_eq!(escape("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
        assert_eq!(escape("a\u{1b}[1m\u{202e}b\nc"), "a\\u{1b}[1m\\u{202e}b\nc");
        assert_eq!(foreign("<\u{5d0}>"), "<bdi>&lt;\u{5d0}&gt;</bdi>");
        assert_eq!(json_string("</script>\n\"\\"), "\"\\u003c/script\\u003e\\u000a\\\"\\\\\"");
    }

    #[test]
    fn quantized_points_come_back_within_half_a_step() {
        let points = [[-3.0, 1.0], [5.0, 2.0], [0.3, 1.7]];
        let quantized = quantize(&points);
        for (i, point) in points.iter().enumerate() {
            for axis in 0..2 {
                let at = 4 * i + 2 * axis;
                let value = u16::from_le_bytes([quantized.bytes[at], quantized.bytes[at + 1]]);
                let back = quantized.origin[axis] + quantized.side * f32::from(value) / 65535.0;
                assert!((back - point[axis]).abs() <= quantized.side / 65535.0);
            }
        }
        assert_eq!(quantize(&[[2.0, 2.0]; 3]).bytes, [0; 12]);
    }
}
