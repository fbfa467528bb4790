//! What `score`, `compare`, `transform` and `plot` need, before they begin.

use anyhow::Result;
use gnomonic::observer::Stage;
use gnomonic::{NeighborMethod, Tsne};
use gnomonic_plot::Figure;

use super::{BLOCK, Limit, NEIGHBOR, Need, PROCESS, ROWS_AT_A_TIME, WRITTEN_POINT, need};
use crate::failure::Usage;
use crate::input::named;
use crate::measures::VOTERS;
use crate::table::bytes;

/// A point of a map that was read: two numbers, its index and its label.
const MAP_POINT: f64 = 24.0;
/// A neighbor whose rank is counted, and its rows at a time.
const RANKED: f64 = 24.0;
/// What a point becomes in a picture: its place and its color, once as given and once in the order of drawing.
const DRAWN_POINT: f64 = 60.0;
/// Fonts and what is drawn of them.
const FONTS: f64 = 14e6;
/// Of the bytes of the pixels, what they are packed to, twice: little where most of a picture is ground.
const PACKED: f64 = 0.15;

/// Scores to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scoring {
    /// Rows and columns of the data as it stands in its file.
    pub(crate) rows: usize,
    pub(crate) n_features: usize,
    pub(crate) is_mapped: bool,
    /// Points of the map, each of which is a row of the data.
    pub(crate) n_samples: usize,
    pub(crate) perplexity: f64,
    /// Neighbors that trustworthiness and continuity look at.
    pub(crate) n_neighbors: usize,
    pub(crate) threads: usize,
}

impl Scoring {
    /// The needs of each stage.
    ///
    /// # Errors
    /// When there are too few rows for the perplexity.
    pub(crate) fn needs(&self) -> gnomonic::Result<Vec<Need>> {
        let (n, d) = (self.n_samples as f64, self.n_features as f64);
        let map = MAP_POINT * n;
        let file = if self.is_mapped { BLOCK } else { 4.0 * self.rows as f64 * d };
        let data = 4.0 * n * d;
        // Rows that the map chooses are copied.
        let chosen = if self.rows == self.n_samples { 0.0 } else { data };
        let held = map + data;
        let found = self.estimate(gnomonic::affinities::n_neighbors(self.perplexity, self.n_samples))?;
        let of_voters = self.estimate(VOTERS)?;
        let search = found.searching.max(of_voters.searching);
        let k = found.n_neighbors.max(VOTERS as f64).min(n);
        // Those of the data stay, those for the perplexity are a copy where they are fewer, and their distances are another.
        let copies = if k > found.n_neighbors { NEIGHBOR * n * k } else { 0.0 } + 4.0 * n * found.n_neighbors;
        let voters = NEIGHBOR * n * VOTERS as f64;
        let ranked = self.estimate(self.n_neighbors.min(self.n_samples / 2))?;
        let ranking = self.threads as f64 * (256.0 * RANKED * ranked.n_neighbors + 4.0 * ROWS_AT_A_TIME * d)
            + NEIGHBOR * n * ranked.n_neighbors;
        let ranks = ranked.searching.max(PROCESS + ranking);
        Ok(vec![
            need("read", PROCESS + map + file + chosen),
            need("neighbors", held + search),
            need("kl", held + found.affinities + copies + voters),
            need("trustworthiness and continuity", held + voters + ranks),
        ])
    }

    /// What the library says of an exact search for `k` neighbors of each row, and of P made of them.
    fn estimate(&self, k: usize) -> gnomonic::Result<Search> {
        let k = k.min(self.n_samples.saturating_sub(1)).max(3);
        // A perplexity has three times as many neighbors.
        let tsne = Tsne::new()
            .perplexity((k as f64 + 0.5) / 3.0)
            .neighbor_method(NeighborMethod::Exact)
            .threads(Some(self.threads));
        let estimate = tsne.estimate(self.n_samples, self.n_features)?;
        let bytes = |stage| {
            let found = estimate.stages.iter().find(|other| other.stage == stage);
            found.map_or(0.0, |stage| stage.bytes as f64)
        };
        let n_neighbors = estimate.n_neighbors as f64;
        Ok(Search { n_neighbors, searching: bytes(Stage::Neighbors), affinities: bytes(Stage::Affinities) })
    }
}

/// Bytes beside the data.
struct Search {
    n_neighbors: f64,
    searching: f64,
    affinities: f64,
}

/// Two maps to be compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparing {
    /// Points of each.
    pub(crate) n_samples: usize,
    /// The most neighbors that are compared.
    pub(crate) n_neighbors: usize,
    /// Whether there is a table of the points.
    pub(crate) is_written: bool,
}

/// What joins a row of one map to that of another, and what is found for it; and its line in a table.
const JOINED_POINT: f64 = 200.0;
const LINE: f64 = 100.0;

impl Comparing {
    /// The needs of each stage.
    pub(crate) fn needs(&self) -> Vec<Need> {
        let n = self.n_samples as f64;
        let maps = 2.0 * MAP_POINT * n;
        let lines = if self.is_written { LINE * n } else { 0.0 };
        // The neighbors in both, and those of one while they are found.
        let neighbors = 3.0 * NEIGHBOR * n * (self.n_neighbors as f64).min(n);
        vec![
            need("read", PROCESS + maps),
            need("compare", PROCESS + maps + JOINED_POINT * n + neighbors + lines),
        ]
    }
}

/// New rows to be laid on a map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placing {
    /// Rows of the map, and their columns once they are prepared.
    pub(crate) n_samples: usize,
    pub(crate) n_mapped: usize,
    pub(crate) n_neighbors: usize,
    /// The new rows, where their number is known, and their columns.
    pub(crate) n_new: usize,
    pub(crate) n_features: usize,
    pub(crate) threads: usize,
}

/// New rows that are placed at a time, the products of which each thread has, at most, and a potential of the map.
const PLACED_AT_A_TIME: f64 = 2_048.0;
const PRODUCTS: f64 = 4.0 * (1 << 22) as f64;
const POTENTIAL: f64 = 60e6;

impl Placing {
    /// The needs of each stage.
    pub(crate) fn needs(&self) -> Vec<Need> {
        let (n, m) = (self.n_samples as f64, self.n_new as f64);
        let mapped = 4.0 * self.n_mapped as f64;
        // The rows, along axes or as a copy, and their map.
        let model = n * (mapped + 8.0);
        let search = n * (mapped + 16.0);
        let data = 4.0 * m * self.n_features as f64;
        let at_a_time = m.min(PLACED_AT_A_TIME);
        let piece = at_a_time
            * (3.0 * mapped + 4.0 * self.n_features as f64 + 2.0 * NEIGHBOR * self.n_neighbors as f64);
        let products = self.threads as f64 * PRODUCTS.min(64.0 * 4.0 * n);
        vec![
            need("read", PROCESS + model + data),
            need(
                "placement",
                PROCESS + model + data + search + piece + products + POTENTIAL + WRITTEN_POINT * m,
            ),
        ]
    }
}

/// A picture to be drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawing {
    pub(crate) figure: Figure,
    /// Points, when they are known.
    pub(crate) n_samples: usize,
}

impl Drawing {
    /// The needs of each stage.
    pub(crate) fn needs(&self) -> Vec<Need> {
        let n = self.n_samples as f64;
        let pixels = self.figure.pixel_bytes() as f64;
        vec![
            need("read", PROCESS + MAP_POINT * n),
            need("draw", PROCESS + FONTS + (MAP_POINT + DRAWN_POINT) * n + pixels * (1.0 + PACKED)),
        ]
    }
}

/// Refuses what needs more than the limit: `what` is to be done with the input `name`, and `less` needs less.
///
/// # Errors
/// What is needed where, the limit, and `less`.
pub(crate) fn refuse_beyond(name: &str, what: &str, needs: &[Need], limit: &Limit, less: &str) -> Result<()> {
    let peak = needs.iter().max_by_key(|need| need.bytes);
    let (Some(peak), Some(most)) = (peak, limit.bytes()) else { return Ok(()) };
    if peak.bytes <= most {
        return Ok(());
    }
    Err(Usage(format!(
        "{}: {what} needs about {} of memory ({}), and {}; {less}",
        named(name),
        bytes(peak.bytes),
        peak.stage,
        limit.says(most)
    ))
    .into())
}
