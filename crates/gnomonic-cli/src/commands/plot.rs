//! `gnomonic plot`

use anyhow::Result;
use gnomonic_plot::{Axes, Figure, Marker, Scatter, Theme};

use crate::args::PlotArgs;
use crate::budget::{Drawing, Limit, refuse_beyond};
use crate::dry_run;
use crate::input;
use crate::output::{self, Destination, Inputs};
use crate::pictures;
use crate::plan::{self, LabelSource, Picture};
use crate::progress::Progress;

/// Draws a map.
pub(super) fn run(args: &PlotArgs) -> Result<()> {
    let picture = Picture::at(&args.output)?;
    let figure = Figure { width: args.size.0, height: args.size.1, dpi: args.dpi };
    figure.validate().map_err(|error| crate::failure::Usage(error.to_string()))?;
    let labels = LabelSource::from(&args.labels);
    let inputs = Inputs::new(plan::files(&args.map, &labels));
    let destination = Destination::plan(&picture.path, args.general.force, &inputs)?;
    let mut progress = Progress::new(args.general.quiet);

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
    let map = input::load_map(&args.map, &labels, args.labels.header, &limit)?;
    fits(map.points.n_samples())?;
    let marker = plan::marker(map.points.n_samples());
    let scatter = Scatter {
        classes: map.labels.as_ref().map(|labels| labels.classes.as_slice()),
        names: map.labels.as_ref().map_or(&[], |labels| labels.names.as_slice()),
        figure,
        marker: Marker { area: args.area.unwrap_or(marker.area), alpha: args.alpha.unwrap_or(marker.alpha) },
        theme: Theme {
            palette: args.palette,
            style: args.style.unwrap_or_default(),
            context: args.context,
            font_scale: args.font_scale,
        },
        axes: if args.style.is_some() { Axes::On } else { Axes::Off },
        legend: args.legend,
        title: args.title.clone(),
        ..Scatter::new(map.points.as_slice())
    };
    if args.legend && map.labels.is_none() {
        progress.warn(&format!(
            "{}: has no labels, so there is no legend; name them with --labels",
            input::named(&args.map)
        ));
    }
    let bytes = pictures::finish(scatter.render(picture.format), &mut progress)?;
    output::write_all(|batch| batch.add(&destination, &bytes))
}
