//! `beside OUT.png COLUMNS [TITLE MAP.npy LABELS.npy|-] …` draws maps side by side, each at a scale of its own with axes left out.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use gnomonic_datasets::{ReadOptions, Source, read_matrix};
use gnomonic_plot::{Axes, Figure, Format, Marker, Panel, ScatterGrid, Theme};

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("beside: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let [out, columns, maps @ ..] = arguments else {
        bail!("usage: beside OUT.png COLUMNS [TITLE MAP.npy LABELS.npy|-] …")
    };
    let columns: usize = columns.parse().ok().filter(|&n| n > 0).context("COLUMNS is a whole number")?;
    let maps = maps.as_chunks::<3>().0;
    let read = |file: &str| -> Result<Vec<f32>> {
        let matrix = read_matrix(&Source::from(file), &ReadOptions::default())
            .with_context(|| file.to_owned())?
            .matrix;
        Ok(matrix.view().as_slice().to_vec())
    };
    let mut loaded = Vec::new();
    for [title, map, labels] in maps {
        let classes = match labels.as_str() {
            "-" => None,
            file => Some(ranks(&read(file)?)),
        };
        loaded.push((title, read(map)?, classes));
    }
    let panels = loaded.iter().map(|(title, points, classes)| Panel {
        points,
        classes: classes.as_deref(),
        title: (*title).clone(),
    });
    let grid = ScatterGrid {
        columns,
        figure: Figure::new(2.5 * columns as f64, 2.7 * maps.len().div_ceil(columns) as f64),
        marker: Marker { area: 0.6, alpha: 0.5 },
        theme: Theme::default(),
        equal_aspect: true,
        axes: Axes::Off,
        ..ScatterGrid::new(panels.collect())
    };
    std::fs::write(out, grid.render(Format::Png)?.bytes).with_context(|| out.clone())
}

/// The place of each label among those that there are; colors repeat after ten, or many classes in one panel would leave few colors to the others.
fn ranks(labels: &[f32]) -> Vec<u32> {
    let mut distinct = labels.to_vec();
    distinct.sort_by(f32::total_cmp);
    distinct.dedup();
    labels.iter().map(|label| (distinct.partition_point(|other| other < label) % 10) as u32).collect()
}
