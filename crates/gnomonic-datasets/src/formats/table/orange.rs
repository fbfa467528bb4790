//! Orange's `.tab`: two lines under the header, which say what each column holds and what it is for.

use crate::formats::table::records::Record;

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Feature,
    Class,
    /// Told beside the features, and none of them.
    Meta,
    Ignored,
}

/// What each column is for, when the first two lines under the header say so.
pub(crate) fn roles(types: &Record, flags: &Record) -> Option<Vec<Role>> {
    const TYPES: [&str; 11] =
        ["continuous", "c", "numeric", "n", "discrete", "d", "categorical", "string", "s", "text", "time"];
    let is =
        |cell: &[u8], words: &[&str]| words.iter().any(|word| cell.eq_ignore_ascii_case(word.as_bytes()));
    // In place of a type may stand the values that there are, between blanks.
    let is_type = |cell: &[u8]| is(cell, &TYPES) || cell.is_empty() || cell.contains(&b' ');
    let types: Vec<&[u8]> = types.cells().map(<[u8]>::trim_ascii).collect();
    if types.len() != flags.len()
        || !types.iter().all(|cell| is_type(cell))
        || !types.iter().any(|cell| is(cell, &TYPES))
    {
        return None;
    }
    let role = |(cell, of): (&[u8], &&[u8])| {
        let first = cell.trim_ascii().split(u8::is_ascii_whitespace).next().unwrap_or_default();
        match first {
            b"" if is(of, &["string", "s", "text"]) => Some(Role::Meta),
            b"" => Some(Role::Feature),
            _ if is(first, &["class", "c"]) => Some(Role::Class),
            _ if is(first, &["meta", "m"]) => Some(Role::Meta),
            _ if is(first, &["ignore", "i", "skip", "weight", "w"]) => Some(Role::Ignored),
            _ => None,
        }
    };
    flags.cells().zip(&types).map(role).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(types: &[&str], flags: &[&str]) -> Option<Vec<Role>> {
        let record =
            |cells: &[&str]| Record::of(&cells.iter().map(|cell| cell.as_bytes()).collect::<Vec<_>>(), 1);
        roles(&record(types), &record(flags))
    }

    #[test]
    fn two_lines_say_types_and_uses() {
        let told = of(&["continuous", "c", "a b c", "string", "d"], &["", "", "class", "meta", "i"]).unwrap();
        assert_eq!(told, [Role::Feature, Role::Feature, Role::Class, Role::Meta, Role::Ignored]);
        assert_eq!(of(&["1.5", "c"], &["", ""]), None);
        assert_eq!(of(&["c", "c"], &["1", "2"]), None);
        assert_eq!(of(&["", ""], &["", ""]), None);
    }
}
