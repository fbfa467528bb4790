//! `gnomonic plot`

use anyhow::Result;
use gnomonic_datasets::Map;
use gnomonic_plot::{Axes, Figure, Marker, Scatter, Theme};

use crate::args::PlotArgs;
use crate::budget::{Drawing, Limit, refuse_beyond};
use crate::dry_run;
use crate::input::{self, MapSource};
use crate::output::{self, Destination, Inputs};
use crate::pictures;
use crate::plan::{self, LabelSource, Picture};
use crate::pool;
use crate::progress::Progress;
use crate::table::counted;

/// Draws a map.
pub(super) fn run(args: &PlotArgs) -> Result<()> {
    let picture = Picture::at(&args.output)?;
    let figure = Figure { width: args.size.0, height: args.size.1, dpi: args.dpi };
    figure.validate().map_err(|error| crate::failure::Usage(error.to_string()))?;
    let labels = LabelSource::from(&args.labels);
    let inputs = Inputs::new(plan::files(&args.map, &labels));
    let destination = Destination::plan(&picture.path, args.general.force, &inputs)?;
    let mut progress = Progress::new(args.general.quiet);
    pool::start(None, &mut progress)?;

    // The pixels are known before the map, of which a dry run reads nothing.
    let limit = Limit::new(args.foresight.memory_limit);
    let fits = |n_samples| {
        let needs = Drawing { figure, n_samples }.needs();
        let name = input::named(&args.map);
        refuse_beyond(&name, "drawing it", &needs, &limit, "fewer inches (--size) or a lower --dpi need less")
    };
    if args.foresight.dry_run {
        dry_run::tell_needs("plot", &Drawing { figure, n_samples: 0 }.needs(), &limit, false)?;
        return fits(0);
    }
    fits(0)?;
    let source = MapSource { name: &args.map, coordinates: args.coordinates.columns() };
    let (header, labels_header) = (args.labels.header, args.labels.labels_header());
    let map = source.load(&labels, header, labels_header, &limit, &mut progress)?;
    fits(map.points.n_samples())?;
    let marker = plan::marker(map.points.n_samples());
    let scatter = Scatter {
        classes: map.labels.as_ref().map(|labels| labels.classes.as_slice()),
        names: map.labels.as_ref().map_or(&[], |labels| labels.names.as_slice()),
        figure,
        marker: Marker { area: args.area.unwrap_or(marker.area), alpha: args.alpha.unwrap_or(marker.alpha) },
        theme: Theme {
            palette: args.palette.unwrap_or_default(),
            style: args.style.unwrap_or_default(),
            context: args.context,
            font_scale: args.font_scale,
        },
        axes: if args.style.is_some() { Axes::On } else { Axes::Off },
        legend: args.legend,
        title: args.title.clone(),
        offset: map.offsets.as_ref().map_or([0.0; 2], |offsets| [offsets[0], offsets[1]]),
        ..Scatter::new(map.points.as_slice())
    };
    if args.legend && map.labels.is_none() {
        progress.warn(&format!(
            "{}: has no labels, so there is no legend; name them with --labels",
            input::named(&args.map)
        ));
    }
    tell_labels(&map, args, &mut progress);
    let bytes = pictures::finish(scatter.render(picture.format), &mut progress)?;
    output::write_all(|batch| batch.add(&destination, &bytes))
}

/// Says of the labels what the picture does not: points that have none, and colors that are not those asked for.
fn tell_labels(map: &Map, args: &PlotArgs, progress: &mut Progress) {
    let Some(labels) = &map.labels else { return };
    let without = labels.len() - labels.labeled().count();
    if without > 0 {
        progress.warn(&format!(
            "{}: {} no label, drawn in gray",
            input::named(&args.map),
            match without {
                1 => "1 point has".to_owned(),
                several => format!("{} have", counted(several, "point")),
            }
        ));
    }
    if let Some(palette) = args.palette
        && labels.names.len() > palette.colors().len()
    {
        progress.warn(&format!(
            "{} labels are more than the {} colors of {palette}, so each has a hue of its own in place of these",
            labels.names.len(),
            palette.colors().len()
        ));
    }
}
