//! Titles, notes and what else stands in lines before a table, where nothing marks them.

use crate::formats::table::cell::is_number;
use crate::formats::table::dialect::cells;
use crate::formats::table::noise::is_frame;

/// Lines that may stand before a table.
const MOST: usize = 30;

/// How many of the first lines are none of the table's, and what separates the cells of the others; `None` where all are, or nothing
/// tells. The table's lines are told by having as many cells as most in the second half.
pub(crate) fn told(lines: &[&[u8]], delimiter: Option<u8>) -> Option<(usize, u8)> {
    let filled: Vec<(usize, &[u8])> = lines
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty() && !is_frame(line))
        .take(2 * MOST + 8)
        .collect();
    if filled.len() < 4 {
        return None;
    }
    // A line after the table, or one that was cut short, is no reason to see none.
    let width_of = |delimiter: u8| {
        let widths: Vec<usize> =
            filled[filled.len() / 2..].iter().map(|(_, line)| cells(line, delimiter).len()).collect();
        let width = *widths.first()?;
        let same = widths.iter().filter(|&&other| other == width).count();
        (width > 1 && 5 * same >= 4 * widths.len()).then_some((width, delimiter))
    };
    let candidates = delimiter.map_or(vec![b',', b'\t', b';', b'|'], |delimiter| vec![delimiter]);
    let even: Vec<(usize, u8)> = candidates.into_iter().filter(|&d| d != b' ').filter_map(width_of).collect();
    // Where the first line is as wide as the others, it is one of them.
    if even.iter().any(|&(width, delimiter)| cells(filled[0].1, delimiter).len() == width) {
        return None;
    }
    let (width, delimiter) = even.into_iter().max_by_key(|&(width, _)| width)?;
    let has = |line: &[u8]| cells(line, delimiter).len();
    let mut titles = filled.iter().take_while(|(_, line)| has(line) < width).count();
    let first_row = filled.get(titles)?.1;
    // R names one column fewer, over rows of numbers.
    let holds_numbers =
        cells(first_row, delimiter).iter().any(|cell| is_number(cell, true) || is_number(cell, false));
    if titles > 0 && has(filled[titles - 1].1) == width - 1 && holds_numbers {
        titles -= 1;
    }
    if titles == 0 || titles > MOST {
        return None;
    }
    // Numbers, as scikit-learn begins its own files with, or as a row that was cut short has, are no title.
    let is_text = |line: &[u8]| {
        let first = cells(line, delimiter);
        first
            .first()
            .is_some_and(|cell| cell.iter().any(|byte| byte.is_ascii_alphabetic()) && !is_number(cell, true))
    };
    filled[..titles].iter().all(|(_, line)| is_text(line)).then_some((filled[titles].0, delimiter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(usize, u8)> {
        told(&text.lines().map(str::as_bytes).collect::<Vec<_>>(), None)
    }

    #[test]
    fn titles_have_fewer_cells_than_rows() {
        let rows = "1,2,3\n4,5,6\n7,8,9\n1,1,1\n";
        assert_eq!(of(&format!("Flowers of 1936\n\na,b,c\n{rows}")), Some((2, b',')));
        assert_eq!(of(&format!("From: me, to: you\nDate: today\na,b,c\n{rows}")), Some((2, b',')));
        assert_eq!(of(&format!("Title; with one\n{rows}")), Some((1, b',')));
        assert_eq!(of(&format!("a,b\n{rows}")), None, "R names one column fewer");
        assert_eq!(of(&format!("4,2\n{rows}")), None, "what is a row may have been cut");
        assert_eq!(of(&format!("a,b,c\n{rows}")), None);
        assert_eq!(of("a;b\n1,5;2,5\n1,5;2,5\n1,5;2,5\n"), None, "a comma before decimals");
        assert_eq!(of("a title\n1,2\n"), None);
    }
}
