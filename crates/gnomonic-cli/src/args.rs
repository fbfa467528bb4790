//! The command line as typed. What it means is decided in [`crate::plan`].

mod compare;
mod datasets;
mod descent;
mod embed;
mod inspect;
mod lesson;
mod plot;
mod score;
mod shared;
mod shell;
mod sweep;
mod table;
mod transform;

use clap::{Parser, Subcommand};

pub(crate) use compare::CompareArgs;
pub(crate) use datasets::{DatasetsArgs, DatasetsCommand, MakeArgs};
pub(crate) use embed::EmbedArgs;
pub(crate) use inspect::InspectArgs;
pub(crate) use lesson::{Language, LessonArgs};
pub(crate) use plot::PlotArgs;
pub(crate) use score::ScoreArgs;
pub(crate) use shared::{DataDirArgs, ForesightArgs, InputArgs, LabelArgs, PreparationArgs, Scale, TsneArgs};
pub(crate) use shell::{CompletionsArgs, ManArgs};
pub(crate) use sweep::SweepArgs;
pub(crate) use table::{TableArgs, missing_name};
pub(crate) use transform::TransformArgs;

const EXAMPLES: &str = "\
Examples:
  gnomonic lesson                                 the whole lesson, on bundled digits
  gnomonic embed X.npy -o map.npy --plot map.png  a map of your data, and its picture
  gnomonic inspect table.csv                      how a file is read, before it is mapped
  gnomonic embed digits > map.csv                 a map as CSV, for the next program
  gnomonic transform X.model new.npy -o new.csv   new rows on a map that was made with --model
  gnomonic sweep X.npy -o perplexities            maps at nine perplexities, to choose one
  gnomonic score X.npy map.npy --labels y.csv     how well a map keeps the data
  gnomonic compare map.npy other.npy              how far two maps agree

`gnomonic COMMAND --help` explains a command and its options.";

/// t-SNE: fast, exact about its own error, and the same bits on any number of threads
#[derive(Debug, Parser)]
#[command(name = "gnomonic", version, arg_required_else_help = true, after_help = EXAMPLES)]
#[command(infer_subcommands = false, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Lesson(LessonArgs),
    Embed(EmbedArgs),
    Inspect(InspectArgs),
    Transform(TransformArgs),
    Sweep(SweepArgs),
    Plot(PlotArgs),
    Score(ScoreArgs),
    Compare(CompareArgs),
    Datasets(DatasetsArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    /// What the fuzzer starts from, and what it once found: parsed or refused, as the target in `fuzz/` does it.
    #[cfg(unix)]
    #[test]
    fn the_corpus_of_command_lines_is_parsed_or_refused() {
        use std::os::unix::ffi::OsStringExt as _;
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/command_line");
        let mut parsed = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let words =
                bytes.split(|&byte| byte == b'\n').map(|word| std::ffi::OsString::from_vec(word.to_vec()));
            let cli = Cli::try_parse_from(std::iter::once("gnomonic".into()).chain(words));
            parsed += usize::from(cli.is_ok());
            match cli.map(|cli| cli.command) {
                Ok(Command::Embed(args)) => drop(crate::plan::Embed::try_from(&args)),
                Ok(Command::Sweep(args)) => drop(crate::plan::Sweep::try_from(&args)),
                Ok(_) => {}
                Err(error) => drop(error.render().to_string()),
            }
        }
        assert!(parsed >= 5, "{parsed} of the command lines are good");
    }

    #[test]
    fn every_command_has_examples() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:"), "{} has no examples", command.get_name());
            assert!(
                help.contains(&format!("gnomonic {}", command.get_name())),
                "the examples of {} do not show it",
                command.get_name()
            );
        }
    }
}
