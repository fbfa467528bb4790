//! Text from files, and their names, made fit to be shown in a message.
//!
//! A file may hold anything: sequences that a terminal obeys, marks that turn the order of letters around, a name of ten
//! million letters. Here what would act, or would not be seen, is spelled out as in `\u{1b}`, and what is long is cut in
//! the middle. Every message of this crate goes through these functions, and so does what the command says.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

/// Characters of a value, a name or a key that are shown.
const LONGEST: usize = 80;

/// Characters of a path that are shown: enough to copy any that people make.
const LONGEST_PATH: usize = 1_000;

/// Characters of what others say.
const LONGEST_SAYING: usize = 300;

/// A value, a name or a key.
#[must_use]
pub fn text(text: &str) -> String {
    cut(text, LONGEST)
}

/// A path, of which bytes that are not UTF-8 show as `�`.
#[must_use]
pub fn path(path: &Path) -> String {
    cut(&path.to_string_lossy(), LONGEST_PATH)
}

/// What another program, or a server, says of an error.
pub(crate) fn saying(text: &str) -> String {
    cut(text, LONGEST_SAYING)
}

/// A whole message, of any length, whose line ends and tabs stay.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    let acts = |c: char| acts_or_hides(c) && !matches!(c, '\n' | '\t');
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push(&mut shown, c, acts(c)));
    Cow::Owned(shown)
}

/// At most `longest` characters, half of them from the end.
fn cut(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    let mut spell = |part: &str| part.chars().for_each(|c| push(&mut shown, c, acts_or_hides(c)));
    let Some(_) = text.char_indices().nth(longest) else {
        spell(text);
        return shown;
    };
    let half = longest / 2;
    let start = text.char_indices().nth(half).map_or(text.len(), |(at, _)| at);
    let end = text.char_indices().rev().nth(half - 1).map_or(0, |(at, _)| at);
    spell(&text[..start]);
    spell(" … ");
    spell(&text[end..]);
    shown
}

fn push(shown: &mut String, c: char, spelled: bool) {
    if spelled {
        let _ = write!(shown, "{}", c.escape_default());
    } else {
        shown.push(c);
    }
}

/// Whether a terminal may obey the character, or it changes what others look like and is itself not seen: controls, marks of
/// the direction of writing (Unicode's `Bidi_Control`), separators of lines, spaces of no width, tags.
fn acts_or_hides(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_spelled_out() {
        assert_eq!(text("a\u{1b}[31mred"), r"a\u{1b}[31mred");
        assert_eq!(text("two\nlines\tand\r"), r"two\nlines\tand\r");
        assert_eq!(text("\u{9b}2J\u{7f}"), r"\u{9b}2J\u{7f}");
        assert_eq!(text("abc\u{202e}fed\u{2066}"), r"abc\u{202e}fed\u{2066}");
        assert_eq!(text("héé 손글씨 …"), "héé 손글씨 …");
    }

    #[test]
    fn what_is_long_is_cut_in_the_middle() {
        let long = format!("begin{}end", "x".repeat(10_000_000));
        let shown = text(&long);
        assert!(shown.starts_with("begin") && shown.contains('…') && shown.ends_with("end"), "{shown}");
        assert_eq!(shown.chars().count(), LONGEST + 3);
        assert_eq!(text(&"é".repeat(LONGEST)), "é".repeat(LONGEST));
        assert!(path(Path::new(&"d/".repeat(400))).len() == 800);
        assert!(path(Path::new(&"d/".repeat(4_000))).len() < 1_100);
    }

    #[test]
    fn a_message_keeps_its_lines() {
        assert_eq!(lines("error: a\n\tb\u{1b}c\r"), "error: a\n\tb\\u{1b}c\\r");
        assert!(matches!(lines("plain\ntext"), Cow::Borrowed(_)));
    }
}
