//! Whether the first line of a table names its columns.

use crate::formats::table::cell::is_number;
use crate::formats::table::records::Record;
use crate::formats::table::vectors::is_vector;

/// What a lone first line says when it is a header of labels.
const LABEL_NAMES: [&str; 5] = ["label", "labels", "class", "target", "y"];

/// Whether the first row names the columns. `named` is the label column asked for.
pub(crate) fn looks_like_header(
    first: &Record,
    second: Option<&Record>,
    named: Option<&str>,
    comma: bool,
) -> bool {
    let texts = || first.cells().filter(|cell| !is_number(cell, comma));
    let n_texts = texts().count();
    // R's `write.table` names all columns but the one of the names of the rows.
    if let Some(second) = second
        && first.len() >= 2
        && second.len() == first.len() + 1
        && !is_number(&second[0], comma)
        && second.cells().skip(1).all(|cell| is_number(cell, comma))
    {
        return true;
    }
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
        return known || second.cells().any(|cell| is_number(cell, comma) || is_vector(cell));
    }
    // Some cells are numbers: columns named 0, 1, 2, … beside a name or an unnamed row number.
    let over_numbers = || {
        first.cells().zip(second.cells()).all(|(name, cell)| is_number(name, comma) || is_number(cell, comma))
    };
    counts_on(first, comma) && (known || over_numbers())
}

/// Whether the numbers among the cells are whole ones, each one more than the last, from 0 or 1.
fn counts_on(cells: &Record, comma: bool) -> bool {
    let mut expected = None;
    cells.cells().filter(|cell| is_number(cell, comma)).all(|cell| {
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

/// The classes that scikit-learn's own files name in their first line: the number of rows, that of columns, and the classes' names, over
/// rows of one more column, the class's number. `None` for any other line.
pub(crate) fn class_names(first: &Record, second: Option<&Record>) -> Option<Vec<String>> {
    let whole = |cell: &[u8]| -> Option<usize> { std::str::from_utf8(cell).ok()?.trim().parse().ok() };
    let (n_features, width) = (whole(first.cells().nth(1)?)?, second?.len());
    whole(&first[0])?;
    let names: Vec<&[u8]> = first.cells().skip(2).map(<[u8]>::trim_ascii).collect();
    let named = names.len() > 1 && !names.iter().any(|name| name.is_empty() || is_number(name, false));
    let numbered = width.checked_sub(1)? == n_features && second?.cells().all(|cell| is_number(cell, false));
    let text = |name: &&[u8]| String::from_utf8_lossy(name).into_owned();
    (named && numbered && whole(&second?[n_features]).is_some()).then(|| names.iter().map(text).collect())
}

/// Columns from which on a header of numbers is told from data.
const NUMBERED: usize = 5;

/// Whether the first row is a scale, such as years or wavelengths: whole numbers in equal steps, over rows that are none.
pub(crate) fn is_scale(first: &Record, others: &[&Record]) -> bool {
    let in_steps = |row: &Record| -> bool {
        let number = |cell: &[u8]| -> Option<i64> { std::str::from_utf8(cell).ok()?.trim().parse().ok() };
        let numbers: Option<Vec<i64>> = row.cells().map(number).collect();
        let Some(numbers) = numbers else { return false };
        let step = |pair: &[i64]| pair[1].checked_sub(pair[0]);
        let first = numbers.get(..2).and_then(step);
        first.is_some_and(|first| first != 0) && numbers.windows(2).all(|pair| step(pair) == first)
    };
    first.len() >= NUMBERED && others.len() > 1 && in_steps(first) && !others.iter().any(|row| in_steps(row))
}
