//! The numbers on the page: the table, the charts, and the five observations with what decides them.

use super::chart::{Chart, svg};
use super::claims::PerplexityRange;
use super::encode::escape;
use super::figures::{decimals, fixed};
use super::measure::Measure;
use super::observations::{Evidence, Observation, Outcome, Reading, Verdict, chance, observations};
use super::text::{Text, fill};
use super::{Lesson, SweepRow};

/// The section of the table, the charts and the definitions.
pub(super) fn measured(lesson: &Lesson, words: &Text) -> String {
    let text = &words.measured;
    let shown = shown(lesson);
    let mut body = format!("<p>{}</p>\n", text.intro);
    if lesson.sweep.iter().all(|row| row.labeled.is_none()) {
        body.push_str(&format!("<p>{}</p>\n", text.no_labels));
    }
    body.push_str(&table(lesson, words, &shown));
    body.push_str(&format!("<p>{}</p>\n<div class=\"charts wide\">\n", text.charts));
    for &measure in &shown {
        body.push_str(&chart(lesson, words, measure, PerplexityRange { from: None, to: None }));
    }
    body.push_str("</div>\n");
    body.push_str(&definitions(words));
    body
}

/// The measures of which there is a value.
fn shown(lesson: &Lesson) -> Vec<Measure> {
    let mut measures = Measure::ALL.to_vec();
    measures.retain(|measure| lesson.sweep.iter().any(|row| measure.of(row).is_some()));
    measures
}

fn precision(sweep: &[SweepRow], measure: Measure) -> usize {
    decimals(sweep.iter().filter_map(|row| measure.of(row)))
}

fn table(lesson: &Lesson, words: &Text, shown: &[Measure]) -> String {
    let text = &words.measured;
    let mut table = format!(
        "<div class=\"scroll wide\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\">\n<table>\n<caption><span>{0}</span></caption>\n\
         <thead><tr><th scope=\"col\">{1}</th>",
        text.caption, text.perplexity
    );
    for &measure in shown {
        table.push_str(&format!("<th scope=\"col\">{}</th>", (text.measure)(measure)));
    }
    table.push_str("</tr></thead>\n<tbody>\n");
    for row in &lesson.sweep {
        table.push_str(&format!("<tr><th scope=\"row\">{}</th>", row.perplexity));
        for &measure in shown {
            let value = measure.of(row).map(|value| fixed(value, precision(&lesson.sweep, measure)));
            table.push_str(&format!("<td>{}</td>", value.as_deref().unwrap_or("–")));
        }
        table.push_str("</tr>\n");
    }
    table.push_str("</tbody>\n</table>\n</div>\n");
    table
}

/// One series as a small figure, with the part in `range` brought out.
fn chart(lesson: &Lesson, words: &Text, measure: Measure, range: PerplexityRange) -> String {
    let name = (words.measured.measure)(measure);
    let series: Vec<_> =
        lesson.sweep.iter().filter_map(|row| Some((row.perplexity, measure.of(row)?))).collect();
    let (Some(first), Some(last)) = (series.first(), series.last()) else {
        return String::new();
    };
    let decimals = precision(&lesson.sweep, measure);
    let description = fill(
        words.measured.chart_alt,
        &[
            ("measure", name.to_owned()),
            ("first", fixed(first.1, decimals)),
            ("last", fixed(last.1, decimals)),
        ],
    );
    let drawn = svg(&Chart {
        description: &description,
        series: &series,
        decimals,
        from_zero: measure.is_extent(),
        emphasized: &|perplexity| range.contains(perplexity),
    });
    format!("<figure>\n<figcaption>{name}</figcaption>\n{drawn}\n</figure>\n")
}

fn definitions(words: &Text) -> String {
    let text = &words.measured;
    let mut list = format!("<h3>{}</h3>\n<dl class=\"definitions\">\n", text.definitions);
    for (term, meaning) in [
        text.cluster,
        text.size,
        text.area,
        text.within,
        text.relative,
        text.silhouette,
        text.accuracy,
        text.trustworthiness,
        text.kl,
    ] {
        list.push_str(&format!("<div><dt>{term}</dt><dd>{meaning}</dd></div>\n"));
    }
    list.push_str("</dl>\n");
    list
}

/// The section of the five observations.
pub(super) fn observed(lesson: &Lesson, words: &Text) -> String {
    let mut body = format!("<p>{}</p>\n", words.observed.rule);
    let observations = observations(&lesson.sweep);
    body.push_str(&summary(&observations, words));
    for observation in &observations {
        body.push_str(&card(lesson, words, observation));
    }
    body
}

/// The verdicts at a glance.
fn summary(observations: &[Observation], words: &Text) -> String {
    let text = &words.observed;
    let mut list = "<ol class=\"verdicts\">\n".to_owned();
    for observation in observations {
        let number = observation.claim.number();
        list.push_str(&format!(
            "<li><a href=\"#observation-{number}\">{}</a> {}</li>\n",
            (text.claim)(observation.claim),
            verdicts(observation, words)
        ));
    }
    list.push_str("</ol>\n");
    list
}

/// The verdict of each reading.
fn verdicts(observation: &Observation, words: &Text) -> String {
    let mut text = "<span class=\"readings\">".to_owned();
    for reading in &observation.readings {
        text.push_str(&format!(
            "<span>{} {}</span>\n",
            verdict(reading.verdict, words),
            (words.observed.basis)(reading.basis)
        ));
    }
    text.push_str("</span>");
    text
}

fn verdict(verdict: Verdict, words: &Text) -> String {
    let class = match verdict {
        Verdict::Holds => "holds",
        Verdict::DoesNotHold => "fails",
        Verdict::Undecidable(_) => "open",
    };
    format!("<b class=\"verdict {class}\">{}</b>", (words.observed.verdict)(verdict))
}

fn card(lesson: &Lesson, words: &Text, observation: &Observation) -> String {
    let (text, claim) = (&words.observed, observation.claim);
    let number = claim.number();
    let mut card = format!(
        "<article id=\"observation-{number}\">\n<h3><span class=\"number\">{number}</span> {}</h3>\n",
        (text.claim)(claim)
    );
    card.push_str(&format!("<p class=\"answer\">{}</p>\n", verdicts(observation, words)));
    card.push_str(&format!("<p>{}</p>\n", (text.mechanism)(claim)));
    card.push_str(&evidence_table(lesson, words, observation));
    let charts: String = (observation.readings.iter())
        .flat_map(|reading| &reading.evidence)
        .map(|evidence| chart(lesson, words, evidence.measure, claim.range()))
        .collect();
    if !charts.is_empty() {
        card.push_str(&format!("<div class=\"charts\">\n{charts}</div>\n"));
    }
    card.push_str(&lesson_learned(words, observation));
    card.push_str("</article>\n");
    card
}

fn lesson_learned(words: &Text, observation: &Observation) -> String {
    let text = &words.observed;
    let outcome = observation.outcome();
    let lead = match outcome {
        Outcome::ReadingsDisagree => format!("<b>{}</b> ", text.disagree),
        _ => String::new(),
    };
    let mut body = format!("<p>{lead}{}</p>\n", (text.teaches)(observation.claim, outcome));
    let longest = (observation.readings.iter())
        .flat_map(|reading| &reading.evidence)
        .map(|evidence| evidence.series.len())
        .max();
    if let Some((n, chance)) = longest.and_then(|n| Some((n, chance(n)?))) {
        let note = fill(text.chance, &[("n", n.to_string()), ("chance", format!("{:.0}", 1.0 / chance))]);
        body.push_str(&format!("<p class=\"note\">{note}</p>\n"));
    }
    body
}

fn evidence_table(lesson: &Lesson, words: &Text, observation: &Observation) -> String {
    let text = &words.observed;
    let mut table = format!(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\">\n<table class=\"evidence\">\n\
         <caption><span>{0}</span></caption>\n<thead><tr>",
        escape(&range(observation.claim.range(), &lesson.sweep, words))
    );
    for column in text.columns {
        table.push_str(&format!("<th scope=\"col\">{column}</th>"));
    }
    table.push_str("</tr></thead>\n");
    for reading in &observation.readings {
        table.push_str(&reading_rows(lesson, words, reading));
    }
    table.push_str("</table>\n</div>\n");
    table
}

fn reading_rows(lesson: &Lesson, words: &Text, reading: &Reading) -> String {
    let mut rows = "<tbody>\n".to_owned();
    for evidence in &reading.evidence {
        rows.push_str(&evidence_row(lesson, words, evidence));
    }
    rows.push_str("</tbody>\n");
    rows
}

fn evidence_row(lesson: &Lesson, words: &Text, evidence: &Evidence) -> String {
    let text = &words.observed;
    let decimals = precision(&lesson.sweep, evidence.measure);
    let value = |point: Option<&(f64, f64)>| point.map_or("–".to_owned(), |point| fixed(point.1, decimals));
    let verdict = match evidence.verdict {
        Verdict::Undecidable(why) => (text.why_undecidable)(why).to_owned(),
        decided => verdict(decided, words),
    };
    format!(
        "<tr><th scope=\"row\">{}</th><td class=\"word\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"word\">{verdict}</td></tr>\n",
        (words.measured.measure)(evidence.measure),
        (text.trend)(evidence.trend),
        value(evidence.series.first()),
        value(evidence.series.last()),
        evidence.correlation.map_or("–".to_owned(), |rho| fixed(rho, 2)),
    )
}

/// A range in words, with the perplexities at its ends.
fn range(range: PerplexityRange, sweep: &[SweepRow], words: &Text) -> String {
    let text = &words.observed.range;
    let within: Vec<_> = sweep.iter().map(|row| row.perplexity).filter(|&p| range.contains(p)).collect();
    match (within.first(), within.last()) {
        (Some(from), Some(to)) => fill(text.between, &[("from", from.to_string()), ("to", to.to_string())]),
        _ => match (range.from, range.to) {
            (Some(from), _) => fill(text.from, &[("from", from.to_string())]),
            (None, Some(to)) => fill(text.up_to, &[("to", to.to_string())]),
            (None, None) => text.all.to_owned(),
        },
    }
}
