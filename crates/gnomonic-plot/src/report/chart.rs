//! Small line charts in SVG: one series against perplexity, on a logarithmic axis, in the page's own ink.

use super::encode::escape;
use super::figures::fixed;

const WIDTH: f64 = 280.0;
const HEIGHT: f64 = 132.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 26.0;

/// A series to draw.
pub(super) struct Chart<'a> {
    /// Says what the chart shows, for those who do not see it.
    pub(super) description: &'a str,
    /// Perplexity and value, by rising perplexity.
    pub(super) series: &'a [(f64, f64)],
    /// Decimals of the axis labels.
    pub(super) decimals: usize,
    /// Whether the vertical axis starts at zero instead of the lowest value.
    pub(super) from_zero: bool,
    /// Which perplexities the reader should look at; the others are drawn faint.
    pub(super) emphasized: &'a dyn Fn(f64) -> bool,
}

/// Draws the chart. The vertical axis spans the values, from the lowest or from zero to the highest, and is labelled
/// at its ends.
pub(super) fn svg(chart: &Chart<'_>) -> String {
    let places = place(chart);
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escape(chart.description)
    );
    svg.push_str(&axes(chart, &places));
    let marked: Vec<_> = chart
        .series
        .iter()
        .zip(&places)
        .filter(|(point, _)| (chart.emphasized)(point.0))
        .map(|(_, &place)| place)
        .collect();
    if marked.len() < places.len() {
        svg.push_str(&polyline("faint", &places));
    }
    svg.push_str(&polyline("line", &marked));
    for (point, (x, y)) in chart.series.iter().zip(&places) {
        let class = if (chart.emphasized)(point.0) { "dot" } else { "dot faint" };
        svg.push_str(&format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\"/>"));
    }
    svg.push_str("</svg>");
    svg
}

fn place(chart: &Chart<'_>) -> Vec<(f64, f64)> {
    let (x_low, x_high) = bounds(chart.series.iter().map(|point| point.0.ln()));
    let (y_low, y_high) = vertical(chart);
    let place = |&(perplexity, value): &(f64, f64)| {
        let x = LEFT + (WIDTH - LEFT - RIGHT) * fraction(perplexity.ln(), x_low, x_high);
        let y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * fraction(value, y_low, y_high);
        (x, y)
    };
    chart.series.iter().map(place).collect()
}

/// The values at the ends of the vertical axis.
fn vertical(chart: &Chart<'_>) -> (f64, f64) {
    let (low, high) = bounds(chart.series.iter().map(|point| point.1));
    (if chart.from_zero { low.min(0.0) } else { low }, high)
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// Where a value stands between two others; the middle when they are equal.
fn fraction(value: f64, low: f64, high: f64) -> f64 {
    if high > low { (value - low) / (high - low) } else { 0.5 }
}

fn axes(chart: &Chart<'_>, places: &[(f64, f64)]) -> String {
    let bottom = HEIGHT - BOTTOM + 6.0;
    let mut svg = format!(
        "<line class=\"rule\" x1=\"{LEFT}\" y1=\"{bottom}\" x2=\"{}\" y2=\"{bottom}\"/>",
        WIDTH - RIGHT
    );
    let (low, high) = vertical(chart);
    let top_label = fixed(high, chart.decimals);
    let low_label = if low == 0.0 { "0".to_owned() } else { fixed(low, chart.decimals) };
    if high > low {
        svg.push_str(&text("end", LEFT - 8.0, TOP + 4.0, &top_label));
        svg.push_str(&text("end", LEFT - 8.0, HEIGHT - BOTTOM + 4.0, &low_label));
    } else if chart.series.is_empty() {
        return svg;
    } else {
        svg.push_str(&text("end", LEFT - 8.0, (TOP + HEIGHT - BOTTOM) / 2.0 + 4.0, &top_label));
    }
    let mut free_from = f64::NEG_INFINITY;
    let last = places.len() - 1;
    for (at, (point, place)) in chart.series.iter().zip(places).enumerate() {
        svg.push_str(&format!(
            "<line class=\"rule\" x1=\"{0:.1}\" y1=\"{bottom}\" x2=\"{0:.1}\" y2=\"{1}\"/>",
            place.0,
            bottom + 3.0
        ));
        // Labels keep clear of one another and of the last, which always stands.
        let label = point.0.to_string();
        let half = 3.2 * label.chars().count() as f64 + 3.0;
        let clear_of_last = at == last || place.0 + half < places[last].0 - 13.0;
        if place.0 - half >= free_from && clear_of_last {
            svg.push_str(&text("middle", place.0, bottom + 15.0, &label));
            free_from = place.0 + half;
        }
    }
    svg
}

fn text(anchor: &str, x: f64, y: f64, label: &str) -> String {
    format!("<text text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{label}</text>")
}

fn polyline(class: &str, places: &[(f64, f64)]) -> String {
    let points: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    format!("<polyline class=\"{class}\" points=\"{}\"/>", points.join(" "))
}

/// The two bells of t-SNE over distance, and where each reaches the same similarity.
///
/// The curves are exp(−r²) and 1 / (1 + r²). At similarity 0.1 the first stands at r = √ln 10 = 1.52, the second at
/// r = 3: that gap is the room which the heavy tail makes.
pub(super) fn bells(
    description: &str,
    gaussian: &str,
    student: &str,
    distance: &str,
    similarity: &str,
) -> String {
    const WIDTH: f64 = 560.0;
    const BASE: f64 = 200.0;
    let x = |r: f64| 44.0 + 100.0 * r;
    let y = |value: f64| BASE - 170.0 * value;
    let curve = |f: &dyn Fn(f64) -> f64| -> String {
        let points: Vec<_> = (0..=100)
            .map(|step| f64::from(step) * 0.05)
            .map(|r| format!("{:.1},{:.1}", x(r), y(f(r))))
            .collect();
        points.join(" ")
    };
    let near = f64::sqrt(10f64.ln());
    let level = y(0.1);
    let mut svg = format!(
        "<svg class=\"chart bells\" viewBox=\"0 0 {WIDTH} 240\" role=\"img\" aria-label=\"{}\">",
        escape(description)
    );
    svg.push_str(&format!(
        "<line class=\"rule\" x1=\"44\" y1=\"{BASE}\" x2=\"{}\" y2=\"{BASE}\"/>\
         <polyline class=\"line dashed\" points=\"{}\"/><polyline class=\"line\" points=\"{}\"/>\
         <line class=\"line\" x1=\"{:.1}\" y1=\"{level:.1}\" x2=\"{:.1}\" y2=\"{level:.1}\"/>\
         <circle class=\"dot\" cx=\"{:.1}\" cy=\"{level:.1}\" r=\"4\"/><circle class=\"dot\" cx=\"{:.1}\" cy=\"{level:.1}\" r=\"4\"/>",
        x(5.0),
        curve(&|r| (-r * r).exp()),
        curve(&|r| 1.0 / (1.0 + r * r)),
        x(near),
        x(3.0),
        x(near),
        x(3.0),
    ));
    for r in 0..=5 {
        svg.push_str(&text("middle", x(f64::from(r)), BASE + 17.0, &r.to_string()));
    }
    let gap = format!("{} 0.1: 1.52 → 3.00", escape(similarity));
    svg.push_str(&text("start", x(2.3), level - 32.0, &gap));
    // Beside the curves: at similarity 0.62 the one passes r = 0.78, at 0.42 the other r = 0.93.
    svg.push_str(&text("start", x(0.78) + 12.0, y(0.62), &escape(student)));
    svg.push_str(&text("end", x(0.93) - 12.0, y(0.42) + 4.0, &escape(gaussian)));
    svg.push_str(&text("end", x(5.0), BASE + 34.0, &escape(distance)));
    svg.push_str(&text("start", 4.0, 18.0, &escape(similarity)));
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(series: &[(f64, f64)]) -> String {
        svg(&Chart { description: "a < b", series, decimals: 1, from_zero: false, emphasized: &|p| p > 5.0 })
    }

    #[test]
    fn values_stand_where_they_should() {
        let drawn = draw(&[(2.0, 10.0), (20.0, 30.0), (200.0, 20.0)]);
        assert!(drawn.contains("aria-label=\"a &lt; b\""));
        // The middle of a logarithmic axis, at the top; a value half way up at the right end.
        assert!(drawn.contains("cx=\"159.0\" cy=\"12.0\""), "{drawn}");
        assert!(drawn.contains("cx=\"266.0\" cy=\"59.0\""), "{drawn}");
        assert!(drawn.contains(">30.0</text>") && drawn.contains(">10.0</text>"));
    }

    #[test]
    fn odd_series_draw_without_nan() {
        for series in [&[][..], &[(30.0, 1.0)], &[(2.0, 5.0), (30.0, 5.0)]] {
            let drawn = draw(series);
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
        }
    }
}
