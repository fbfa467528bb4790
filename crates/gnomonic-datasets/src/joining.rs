//! Rows of two files that are told apart by name, brought together.

use std::collections::HashMap;

use crate::error::{Error, ErrorKind, Result};
use crate::shown;
use crate::source::Source;
use crate::texts::Texts;

/// Where in `there`, the names that stand in `source`, each of the names `here` stands. `None` where rows are joined by position:
/// their names are the same in the same order, or those of one side only count the rows, or repeat.
///
/// # Errors
/// When names of both sides differ: the first that is not there, and how many are not.
pub fn join(here: &Texts, there: &Texts, source: &Source) -> Result<Option<Vec<usize>>> {
    if here.len() == there.len() && here.iter().zip(there.iter()).all(|(a, b)| a == b) {
        return Ok(None);
    }
    let mut places: HashMap<&str, usize> = HashMap::new();
    let room = places.try_reserve(there.len());
    room.map_err(|_| {
        source.error(ErrorKind::TooLarge, "joining its rows by name needs more memory than there is")
    })?;
    for (place, name) in there.iter().enumerate() {
        if places.insert(name, place).is_some() {
            // What repeats names no rows.
            return Ok(None);
        }
    }
    let found: Vec<Option<usize>> = here.iter().map(|name| places.get(name).copied()).collect();
    let missing = found.iter().filter(|place| place.is_none()).count();
    if missing == 0 {
        return Ok(Some(found.into_iter().flatten().collect()));
    }
    if missing == here.len() && (counts(here) || counts(there)) {
        return Ok(None);
    }
    let first = found.iter().position(Option::is_none).unwrap_or(0);
    Err(disagree(here, first, missing, source))
}

fn disagree(here: &Texts, first: usize, missing: usize, source: &Source) -> Error {
    let others = match missing {
        1 => String::new(),
        _ => format!(", nor {} others of the {}", missing - 1, here.len()),
    };
    source.error(
        ErrorKind::LengthMismatch,
        format!(
            "both files name their rows, but \"{}\" is not among its names{others}; check that both belong together, or leave the \
             column of names out of one of them",
            shown::text(here.get(first))
        ),
    )
}

/// Whether the names are the numbers from 0 or 1 on.
fn counts(names: &Texts) -> bool {
    (0..=1).any(|first| names.iter().enumerate().all(|(i, name)| name.parse() == Ok(i + first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(here: &[&str], there: &[&str]) -> Result<Option<Vec<usize>>> {
        join(&here.iter().copied().collect(), &there.iter().copied().collect(), &Source::file("y.csv"))
    }

    #[test]
    fn rows_are_joined_by_name_or_refused() {
        assert_eq!(joined(&["a", "b"], &["a", "b"]).unwrap(), None);
        assert_eq!(joined(&["a", "b"], &["b", "c", "a"]).unwrap(), Some(vec![2, 0]));
        assert_eq!(joined(&["2", "0"], &["0", "1", "2"]).unwrap(), Some(vec![2, 0]));
        // Numbers on one side only, and what repeats, say nothing of the other's names.
        assert_eq!(joined(&["a", "b"], &["0", "1"]).unwrap(), None);
        assert_eq!(joined(&["a", "b"], &["T cell", "T cell"]).unwrap(), None);
        let error = joined(&["a", "b", "c"], &["c", "d", "e"]).unwrap_err();
        assert!(error.to_string().contains("\"a\" is not among its names, nor 1 others of the 3"), "{error}");
        assert!(joined(&["a", "b"], &["c", "d"]).is_err());
    }
}
