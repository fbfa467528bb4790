//! The record of a run, `run.json`: all that it takes to repeat it, and what came of it.

use std::convert::Infallible;
use std::ffi::OsString;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use gnomonic::RepulsionMethod;
use gnomonic_datasets::{Labels, Values};

use crate::args::missing_name;
use crate::claims::{self, hexadecimal};
use crate::input::Loaded;
use crate::memory;
use crate::output::Batch;
use crate::plan::{Preparation, Sample};
use crate::schedule_fields;

/// The record's name in an output directory.
pub(crate) const FILE_NAME: &str = "run.json";

/// A record in the making; its fields stand in the order they are set.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    fields: Map<String, Value>,
}

impl Record {
    /// Begins the record of `command` with what is known from the start.
    pub(crate) fn new(command: &str) -> Self {
        let mut record = Self { fields: Map::new() };
        record.set("gnomonic", env!("CARGO_PKG_VERSION"));
        record.set("command", command);
        record.set("command_line", command_line());
        record
    }

    /// Sets a field.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }

    /// Sets what was read, with the digests of its numbers and of its labels.
    pub(crate) fn set_input(&mut self, loaded: &Loaded) {
        let matrix = &loaded.dataset.matrix;
        let input = json!({
            "path": loaded.name,
            "sha256": digest(matrix),
            "n_samples": matrix.n_samples(),
            "n_features": matrix.n_features(),
            "columns_carried": loaded.dataset.carried.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(),
            "rows_left_out": loaded.dataset.kept.as_ref().map_or(0, |kept| kept.of - kept.rows.len()),
            "missing": missing_name(loaded.missing),
            "values_filled": loaded.dataset.filled,
            "dialect": loaded.dataset.dialect,
            "n_labels": loaded.dataset.labels.as_ref().map(|labels| labels.names.len()),
            "labels_path": loaded.label_file,
            "labels_sha256": loaded.dataset.labels.as_ref().map(digest_of_labels),
        });
        self.set("input", input);
    }

    /// Sets what was done to the data before its neighbors were looked for.
    pub(crate) fn set_preparation(&mut self, preparation: &Preparation) {
        self.set("preparation", preparation_fields(preparation));
    }

    /// Sets what all maps of a sweep have in common: parameters but the perplexity, and methods, as one run has them.
    pub(crate) fn set_common(&mut self, run: &gnomonic::Record) {
        let mut common = parameters(run);
        common.shift_remove("perplexity");
        self.set("parameters", common);
        self.set("methods", methods(run));
        self.set("seed", run.parameters.seed);
        self.set("versions", versions(run));
        self.set("instruction_set", run.instruction_set.clone());
    }

    /// Sets the parameters as resolved, the methods chosen and the outcome of one run.
    pub(crate) fn set_run(&mut self, run: &gnomonic::Record) {
        self.set_common(run);
        self.set("parameters", parameters(run));
        for (name, value) in outcome(run) {
            self.set(&name, value);
        }
    }

    /// Sets the seconds that each stage took, and the memory that the whole took so far.
    pub(crate) fn set_timings(&mut self, timings: &[(String, Duration)]) {
        let mut seconds = Map::new();
        for (stage, took) in timings {
            let key = stage.replace(' ', "_");
            let sum = seconds.get(&key).and_then(Value::as_f64).unwrap_or(0.0) + took.as_secs_f64();
            seconds.insert(key, json!((sum * 1e6).round() / 1e6));
        }
        self.set("timings_seconds", seconds);
        self.set("peak_memory_bytes", memory::peak());
    }

    /// Sets the files of the run that are written before the record, with their digests.
    pub(crate) fn set_outputs(&mut self, batch: &Batch) {
        self.set(claims::FIELD, claims::list(batch.digests()));
    }

    /// The record as JSON, indented, with a line's end.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{:#}", Value::Object(self.fields.clone()));
        text.push('\n');
        text.into_bytes()
    }
}

/// What was done to the data.
pub(crate) fn preparation_fields(preparation: &Preparation) -> Value {
    let (sample, replacement) = match preparation.sample {
        None => (None, None),
        Some(Sample::WithoutReplacement(size)) => (Some(size), Some(false)),
        Some(Sample::WithReplacement(size)) => (Some(size), Some(true)),
    };
    json!({
        "normalize_rows": preparation.normalize_rows.map(|norm| norm.to_string()),
        "log1p": preparation.log1p,
        "arcsinh": preparation.arcsinh,
        "top_variance": preparation.top_variance,
        "scale": preparation.scale.to_string(),
        "sample": sample,
        "sample_with_replacement": replacement,
        "pca": preparation.pca,
    })
}

/// The parameters of a run as they were resolved.
pub(crate) fn parameters(run: &gnomonic::Record) -> Map<String, Value> {
    let fields = [
        ("perplexity", json!(run.perplexity)),
        ("affinity", json!(run.n_neighbors.map(|_| run.parameters.affinity.to_string()))),
        ("metric", json!(run.distance.as_ref().map(ToString::to_string))),
        ("components", json!(run.parameters.n_components)),
        ("dof", json!(run.parameters.dof)),
        ("iterations", json!(run.schedule.iterations())),
        ("initialization", json!(run.initialization.map(|start| start.to_string()))),
        ("schedule", schedule_fields::fields(&run.schedule)),
    ];
    Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value)))
}

/// The methods that were chosen, with their settings.
pub(crate) fn methods(run: &gnomonic::Record) -> Value {
    let angle = match run.repulsion {
        RepulsionMethod::BarnesHut { angle } => Some(angle),
        _ => None,
    };
    json!({
        "neighbors_asked": run.parameters.neighbor_method.to_string(),
        "neighbors": run.neighbor_method.map(|method| method.to_string()),
        "repulsion_asked": run.parameters.repulsion.to_string(),
        "repulsion": run.repulsion.to_string(),
        "angle": angle,
        "field_spacing": run.field_spacing,
        "exact_normalizer": run.exact_normalizer,
    })
}

fn versions(run: &gnomonic::Record) -> Value {
    json!({ "gnomonic": run.version, "gnomonic-cli": env!("CARGO_PKG_VERSION") })
}

/// What came of a run.
pub(crate) fn outcome(run: &gnomonic::Record) -> Map<String, Value> {
    let fields = [
        ("n_neighbors", json!(run.n_neighbors)),
        ("neighbor_recall", json!(run.neighbor_recall.map(|recall| recall.estimate))),
        ("neighbor_recall_standard_error", json!(run.neighbor_recall.map(|recall| recall.standard_error))),
        ("iterations", json!(run.iterations_done)),
        ("stop", json!(run.stop.to_string())),
        ("settled", json!(run.settled)),
        ("kl_divergence", json!(run.kl_divergence)),
        ("mean_gain", json!(run.mean_gain)),
    ];
    Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value)))
}

/// The words of the command line but the program's name.
static COMMAND_LINE: OnceLock<Vec<String>> = OnceLock::new();

/// Keeps the words of the command line, which begin with the program's name: in Python's process those of the system are others.
pub(crate) fn keep_command_line(words: &[OsString]) {
    let _ = COMMAND_LINE.set(words.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect());
}

/// The words of the command line, the program by its name alone.
pub(crate) fn command_line() -> Vec<String> {
    let words = COMMAND_LINE.get().into_iter().flatten().cloned();
    std::iter::once("gnomonic".to_owned()).chain(words).collect()
}

/// The command line as a shell would take it again.
pub(crate) fn shell_command(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    let quote = |word: &String| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// The SHA-256 of the matrix: its values row after row as little-endian `f32`, in hexadecimal. It is the same from
/// whichever format the data was read.
pub(crate) fn digest(matrix: &Values) -> String {
    const VALUES_AT_ONCE: usize = 1 << 14;
    let mut hash = Sha256::new();
    let mut buffer = Vec::with_capacity(4 * VALUES_AT_ONCE);
    let Ok(()) = matrix.try_for_each_block(|_, rows| {
        for values in rows.as_slice().chunks(VALUES_AT_ONCE) {
            buffer.clear();
            buffer.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            hash.update(&buffer);
        }
        Ok::<(), Infallible>(())
    });
    hexadecimal(&hash.finalize())
}

/// The SHA-256 of the labels: the label of each row and a line's end, as in a text file of them, in hexadecimal.
fn digest_of_labels(labels: &Labels) -> String {
    let mut hash = Sha256::new();
    for &class in &labels.classes {
        hash.update(&labels.names[class as usize]);
        hash.update("\n");
    }
    hexadecimal(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gnomonic::Matrix;

    #[test]
    fn the_digest_is_that_of_the_little_endian_bytes() {
        // python3 -c "import hashlib, struct; print(hashlib.sha256(struct.pack('<3f', 0, 1, -2.5)).hexdigest())"
        let matrix = Matrix::new(vec![0.0, 1.0, -2.5], 1, 3).unwrap();
        assert_eq!(
            digest(&matrix.into()),
            "4356516ed57de986ba8080c557e8856871336d6a17b170fb946df125605466c9"
        );
    }

    #[test]
    fn the_digest_of_labels_is_that_of_their_file() {
        // printf 'red\n2\nred\n' | sha256sum
        let labels = Labels::from_text(&["red", "2", "red"]);
        assert_eq!(
            digest_of_labels(&labels),
            "ea50a91238a0ff26b9ae812bef71c958d5492254cc25f1db9cfc1a893982aba7"
        );
    }

    #[test]
    fn words_are_quoted_for_the_shell_where_they_must_be() {
        let words = ["gnomonic", "embed", "my data.npy", "it's", ""].map(str::to_owned);
        assert_eq!(shell_command(&words), r"gnomonic embed 'my data.npy' 'it'\''s' ''");
    }

    #[test]
    fn stages_of_one_name_add_up() {
        let mut record = Record::new("sweep");
        let timings = [("map", 1.0), ("read", 0.5), ("map", 2.0)]
            .map(|(name, seconds)| (name.to_owned(), Duration::from_secs_f64(seconds)));
        record.set_timings(&timings);
        assert_eq!(record.fields["timings_seconds"], json!({"map": 3.0, "read": 0.5}));
    }
}
