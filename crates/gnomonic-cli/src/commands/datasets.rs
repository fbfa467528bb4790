//! `gnomonic datasets`

use anyhow::Result;
use gnomonic_datasets::{Entry, Standing, catalog, shown};
use serde_json::{Value, json};

use super::datasets_make;
use crate::args::{DatasetsArgs, DatasetsCommand};
use crate::input::sources;
use crate::interrupt::Interrupt;
use crate::output::write_stdout;
use crate::table::{Align, bytes, grouped, layout};

/// Lists the data sets that have names, or makes one.
pub(super) fn run(args: &DatasetsArgs, interrupt: &Interrupt) -> Result<()> {
    if let Some(DatasetsCommand::Make(args)) = &args.command {
        return datasets_make::run(args, interrupt);
    }
    let entries = catalog(&sources(args.data_dir.data_dir.as_deref()));
    write_stdout(&if args.json { json(&entries) } else { table(&entries) })?;
    Ok(())
}

fn table(entries: &[Entry]) -> Vec<u8> {
    let title = ["name", "rows", "columns", "labels", "size", "license", "where"];
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    rows.extend(entries.iter().map(|entry| {
        vec![
            entry.name.to_owned(),
            grouped(entry.n_samples),
            grouped(entry.n_features),
            grouped(entry.n_classes),
            bytes(entry.bytes),
            entry.license.to_owned(),
            standing(&entry.standing),
        ]
    }));
    let align =
        [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Left, Align::Left];
    let mut text = layout(&align, &rows);
    let parted: Vec<&Entry> = entries.iter().filter(|entry| entry.parts.len() > 1).collect();
    if let Some(first) = parted.first() {
        let names: Vec<&str> = parted.iter().map(|entry| entry.name).collect();
        let parts: Vec<String> = first.parts.iter().map(|part| format!("{}:{part}", first.name)).collect();
        text += &format!(
            "\n{} have parts: {} (the first is the default)\n",
            names.join(" and "),
            parts.join(", ")
        );
    }
    text.into_bytes()
}

fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Bundled => "in the program".to_owned(),
        Standing::Found(folder) | Standing::Cached(folder) => shown::path(folder),
        _ => "to be downloaded when first used".to_owned(),
    }
}

fn json(entries: &[Entry]) -> Vec<u8> {
    let entry = |entry: &Entry| {
        let (kind, folder) = match &entry.standing {
            Standing::Bundled => ("bundled", None),
            Standing::Found(folder) => ("found", Some(folder)),
            Standing::Cached(folder) => ("cached", Some(folder)),
            _ => ("remote", None),
        };
        json!({
            "name": entry.name,
            "title": entry.title,
            "n_samples": entry.n_samples,
            "n_features": entry.n_features,
            "n_classes": entry.n_classes,
            "bytes": entry.bytes,
            "license": entry.license,
            "origin": entry.origin,
            "parts": entry.parts,
            "standing": kind,
            "folder": folder,
        })
    };
    let array: Value = entries.iter().map(entry).collect();
    format!("{array:#}\n").into_bytes()
}
