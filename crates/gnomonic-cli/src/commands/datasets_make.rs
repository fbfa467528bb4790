//! `gnomonic datasets make`

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use gnomonic_datasets::{EndlessDigits, Header, ReadOptions};

use crate::args::MakeArgs;
use crate::budget::Limit;
use crate::disk;
use crate::failure::{Interrupted, Usage};
use crate::input;
use crate::interrupt::Interrupt;
use crate::output::{self, Destination, Inputs};
use crate::plan::{Input, LabelSource};
use crate::pool;
use crate::progress::{Progress, seconds};
use crate::table::{bytes, grouped};

/// What endless digits are made from.
const ORIGINALS: &str = "mnist:all";

/// Makes endless digits, the one data set that can be made.
pub(super) fn run(args: &MakeArgs, interrupt: &Interrupt) -> Result<()> {
    let began = Instant::now();
    let outputs = Outputs::plan(args)?;
    outputs.check_room(args.n_samples)?;
    let mut progress = Progress::new(args.general.quiet);
    pool::start(None, &mut progress)?;

    let data_dir = args.data_dir.data_dir.clone();
    let originals = Input {
        typed: ORIGINALS.into(),
        name: ORIGINALS.to_owned(),
        labels: LabelSource::WithData,
        labels_header: Header::Auto,
        header: Header::Auto,
        table: ReadOptions::default(),
        data_dir,
    };
    let loaded = input::load(&originals, &Limit::new(None), &mut progress, interrupt)?;
    let digits = EndlessDigits::new(loaded.dataset, args.seed)?;
    progress.begin("principal axes");
    let axes = digits.axes(args.n_samples)?;
    let variance: f64 = axes.explained_variance().iter().sum();
    progress.end(&format!("{}, along which the rows have variance {variance:.2}", EndlessDigits::N_AXES));

    interrupt.defer();
    progress.begin("write");
    outputs.write(&digits, args.n_samples, &axes, &mut progress, interrupt)?;
    let total = seconds(began.elapsed());
    progress.note(&format!("  {:18}  {total:>8}", "total"));
    Ok(())
}

/// Where the rows and their labels go, checked.
struct Outputs {
    rows: Destination,
    labels: Option<(Destination, LabelFormat)>,
}

/// The format of the labels.
#[derive(Clone, Copy)]
enum LabelFormat {
    Npy,
    Text,
}

impl Outputs {
    fn plan(args: &MakeArgs) -> Result<Self> {
        let has_extension =
            |path: &Path, name| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(name));
        if !has_extension(&args.output, "npy") {
            let name = args.output.display();
            return Err(Usage(format!("{name}: the rows are written as .npy; name it so")).into());
        }
        let force = args.general.force;
        let labels = match &args.labels {
            None => None,
            Some(path) if has_extension(path, "npy") => Some((path, LabelFormat::Npy)),
            Some(path) if has_extension(path, "txt") => Some((path, LabelFormat::Text)),
            Some(path) => {
                let name = path.display();
                return Err(Usage(format!("{name}: labels are written as .npy or .txt; name it so")).into());
            }
        };
        let inputs = Inputs::default();
        let rows = Destination::plan(&args.output, force, &inputs)?;
        let labels = match labels {
            None => None,
            Some((path, format)) => Some((Destination::plan(path, force, &inputs)?, format)),
        };
        let all: Vec<&Destination> =
            [Some(&rows), labels.as_ref().map(|(file, _)| file)].into_iter().flatten().collect();
        output::check_distinct(&all)?;
        Ok(Self { rows, labels })
    }

    /// Refuses more rows than there is room for on the disk.
    fn check_room(&self, n: usize) -> Result<()> {
        let Some(free) = disk::free(self.rows.resolved()) else { return Ok(()) };
        let row = 4 * (EndlessDigits::N_AXES as u64 + u64::from(self.labels.is_some()));
        let needed = (n as u64).saturating_mul(row);
        if needed > free {
            bail!(
                "{}: {} rows are {}, and {} are free there; ask for fewer, or choose another disk",
                self.rows.path().display(),
                grouped(n),
                bytes(needed),
                bytes(free)
            );
        }
        Ok(())
    }

    fn write(
        &self,
        digits: &EndlessDigits,
        n: usize,
        axes: &gnomonic::pca::Pca,
        progress: &mut Progress,
        interrupt: &Interrupt,
    ) -> Result<()> {
        let mut tell = |done: usize| {
            progress.advance(done as f64 / n as f64);
            if interrupt.requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut names = self.rows.path().display().to_string();
        output::write_all(|batch| {
            batch.add_with(&self.rows, |writer| match digits.npy_to(writer, n, axes, &mut tell)? {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => {
                    Err(Interrupted("the making of digits; nothing was written".into()).into())
                }
            })?;
            if let Some((file, format)) = &self.labels {
                batch.add_with(file, |writer| {
                    match format {
                        LabelFormat::Npy => digits.classes_npy_to(writer, n)?,
                        LabelFormat::Text => digits.labels_text_to(writer, n)?,
                    }
                    Ok(())
                })?;
                names += &format!(", {}", file.path().display());
            }
            Ok(())
        })?;
        progress.end(&format!("{} × {}, {names}", grouped(n), axes.components().n_samples()));
        Ok(())
    }
}
