//! Text leaves the map its room, and stays on the page.

use gnomonic_plot::{Figure, Format, Scatter};

/// Numbers after `attribute="` in an SVG.
fn numbers(svg: &str, attribute: &str) -> Vec<f64> {
    let before = format!(" {attribute}=\"");
    svg.split(&before).skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

/// How wide the discs are spread in the picture of `scatter`, which is its SVG.
fn spread(scatter: &Scatter<'_>) -> (f64, String) {
    let svg = String::from_utf8(scatter.render(Format::Svg).unwrap().bytes).unwrap();
    let map = svg.split("<text").next().unwrap();
    let x = numbers(map, "cx");
    let (low, high) =
        (x.iter().copied().fold(f64::MAX, f64::min), x.iter().copied().fold(f64::MIN, f64::max));
    (high - low, svg)
}

fn points() -> Vec<f32> {
    (0..100).flat_map(|i| [(i % 10) as f32, (i / 10) as f32]).collect()
}

const FIGURE: Figure = Figure { width: 4.0, height: 4.0, dpi: 100.0 };

#[test]
fn a_long_title_is_broken_and_not_paid_for_by_the_map() {
    let points = points();
    let plain = Scatter { figure: FIGURE, title: Some("A map".into()), ..Scatter::new(&points) };
    let (width, _) = spread(&plain);
    let sentence = "A title of many words that says where the data came from and how it was made, at which perplexity and when".to_owned();
    for title in [sentence, "unbroken".repeat(20), "word ".repeat(2_000)] {
        let (narrowed, svg) = spread(&Scatter { title: Some(title), ..plain.clone() });
        assert!(narrowed > 0.75 * width, "{narrowed} of {width}");
        let lines: Vec<f64> = svg.split("<text").skip(1).map(|text| numbers(text, "y")[0]).collect();
        assert!((2..=3).contains(&lines.len()) && lines.iter().all(|&y| y > 0.0), "{lines:?}");
    }
}

#[test]
fn long_names_in_a_legend_are_cut() {
    let points = points();
    let classes: Vec<u32> = (0..100).map(|i| i % 3).collect();
    let short: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
    let long: Vec<String> = ["W".repeat(40), "M".repeat(60), "b".to_owned()].to_vec();
    let with = |names| {
        spread(&Scatter {
            classes: Some(&classes),
            names,
            legend: true,
            figure: FIGURE,
            ..Scatter::new(&points)
        })
    };
    let (width, _) = with(&short);
    let (narrowed, svg) = with(&long);
    assert!(narrowed > 0.5 * width, "{narrowed} of {width}");
    assert!(svg.contains('…'));
}

#[test]
fn the_line_on_what_is_left_out_stays_on_the_page() {
    let points: Vec<f32> = (0..600).flat_map(|i| [(i % 10) as f32, i as f32]).collect();
    let classes: Vec<u32> = (0..600).map(|i| i % 300).collect();
    let names: Vec<String> = (0..300).map(|i| i.to_string()).collect();
    let scatter = Scatter {
        classes: Some(&classes),
        names: &names,
        legend: true,
        figure: FIGURE,
        ..Scatter::new(&points)
    };
    let (_, svg) = spread(&scatter);
    let rest = svg.split("<text").find(|text| text.contains("more</text>")).expect("names are left out");
    let left = numbers(rest, "x")[0];
    // As wide as its letters are at least; the page is 288 points.
    assert!(left + 40.0 < 288.0, "{rest}");
}
