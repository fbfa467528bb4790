//! Options that several commands have in common.

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use clap::builder::{
    OsStringValueParser, PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser,
};
use clap::{ArgAction, Args};
use gnomonic::preprocessing::RowNorm;
use gnomonic::{Affinity, Distance, Initialization, NeighborMethod, RepulsionMethod, Tsne};
use gnomonic_datasets::Header;

use super::descent::DescentArgs;
use super::table::TableArgs;
use crate::memory::MemoryLimit;

/// The data that a map is made of.
#[derive(Clone, Debug, Args)]
pub(crate) struct InputArgs {
    /// A file (.npy, .npz, .csv, .tsv, IDX and others), FILE.npz:key, - for standard input, or the name of a data set
    #[arg(value_parser = input_name())]
    pub(crate) input: OsString,

    #[command(flatten)]
    pub(crate) labels: LabelArgs,

    #[command(flatten)]
    pub(crate) table: TableArgs,

    #[command(flatten)]
    pub(crate) data_dir: DataDirArgs,
}

/// Where named data sets are looked for.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct DataDirArgs {
    /// A folder with data sets by name: DIR/mnist/*.gz [env: GNOMONIC_DATA]
    // The reader of data sets looks into the environment; an option that did would stand in every usage as if it were required.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Where the labels stand, and how tables are read.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct LabelArgs {
    /// A file with the label of each row
    #[arg(long, value_name = "FILE", value_parser = input_name())]
    pub(crate) labels: Option<OsString>,

    /// The column of labels, by name or number: of the file of labels, or else of the data [default: label]
    #[arg(long, value_name = "NAME|N")]
    pub(crate) label_column: Option<String>,

    /// Whether the first line of a table names its columns; auto judges by its first rows
    #[arg(long, value_name = "auto|yes|no", default_value = "auto", value_parser = header())]
    pub(crate) header: Header,

    /// The same of the file of labels [default: as --header]
    #[arg(long, value_name = "auto|yes|no", value_parser = header(), requires = "labels")]
    pub(crate) labels_header: Option<Header>,
}

impl LabelArgs {
    /// Whether the file of labels names its columns.
    pub(crate) fn labels_header(&self) -> Header {
        self.labels_header.unwrap_or(self.header)
    }
}

/// Which columns of a map are its coordinates.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct CoordinateArgs {
    /// The map's column of x, by name or number [default: x, or as tools call it: TSNE-1, UMAP_1, comp-1]
    #[arg(long, value_name = "NAME|N", requires = "y")]
    x: Option<String>,

    /// The map's column of y
    #[arg(long, value_name = "NAME|N", requires = "x")]
    y: Option<String>,
}

impl CoordinateArgs {
    /// Both, where they are named.
    pub(crate) fn columns(&self) -> Option<[String; 2]> {
        Some([self.x.clone()?, self.y.clone()?])
    }
}

fn header() -> impl TypedValueParser<Value = Header> {
    PossibleValuesParser::new(["auto", "yes", "no"]).map(|name| match name.as_str() {
        "yes" => Header::Present,
        "no" => Header::Absent,
        _ => Header::Auto,
    })
}

/// What is done to the data before its neighbors are looked for, in this order.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Preparation, in this order")]
pub(crate) struct PreparationArgs {
    /// Divide each row by its norm, or bring it to the sum N (counts per N)
    #[arg(long, value_name = "l1|l2|N", value_parser = row_norm, allow_negative_numbers = true)]
    pub(crate) normalize_rows: Option<RowNorm>,

    /// Take the logarithm of 1 + each value
    #[arg(long)]
    pub(crate) log1p: bool,

    /// Take arsinh(value / C), as of flow and mass cytometry [usual: 150, and 5]
    #[arg(long, value_name = "C", value_parser = positive, allow_negative_numbers = true)]
    pub(crate) arcsinh: Option<f64>,

    /// Keep the K columns of largest variance
    #[arg(long, value_name = "K", value_parser = at_least_one, allow_negative_numbers = true)]
    pub(crate) top_variance: Option<usize>,

    /// Scale columns to [0, 1], or to mean 0 and deviation 1
    #[arg(
        long, default_value_t, value_name = "HOW",
        value_parser = named(vec![Scale::None, Scale::Minmax, Scale::Standard])
    )]
    pub(crate) scale: Scale,

    /// Keep N rows drawn at random, none twice
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub(crate) sample: Option<usize>,

    /// Keep the first N principal components
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub(crate) pca: Option<usize>,
}

/// Where the points start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Init {
    Method(Initialization),
    /// The points of a map.
    File(OsString),
}

impl Default for Init {
    fn default() -> Self {
        Self::Method(Initialization::default())
    }
}

impl Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(method) => method.fmt(f),
            Self::File(file) => f.write_str(&file.to_string_lossy()),
        }
    }
}

impl Init {
    /// The method; the default one beside a file, which takes its place.
    pub(crate) fn method(&self) -> Initialization {
        match self {
            Self::Method(method) => *method,
            Self::File(_) => Initialization::default(),
        }
    }

    /// The file of a map.
    pub(crate) fn file(&self) -> Option<&OsString> {
        match self {
            Self::Method(_) => None,
            Self::File(file) => Some(file),
        }
    }
}

/// A method by its name, or a file, which has an extension or a folder.
fn init() -> impl TypedValueParser<Value = Init> {
    OsStringValueParser::new().try_map(|name| {
        let methods = [Initialization::Pca, Initialization::Random];
        if let Some(method) = methods.into_iter().find(|method| *name == *method.to_string()) {
            return Ok(Init::Method(method));
        }
        let path = Path::new(&name);
        if path.extension().is_some() || path.components().count() > 1 {
            return Ok(Init::File(name));
        }
        Err("must be pca, random, or the file of a map, .npy or .csv")
    })
}

/// How columns are scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scale {
    /// As they are.
    #[default]
    None,
    /// To [0, 1].
    Minmax,
    /// To mean 0 and standard deviation 1.
    Standard,
}

impl Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Minmax => "minmax",
            Self::Standard => "standard",
        })
    }
}

const REPULSIONS: [RepulsionMethod; 4] = [
    RepulsionMethod::Auto,
    RepulsionMethod::Exact,
    RepulsionMethod::Field,
    RepulsionMethod::BarnesHut { angle: RepulsionMethod::ANGLE },
];

/// The parameters of t-SNE but the perplexity, which a sweep has several of. Their defaults are the library's.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "t-SNE")]
pub(crate) struct TsneArgs {
    /// Where the points start: pca, random, or a map (.npy, .csv), taken as it is
    #[arg(long, value_name = "HOW|FILE", default_value_t, value_parser = init())]
    pub(crate) init: Init,

    /// How far apart two rows are, or minkowski:P
    #[arg(
        long, value_name = "NAME", default_value_t, value_parser = metric(), help_heading = "t-SNE",
        long_help = metric_help()
    )]
    pub(crate) metric: Distance,

    /// How the nearest rows are found; the record tells the share of true ones
    #[arg(long, value_name = "HOW", default_value_t, value_parser = neighbor_method())]
    pub(crate) neighbors: NeighborMethod,

    /// How points push each other apart: pair by pair, by a field, or by a tree
    #[arg(
        long, value_name = "HOW", default_value_t,
        value_parser = named(REPULSIONS.to_vec())
    )]
    pub(crate) repulsion: RepulsionMethod,

    /// How coarse the tree of barnes-hut may be, from 0 to 1 [default: 0.5]
    #[arg(long, value_name = "X", value_parser = angle, allow_negative_numbers = true)]
    pub(crate) angle: Option<f64>,

    #[command(flatten)]
    pub(crate) descent: DescentArgs,

    /// The seed of every random choice
    #[arg(
        long, value_name = "N", default_value_t = Tsne::default().parameters().seed,
        value_parser = seed, allow_negative_numbers = true
    )]
    pub(crate) seed: u64,

    /// Threads; the result is the same with any [default: all cores]
    #[arg(long, value_name = "T", value_parser = thread_count, allow_negative_numbers = true)]
    pub(crate) threads: Option<usize>,
}

/// What is known, and refused, before the work.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Before the work")]
pub(crate) struct ForesightArgs {
    /// Say what would be done, with how much memory and in about what time, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Refuse what would take more memory, such as 24GB, 512MiB or none [default: all of this machine]
    #[arg(long, value_name = "SIZE", value_parser = MemoryLimit::parse, allow_negative_numbers = true)]
    pub(crate) memory_limit: Option<MemoryLimit>,
}

/// What is said, and what may be overwritten.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "General")]
pub(crate) struct GeneralArgs {
    /// Overwrite files that exist
    #[arg(long)]
    pub(crate) force: bool,

    /// Say nothing but warnings and errors
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Print help
    #[arg(long, short, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// One of a few values by its name; a misspelled one is answered with the nearest.
pub(crate) fn named<T>(values: Vec<T>) -> impl TypedValueParser<Value = T>
where
    T: Copy + Display + Send + Sync + 'static,
{
    PossibleValuesParser::new(values.iter().map(ToString::to_string)).try_map(move |name| {
        let mut same = values.iter().filter(|value| value.to_string().eq_ignore_ascii_case(&name));
        same.next().copied().ok_or("must be one of the names")
    })
}

/// A distance by its name.
fn metric() -> impl TypedValueParser<Value = Distance> {
    StringValueParser::new().try_map(|name| name.parse::<Distance>().map_err(|error| error.to_string()))
}

fn metric_help() -> String {
    let names: Vec<String> = Distance::ALL
        .iter()
        .map(|distance| match distance {
            Distance::Minkowski { .. } => "minkowski:P".to_owned(),
            other => other.to_string(),
        })
        .collect();
    format!(
        "How far apart two rows are: {}. Distances from manhattan on compare all pairs of rows. P is made of the squares of the distances",
        names.join(", ")
    )
}

/// A neighbor search by its name.
fn neighbor_method() -> impl TypedValueParser<Value = NeighborMethod> {
    let value = |method: NeighborMethod, help| PossibleValue::new(method.to_string()).help(help);
    PossibleValuesParser::new([
        value(
            NeighborMethod::Auto,
            "exact up to 3 columns; clustered from 100,000 rows, shortlist from 20,000 of 16 columns or 5,000 of 200, else exact",
        ),
        value(NeighborMethod::Exact, "compare all pairs of rows in all columns"),
        value(NeighborMethod::Approximate, "shortlist or clustered, by the number of rows"),
        value(NeighborMethod::Shortlist, "compare them on the principal axes, and the best in all columns"),
        value(NeighborMethod::Clustered, "compare each row with those of the clusters around it"),
    ])
    .map(|name| match name.as_str() {
        "exact" => NeighborMethod::Exact,
        "approximate" => NeighborMethod::Approximate,
        "shortlist" => NeighborMethod::Shortlist,
        "clustered" => NeighborMethod::Clustered,
        _ => NeighborMethod::Auto,
    })
}

/// What is read: a file or a data set by name, or `-` for standard input. Names need not be UTF-8.
pub(crate) fn input_name() -> impl TypedValueParser<Value = OsString> {
    OsStringValueParser::new().try_map(|name| match name.to_str() {
        Some("-") if cfg!(unix) => Ok("/dev/stdin".into()),
        Some("-") => Err("standard input is not read on this system; name a file"),
        _ => Ok(name),
    })
}

/// A number of threads that can be started.
pub(crate) fn thread_count(text: &str) -> Result<usize, String> {
    let threads = at_least_one(text)?;
    if threads > Tsne::MOST_THREADS {
        return Err(format!("must be at most {}", Tsne::MOST_THREADS));
    }
    Ok(threads)
}

/// A count of at least one.
pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".into()),
        Ok(count) => Ok(count),
        Err(_) => Err("must be a whole number, at least 1".into()),
    }
}

/// A seed of random choices.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("must be a whole number from 0 to {}", u64::MAX))
}

/// A perplexity that may suit some data: it is 2 to the power of an entropy, so never below 1. Whether it suits the
/// data at hand is seen once their number is known.
pub(crate) fn perplexity(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if value >= 1.0 && value.is_finite() => Ok(value),
        _ => Err("must be a finite number, at least 1 and below the number of rows; 30 is usual".into()),
    }
}

/// A kind of affinities, with numbers that some data allows.
pub(crate) fn affinity(text: &str) -> Result<Affinity, String> {
    let affinity: Affinity = text.parse().map_err(|error: gnomonic::Error| error.to_string())?;
    affinity.validate(usize::MAX).map_err(|error| error.to_string())?;
    Ok(affinity)
}

fn angle(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("must be from 0 (every pair by itself) to 1; 0.5 is usual".into()),
    }
}

/// What rows are divided by.
fn row_norm(text: &str) -> Result<RowNorm, String> {
    text.parse().map_err(|error: gnomonic::Error| error.to_string())
}

/// A positive finite number.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err("must be a positive finite number".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perplexities_that_suit_no_data_are_refused_as_typed() {
        for text in ["0", "0.5", "-1", "NaN", "inf", "-inf", "thirty", ""] {
            let message = perplexity(text).unwrap_err();
            assert!(message.contains("at least 1") && message.contains("30 is usual"), "{text}: {message}");
        }
        assert_eq!(perplexity("1"), Ok(1.0));
    }

    /// The numbers in a text, in order, without the commas in them.
    fn numbers(text: &str) -> Vec<usize> {
        let digits = text.replace(',', "");
        digits.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
    }

    #[test]
    fn the_help_on_neighbors_is_what_auto_does() {
        let values: Vec<PossibleValue> = neighbor_method().possible_values().unwrap().collect();
        let auto = values.iter().find(|value| value.get_name() == "auto").unwrap();
        let help = auto.get_help().unwrap().to_string();
        let [few, many, tall, narrow, short, wide] = numbers(&help)[..] else {
            panic!("other numbers: {help}")
        };
        let order =
            ["exact up to", "clustered from", "shortlist from", "else exact"].map(|words| help.find(words));
        assert!(order[0].is_some() && order.is_sorted(), "{help}");

        let resolve = |n, d| NeighborMethod::Auto.resolve(n, d);
        for (n, d, method) in [
            (usize::MAX, few, NeighborMethod::Exact),
            (many, few + 1, NeighborMethod::Clustered),
            (many, wide, NeighborMethod::Clustered),
            (many - 1, wide, NeighborMethod::Shortlist),
            (tall, narrow, NeighborMethod::Shortlist),
            (tall - 1, narrow, NeighborMethod::Exact),
            (many - 1, narrow - 1, NeighborMethod::Exact),
            (short, wide, NeighborMethod::Shortlist),
            (short - 1, wide, NeighborMethod::Exact),
            (short, wide - 1, NeighborMethod::Exact),
        ] {
            assert_eq!(resolve(n, d), method, "{n} x {d}: {help}");
        }
    }

    #[test]
    fn a_seed_says_its_bounds() {
        for text in ["-1", "18446744073709551616", "x", "1.5"] {
            assert!(seed(text).unwrap_err().contains("from 0 to 18446744073709551615"), "{text}");
        }
        assert_eq!(seed("18446744073709551615"), Ok(u64::MAX));
    }

    #[test]
    fn counts_begin_at_one() {
        assert!(at_least_one("0").unwrap_err().contains("at least 1"));
        assert!(at_least_one("-3").is_err());
        assert_eq!(at_least_one("3"), Ok(3));
    }
}
