//! `gnomonic inspect`

use std::ffi::OsString;

use anyhow::Result;
use gnomonic_datasets::{Column, Inspection, ReadOptions, Remedy, Source, Use, inspect, shown};

use crate::args::InspectArgs;
use crate::budget::Limit;
use crate::input::{advise_reading, label_column, named};
use crate::output::{check_stdout, write_stdout};
use crate::plan::Input;
use crate::pool;
use crate::progress::Progress;
use crate::table::{Align, counted, grouped, layout};

/// Columns that are listed before the rest is summed up, and cells of the first rows.
const LISTED: usize = 30;
const CELLS: usize = 8;

/// Tells how a file is read.
pub(super) fn run(args: &InspectArgs) -> Result<()> {
    check_stdout()?;
    pool::start(None, &mut Progress::new(true))?;
    let input = Input::from(&args.input);
    let limit = Limit::new(None);
    let options = ReadOptions {
        label_column: label_column(&input.labels),
        memory: limit.for_reading(0),
        ..input.table.clone()
    };
    let inspection = inspect(&Source::parse(&input.typed), &options)
        .map_err(|error| advise_reading(error, &input, &limit))?;
    write_stdout(told(&inspection, &input).as_bytes())?;
    Ok(())
}

fn told(inspection: &Inspection, input: &Input) -> String {
    let mut text = format!(
        "{}: {}, {} × {}",
        named(&input.typed),
        inspection.format,
        grouped(inspection.n_samples),
        grouped(inspection.n_features)
    );
    if !inspection.dialect.is_empty() {
        text += &format!("; {}", inspection.dialect.join(", "));
    }
    text += "\n\n";
    text += &columns(inspection);
    text += "\n";
    text += &first_rows(inspection);
    if inspection.lacking > 0 {
        text += &format!(
            "\n{} lack values: they are refused, or left out (--missing drop: {} remain), or filled in (--missing mean|median)\n",
            counted(inspection.lacking, "row"),
            grouped(inspection.n_samples - inspection.lacking)
        );
    }
    for note in &inspection.notes {
        text += &format!("\nnote: {}\n", note.text);
    }
    match &inspection.refusal {
        Some(refusal) => text += &format!("\nIt cannot be mapped as it is: {refusal}\n"),
        None => text += &format!("\nTo map it:\n  {}\n", command(inspection, input)),
    }
    text
}

/// A line for each column, and one for those that are alike beyond the first.
fn columns(inspection: &Inspection) -> String {
    let mut rows = vec![["column", "name", "holds", "range", "missing", "is"].map(str::to_owned).to_vec()];
    rows.extend(inspection.columns.iter().take(LISTED).map(line));
    let align = [Align::Right, Align::Left, Align::Left, Align::Left, Align::Right, Align::Left];
    let mut text = layout(&align, &rows);
    if inspection.columns.len() > LISTED {
        let rest = &inspection.columns[LISTED..];
        let (low, high) = rest
            .iter()
            .filter_map(|column| column.range)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), range| {
                (low.min(range.0), high.max(range.1))
            });
        let range = if low <= high { format!(", {} to {}", short(low), short(high)) } else { String::new() };
        let missing: usize = rest.iter().map(|column| column.missing).sum();
        let missing = if missing > 0 { format!(", {missing} missing") } else { String::new() };
        let mapped = rest.iter().filter(|column| column.used == Use::Value).count();
        text += &format!("and {} more, of which {mapped} are mapped{range}{missing}\n", rest.len());
    }
    text
}

fn line(column: &Column) -> Vec<String> {
    let used = match column.used {
        Use::Value => "mapped",
        Use::Label => "the labels",
        Use::RowNames => "the names of the rows",
        Use::Numbers => "left out: it numbers the rows",
        Use::Carried => "carried along",
        _ => "left out",
    };
    let mut used = used.to_owned();
    if column.used == Use::Value && column.texts > 0 {
        used += &format!(", but for {} of text", counted(column.texts, "cell"));
    } else if column.used == Use::Value && column.range.is_some_and(|(low, high)| low == high) {
        used += ", all the same";
    }
    vec![
        column.number.to_string(),
        shown::text(&column.name),
        column.kind.to_owned(),
        column.range.map_or(String::new(), |(low, high)| format!("{} to {}", short(low), short(high))),
        column.missing.to_string(),
        used,
    ]
}

/// A number with six digits, and no more than it has.
fn short(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e7).contains(&size) {
        return format!("{value:.3e}");
    }
    let rounded: f64 = format!("{value:.5}").parse().unwrap_or(value);
    (rounded + 0.0).to_string()
}

fn first_rows(inspection: &Inspection) -> String {
    /// Letters of a cell.
    const LETTERS: usize = 24;
    let cell = |text: &String| {
        let text = shown::text(text);
        match text.char_indices().nth(LETTERS) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    };
    let row = |cells: &Vec<String>| {
        let mut shown: Vec<String> = cells.iter().take(CELLS).map(cell).collect();
        if cells.len() > CELLS {
            shown.push("…".to_owned());
        }
        shown
    };
    let rows: Vec<Vec<String>> = inspection.first.iter().map(row).collect();
    let widest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let lines = layout(&vec![Align::Left; widest], &rows);
    format!("the first rows\n{}", lines.lines().map(|line| format!("  {line}\n")).collect::<String>())
}

/// The command that maps the file, with what was typed here, and what is likely wanted beside it.
fn command(inspection: &Inspection, input: &Input) -> String {
    let mut words: Vec<OsString> = vec!["gnomonic".into(), "embed".into()];
    // As typed, after the name of this command.
    words.extend(std::env::args_os().skip(2));
    let mut text: Vec<String> = words.iter().map(|word| quoted(&word.to_string_lossy())).collect();
    let has_labels = inspection.columns.iter().any(|column| column.used == Use::Label);
    let asked = !matches!(input.labels, crate::plan::LabelSource::WithData);
    let mut excluded = Vec::new();
    for note in &inspection.notes {
        match note.remedies.as_slice() {
            [Remedy::LabelColumn(Some(number)), ..] if !has_labels && !asked => {
                text.push(format!("--label-column {number}"));
            }
            [Remedy::Exclude(number)] => excluded.push(number.to_string()),
            _ => {}
        }
    }
    if !excluded.is_empty() {
        text.push(format!("--exclude {}", excluded.join(",")));
    }
    if inspection.lacking > 0 && input.table.missing == gnomonic_datasets::Missing::Error {
        // Where few rows lack something, little is lost with them.
        let few = 20 * inspection.lacking <= inspection.n_samples;
        text.push(format!("--missing {}", if few { "drop" } else { "median" }));
    }
    text.push("-o map.csv --plot map.png".to_owned());
    text.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", shown::text(word).replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0.0, -0.0, 1.5, 0.1 + 0.2, 123_456.0, 1e9, 1e-7].map(short),
            ["0", "0", "1.5", "0.3", "123456", "1.000e9", "1.000e-7"]
        );
    }

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(["a-b.csv", "a b", "it's", ""].map(quoted), ["a-b.csv", "'a b'", r"'it'\''s'", "''"]);
    }
}
