//! The command line as meant: checked against itself, every choice made that needs no data. Nothing here touches a
//! file or the clock.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use gnomonic::preprocessing::RowNorm;
use gnomonic::{Affinity, RepulsionMethod, Tsne};
use gnomonic_datasets::{Header, ReadOptions, Source};
use gnomonic_plot::{Format, Marker};

use crate::args::{
    DataDirArgs, EmbedArgs, InputArgs, LabelArgs, PreparationArgs, Scale, SweepArgs, TableArgs, TsneArgs,
};
use crate::failure::Usage;

/// The lecture's nine perplexities.
pub(crate) const PERPLEXITIES: [f64; 9] = [2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0];

/// The data, and where its labels are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Input {
    /// A path, `FILE.npz:key`, or the name of a data set, as it was typed.
    pub(crate) typed: OsString,
    /// The same as text, for messages and the record.
    pub(crate) name: String,
    pub(crate) labels: LabelSource,
    /// Whether the data's table names its columns.
    pub(crate) header: Header,
    /// Whether the table of labels does.
    pub(crate) labels_header: Header,
    /// How the data's table is read, but for its labels.
    pub(crate) table: ReadOptions,
    pub(crate) data_dir: Option<PathBuf>,
}

/// Where labels come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum LabelSource {
    /// With the data, if it has any.
    #[default]
    WithData,
    /// A column of the data's table.
    Column(String),
    /// A file of their own, and its column where that is a table.
    File(OsString, Option<String>),
}

impl LabelSource {
    /// What of it to read with the data, when a file of labels belongs to something else.
    pub(crate) fn of_data(&self) -> Self {
        match self {
            Self::File(..) => Self::WithData,
            other => other.clone(),
        }
    }
}

impl From<&LabelArgs> for LabelSource {
    fn from(args: &LabelArgs) -> Self {
        match (&args.labels, &args.label_column) {
            (Some(file), column) => Self::File(file.clone(), column.clone()),
            (None, Some(column)) => Self::Column(column.clone()),
            (None, None) => Self::WithData,
        }
    }
}

impl From<&InputArgs> for Input {
    fn from(args: &InputArgs) -> Self {
        Self::new(&args.input, &args.labels, &args.table, &args.data_dir)
    }
}

impl Input {
    /// The data as typed, with what the options say of it.
    pub(crate) fn new(typed: &OsStr, labels: &LabelArgs, table: &TableArgs, data_dir: &DataDirArgs) -> Self {
        Self {
            typed: typed.to_owned(),
            name: typed.to_string_lossy().into_owned(),
            labels: LabelSource::from(labels),
            header: labels.header,
            labels_header: labels.labels_header(),
            table: table.options(labels.header),
            data_dir: data_dir.data_dir.clone(),
        }
    }

    /// The files that are read.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        files(&self.typed, &self.labels)
    }
}

/// The files that are read, as far as the command line tells: none of them may be written to.
pub(crate) fn files(data: &OsStr, labels: &LabelSource) -> Vec<PathBuf> {
    let mut files = vec![Source::parse(data).path().to_owned()];
    if let LabelSource::File(labels, _) = labels {
        files.push(Source::parse(labels).path().to_owned());
    }
    files
}

/// What is done to the data before its neighbors are looked for, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Preparation {
    pub(crate) normalize_rows: Option<RowNorm>,
    pub(crate) log1p: bool,
    /// The cofactor.
    pub(crate) arcsinh: Option<f64>,
    /// Columns to keep.
    pub(crate) top_variance: Option<usize>,
    pub(crate) scale: Scale,
    pub(crate) sample: Option<Sample>,
    /// Principal components to keep.
    pub(crate) pca: Option<usize>,
}

/// Rows drawn at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sample {
    /// None twice.
    WithoutReplacement(usize),
    /// Possibly some twice, as the lecture draws them.
    WithReplacement(usize),
}

impl Preparation {
    /// Whether values are changed before they are scaled.
    pub(crate) fn changes_values(&self) -> bool {
        self.normalize_rows.is_some() || self.log1p || self.arcsinh.is_some()
    }

    /// How many columns of `n_features` are scaled.
    pub(crate) fn n_features(&self, n_features: usize) -> usize {
        self.top_variance.map_or(n_features, |count| count.min(n_features))
    }

    /// How many rows of `n_samples` are mapped.
    pub(crate) fn n_samples(&self, n_samples: usize) -> usize {
        match self.sample {
            None => n_samples,
            Some(Sample::WithReplacement(size) | Sample::WithoutReplacement(size)) => size,
        }
    }
}

impl From<&PreparationArgs> for Preparation {
    fn from(args: &PreparationArgs) -> Self {
        Self {
            normalize_rows: args.normalize_rows,
            log1p: args.log1p,
            arcsinh: args.arcsinh,
            top_variance: args.top_variance,
            scale: args.scale,
            sample: args.sample.map(Sample::WithoutReplacement),
            pca: args.pca,
        }
    }
}

/// Where a map goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MapOutput {
    /// As CSV.
    StandardOutput,
    File(PathBuf, MapFormat),
}

impl MapOutput {
    /// Where `-o` says.
    pub(crate) fn of(output: Option<&Path>) -> Result<Self, Usage> {
        match output {
            None => Ok(Self::StandardOutput),
            Some(path) if path.as_os_str() == "-" => {
                Err(Usage("-o -: leave out -o for standard output".into()))
            }
            Some(path) => Ok(Self::File(path.to_owned(), MapFormat::of(path)?)),
        }
    }
}

/// The format of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MapFormat {
    Npy,
    Csv,
    Tsv,
    Json,
}

impl MapFormat {
    /// The format that the path's extension names.
    fn of(path: &Path) -> Result<Self, Usage> {
        match extension(path).as_str() {
            "npy" => Ok(Self::Npy),
            "csv" => Ok(Self::Csv),
            "tsv" => Ok(Self::Tsv),
            "json" => Ok(Self::Json),
            _ => {
                let path = path.display();
                Err(Usage(format!("{path}: a map is written as .npy, .csv, .tsv or .json; name it so")))
            }
        }
    }
}

/// A picture and its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
}

impl Picture {
    /// A picture in the format that the path's extension names.
    pub(crate) fn at(path: &Path) -> Result<Self, Usage> {
        match Format::from_path(path) {
            Ok(format) => Ok(Self { path: path.to_owned(), format }),
            Err(_) => {
                Err(Usage(format!("{}: a picture is written as .png or .svg; name it so", path.display())))
            }
        }
    }
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// What `gnomonic embed` is to do.
#[derive(Clone, Debug)]
pub(crate) struct Embed {
    pub(crate) input: Input,
    pub(crate) preparation: Preparation,
    pub(crate) tsne: Tsne,
    pub(crate) map: MapOutput,
    pub(crate) picture: Option<Picture>,
    pub(crate) record: Option<PathBuf>,
    pub(crate) model: Option<PathBuf>,
    /// A map from which the points start.
    pub(crate) start: Option<OsString>,
    pub(crate) json: bool,
}

impl Embed {
    /// Whether a record is to be made.
    pub(crate) fn wants_record(&self) -> bool {
        self.record.is_some() || self.json
    }
}

/// Dimensions up to which a map is drawn.
const MOST_DRAWN: usize = 3;

impl TryFrom<&EmbedArgs> for Embed {
    type Error = Usage;

    fn try_from(args: &EmbedArgs) -> Result<Self, Usage> {
        let map = match &args.output {
            None if args.json && !args.foresight.dry_run => {
                return Err(Usage(
                    "--json prints the record on standard output, so the map needs a file: add -o FILE"
                        .into(),
                ));
            }
            output => MapOutput::of(output.as_deref())?,
        };
        let preparation = Preparation::from(&args.preparation);
        if args.model.is_some() && (preparation.changes_values() || preparation.top_variance.is_some()) {
            return Err(Usage(
                "--model: --normalize-rows, --log1p, --arcsinh and --top-variance are not kept in a model; leave it, or these, out"
                    .into(),
            ));
        }
        if args.model.is_some() && (args.components != 2 || args.dof.to_bits() != 1.0_f64.to_bits()) {
            return Err(Usage(
                "--model: new rows are laid on maps of two dimensions and one degree of freedom; leave it, or --components and --dof, out"
                    .into(),
            ));
        }
        if args.plot.is_some() && args.components > MOST_DRAWN {
            let message = format!(
                "--plot: a map of {} dimensions has no picture; leave one of the two out",
                args.components
            );
            return Err(Usage(message));
        }
        let tsne = tsne(&args.tsne)?
            .affinity(args.affinity.clone().unwrap_or(Affinity::Perplexity(args.perplexity)))
            .components(args.components)
            .dof(args.dof);
        check(&tsne)?;
        Ok(Self {
            input: Input::from(&args.input),
            preparation: Preparation::from(&args.preparation),
            tsne,
            map,
            picture: args.plot.as_deref().map(Picture::at).transpose()?,
            record: args.record.clone(),
            model: args.model.clone(),
            start: args.tsne.init.file().cloned(),
            json: args.json,
        })
    }
}

/// What `gnomonic sweep` is to do.
#[derive(Clone, Debug)]
pub(crate) struct Sweep {
    pub(crate) input: Input,
    pub(crate) preparation: Preparation,
    pub(crate) tsne: Tsne,
    pub(crate) perplexities: Perplexities,
    pub(crate) json: bool,
}

/// The perplexities of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Perplexities {
    /// The lecture's, as far as the rows allow.
    Usual,
    /// Those and no others.
    Asked(Vec<f64>),
}

impl Perplexities {
    /// Those to make maps at from `n_samples` rows, and those to leave out.
    pub(crate) fn choose(&self, n_samples: usize) -> (Vec<f64>, Vec<f64>) {
        match self {
            Self::Usual => PERPLEXITIES.iter().partition(|&&perplexity| perplexity < n_samples as f64),
            Self::Asked(asked) => (asked.clone(), Vec::new()),
        }
    }
}

impl TryFrom<&SweepArgs> for Sweep {
    type Error = Usage;

    fn try_from(args: &SweepArgs) -> Result<Self, Usage> {
        let asked = args.perplexity.as_deref().unwrap_or_default();
        for (i, perplexity) in asked.iter().enumerate() {
            if asked[..i].contains(perplexity) {
                return Err(Usage(format!("perplexity {perplexity} is given twice; once is enough")));
            }
        }
        if args.tsne.init.file().is_some() {
            return Err(Usage(
                "--init FILE belongs to embed: the maps of a sweep start from pca or random".into(),
            ));
        }
        Ok(Self {
            input: Input::from(&args.input),
            preparation: Preparation::from(&args.preparation),
            tsne: tsne(&args.tsne)?,
            perplexities: args.perplexity.clone().map_or(Perplexities::Usual, Perplexities::Asked),
            json: args.json,
        })
    }
}

/// The parameters that the options name, at the library's default perplexity.
fn tsne(args: &TsneArgs) -> Result<Tsne, Usage> {
    let repulsion = match (args.repulsion, args.angle) {
        (RepulsionMethod::BarnesHut { .. }, Some(angle)) => RepulsionMethod::BarnesHut { angle },
        (_, Some(_)) => {
            return Err(Usage(
                "--angle belongs to barnes-hut: add --repulsion barnes-hut, or leave it out".into(),
            ));
        }
        (repulsion, None) => repulsion,
    };
    let tsne = Tsne::default()
        .schedule(args.descent.schedule().map_err(Usage)?)
        .distance(args.metric.clone())
        .initialization(args.init.method())
        .neighbor_method(args.neighbors)
        .repulsion(repulsion)
        .seed(args.seed)
        .threads(args.threads);
    check(&tsne)?;
    Ok(tsne)
}

/// Refuses parameters that no data allows, before there is any that could be blamed.
pub(crate) fn check(tsne: &Tsne) -> Result<(), Usage> {
    tsne.validate(usize::MAX).map_err(|error| Usage(error.to_string()))
}

/// `usual`, or what `n_samples` rows leave room for when they are too few for it.
pub(crate) fn fitting_perplexity(usual: f64, n_samples: usize) -> f64 {
    if usual < n_samples as f64 { usual } else { (n_samples.saturating_sub(1) / 3).max(1) as f64 }
}

/// Whether the maps of a sweep are made side by side, each on one thread, rather than one after the other on all.
///
/// Side by side wastes no core on waiting, but a core's share of the cache must hold a map's data: its neighbors are
/// some 12 bytes × 2 × 3 · perplexity a point, and beyond this many points they leave the second-level cache.
pub(crate) fn side_by_side(n_samples: usize, n_maps: usize, n_cores: usize) -> bool {
    n_samples <= 5_000 && n_maps >= n_cores && n_cores > 1
}

/// Discs that neither vanish nor drown the map: the area and the opacity fall with the number of points, so that the
/// ink on the page stays about the same.
pub(crate) fn marker(n_samples: usize) -> Marker {
    let n = n_samples.max(1) as f64;
    Marker { area: (250_000.0 / n).clamp(1.0, 100.0), alpha: (20.0 / n.sqrt()).clamp(0.1, 0.7) }
}

/// The rows that the lesson maps: all, or `size` drawn from a larger number.
///
/// The lecture draws with replacement, from 60,000; that is done where few rows come twice. From a few times `size`,
/// many would, and a copy of a point tells its label too well.
pub(crate) fn lesson_sample(n_samples: usize, size: usize) -> Option<Sample> {
    if n_samples <= size {
        None
    } else if n_samples < 5 * size {
        Some(Sample::WithoutReplacement(size))
    } else {
        Some(Sample::WithReplacement(size))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    fn embed(arguments: &str) -> Result<Embed, Usage> {
        let words = ["gnomonic", "embed"].into_iter().chain(arguments.split_whitespace());
        match Cli::try_parse_from(words).unwrap().command {
            Command::Embed(args) => Embed::try_from(&args),
            other => panic!("{other:?}"),
        }
    }

    fn sweep(arguments: &str) -> Result<Sweep, Usage> {
        let words = ["gnomonic", "sweep"].into_iter().chain(arguments.split_whitespace());
        match Cli::try_parse_from(words).unwrap().command {
            Command::Sweep(args) => Sweep::try_from(&args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn formats_follow_extensions() {
        assert_eq!(embed("X.npy").unwrap().map, MapOutput::StandardOutput);
        assert_eq!(embed("X.npy -o Y.NPY").unwrap().map, MapOutput::File("Y.NPY".into(), MapFormat::Npy));
        assert_eq!(embed("X.npy -o Y.csv").unwrap().map, MapOutput::File("Y.csv".into(), MapFormat::Csv));
        assert!(
            embed("X.npy -o Y.txt")
                .unwrap_err()
                .0
                .contains("Y.txt: a map is written as .npy, .csv, .tsv or .json")
        );
        assert!(
            embed("X.npy --plot Y.pdf")
                .unwrap_err()
                .0
                .contains("Y.pdf: a picture is written as .png or .svg")
        );
        assert_eq!(embed("X.npy --plot Y.svg").unwrap().picture.unwrap().format, Format::Svg);
    }

    #[test]
    fn the_defaults_are_the_librarys() {
        let plan = embed("X.npy").unwrap();
        assert_eq!(plan.tsne, Tsne::default());
        assert_eq!(plan.preparation, Preparation::default());
        assert_eq!(sweep("X.npy -o out").unwrap().perplexities, Perplexities::Usual);
    }

    #[test]
    fn options_reach_the_parameters() {
        let plan = embed(
            "X.npy --perplexity 7.5 --iterations 100 --learning-rate 50 --seed 3 --threads 2 --repulsion exact --init random",
        );
        let expected = Tsne::default()
            .perplexity(7.5)
            .iterations(100)
            .learning_rate(gnomonic::LearningRate::Fixed(50.0))
            .initialization(gnomonic::Initialization::Random)
            .repulsion(gnomonic::RepulsionMethod::Exact)
            .seed(3)
            .threads(Some(2));
        assert_eq!(plan.unwrap().tsne, expected);
    }

    #[test]
    fn neighbors_are_searched_as_asked() {
        use gnomonic::NeighborMethod::{Approximate, Auto, Clustered, Exact, Shortlist};
        let names = [
            ("auto", Auto),
            ("exact", Exact),
            ("approximate", Approximate),
            ("shortlist", Shortlist),
            ("clustered", Clustered),
        ];
        for (name, method) in names {
            let expected = Tsne::default().neighbor_method(method);
            assert_eq!(embed(&format!("X.npy --neighbors {name}")).unwrap().tsne, expected);
            assert_eq!(sweep(&format!("X.npy -o out --neighbors {name}")).unwrap().tsne, expected);
        }
    }

    #[test]
    fn distances_go_by_their_names() {
        use gnomonic::Distance;
        for distance in Distance::ALL.into_iter().chain([Distance::Minkowski { p: 3.5 }]) {
            let expected = Tsne::default().distance(distance.clone());
            assert_eq!(embed(&format!("X.npy --metric {distance}")).unwrap().tsne, expected);
            assert_eq!(sweep(&format!("X.npy -o out --metric {distance}")).unwrap().tsne, expected);
        }
        assert!(embed("X.npy --metric cosine --neighbors clustered").is_ok());
        let message = embed("X.npy --metric canberra --neighbors clustered").unwrap_err().0;
        assert!(message.contains("clustered for the distance canberra") && message.contains("exact or auto"));
    }

    #[test]
    fn an_angle_goes_with_barnes_hut() {
        let repulsion = |angle| Tsne::default().repulsion(RepulsionMethod::BarnesHut { angle });
        assert_eq!(embed("X.npy --repulsion barnes-hut").unwrap().tsne, repulsion(0.5));
        assert_eq!(sweep("X.npy -o out --repulsion barnes-hut --angle 0.2").unwrap().tsne, repulsion(0.2));
        assert!(embed("X.npy --angle 0.2").unwrap_err().0.contains("add --repulsion barnes-hut"));
    }

    #[test]
    fn a_perplexity_given_twice_is_a_slip() {
        assert!(
            sweep("X.npy -o out --perplexity 5,30,5").unwrap_err().0.contains("perplexity 5 is given twice")
        );
    }

    #[test]
    fn inputs_name_their_files() {
        let plan = embed("mnist.npz:x_train --labels mnist.npz:y_train").unwrap();
        assert_eq!(plan.input.files(), [Path::new("mnist.npz"), Path::new("mnist.npz")]);
        assert_eq!(embed("C:data.npy").unwrap().input.files(), [Path::new("C:data.npy")]);
    }

    #[test]
    fn of_the_usual_perplexities_only_those_below_n_are_made() {
        let (made, left_out) = Perplexities::Usual.choose(50);
        assert_eq!((made.len(), left_out), (5, vec![50.0, 75.0, 100.0, 150.0]));
        let asked = Perplexities::Asked(vec![5.0, 90.0]);
        assert_eq!(asked.choose(50), (vec![5.0, 90.0], vec![]), "what is asked for is made, or refused");
    }

    #[test]
    fn few_rows_lower_the_perplexity() {
        assert_eq!([31, 30, 10, 4].map(|n| fitting_perplexity(30.0, n)), [30.0, 9.0, 3.0, 1.0]);
    }

    #[test]
    fn small_maps_are_made_side_by_side() {
        assert!(side_by_side(1_000, 9, 2));
        assert!(!side_by_side(1_000, 9, 1));
        assert!(!side_by_side(1_000, 1, 8));
        assert!(!side_by_side(70_000, 9, 2));
    }

    #[test]
    fn the_lesson_draws_as_the_lecture_where_copies_are_few() {
        assert_eq!(lesson_sample(60_000, 10_000), Some(Sample::WithReplacement(10_000)));
        assert_eq!(lesson_sample(60_000, 1_000), Some(Sample::WithReplacement(1_000)));
        assert_eq!(lesson_sample(1_797, 10_000), None);
        assert_eq!(lesson_sample(1_797, 1_000), Some(Sample::WithoutReplacement(1_000)));
    }

    #[test]
    fn marks_shrink_as_points_grow() {
        let areas: Vec<f64> = [10, 10_000, 1_000_000].map(|n| marker(n).area).to_vec();
        assert_eq!(areas, [100.0, 25.0, 1.0]);
        assert!(marker(0).validate().is_ok() && marker(usize::MAX).validate().is_ok());
    }
}
