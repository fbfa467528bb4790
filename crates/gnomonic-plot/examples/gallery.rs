//! Draws one picture of each kind into a directory, from points made up here.
//!
//! `cargo run --release -p gnomonic-plot --example gallery -- DIRECTORY`

use std::error::Error;
use std::path::PathBuf;

use gnomonic_plot::{
    Axes, Context, Figure, Format, Marker, Palette, Palplot, Panel, Scatter, ScatterGrid, Style, Theme,
};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "gallery".to_string()));
    std::fs::create_dir_all(&directory)?;
    let save = |name: &str, rendered: gnomonic_plot::Rendered| -> Result<(), Box<dyn Error>> {
        for warning in &rendered.warnings {
            eprintln!("{name}: {warning}");
        }
        Ok(std::fs::write(directory.join(name), rendered.bytes)?)
    };
    let names: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();

    save("palette.png", Palplot::new(Palette::Muted).render(Format::Png)?)?;
    let named = Palplot { names: &names, ..Palplot::new(Palette::Muted) };
    save("palette-named.png", named.render(Format::Png)?)?;

    let (points, classes) = clusters(10_000, 10, 25.0);
    let map = Scatter {
        classes: Some(&classes),
        names: &names,
        marker: Marker { area: 540.0, alpha: 0.2 },
        ..Scatter::new(&points)
    };
    save("map.png", map.render(Format::Png)?)?;
    save("map.svg", map.render(Format::Svg)?)?;

    let runs: Vec<_> = [2, 5, 10, 20, 30, 50, 75, 100, 150]
        .map(|perplexity| (perplexity, clusters(1_000, 10, 1_500.0 / (perplexity as f32 + 10.0))))
        .into();
    let panels = runs
        .iter()
        .map(|(perplexity, (points, classes))| Panel {
            points,
            classes: Some(classes),
            title: format!("Perplexity = {perplexity}"),
        })
        .collect();
    let mut grid = ScatterGrid::new(panels);
    save("perplexity.png", grid.render(Format::Png)?)?;
    save("perplexity.svg", grid.render(Format::Svg)?)?;
    grid.names = &names;
    grid.legend = true;
    save("perplexity-legend.png", grid.render(Format::Png)?)?;

    for style in Style::ALL {
        let styled = Scatter {
            axes: Axes::On,
            legend: true,
            title: Some(format!("{style}: ten clusters & one legend, à la façon de seaborn")),
            figure: Figure::new(8.0, 6.0),
            theme: Theme { style: *style, ..Theme::default() },
            marker: Marker::default(),
            ..map.clone()
        };
        save(&format!("style-{style}.png"), styled.render(Format::Png)?)?;
    }
    for context in Context::ALL {
        let sized = Scatter {
            axes: Axes::On,
            legend: true,
            figure: Figure::new(4.0, 3.0),
            theme: Theme { context: *context, style: Style::Ticks, ..Theme::default() },
            marker: Marker::default(),
            ..map.clone()
        };
        save(&format!("context-{context}.png"), sized.render(Format::Png)?)?;
    }

    let (points, classes) = clusters(3_000, 300, 10.0);
    let names: Vec<String> = (0..300).map(|class| format!("한글 {class} 번째")).collect();
    let many = Scatter {
        classes: Some(&classes),
        names: &names,
        legend: true,
        title: Some("Three hundred classes: 삼백".to_string()),
        figure: Figure::new(10.0, 6.0),
        ..Scatter::new(&points)
    };
    save("many.png", many.render(Format::Png)?)?;
    save("many.svg", many.render(Format::Svg)?)?;
    save(
        "empty.png",
        Scatter { axes: Axes::On, figure: Figure::new(4.0, 3.0), ..Scatter::new(&[]) }.render(Format::Png)?,
    )
}

/// `n` points around the places of `n_classes` classes on a sunflower of the given radius.
fn clusters(n: usize, n_classes: usize, radius: f32) -> (Vec<f32>, Vec<u32>) {
    let mut state = 42u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let mut points = Vec::with_capacity(2 * n);
    let mut classes = Vec::with_capacity(n);
    for _ in 0..n {
        let class = (uniform() * n_classes as f32) as u32;
        let angle = class as f32 * 2.399_963;
        let distance = radius * ((class as f32 + 0.5) / n_classes as f32).sqrt();
        // The sum of four uniform numbers is near enough to a normal one.
        let mut noise =
            || (0..4).map(|_| uniform() - 0.5).sum::<f32>() * radius * 0.35 / (n_classes as f32).sqrt() * 1.7;
        points.push(distance * angle.cos() + noise());
        points.push(distance * angle.sin() + noise());
        classes.push(class);
    }
    (points, classes)
}
