//! Everything the page says in words, once per language. A language is one value of [`Text`], so that a missing
//! translation does not compile.
//!
//! Words here are trusted HTML. Names in braces, as in `{n}`, are filled in by [`fill`].

use super::Language;
use super::claims::{Basis, Claim, Trend};
use super::measure::Measure;
use super::observations::{Outcome, Undecidable, Verdict};

/// The words of one language.
pub(super) struct Text {
    /// The language tag of the document.
    pub(super) tag: &'static str,
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) contents: &'static str,
    pub(super) data: Data,
    pub(super) map: Map,
    pub(super) theory: Theory,
    pub(super) meaning: Meaning,
    pub(super) sweep: Sweep,
    pub(super) measured: Measured,
    pub(super) observed: Observed,
    pub(super) reading: Reading,
    pub(super) made: Made,
}

/// The section about the data and its palette.
pub(super) struct Data {
    pub(super) title: &'static str,
    /// Needs `{name}`, `{n}`, `{d}`.
    pub(super) about: &'static str,
    /// Needs `{licence}`.
    pub(super) licence: &'static str,
    pub(super) printed: &'static str,
    pub(super) palette: &'static str,
    pub(super) palette_alt: &'static str,
    pub(super) no_labels: &'static str,
}

/// The section of the large map.
pub(super) struct Map {
    pub(super) title: &'static str,
    /// Needs `{n}`, `{perplexity}`, `{iterations}`, `{kl}`.
    pub(super) caption: &'static str,
    /// Needs `{trustworthiness}`.
    pub(super) trustworthiness: &'static str,
    /// Needs `{accuracy}`.
    pub(super) accuracy: &'static str,
    /// Needs `{n}`, `{perplexity}`.
    pub(super) alt: &'static str,
}

/// The section on what t-SNE does.
pub(super) struct Theory {
    pub(super) title: &'static str,
    /// Needs `{d}`.
    pub(super) intro: &'static str,
    pub(super) data_title: &'static str,
    pub(super) data: &'static str,
    pub(super) symmetric: &'static str,
    pub(super) map_title: &'static str,
    pub(super) map: &'static str,
    pub(super) match_title: &'static str,
    pub(super) divergence: &'static str,
    pub(super) gradient: &'static str,
    pub(super) forces: &'static str,
    pub(super) tail_title: &'static str,
    pub(super) crowding: &'static str,
    pub(super) tail: &'static str,
    pub(super) bells: Bells,
}

/// The words in the figure of the two bells.
pub(super) struct Bells {
    pub(super) alt: &'static str,
    pub(super) caption: &'static str,
    pub(super) gaussian: &'static str,
    pub(super) student: &'static str,
    pub(super) distance: &'static str,
    pub(super) similarity: &'static str,
}

/// The section on what perplexity means.
pub(super) struct Meaning {
    pub(super) title: &'static str,
    pub(super) before: &'static str,
    pub(super) after: &'static [&'static str],
    /// Needs `{n}`, `{classes}`, `{each}`.
    pub(super) class_size: &'static str,
}

/// The section of the sweep's pictures and the slider.
pub(super) struct Sweep {
    /// Needs `{count}`.
    pub(super) title: &'static str,
    /// The numbers from three to twelve in words, as the title wants them.
    pub(super) counts: [&'static str; 10],
    /// Needs `{n}`.
    pub(super) about: &'static str,
    pub(super) slider: &'static str,
    /// Needs `{perplexity}`.
    pub(super) slider_value: &'static str,
    pub(super) slider_alt: &'static str,
    pub(super) scale: &'static str,
    pub(super) same_scale: &'static str,
    pub(super) own_scale: &'static str,
    /// What the scale bar counts.
    pub(super) units: &'static str,
    pub(super) slider_caption: &'static str,
    pub(super) grid_caption: &'static str,
    /// Needs `{perplexities}`.
    pub(super) grid_alt: &'static str,
}

/// The section of the table, the charts and the definitions.
pub(super) struct Measured {
    pub(super) title: &'static str,
    pub(super) intro: &'static str,
    pub(super) no_labels: &'static str,
    pub(super) caption: &'static str,
    pub(super) perplexity: &'static str,
    pub(super) charts: &'static str,
    /// Needs `{measure}`, `{first}`, `{last}`.
    pub(super) chart_alt: &'static str,
    pub(super) definitions: &'static str,
    pub(super) cluster: (&'static str, &'static str),
    pub(super) size: (&'static str, &'static str),
    pub(super) area: (&'static str, &'static str),
    pub(super) within: (&'static str, &'static str),
    pub(super) relative: (&'static str, &'static str),
    pub(super) silhouette: (&'static str, &'static str),
    pub(super) accuracy: (&'static str, &'static str),
    pub(super) trustworthiness: (&'static str, &'static str),
    pub(super) kl: (&'static str, &'static str),
    pub(super) measure: fn(Measure) -> &'static str,
}

/// The section of the five observations.
pub(super) struct Observed {
    pub(super) title: &'static str,
    pub(super) rule: &'static str,
    /// Needs `{n}`, `{chance}`: how often chance alone passes, as one in so many.
    pub(super) chance: &'static str,
    pub(super) claim: fn(Claim) -> &'static str,
    pub(super) verdict: fn(Verdict) -> &'static str,
    pub(super) basis: fn(Basis) -> &'static str,
    pub(super) trend: fn(Trend) -> &'static str,
    pub(super) why_undecidable: fn(Undecidable) -> &'static str,
    pub(super) range: RangeWords,
    /// The heads of the columns: measure, claimed, from, to, rank correlation, verdict.
    pub(super) columns: [&'static str; 6],
    pub(super) mechanism: fn(Claim) -> &'static str,
    pub(super) teaches: fn(Claim, Outcome) -> &'static str,
    pub(super) disagree: &'static str,
}

/// How a range of perplexities is said.
pub(super) struct RangeWords {
    pub(super) all: &'static str,
    /// Needs `{to}`.
    pub(super) up_to: &'static str,
    /// Needs `{from}`.
    pub(super) from: &'static str,
    /// Needs `{from}`, `{to}`.
    pub(super) between: &'static str,
}

/// The section on reading a map well.
pub(super) struct Reading {
    pub(super) title: &'static str,
    pub(super) rules: &'static [(&'static str, &'static str)],
}

/// The section on how the page was made.
pub(super) struct Made {
    pub(super) title: &'static str,
    pub(super) command: &'static str,
    pub(super) same: &'static str,
    pub(super) parameters: &'static str,
    pub(super) seed: &'static str,
    pub(super) elapsed: &'static str,
    /// Needs `{seconds}`.
    pub(super) seconds: &'static str,
    pub(super) literature: &'static str,
    pub(super) works: &'static [&'static str],
}

/// The words of a language.
pub(super) fn text(language: Language) -> &'static Text {
    match language {
        Language::English => &super::text_en::TEXT,
        Language::Korean => &super::text_ko::TEXT,
    }
}

/// Replaces each `{name}` by its value, which must be safe HTML. Braces in a value stay as they are when it comes last.
pub(super) fn fill(template: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}
