//! Which row of the data each point of a map shows.

use anyhow::{Result, anyhow};
use gnomonic_datasets::{Labels, Map, Source, join};

use crate::args::ScoreArgs;
use crate::input::{Loaded, named};
use crate::table::counted;

/// The rows of the data that the points show.
pub(super) struct Matched {
    /// In the order of the points; `None` for all in their own order.
    rows: Option<Vec<usize>>,
    pub(super) by_name: bool,
}

impl Matched {
    /// The data of the points.
    pub(super) fn choose(&self, mut loaded: Loaded) -> Loaded {
        if let Some(rows) = &self.rows {
            loaded.dataset.matrix = loaded.dataset.matrix.select_rows(rows).into();
        }
        loaded
    }

    /// The labels of the points, of those of all rows.
    pub(super) fn select(&self, labels: &Labels) -> Labels {
        match &self.rows {
            Some(rows) => labels.select(rows),
            None => labels.clone(),
        }
    }
}

/// Finds the rows: by name where both name their rows, else by the map's index, else by position.
pub(super) fn rows(loaded: &Loaded, map: &Map, args: &ScoreArgs) -> Result<Matched> {
    let (n, points) = (loaded.dataset.matrix.n_samples(), map.points.n_samples());
    if let (Some(names), Some(keys)) = (map.row_names(loaded.key()), loaded.dataset.keys()) {
        if names == keys {
            return Ok(Matched { rows: None, by_name: false });
        }
        if let Some(rows) = join(names, keys, &Source::parse(&args.data))? {
            return Ok(Matched { rows: Some(rows), by_name: true });
        }
    }
    match &map.index {
        Some(index) => {
            let rows =
                index.iter().map(|&row| place(row, loaded, n, args)).collect::<Result<Vec<usize>>>()?;
            let is_all = rows.len() == n && rows.iter().enumerate().all(|(place, &row)| place == row);
            Ok(Matched { rows: (!is_all).then_some(rows), by_name: false })
        }
        None if n != points => Err(anyhow!(
            "{}: {} for the {} of {}; a map has one for each",
            named(&args.map),
            counted(points, "row"),
            counted(n, "row"),
            named(&args.data)
        )),
        None => Ok(Matched { rows: None, by_name: false }),
    }
}

/// Where a row of the data's file stands among the `n` that remain.
fn place(row: usize, loaded: &Loaded, n: usize, args: &ScoreArgs) -> Result<usize> {
    let kept = loaded.dataset.kept.as_ref();
    let (of, place) = match kept {
        Some(kept) => (kept.of, kept.rows.binary_search(&row).ok()),
        None => (n, Some(row).filter(|&row| row < n)),
    };
    place.ok_or_else(|| match row < of {
        true => anyhow!(
            "{}: its index names row {row} of {}, which lacks values and was left out",
            named(&args.map),
            named(&args.data)
        ),
        false => anyhow!(
            "{}: its index names row {row} of {}, which has rows 0 to {}; check that both belong together",
            named(&args.map),
            named(&args.data),
            of.saturating_sub(1)
        ),
    })
}
