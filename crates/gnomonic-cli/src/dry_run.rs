//! What a command would do, told in place of doing it.

use std::path::Path;

use anyhow::Result;
use gnomonic::{Affinity, Distance, Estimate, NeighborMethod, Parameters, RepulsionMethod};
use gnomonic_datasets::shown;
use serde_json::{Map, Value, json};

use crate::budget::{Budget, Limit, Need, Work, cores};
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
                "if {}, all pairs of rows are compared: {}, {}\n",
                unless(budget.estimate.neighbor_method),
                bytes(other.peak().bytes),
                about(other.processor_seconds() / at_once(work.threads))
            );
        }
        text.push('\n');
        let verdict = verdict(limit, budget.peak().bytes, all_pairs(work).map(|other| other.peak().bytes));
        let rows = [
            row("memory limit", verdict),
            row("would write", shown::lines(&self.outputs.join(", ")).into_owned()),
        ];
        text + &layout(&[Align::Left, Align::Left], &rows)
    }

    fn facts(&self, work: &Work, budget: &Budget) -> String {
        let estimate = &budget.estimate;
        let shape = format!("{} × {}", grouped(work.shape.n_samples), grouped(work.shape.n_features));
        let held = if work.shape.is_mapped { ", mapped from the file, not copied" } else { "" };
        let mut rows = vec![row("data", format!("{}: {shape}{held}", shown::path(Path::new(self.name))))];
        let prepared = format!("{} × {}", grouped(estimate.n_samples), grouped(estimate.n_features));
        if prepared != shape {
            rows.push(row("rows to map", prepared));
        }
        let affinities = work.affinities();
        let perplexities: Vec<String> = affinities
            .iter()
            .filter_map(Affinity::perplexity)
            .map(|perplexity| perplexity.to_string())
            .collect();
        rows.push(match &affinities[..] {
            [Affinity::Perplexity(perplexity)] => row("perplexity", perplexity.to_string()),
            [other] => row("affinity", other.to_string()),
            _ => row("perplexities", perplexities.join(", ")),
        });
        let distance = &work.tsne.parameters().distance;
        if *distance != Distance::Euclidean {
            rows.push(row("metric", distance.to_string()));
        }
        let parameters = work.tsne.parameters();
        if parameters.n_components != Parameters::default().n_components {
            rows.push(row("dimensions", parameters.n_components.to_string()));
        }
        if parameters.dof != Parameters::default().dof {
            rows.push(row("degrees of freedom", parameters.dof.to_string()));
        }
        let of_each = format!("{}: {} of each row", estimate.neighbor_method, grouped(estimate.n_neighbors));
        rows.push(row("neighbors", format!("{of_each} ({})", neighbors_because(estimate.neighbor_method))));
        rows.push(row(
            "repulsion",
            format!("{} ({})", estimate.repulsion, repulsion_because(work, estimate)),
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
            (
                "perplexities",
                json!(work.affinities().iter().filter_map(Affinity::perplexity).collect::<Vec<_>>()),
            ),
            ("affinity", json!(work.affinities().iter().map(ToString::to_string).collect::<Vec<_>>())),
            ("metric", json!(work.tsne.parameters().distance.to_string())),
            ("components", json!(work.tsne.parameters().n_components)),
            ("dof", json!(work.tsne.parameters().dof)),
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
            ("cores", json!(cores())),
            ("memory_limit_bytes", json!(limit.bytes())),
            ("machine_memory_bytes", json!(limit.machine.total)),
            ("fits", json!(limit.bytes().is_none_or(|most| peak.bytes <= most))),
            ("outputs", json!(self.outputs)),
        ];
        let fields = Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value)));
        format!("{:#}\n", Value::Object(fields)).into_bytes()
    }
}

/// Tells on standard output what a command that makes no map would need.
///
/// # Errors
/// When standard output does not take it.
pub(crate) fn tell_needs(command: &str, needs: &[Need], limit: &Limit, as_json: bool) -> Result<()> {
    let peak = needs.iter().map(|need| need.bytes).max().unwrap_or(0);
    let told = if as_json {
        let stages: Vec<Value> =
            needs.iter().map(|need| json!({"stage": need.stage, "bytes": need.bytes})).collect();
        let fields = json!({
            "gnomonic": env!("CARGO_PKG_VERSION"),
            "command": command,
            "dry_run": true,
            "stages": stages,
            "peak_bytes": peak,
            "memory_limit_bytes": limit.bytes(),
            "machine_memory_bytes": limit.machine.total,
            "fits": limit.bytes().is_none_or(|most| peak <= most),
        });
        format!("{fields:#}\n")
    } else {
        let mut rows = vec![["stage", "memory"].map(str::to_owned).to_vec()];
        rows.extend(needs.iter().map(|need| vec![need.stage.clone(), bytes(need.bytes)]));
        rows.push(vec!["at most".to_owned(), bytes(peak)]);
        let verdict = [row("memory limit", verdict(limit, peak, None))];
        layout(&[Align::Left, Align::Right], &rows) + "\n" + &layout(&[Align::Left, Align::Left], &verdict)
    };
    output::write_stdout(told.as_bytes())?;
    Ok(())
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

/// Threads that run at once: no more than there are cores.
fn at_once(threads: usize) -> f64 {
    threads.min(cores()) as f64
}

/// The memory and time of each stage, and of all.
fn needs(budget: &Budget, threads: usize) -> String {
    let at_once = at_once(threads);
    let time = |seconds: Option<f64>| seconds.map_or(String::new(), |seconds| rounded(seconds / at_once));
    let mut rows = vec![["stage", "memory", "time"].map(str::to_owned).to_vec()];
    rows.extend(
        budget
            .needs
            .iter()
            .map(|need| vec![need.stage.clone(), bytes(need.bytes), time(need.processor_seconds)]),
    );
    let total = about(budget.processor_seconds() / at_once);
    rows.push(vec!["at most, and in all".to_owned(), bytes(budget.peak().bytes), total]);
    let on = if at_once == 1.0 { "1 core".to_owned() } else { format!("{at_once} cores") };
    let mut table = layout(&[Align::Left, Align::Right, Align::Right], &rows);
    table += &format!(
        "(an estimate; the time is that of {on} like those it was measured on, and yours may take twice or half;\n\
         stages without a time are not counted)\n"
    );
    table
}

/// A time in words, with the digits that an estimate has.
fn rounded(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as u64;
    match seconds {
        _ if seconds < 1.0 => "< 1 s".to_owned(),
        _ if seconds < 90.0 => format!("{seconds:.0} s"),
        _ if minutes < 90 => format!("{minutes} min"),
        _ if minutes < 48 * 60 => format!("{} h", (minutes as f64 / 60.0).round()),
        _ => format!("{} days", (minutes as f64 / 1_440.0).round()),
    }
}

/// The same in a sentence.
fn about(seconds: f64) -> String {
    let time = rounded(seconds);
    if time.starts_with('<') { time } else { format!("about {time}") }
}

/// The limit, and whether it is enough: for what is to be expected, and if all pairs have to be compared.
fn verdict(limit: &Limit, peak: u64, all_pairs: Option<u64>) -> String {
    let too_much = |needed: u64| limit.bytes().is_some_and(|most| needed > most);
    let mut text = match limit.bytes() {
        None => "none".to_owned(),
        Some(_) if too_much(peak) => format!("{}, which is not enough", says(limit)),
        Some(_) => format!("{}, which is enough", says(limit)),
    };
    if let Some(total) = limit.machine_exceeded_by(peak) {
        text += &format!(", but this machine has {}", bytes(total));
    } else if let Some(needed) = all_pairs.filter(|&needed| too_much(needed) && !too_much(peak)) {
        text += &format!(", but not if all pairs of rows must be compared ({})", bytes(needed));
    }
    text
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

fn repulsion_because(work: &Work, estimate: &Estimate) -> &'static str {
    let chosen = work.tsne.clone().repulsion(RepulsionMethod::Auto);
    let chosen = chosen.estimate(estimate.n_samples, estimate.n_features).map(|other| other.repulsion);
    match (estimate.repulsion, chosen == Ok(estimate.repulsion)) {
        (RepulsionMethod::Exact, true) => "all pairs of points: few enough",
        (RepulsionMethod::Exact, false) => "all pairs of points, as asked",
        (RepulsionMethod::BarnesHut { .. }, _) => "a tree, as asked",
        (_, true) => "a potential field on a grid",
        (_, false) => "a potential field on a grid, as asked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Machine;

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
            assert_eq!(rounded(seconds), words);
        }
        assert_eq!([0.2, 7.4].map(about), ["< 1 s", "about 7 s"]);
    }

    #[test]
    fn enough_is_said_of_the_worst_case_too() {
        let machine = Machine { total: Some(3_000), available: None };
        let verdict = |asked: Option<u64>, peak, all_pairs| {
            verdict(&Limit { asked: asked.map(MemoryLimit::Bytes), machine }, peak, all_pairs)
        };
        assert_eq!(verdict(Some(2_000), 1_000, Some(2_000)), "2.0 kB as asked, which is enough");
        assert_eq!(
            verdict(Some(1_500), 1_000, Some(2_000)),
            "1.5 kB as asked, which is enough, but not if all pairs of rows must be compared (2.0 kB)"
        );
        assert_eq!(verdict(Some(500), 1_000, Some(2_000)), "500 B as asked, which is not enough");
        assert_eq!(verdict(None, 1_000, None), "3.0 kB, what this machine has, which is enough");
        assert_eq!(verdict(None, 4_000, None), "3.0 kB, what this machine has, which is not enough");
        // A limit beyond the machine is no memory.
        assert_eq!(
            verdict(Some(9_000), 4_000, None),
            "9.0 kB as asked, which is enough, but this machine has 3.0 kB"
        );
        let none = Limit { asked: Some(MemoryLimit::None), machine };
        assert_eq!(super::verdict(&none, 1_000, None), "none");
        assert_eq!(super::verdict(&none, 4_000, None), "none, but this machine has 3.0 kB");
    }
}
