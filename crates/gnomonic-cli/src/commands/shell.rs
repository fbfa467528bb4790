//! `gnomonic completions` and `gnomonic man`

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use crate::args::{Cli, CompletionsArgs, ManArgs};
use crate::output::{Inputs, OutputDirectory, write_all, write_stdout};

/// Prints the completions of a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "gnomonic", &mut script);
    write_stdout(&script)?;
    Ok(())
}

/// Writes a manual page for the command and each of its subcommands.
pub(super) fn man(args: &ManArgs) -> Result<()> {
    let pages = pages()?;
    let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    let directory = OutputDirectory::plan(&args.output, "man", &names, args.force, &Inputs::default())?;
    write_all(|batch| pages.iter().try_for_each(|(name, page)| batch.add(&directory.file(name), page)))
}

/// The name and the text of each page: `gnomonic.1`, `gnomonic-embed.1` and so on.
fn pages() -> Result<Vec<(String, Vec<u8>)>> {
    let mut command = Cli::command();
    command.build();
    let mut pages = vec![page(&command)?];
    for subcommand in command.get_subcommands() {
        let name = format!("gnomonic-{}", subcommand.get_name());
        let bin_name = format!("gnomonic {}", subcommand.get_name());
        pages.push(page(&subcommand.clone().name(name).bin_name(bin_name))?);
    }
    Ok(pages)
}

fn page(command: &clap::Command) -> Result<(String, Vec<u8>)> {
    let man = clap_mangen::Man::new(command.clone());
    let mut text = Vec::new();
    man.render(&mut text).context("the manual page could not be made")?;
    Ok((man.get_filename(), text))
}
