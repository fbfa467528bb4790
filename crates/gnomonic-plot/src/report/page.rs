//! The page put together.

use sha2::{Digest, Sha256};

use super::Lesson;
use super::chart;
use super::encode::{base64, escape, foreign, json_string, quantize};
use super::evidence;
use super::figures::{count, fixed};
use super::formulas;
use super::text::{Text, fill, text};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes the page of a lesson: one HTML file that needs nothing else.
///
/// All names and values given are escaped. The page is about as large as its pictures in base64, plus 6 bytes for each
/// point of the sweep.
#[must_use]
pub fn html(lesson: &Lesson) -> String {
    let words = text(lesson.language);
    let sections = [
        ("data", words.data.title.to_owned(), data(lesson, words)),
        ("map", words.map.title.to_owned(), map(lesson, words)),
        ("tsne", words.theory.title.to_owned(), theory(lesson, words)),
        ("perplexity", words.meaning.title.to_owned(), meaning(lesson, words)),
        ("sweep", sweep_title(lesson, words), sweep(lesson, words)),
        ("measured", words.measured.title.to_owned(), evidence::measured(lesson, words)),
        ("observations", words.observed.title.to_owned(), evidence::observed(lesson, words)),
        ("reading", words.reading.title.to_owned(), reading(words)),
        ("made", words.made.title.to_owned(), made(lesson, words)),
    ];
    let mut page = head(lesson, words);
    page.push_str(&header(lesson, words));
    page.push_str(&format!("<nav aria-label=\"{}\"><ol>\n", words.contents));
    for (id, title, _) in &sections {
        page.push_str(&format!("<li><a href=\"#{id}\">{title}</a></li>\n"));
    }
    page.push_str("</ol></nav>\n<main>\n");
    for (id, title, body) in &sections {
        page.push_str(&format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>\n{body}</section>\n"
        ));
    }
    page.push_str("</main>\n");
    page.push_str(&format!("<script>{SCRIPT}</script>\n</body>\n</html>\n"));
    page
}

fn head(lesson: &Lesson, words: &Text) -> String {
    // Hashes, not 'unsafe-inline': even a name that slipped through unescaped could not run.
    let hash = |content: &str| format!("'sha256-{}'", base64(&Sha256::digest(content.as_bytes())));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src {}; \
         script-src {}; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"gnomonic\">\n\
         <title>{} · {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        words.tag,
        hash(STYLE),
        hash(SCRIPT),
        words.title,
        escape(&lesson.dataset.name)
    )
}

fn header(lesson: &Lesson, words: &Text) -> String {
    format!(
        "<header>\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n</header>\n",
        words.title,
        fill(words.lead, &dataset_values(lesson))
    )
}

fn dataset_values(lesson: &Lesson) -> [(&'static str, String); 3] {
    let dataset = &lesson.dataset;
    [
        ("n", count(dataset.n_samples)),
        ("d", count(dataset.n_features)),
        // The name comes last, so that braces in it are not taken for a place to fill.
        ("name", foreign(&dataset.name)),
    ]
}

fn paragraph(text: &str) -> String {
    format!("<p>{text}</p>\n")
}

fn picture(class: &str, png: &[u8], alt: &str, caption: &str) -> String {
    format!(
        "<figure class=\"{class}\">\n<img src=\"data:image/png;base64,{}\" alt=\"{}\">\n<figcaption>{caption}</figcaption>\n</figure>\n",
        base64(png),
        escape(alt)
    )
}

fn data(lesson: &Lesson, words: &Text) -> String {
    let words = &words.data;
    let mut body = paragraph(&fill(words.about, &dataset_values(lesson)));
    if !lesson.printed.is_empty() {
        body.push_str(&paragraph(words.printed));
        body.push_str(&format!("<pre>{}</pre>\n", escape(&lesson.printed.join("\n"))));
    }
    if lesson.class_names.is_empty() {
        body.push_str(&paragraph(words.no_labels));
    } else {
        body.push_str(&paragraph(words.palette));
        body.push_str(&picture("palette", &lesson.pictures.palette, words.palette_alt, &legend(lesson)));
    }
    if let Some(licence) = &lesson.dataset.licence {
        let licence = fill(words.licence, &[("licence", escape(licence))]);
        body.push_str(&format!("<p class=\"note\">{licence}</p>\n"));
    }
    body
}

/// The class names beside their colours; nothing without labels.
fn legend(lesson: &Lesson) -> String {
    let mut list = String::new();
    if lesson.palette.is_empty() || lesson.class_names.is_empty() {
        return list;
    }
    list.push_str("<span class=\"legend\">");
    for (name, color) in lesson.class_names.iter().zip(lesson.palette.iter().cycle()) {
        list.push_str(&format!(
            "<span><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><circle cx=\"5\" cy=\"5\" r=\"5\" \
             fill=\"{color}\"/></svg>{}</span>\n",
            foreign(name)
        ));
    }
    list.push_str("</span>");
    list
}

fn map(lesson: &Lesson, words: &Text) -> String {
    let (words, map) = (&words.map, &lesson.map);
    let values = [
        ("n", count(map.n_samples)),
        ("perplexity", map.perplexity.to_string()),
        ("iterations", count(map.iterations)),
        ("kl", fixed(map.kl, 3)),
    ];
    let mut caption = fill(words.caption, &values);
    if let Some(value) = map.trustworthiness {
        caption.push(' ');
        caption.push_str(&fill(words.trustworthiness, &[("trustworthiness", fixed(value, 3))]));
    }
    if let Some(value) = map.label_accuracy {
        caption.push(' ');
        caption.push_str(&fill(words.accuracy, &[("accuracy", fixed(value, 3))]));
    }
    caption.push_str(&legend(lesson));
    picture("wide paper", &lesson.pictures.map, &fill(words.alt, &values), &caption)
}

fn theory(lesson: &Lesson, words: &Text) -> String {
    let words = &words.theory;
    let heading = |title: &str| format!("<h3>{title}</h3>\n");
    let bells = &words.bells;
    [
        paragraph(&fill(words.intro, &[("d", count(lesson.dataset.n_features))])),
        heading(words.data_title),
        paragraph(words.data),
        formulas::conditional_p(),
        paragraph(words.symmetric),
        formulas::joint_p(),
        heading(words.map_title),
        paragraph(words.map),
        formulas::joint_q(),
        heading(words.match_title),
        paragraph(words.divergence),
        formulas::divergence(),
        paragraph(words.gradient),
        formulas::gradient(),
        paragraph(words.forces),
        heading(words.tail_title),
        paragraph(words.crowding),
        paragraph(words.tail),
        format!(
            "<figure>\n{}\n<figcaption>{}</figcaption>\n</figure>\n",
            chart::bells(bells.alt, bells.gaussian, bells.student, bells.distance, bells.similarity),
            bells.caption
        ),
    ]
    .concat()
}

fn meaning(lesson: &Lesson, words: &Text) -> String {
    let words = &words.meaning;
    let mut body = paragraph(words.before) + &formulas::perplexity();
    body.extend(words.after.iter().map(|text| paragraph(text)));
    let classes = lesson.class_names.len();
    if classes >= 2 {
        let each = lesson.sweep_samples / classes;
        body.push_str(&paragraph(&fill(
            words.class_size,
            &[("n", count(lesson.sweep_samples)), ("classes", count(classes)), ("each", count(each))],
        )));
    }
    body
}

fn sweep_title(lesson: &Lesson, words: &Text) -> String {
    let n_maps = lesson.sweep.len();
    let number = n_maps
        .checked_sub(3)
        .and_then(|at| words.sweep.counts.get(at))
        .map_or_else(|| n_maps.to_string(), |word| (*word).to_owned());
    fill(words.sweep.title, &[("count", number)])
}

fn sweep(lesson: &Lesson, words: &Text) -> String {
    let mut body = paragraph(&fill(words.sweep.about, &[("n", count(lesson.sweep_samples))]));
    body.push_str(&slider(lesson, words));
    let perplexities: Vec<_> = lesson.sweep.iter().map(|row| row.perplexity.to_string()).collect();
    body.push_str(&picture(
        "wide paper",
        &lesson.pictures.sweep,
        &fill(words.sweep.grid_alt, &[("perplexities", perplexities.join(", "))]),
        words.sweep.grid_caption,
    ));
    body
}

/// The slider through the maps, hidden until the script shows it; nothing without points.
fn slider(lesson: &Lesson, words: &Text) -> String {
    let n_points = lesson.sweep.first().map_or(0, |row| row.points.len());
    let same_points = lesson.sweep.iter().all(|row| row.points.len() == n_points);
    if n_points == 0 || lesson.sweep.len() < 2 || !same_points {
        return String::new();
    }
    let sweep = &words.sweep;
    let last = lesson.sweep.len() - 1;
    let start = lesson.sweep.iter().position(|row| row.perplexity >= 30.0).unwrap_or(last);
    let marks: String = lesson
        .sweep
        .iter()
        .enumerate()
        .map(|(at, row)| format!("<option value=\"{at}\" label=\"{0}\">{0}</option>", row.perplexity))
        .collect();
    let ticks: String = lesson.sweep.iter().map(|row| format!("<span>{}</span>", row.perplexity)).collect();
    format!(
        "<figure class=\"wide\" id=\"slider\" hidden>\n\
         <canvas role=\"img\" aria-label=\"{alt}\" data-units=\"{units}\" width=\"720\" height=\"720\"></canvas>\n\
         <div class=\"controls\">\n<label for=\"at\">{label} <output for=\"at\"></output></label>\n\
         <input type=\"range\" id=\"at\" min=\"0\" max=\"{last}\" step=\"1\" value=\"{start}\" list=\"marks\" data-value=\"{value}\">\n\
         <datalist id=\"marks\">{marks}</datalist>\n<div class=\"ticks\" aria-hidden=\"true\">{ticks}</div>\n\
         <fieldset>\n<legend>{scale}</legend>\n\
         <label><input type=\"radio\" name=\"scale\" value=\"same\" checked> {same}</label>\n\
         <label><input type=\"radio\" name=\"scale\" value=\"own\"> {own}</label>\n</fieldset>\n</div>\n\
         <figcaption>{caption}{legend}</figcaption>\n</figure>\n\
         <script type=\"application/json\" id=\"maps\">{maps}</script>\n",
        alt = sweep.slider_alt,
        units = sweep.units,
        label = sweep.slider,
        value = sweep.slider_value,
        scale = sweep.scale,
        same = sweep.same_scale,
        own = sweep.own_scale,
        caption = sweep.slider_caption,
        legend = legend(lesson),
        maps = maps_json(lesson, n_points),
    )
}

/// The maps for the script: coordinates in 16 bits, as fractions of a square whose corner and side are given.
fn maps_json(lesson: &Lesson, n_points: usize) -> String {
    let maps: Vec<_> = lesson
        .sweep
        .iter()
        .map(|row| {
            let quantized = quantize(&row.points);
            let [x, y] = quantized.origin;
            format!(
                "{{\"perplexity\":{},\"origin\":[{x},{y}],\"side\":{},\"points\":\"{}\"}}",
                json_string(&row.perplexity.to_string()),
                quantized.side,
                base64(&quantized.bytes)
            )
        })
        .collect();
    let colors: Vec<_> = lesson.palette.iter().map(|color| format!("\"{color}\"")).collect();
    let labels: Vec<_> = match lesson.sweep_labels.len() == n_points {
        true => lesson.sweep_labels.iter().map(u32::to_string).collect(),
        false => Vec::new(),
    };
    format!(
        "{{\"maps\":[{}],\"colors\":[{}],\"labels\":[{}]}}",
        maps.join(","),
        colors.join(","),
        labels.join(",")
    )
}

fn reading(words: &Text) -> String {
    let rules = words.reading.rules.iter();
    let items: String = rules.map(|(rule, why)| format!("<li><b>{rule}</b> {why}</li>\n")).collect();
    format!("<ol class=\"rules\">\n{items}</ol>\n")
}

fn made(lesson: &Lesson, words: &Text) -> String {
    let words = &words.made;
    let mut body = paragraph(words.command);
    body.push_str(&format!("<pre>{}</pre>\n", foreign(&lesson.command)));
    body.push_str(&paragraph(words.same));
    body.push_str(&format!("<h3>{}</h3>\n<dl class=\"facts\">\n", words.parameters));
    let seconds = fill(words.seconds, &[("seconds", fixed(lesson.elapsed, 1))]);
    let facts = (lesson.parameters.iter().cloned())
        .chain([(words.seed.to_owned(), lesson.seed.to_string())])
        .chain(lesson.versions.iter().cloned())
        .chain([(words.elapsed.to_owned(), seconds)]);
    for (name, value) in facts {
        body.push_str(&format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(&name), foreign(&value)));
    }
    body.push_str(&format!("</dl>\n<h3>{}</h3>\n<ul class=\"works\">\n", words.literature));
    body.extend(words.works.iter().map(|work| format!("<li>{work}</li>\n")));
    body.push_str("</ul>\n");
    body
}

#[cfg(test)]
mod tests;
