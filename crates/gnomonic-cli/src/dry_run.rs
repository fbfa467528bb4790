//! What a command would do, told in place of doing it.

use anyhow::Result;
use gnomonic::{NeighborMethod, RepulsionMethod};
use serde_json::{Map, Value, json};

use crate::budget::{Budget, Limit, Work};
use crate::input::blame;
use crate::memory::MemoryLimit;
use crate::output;
use crate::record;
use crate::table::{Align, bytes, grouped, layout, two_digits};

/// What is told beside the work itself.
#[derive(Debug)]
pub(crate) struct Telling<'a> {
    pub(crate) command: &'a str,
    /// The data, as the user named it.
    pub(crate) name: &'a str,
    /// What would be written, as the user named it.
    pub(crate) outputs: &'a [String],
    /// As JSON, not as tables.
    pub(crate) json: bool,
}

impl Telling<'_> {
    /// Tells on standard output what `work` would need, and ends as the work would begin: with an error when it would be
    /// refused.
    ///
    /// # Errors
    /// When the data does not allow a parameter, or the limit does not allow the work.
    pub(crate) fn tell(&self, work: &Work, limit: &Limit) -> Result<()> {
        let budget = work.budget().map_err(|error| blame(self.name, &error))?;
        let told = if self.json {
            self.fields(work, &budget, limit)
        } else {
            self.text(work, &budget, limit).into_bytes()
        };
        output::write_stdout(&told)?;
        work.refuse_beyond(self.name, &budget, limit)
    }

    /// As tables for people.
    fn text(&self, work: &Work, budget: &Budget, limit: &Limit) -> String {
        let mut text = self.facts(work, budget);
        text.push('\n');
        text += &needs(budget, work.threads);
        if let Some(other) = all_pairs(work) {
            text += &format!(
                "if {}, all pairs of rows are compared: {}, about {}\n",
                unless(budget.estimate.neighbor_method),
                bytes(other.peak().bytes),
                about(other.processor_seconds() / work.threads as f64)
            );
        }
        text.push('\n');
        let peak = budget.peak();
        let fits = limit.bytes().is_none_or(|most| peak.bytes <= most);
        let verdict =
            format!("{}, {}", says(limit), if fits { "which is enough" } else { "which is not enough" });
        let verdict = if limit.bytes().is_none() { "none".to_owned() } else { verdict };
        let rows = [row("memory limit", verdict), row("would write", self.outputs.join(", "))];
        text + &layout(&[Align::Left, Align::Left], &rows)
    }

    fn facts(&self, work: &Work, budget: &Budget) -> String {
        let estimate = &budget.estimate;
        let shape = format!("{} × {}", grouped(work.shape.n_samples), grouped(work.shape.n_features));
        let held = if work.shape.is_mapped { ", mapped from the file, not copied" } else { "" };
        let mut rows = vec![row("data", format!("{}: {shape}{held}", self.name))];
        let prepared = format!("{} × {}", grouped(estimate.n_samples), grouped(estimate.n_features));
        if prepared != shape {
            rows.push(row("rows to map", prepared));
        }
        let perplexities: Vec<String> = work.perplexities.iter().map(ToString::to_string).collect();
        rows.push(row(
            if perplexities.len() == 1 { "perplexity" } else { "perplexities" },
            perplexities.join(", "),
        ));
        let of_each = format!("{}: {} of each row", estimate.neighbor_method, grouped(estimate.n_neighbors));
        rows.push(row("neighbors", format!("{of_each} ({})", neighbors_because(estimate.neighbor_method))));
        rows.push(row(
            "repulsion",
            format!("{} ({})", estimate.repulsion, repulsion_because(estimate.repulsion)),
        ));
        let entries = usize::try_from(estimate.n_affinities).unwrap_or(usize::MAX);
        rows.push(row("entries of P", format!("about {}", grouped(two_digits(entries)))));
        layout(&[Align::Left, Align::Left], &rows)
    }

    /// As JSON, indented, with a line's end.
    fn fields(&self, work: &Work, budget: &Budget, limit: &Limit) -> Vec<u8> {
        let estimate = &budget.estimate;
        let peak = budget.peak();
        let stages: Vec<Value> = budget
            .needs
            .iter()
            .map(|need| json!({"stage": need.stage, "bytes": need.bytes, "processor_seconds": need.processor_seconds}))
            .collect();
        let fields = [
            ("gnomonic", json!(env!("CARGO_PKG_VERSION"))),
            ("command", json!(self.command)),
            ("command_line", json!(record::command_line())),
            ("dry_run", json!(true)),
            (
                "input",
                json!({
                    "path": self.name,
                    "n_samples": work.shape.n_samples,
                    "n_features": work.shape.n_features,
                    "mapped": work.shape.is_mapped,
                }),
            ),
            ("preparation", record::preparation_fields(&work.preparation)),
            ("n_samples", json!(estimate.n_samples)),
            ("n_features", json!(estimate.n_features)),
            ("perplexities", json!(work.perplexities)),
            ("n_neighbors", json!(estimate.n_neighbors)),
            (
                "methods",
                json!({
                    "neighbors": estimate.neighbor_method.to_string(),
                    "repulsion": estimate.repulsion.to_string(),
                }),
            ),
            ("n_affinities", json!(estimate.n_affinities)),
            ("stages", json!(stages)),
            ("peak_bytes", json!(peak.bytes)),
            ("peak_stage", json!(peak.stage)),
            ("processor_seconds", json!(budget.processor_seconds())),
            (
                "if_all_pairs",
                json!(all_pairs(work).map(|other| json!({
                    "peak_bytes": other.peak().bytes,
                    "processor_seconds": other.processor_seconds(),
                    "fits": limit.bytes().is_none_or(|most| other.peak().bytes <= most),
                }))),
            ),
            ("threads", json!(work.threads)),
            ("memory_limit_bytes", json!(limit.bytes())),
            ("fits", json!(limit.bytes().is_none_or(|most| peak.bytes <= most))),
            ("outputs", json!(self.outputs)),
        ];
        let fields = Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value)));
        format!("{:#}\n", Value::Object(fields)).into_bytes()
    }
}

/// What is needed when the data does not suit the search for neighbors that was chosen.
fn all_pairs(work: &Work) -> Option<Budget> {
    work.with_all_pairs()?.budget().ok()
}

/// In which case a search does not suit the data.
fn unless(method: NeighborMethod) -> &'static str {
    match method {
        NeighborMethod::Clustered => "the rows lie in no clusters",
        _ => "a few principal axes do not tell the rows apart",
    }
}

fn row(name: &str, value: String) -> Vec<String> {
    vec![name.to_owned(), value]
}

/// The memory and time of each stage, and of all.
fn needs(budget: &Budget, threads: usize) -> String {
    let time =
        |seconds: Option<f64>| seconds.map_or(String::new(), |seconds| about(seconds / threads as f64));
    let mut rows = vec![["stage", "memory", "time"].map(str::to_owned).to_vec()];
    rows.extend(
        budget
            .needs
            .iter()
            .map(|need| vec![need.stage.clone(), bytes(need.bytes), time(need.processor_seconds)]),
    );
    let total = about(budget.processor_seconds() / threads as f64);
    let total = if total.starts_with('<') { total } else { format!("about {total}") };
    rows.push(vec!["at most, and in all".to_owned(), bytes(budget.peak().bytes), total]);
    let on = if threads == 1 { "1 core".to_owned() } else { format!("{threads} cores") };
    let mut table = layout(&[Align::Left, Align::Right, Align::Right], &rows);
    table += &format!(
        "(an estimate; the time is that of {on} like those it was measured on, and yours may take twice or half)\n"
    );
    table
}

/// A time in words, with the digits that an estimate has.
fn about(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as u64;
    match seconds {
        _ if seconds < 1.0 => "< 1 s".to_owned(),
        _ if seconds < 90.0 => format!("{seconds:.0} s"),
        _ if minutes < 90 => format!("{minutes} min"),
        _ if minutes < 48 * 60 => format!("{} h", (minutes as f64 / 60.0).round()),
        _ => format!("{} days", (minutes as f64 / 1_440.0).round()),
    }
}

fn says(limit: &Limit) -> String {
    let size = limit.bytes().map_or(String::new(), bytes);
    match limit.asked {
        Some(MemoryLimit::Bytes(_)) => format!("{size} as asked"),
        _ => format!("{size}, what this machine has"),
    }
}

fn neighbors_because(method: NeighborMethod) -> &'static str {
    match method {
        NeighborMethod::Exact => "all pairs of rows are compared",
        NeighborMethod::Shortlist => "all pairs on the principal axes, the best in all columns",
        NeighborMethod::Clustered => "each row is compared with those of the clusters around it",
        _ => "chosen by the data",
    }
}

fn repulsion_because(method: RepulsionMethod) -> &'static str {
    match method {
        RepulsionMethod::Exact => "all pairs of points: few enough",
        RepulsionMethod::BarnesHut { .. } => "a tree, as asked",
        _ => "a potential field on a grid",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_digits_of_an_estimate() {
        let cases = [
            (0.2, "< 1 s"),
            (7.4, "7 s"),
            (100.0, "2 min"),
            (4_000.0, "67 min"),
            (9_000.0, "3 h"),
            (4e5, "5 days"),
        ];
        for (seconds, words) in cases {
            assert_eq!(about(seconds), words);
        }
    }
}
