//! Lines in the midst of a table, or after it, that are no rows of it: what spreadsheets, databases and people leave there.

use crate::formats::table::records::Record;

/// What such lines are, in words for one and for several.
pub(crate) const KINDS: [[&str; 2]; 5] = [
    ["empty row", "empty rows"],
    ["line of a frame", "lines of a frame"],
    ["repeated header", "repeated headers"],
    ["line that counts the rows", "lines that count the rows"],
    ["sign of the end", "signs of the end"],
];

/// What a line is, where it is no row of a table of `width` columns (0 where that is not known) under these names: its place among the
/// kinds.
pub(crate) fn kind(record: &Record, width: usize, names: Option<&Record>) -> Option<usize> {
    if record.len() == 1 {
        // A single column may hold anything.
        return if width == 1 { None } else { of_one_cell(record[0].trim_ascii()) };
    }
    if record.cells().all(|cell| cell.trim_ascii().is_empty()) {
        return Some(0);
    }
    // Markdown's `|---|:--:|`, and what other tools draw between the rows.
    let is_frame = |cell: &[u8]| {
        cell.is_empty()
            || (cell.len() > 1 && cell.iter().all(|byte| matches!(byte, b'-' | b':' | b'=' | b'+')))
    };
    if record.cells().all(|cell| is_frame(cell.trim_ascii())) {
        return Some(1);
    }
    let same = |names: &Record| {
        names.len() == record.len()
            && names.cells().zip(record.cells()).all(|(a, b)| a.trim_ascii() == b.trim_ascii())
    };
    names.is_some_and(same).then_some(2)
}

fn of_one_cell(cell: &[u8]) -> Option<usize> {
    if cell == [0x1a] {
        return Some(4);
    }
    if is_frame(cell) {
        return Some(1);
    }
    // `(60 rows)`, `60 rows in set (0.01 sec)`, `(60 rows affected)`
    let cell = cell.strip_prefix(b"(").unwrap_or(cell);
    let digits = cell.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = cell[digits..].strip_prefix(b" row")?;
    let rest = rest.strip_prefix(b"s").unwrap_or(rest);
    let ends = rest.is_empty() || rest.starts_with(b")") || rest.starts_with(b" ");
    (digits > 0 && ends).then_some(3)
}

/// Whether a line is drawn: `----+----`.
pub(crate) fn is_frame(line: &[u8]) -> bool {
    let drawn = |byte: &u8| matches!(byte, b'-' | b'+' | b'=' | b'|' | b':');
    line.len() > 2 && line.iter().all(drawn) && line.windows(2).any(|pair| pair == b"--" || pair == b"==")
}

/// What is to be said of the lines that were skipped.
pub(crate) fn said(skipped: &[usize; KINDS.len()]) -> Vec<String> {
    let said = |(count, [one, several]): (&usize, &[&str; 2])| match count {
        0 => None,
        1 => Some(format!("1 {one} skipped")),
        _ => Some(format!("{count} {several} skipped")),
    };
    skipped.iter().zip(&KINDS).filter_map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[&str], width: usize) -> Option<usize> {
        let names = Record::of(&[b"a", b"b"], 1);
        let cells: Vec<&[u8]> = cells.iter().map(|cell| cell.as_bytes()).collect();
        kind(&Record::of(&cells, 2), width, Some(&names))
    }

    #[test]
    fn what_is_no_row_is_told() {
        assert_eq!(of(&["", " "], 2), Some(0));
        assert_eq!(of(&["---", ":--:"], 2), Some(1));
        assert_eq!(of(&["-----+-----"], 2), Some(1));
        assert_eq!(of(&["a", " b"], 2), Some(2));
        assert_eq!(of(&["(60 rows)"], 2), Some(3));
        assert_eq!(of(&["1 row in set (0.00 sec)"], 2), Some(3));
        assert_eq!(of(&["\u{1a}"], 2), Some(4));
        for cells in [["1", "2"], ["-", "-"], ["", "2"]] {
            assert_eq!(of(&cells, 2), None, "{cells:?}");
        }
        assert_eq!(of(&["(60 rows)"], 1), None);
        assert_eq!(of(&["rows"], 2), None);
        assert_eq!(of(&["60 rowing"], 2), None);
    }
}
