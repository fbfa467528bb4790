//! From the data as read to the rows that are mapped: scaled, sampled, projected.

use anyhow::Result;
use gnomonic::pca::Pca;
use gnomonic::preprocessing::{
    ColumnMap, MinMaxScaler, StandardScaler, arcsinh, log1p, normalize_rows, sample_with_replacement,
    sample_without_replacement, select_columns, top_variance,
};
use gnomonic::{ErrorKind, MatrixRef};
use gnomonic_datasets::{Carried, Dataset, Labels, Values};

use crate::args::Scale;
use crate::input::{self, Loaded, blame};
use crate::plan::{Preparation, Sample};
use crate::progress::Progress;
use crate::table::grouped;

/// The rows that are mapped.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) matrix: Values,
    pub(crate) labels: Option<Labels>,
    /// The row of the input that each row was, when rows were sampled or left out.
    pub(crate) rows: Option<Vec<usize>>,
    /// What is carried along.
    pub(crate) carried: Vec<Carried>,
    /// What was done to the rows, with its numbers.
    pub(crate) done: gnomonic::Preparation,
}

impl Prepared {
    /// The class of each row.
    pub(crate) fn classes(&self) -> Option<&[u32]> {
        self.labels.as_ref().map(|labels| labels.classes.as_slice())
    }

    /// The names of the classes; none without labels.
    pub(crate) fn class_names(&self) -> &[String] {
        self.labels.as_ref().map_or(&[], |labels| labels.names.as_slice())
    }
}

/// Normalizes rows, takes logarithms, keeps the columns that vary most, scales, samples and projects, in this order.
///
/// # Errors
/// Names the input and what it does not allow.
pub(crate) fn prepare(
    loaded: Loaded,
    plan: Preparation,
    seed: u64,
    progress: &mut Progress,
) -> Result<Prepared> {
    let Loaded { name, dataset, .. } = loaded;
    if plan == Preparation::default() {
        return Ok(whole(dataset));
    }
    progress.begin("prepare");
    let prepared = prepare_dataset(dataset, plan, seed, progress).map_err(|error| blame(&name, &error))?;
    let (n_samples, n_features) = (prepared.matrix.n_samples(), prepared.matrix.n_features());
    progress.end(&format!("{} × {}", grouped(n_samples), grouped(n_features)));
    Ok(prepared)
}

fn prepare_dataset(
    dataset: Dataset,
    plan: Preparation,
    seed: u64,
    progress: &mut Progress,
) -> gnomonic::Result<Prepared> {
    let dataset = changed(dataset, &plan, progress)?;
    let scaler = Scaler::fit(&dataset.matrix, plan.scale)?;
    let mut prepared = match plan.sample {
        Some(_) => {
            let drawn = sample(&dataset, plan.sample, seed)?;
            input::warn_of_change(&dataset.matrix, progress);
            // Only what was drawn is needed from here on.
            drop(dataset);
            drawn
        }
        None => whole(dataset),
    };
    if let Some(scaling) = scaler.column_map() {
        prepared.done = prepared.done.scaled(scaling);
    }
    prepared.matrix = scaler.transform(prepared.matrix)?;
    if let Some(n_components) = plan.pca {
        check_components(n_components, prepared.matrix.view())?;
        let axes = Pca::fit(&prepared.matrix, n_components, seed)?;
        let scores = axes.transform(&prepared.matrix)?;
        input::warn_of_change(&prepared.matrix, progress);
        prepared.matrix = scores.into();
        prepared.done = prepared.done.projected(axes);
    }
    Ok(prepared)
}

/// The data with its values changed, and the columns that vary most. What is copied of a mapped file is not read again.
fn changed(mut dataset: Dataset, plan: &Preparation, progress: &mut Progress) -> gnomonic::Result<Dataset> {
    if plan.changes_values() {
        let mapped = dataset.matrix.is_mapped().then(|| dataset.matrix.clone());
        let mut matrix = dataset.matrix.into_matrix();
        if let Some(mapped) = mapped {
            input::warn_of_change(&mapped, progress);
        }
        // Logarithms and sums are of the values as they stand in the file.
        if let Some(offsets) = dataset.offsets.take() {
            let d = offsets.len();
            for (at, value) in matrix.as_mut_slice().iter_mut().enumerate() {
                *value = (f64::from(*value) + offsets[at % d]) as f32;
            }
        }
        if let Some(norm) = plan.normalize_rows {
            normalize_rows(&mut matrix, norm)?;
        }
        if plan.log1p {
            log1p(&mut matrix)?;
        }
        if let Some(cofactor) = plan.arcsinh {
            arcsinh(&mut matrix, cofactor)?;
        }
        dataset.matrix = matrix.into();
    }
    if let Some(count) = plan.top_variance {
        let columns = top_variance(&dataset.matrix, count)?;
        let chosen = select_columns(&dataset.matrix, &columns)?;
        input::warn_of_change(&dataset.matrix, progress);
        dataset.matrix = chosen.into();
        dataset.offsets =
            dataset.offsets.map(|offsets| columns.iter().map(|&column| offsets[column]).collect());
    }
    Ok(dataset)
}

/// There are no more principal components than rows or columns.
fn check_components(n_components: usize, x: MatrixRef<'_>) -> gnomonic::Result<()> {
    let most = x.n_samples().min(x.n_features());
    if n_components <= most {
        return Ok(());
    }
    let bound =
        format!("must be at most {most}: there are {} rows of {} columns", x.n_samples(), x.n_features());
    let value = n_components.to_string();
    Err(ErrorKind::Parameter { name: "the number of principal components", value, bound }.into())
}

/// How to scale each column, learned from all rows: rows can be drawn before they are scaled, so that no more are than
/// will be mapped.
#[derive(Clone, Debug)]
pub(crate) enum Scaler {
    None,
    Minmax(MinMaxScaler),
    Standard(StandardScaler),
}

impl Scaler {
    /// Learns from `values`.
    pub(crate) fn fit(values: &Values, how: Scale) -> gnomonic::Result<Self> {
        let scaler = match how {
            Scale::None => return Ok(Self::None),
            Scale::Minmax => Self::Minmax(MinMaxScaler::fit(values)?),
            Scale::Standard => Self::Standard(StandardScaler::fit(values)?),
        };
        values.release();
        Ok(scaler)
    }

    /// Its numbers; none where columns stay as they are.
    pub(crate) fn column_map(&self) -> Option<ColumnMap> {
        match self {
            Self::None => None,
            Self::Minmax(scaler) => Some(scaler.into()),
            Self::Standard(scaler) => Some(scaler.into()),
        }
    }

    /// Scales `values`, in place where they are in memory of their own.
    pub(crate) fn transform(&self, values: Values) -> gnomonic::Result<Values> {
        if matches!(self, Self::None) {
            return Ok(values);
        }
        let mut matrix = values.into_matrix();
        match self {
            Self::None => {}
            Self::Minmax(scaler) => scaler.transform(&mut matrix)?,
            Self::Standard(scaler) => scaler.transform(&mut matrix)?,
        }
        Ok(matrix.into())
    }
}

/// Draws rows, or copies all.
pub(crate) fn sample(dataset: &Dataset, how: Option<Sample>, seed: u64) -> gnomonic::Result<Prepared> {
    let n_samples = dataset.matrix.n_samples();
    let rows = match how {
        None => {
            return Ok(whole(dataset.clone()));
        }
        Some(Sample::WithoutReplacement(size)) => sample_without_replacement(n_samples, size, seed)?,
        Some(Sample::WithReplacement(size)) => sample_with_replacement(n_samples, size, seed)?,
    };
    Ok(Prepared {
        matrix: dataset.matrix.select_rows(&rows).into(),
        labels: dataset.labels.as_ref().map(|labels| labels.select(&rows)),
        carried: dataset.carried.iter().map(|column| column.select(&rows)).collect(),
        rows: Some(match &dataset.kept {
            Some(kept) => rows.iter().map(|&row| kept.rows[row]).collect(),
            None => rows,
        }),
        done: nothing_done(dataset),
    })
}

/// All rows of a data set.
pub(crate) fn whole(dataset: Dataset) -> Prepared {
    let done = nothing_done(&dataset);
    let Dataset { matrix, labels, carried, kept, .. } = dataset;
    Prepared { matrix, labels, carried, rows: kept.map(|kept| kept.rows), done }
}

/// What the columns are called, and what their reader took from them.
fn nothing_done(dataset: &Dataset) -> gnomonic::Preparation {
    let mut done = gnomonic::Preparation::default();
    if let Some(names) = &dataset.column_names {
        done = done.with_columns(names.iter().map(str::to_owned).collect());
    }
    match &dataset.offsets {
        Some(offsets) => done.with_offsets(offsets.clone()),
        None => done,
    }
}
