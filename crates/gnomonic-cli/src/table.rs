//! Tables for people: columns as wide as their widest cell, words to the left, numbers to the right.

/// How a column lines up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Lays `rows` out in columns, two spaces apart. Rows may be shorter than `columns`; nothing ends in spaces.
pub(crate) fn layout(columns: &[Align], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let padding = " ".repeat(widths[column] - cell.chars().count());
            let separator = if column == 0 { "" } else { "  " };
            match columns[column] {
                Align::Left => line += &format!("{separator}{cell}{padding}"),
                Align::Right => line += &format!("{separator}{padding}{cell}"),
            }
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A count with its thousands set apart: `10,000`.
pub(crate) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count rounded down to two digits: an estimate has no more.
pub(crate) fn two_digits(count: usize) -> usize {
    let unit = 10_usize.pow(count.checked_ilog10().unwrap_or(0).saturating_sub(1));
    count / unit * unit
}

/// A count of things: `1 row`, `2 rows`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// A number of bytes in the unit that reads best: `11.6 MB`, with a thousand bytes to the kilobyte.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_do_not_end_in_spaces() {
        let rows = vec![
            vec!["kl".to_owned(), "1.5".to_owned()],
            vec!["silhouette".to_owned(), "-0.25".to_owned()],
            vec!["alone".to_owned()],
        ];
        assert_eq!(
            layout(&[Align::Left, Align::Right], &rows),
            "kl            1.5\nsilhouette  -0.25\nalone\n"
        );
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [0, 999, 1000, 70_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "70,000", "1,234,567"]
        );
    }

    #[test]
    fn estimates_have_two_digits() {
        assert_eq!([0, 7, 96, 949, 1_305_000_000].map(two_digits), [0, 7, 96, 940, 1_300_000_000]);
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "row")), ["0 rows", "1 row", "2 rows"]);
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!([5, 1000, 11_594_722, 999_960].map(bytes), ["5 B", "1.0 kB", "11.6 MB", "1.0 MB"]);
    }
}
