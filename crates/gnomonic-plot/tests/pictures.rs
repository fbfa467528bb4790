//! What a user gets from the public functions: files that others can read, the same every time.

use gnomonic_plot::{
    Axes, Error, Figure, Format, Marker, Palette, Palplot, Panel, PointsInSvg, Scatter, ScatterGrid, Theme,
    Warning,
};

/// `n` points on a spiral, in three classes.
fn spiral(n: usize) -> (Vec<f32>, Vec<u32>) {
    let points = (0..n).flat_map(|i| {
        let t = i as f32 * 0.1;
        [t * t.cos(), t * t.sin()]
    });
    (points.collect(), (0..n as u32).map(|i| i % 3).collect())
}

fn names() -> Vec<String> {
    ["<first>", "second & last", "세 번째"].map(String::from).into()
}

fn small<'a>(points: &'a [f32], classes: &'a [u32], names: &'a [String]) -> Scatter<'a> {
    Scatter {
        classes: Some(classes),
        names,
        figure: Figure::new(4.0, 3.0),
        axes: Axes::On,
        legend: true,
        title: Some("a < b & \"c\"".to_string()),
        ..Scatter::new(points)
    }
}

fn text(svg: &[u8]) -> &str {
    std::str::from_utf8(svg).unwrap()
}

#[test]
fn an_svg_is_well_formed_and_has_a_circle_for_each_point() {
    let (points, classes) = spiral(321);
    let names = names();
    let svg = small(&points, &classes, &names).render(Format::Svg).unwrap();
    let document = roxmltree::Document::parse(text(&svg.bytes)).unwrap();
    let tagged = |name: &'static str| document.descendants().filter(move |node| node.has_tag_name(name));
    let legend = names.len();
    assert_eq!(tagged("circle").count(), 321 + legend);
    assert!(tagged("g").all(|group| group.attribute("opacity").is_none()));
    assert_eq!(tagged("g").next().unwrap().attribute("fill-opacity"), Some("0.3"));
    let texts: Vec<_> = tagged("text").filter_map(|node| node.text()).collect();
    for expected in ["a < b & \"c\"", "<first>", "second & last", "세 번째"] {
        assert!(texts.contains(&expected), "{texts:?}");
    }
}

#[test]
fn many_points_are_embedded_unless_vectors_are_asked_for() {
    let (points, classes) = spiral(20_001);
    let names = [];
    let mut map = Scatter { legend: false, ..small(&points, &classes, &names) };
    let embedded = map.render(Format::Svg).unwrap();
    let document = roxmltree::Document::parse(text(&embedded.bytes)).unwrap();
    let tagged = |name: &'static str| document.descendants().filter(move |node| node.has_tag_name(name));
    assert_eq!((tagged("circle").count(), tagged("image").count()), (0, 1));
    let link = tagged("image").next().unwrap().attribute("href").unwrap();
    assert!(link.starts_with("data:image/png;base64,iVBORw0KGgo"));
    map.points_in_svg = PointsInSvg::Vector;
    let vectors = map.render(Format::Svg).unwrap();
    assert_eq!(text(&vectors.bytes).matches("<circle").count(), 20_001);
}

#[test]
fn the_same_picture_twice_has_the_same_bytes() {
    let (points, classes) = spiral(500);
    let names = ["one".to_string(), "two".to_string(), "three".to_string()];
    let map = small(&points, &classes, &names);
    for format in [Format::Png, Format::Svg] {
        assert_eq!(map.render(format).unwrap(), map.render(format).unwrap());
    }
}

#[test]
fn a_png_says_its_dpi() {
    let (points, classes) = spiral(10);
    let mut map = small(&points, &classes, &[]);
    map.figure.dpi = 150.0;
    let png = map.render(Format::Png).unwrap();
    let reader = png::Decoder::new(std::io::Cursor::new(&png.bytes)).read_info().unwrap();
    assert_eq!(reader.info().size(), (600, 450));
    let dims = reader.info().pixel_dims.unwrap();
    assert_eq!((dims.xppu, dims.unit), (5906, png::Unit::Meter));
}

#[test]
fn hangul_draws_or_warns_once() {
    let (points, classes) = spiral(10);
    let names = names();
    let rendered = small(&points, &classes, &names).render(Format::Png).unwrap();
    match &rendered.warnings[..] {
        [] => {}
        [Warning::MissingGlyphs { characters }] => assert_eq!(characters, "세번째"),
        more => panic!("{more:?}"),
    }
}

#[test]
fn unusual_points_are_drawn() {
    let huge = [-f32::MAX, -f32::MAX, f32::MAX, f32::MAX];
    let tiny = [0.0, 0.0, f32::MIN_POSITIVE, -f32::MIN_POSITIVE];
    let line = [1.0, 5.0, 2.0, 5.0, 1e6, 5.0];
    let offset = [1e9, 1e9, 1e9, 1e9];
    for points in [&[][..], &[3.0, 4.0], &huge, &tiny, &line, &offset] {
        for axes in [Axes::Off, Axes::On] {
            for (width, height) in [(3.0, 2.0), (0.1, 0.1), (6.0, 0.3)] {
                for equal_aspect in [false, true] {
                    let classes = vec![u32::MAX; points.len() / 2];
                    let map = Scatter {
                        figure: Figure::new(width, height),
                        classes: Some(&classes),
                        title: Some("A title longer than the picture".to_string()),
                        legend: true,
                        axes,
                        equal_aspect,
                        ..Scatter::new(points)
                    };
                    for format in [Format::Png, Format::Svg] {
                        let rendered = map.render(format).unwrap();
                        assert!(!text_or_empty(&rendered.bytes, format).contains("NaN"));
                    }
                }
            }
        }
    }
}

fn text_or_empty(bytes: &[u8], format: Format) -> &str {
    if format == Format::Svg { text(bytes) } else { "" }
}

#[test]
fn grids_of_any_shape_are_drawn() {
    let (points, classes) = spiral(50);
    let panel = Panel { points: &points, classes: Some(&classes), title: "Perplexity = 30".to_string() };
    for count in [0, 1, 2, 5] {
        let mut grid = ScatterGrid::new(vec![panel.clone(); count]);
        grid.figure = Figure::new(6.0, 4.0);
        grid.legend = true;
        for columns in [1, 2, 7, usize::MAX] {
            grid.columns = columns;
            let svg = grid.render(Format::Svg).unwrap();
            assert_eq!(text(&svg.bytes).matches("Perplexity = 30").count(), count);
            assert!(!text(&svg.bytes).contains("NaN"));
        }
        grid.columns = 0;
        assert!(grid.render(Format::Png).is_err());
    }
}

#[test]
fn bad_input_is_named() {
    let (points, classes) = spiral(3);
    let refused = |map: Scatter<'_>| map.render(Format::Png).unwrap_err();
    assert!(matches!(refused(Scatter::new(&points[..5])), Error::LengthMismatch { found: 5, .. }));
    let short = Scatter { classes: Some(&classes[..2]), ..Scatter::new(&points) };
    assert!(matches!(refused(short), Error::LengthMismatch { found: 2, expected: 3, .. }));
    let nan = [0.0, 1.0, 2.0, f32::NAN];
    assert!(matches!(refused(Scatter::new(&nan)), Error::NonFinite { point: 1, .. }));
    let figure = Figure { dpi: 1e9, ..Figure::default() };
    assert!(matches!(refused(Scatter { figure, ..Scatter::new(&points) }), Error::TooManyPixels { .. }));
    let marker = Marker { alpha: -0.1, ..Marker::default() };
    assert!(matches!(
        refused(Scatter { marker, ..Scatter::new(&points) }),
        Error::Parameter { name: "alpha", .. }
    ));
    let theme = Theme { font_scale: 0.0, ..Theme::default() };
    assert!(refused(Scatter { theme, ..Scatter::new(&points) }).to_string().contains("font scale is 0"));
    let none = Palplot { n_colors: 0, ..Palplot::new(Palette::Deep) };
    assert!(none.render(Format::Png).is_err());
    let many = Palplot { n_colors: usize::MAX, ..Palplot::new(Palette::Deep) };
    assert!(matches!(many.render(Format::Png), Err(Error::TooManyPixels { .. })));
}
