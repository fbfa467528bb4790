//! What the first rows of a table tell of it: which separator it uses, and whether its first line names the columns.

use crate::formats::table::cell::is_number;
use crate::formats::table::records::Record;

/// What a lone first line says when it is a header of labels.
const LABEL_NAMES: [&str; 5] = ["label", "labels", "class", "target", "y"];

/// The separator that the first line holds most of, outside quotes; a comma when it holds none.
pub(crate) fn sniff_delimiter(prefix: &[u8]) -> u8 {
    const CANDIDATES: [u8; 4] = [b',', b'\t', b';', b' '];
    let mut counts = [0_usize; CANDIDATES.len()];
    let mut quoted = false;
    let mut started = false;
    for &byte in prefix {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if started && !quoted => break,
            _ if quoted => {}
            _ => {
                started |= !byte.is_ascii_whitespace();
                if let Some(at) = CANDIDATES.iter().position(|&candidate| candidate == byte) {
                    counts[at] += 1;
                }
            }
        }
    }
    // Spaces separate only when nothing else does: `a, b, c` and `red car<TAB>blue car` have more of them.
    let best = (0..3).max_by_key(|&at| (counts[at], 3 - at)).unwrap_or(0);
    match (counts[best], counts[3]) {
        (0, 0) => b',',
        (0, _) => b' ',
        _ => CANDIDATES[best],
    }
}

/// Whether the first row names the columns. `named` is the label column asked for.
pub(crate) fn looks_like_header(first: &Record, second: Option<&Record>, named: Option<&str>) -> bool {
    let texts = || first.cells().filter(|cell| !is_number(cell));
    let n_texts = texts().count();
    if n_texts == 0 {
        return second.is_some_and(|second| counts_columns(first, second));
    }
    let says = |cell: &[u8], name: &str| cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes());
    if named.is_some_and(|name| texts().any(|cell| says(cell, name))) {
        return true;
    }
    let known = texts().any(|cell| LABEL_NAMES.iter().any(|name| says(cell, name)));
    let Some(second) = second.filter(|second| second.len() == first.len()) else {
        return known || (n_texts == first.len() && first.len() > 1);
    };
    if n_texts == first.len() {
        return known || second.cells().any(is_number);
    }
    // Some cells are numbers: columns named 0, 1, 2, … beside a name or an unnamed row number.
    let over_numbers =
        || first.cells().zip(second.cells()).all(|(name, cell)| is_number(name) || is_number(cell));
    counts_on(first) && (known || over_numbers())
}

/// Whether the numbers among the cells are whole ones, each one more than the last, from 0 or 1.
fn counts_on(cells: &Record) -> bool {
    let mut expected = None;
    cells.cells().filter(|cell| is_number(cell)).all(|cell| {
        let number: Option<u64> = std::str::from_utf8(cell).ok().and_then(|cell| cell.trim().parse().ok());
        let counts = number.is_some_and(|number| expected.map_or(number <= 1, |expected| number == expected));
        expected = number.and_then(|number| number.checked_add(1));
        counts
    })
}

/// Whether the first row is exactly 0, 1, 2, …: the names pandas gives to columns that have none. Of one or two columns
/// such rows are common as data, and where the second row counts on, the table is a counted one.
fn counts_columns(first: &Record, second: &Record) -> bool {
    let counts_from = |row: &Record, start: usize| {
        row.cells().zip(start..).all(|(cell, number)| cell.trim_ascii() == number.to_string().as_bytes())
    };
    first.len() >= 3
        && second.len() == first.len()
        && counts_from(first, 0)
        && !counts_from(second, first.len())
}
