use super::super::made_up::{lesson, without_labels};
use super::super::{Language, Lesson};
use super::*;

/// Names of the elements that stand open at the end, or of the first that closes wrongly.
fn unbalanced(html: &str) -> Option<String> {
    const VOID: [&str; 4] = ["meta", "img", "input", "br"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if rest.starts_with('!') {
            continue;
        }
        let end = rest.find('>')?;
        let (tag, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{name}> closes nothing"));
            }
            continue;
        }
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or(tag);
        if tag.ends_with('/') || VOID.contains(&name) {
            continue;
        }
        open.push(name);
        if name == "script" || name == "style" {
            rest = &rest[rest.find(&format!("</{name}"))?..];
        }
    }
    open.last().map(|name| format!("<{name}> stays open"))
}

fn pages() -> Vec<(Lesson, String)> {
    [Language::English, Language::Korean]
        .into_iter()
        .flat_map(|language| [lesson(language), without_labels(lesson(language))])
        .map(|lesson| {
            let page = html(&lesson);
            (lesson, page)
        })
        .collect()
}

#[test]
fn every_element_is_closed() {
    assert_eq!(unbalanced("<p><b>x</p></b>").as_deref(), Some("</p> closes nothing"));
    assert_eq!(unbalanced("<p><br>").as_deref(), Some("<p> stays open"));
    for (_, page) in pages() {
        assert_eq!(unbalanced(&page), None);
    }
}

#[test]
fn every_section_is_there_in_both_languages() {
    for (lesson, page) in pages() {
        for id in
            ["data", "map", "tsne", "perplexity", "sweep", "measured", "observations", "reading", "made"]
        {
            assert!(page.contains(&format!("<section id=\"{id}\"")), "{id}");
            assert!(page.contains(&format!("<a href=\"#{id}\">")), "{id}");
        }
        let korean = lesson.language == Language::Korean;
        assert_eq!(page.contains("다섯 가지 관찰"), korean);
        assert_eq!(page.contains("five observations"), !korean);
        assert_eq!(page.contains("<html lang=\"ko\">"), korean);
        for number in 1..=5 {
            assert!(page.contains(&format!("id=\"observation-{number}\"")));
        }
    }
}

#[test]
fn nothing_is_left_to_fill_in() {
    for (_, page) in pages() {
        let body = &page[page.find("<body>").unwrap()..page.find("<script>").unwrap()];
        // The JSON of the maps and the slider's own template have braces that belong there.
        let maps = body.find("<script type").unwrap()..body.find("</script>").unwrap();
        let text = body.replace(&body[maps], "").replace("data-value=\"perplexity {perplexity}\"", "");
        assert_eq!(text.find('{').map(|at| text[at..].chars().take(40).collect::<String>()), None);
    }
}

#[test]
fn names_cannot_become_elements() {
    let mut lesson = lesson(Language::English);
    let evil = "</title><script>alert(1)</script>\"'{n}";
    lesson.dataset.name = evil.into();
    lesson.dataset.licence = Some(evil.into());
    lesson.printed.push(evil.into());
    lesson.class_names[0] = evil.into();
    lesson.parameters.push((evil.into(), evil.into()));
    lesson.versions.push((evil.into(), evil.into()));
    lesson.command = evil.into();
    let page = html(&lesson);
    assert!(!page.contains("<script>alert"));
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert_eq!(unbalanced(&page), None);
}

#[test]
fn nothing_is_loaded() {
    for (_, page) in pages() {
        assert!(!page.contains("http:") && !page.contains("https:"));
        assert!(!page.contains("url(") && !page.contains("@import"));
        assert!(page.contains("default-src 'none'"));
        // A style attribute would be refused by the policy.
        assert!(!page.contains(" style=\""));
        for source in page.split(" src=\"").skip(1) {
            assert!(source.starts_with("data:image/png;base64,"));
        }
    }
}

#[test]
fn missing_labels_are_said() {
    for (lesson, page) in pages() {
        let labeled = !lesson.class_names.is_empty();
        let words = text(lesson.language);
        assert_eq!(page.contains(words.data.no_labels), !labeled);
        assert_eq!(page.contains(words.measured.no_labels), !labeled);
        assert_eq!(page.contains("class=\"palette\""), labeled);
        let silhouette = (words.measured.measure)(super::super::Measure::Silhouette);
        assert_eq!(page.contains(&format!("<th scope=\"col\">{silhouette}</th>")), labeled);
    }
}

#[test]
fn the_slider_needs_maps_of_the_same_points() {
    let mut lesson = lesson(Language::English);
    assert!(html(&lesson).contains("id=\"slider\""));
    lesson.sweep[3].points.pop();
    assert!(!html(&lesson).contains("id=\"slider\""));
    lesson.sweep.clear();
    assert_eq!(unbalanced(&html(&lesson)), None);
}
