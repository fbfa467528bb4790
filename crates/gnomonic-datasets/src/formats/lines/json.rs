//! JSON Lines: one object a line, of which one field holds the vector, or several hold numbers.

use gnomonic::Matrix;
use serde_json::{Map, Value};

use super::{Lines, first_lines};
use crate::dataset::{Carried, Dataset, Shape};
use crate::error::{ErrorKind, Remedy, Result};
use crate::formats::format::Format;
use crate::formats::refusals::out_of_range;
use crate::gathering::Gathering;
use crate::input::Input;
use crate::labels::Labels;
use crate::narrowing::Narrowing;
use crate::options::{LabelColumn, ReadOptions};
use crate::shown;
use crate::texts::Texts;

/// The format.
pub(crate) struct JsonLines;

type Object = Map<String, Value>;

/// What parsing a line takes at most, for each of its bytes: `0,` becomes a value of 32 bytes.
const PARSED: u64 = 20;

/// What a field is called that names the rows.
const NAMES: [&str; 4] = ["id", "_id", "name", "uuid"];

impl Format for JsonLines {
    fn name(&self) -> &'static str {
        "JSON Lines"
    }

    fn matches(&self, prefix: &[u8]) -> bool {
        let (lines, whole) = first_lines(prefix);
        let Some(first) = lines.first().filter(|line| line.starts_with(b"{")) else { return false };
        if whole || first.ends_with(b"}") {
            serde_json::from_slice::<Object>(first).is_ok_and(|object| !object.is_empty())
        } else {
            // So long a first line is no object that was laid out for people.
            first[1..].trim_ascii_start().starts_with(b"\"")
        }
    }

    fn has_fields(&self) -> bool {
        true
    }

    fn shape(&self, _: Input<'static>) -> Result<Option<Shape>> {
        Ok(None)
    }

    fn read(
        &self,
        input: Input<'static>,
        options: &ReadOptions,
        narrowing: &mut Narrowing,
    ) -> Result<Dataset> {
        let mut lines = Lines::new(input);
        if !lines.next(|line| !line.is_empty())? {
            return Err(lines.empty());
        }
        let mut object = parse(&lines)?;
        let fields = Fields::of(&object, options, &lines)?;
        let d = fields.width(&object, &lines)?;
        narrowing.start(d, lines.memory()).map_err(|no_room| lines.no_room(no_room))?;
        let mut values: Vec<f32> = Vec::new();
        let mut labels = Gathering::new(lines.memory());
        let mut texts = vec![Texts::default(); fields.beside.len()];
        loop {
            lines.reserve(&mut values, d, usize::MAX)?;
            fields.push_values(&object, &lines, d, narrowing, &mut values)?;
            if let Some(field) = &fields.label {
                push_label(&object, field, &lines, &mut labels)?;
            }
            for (field, texts) in fields.beside.iter().zip(&mut texts) {
                let text = get(&object, field).map_or(String::new(), text_of);
                texts.push(&text, lines.memory()).map_err(|no_room| lines.no_room(no_room))?;
            }
            if !lines.next(|line| !line.is_empty())? {
                break;
            }
            object = parse(&lines)?;
        }
        let matrix = Matrix::new(values, lines.row(), d)
            .map_err(|error| lines.source().error(ErrorKind::Malformed, error.to_string()))?;
        let carried = fields.beside.iter().zip(texts).map(|(name, texts)| Carried {
            name: name.clone(),
            texts,
            names_rows: fields.names.as_ref() == Some(name),
        });
        Ok(Dataset {
            labels: fields.label.is_some().then(|| labels.finish()),
            carried: carried.collect(),
            dialect: vec![fields.said()],
            column_names: match &fields.values {
                FieldsOfValues::Vector(_) => None,
                FieldsOfValues::Numbers(names) => Some(names.iter().map(String::as_str).collect()),
            },
            ..Dataset::new(lines.source().name(), matrix)
        })
    }

    fn read_labels(&self, input: Input<'static>, options: &ReadOptions) -> Result<Labels> {
        let mut lines = Lines::new(input);
        let mut labels = Gathering::new(lines.memory());
        let field = match &options.label_column {
            LabelColumn::At(name) => name.as_str(),
            _ => "label",
        };
        while lines.next(|line| !line.is_empty())? {
            let object = parse(&lines)?;
            push_label(&object, field, &lines, &mut labels)?;
        }
        if lines.row() == 0 {
            return Err(lines.empty());
        }
        Ok(labels.finish())
    }
}

/// What the fields of an object are for.
struct Fields {
    values: FieldsOfValues,
    label: Option<String>,
    /// The one that names the rows, which is among those beside.
    names: Option<String>,
    /// Those that are carried along.
    beside: Vec<String>,
}

enum FieldsOfValues {
    Vector(String),
    Numbers(Vec<String>),
}

impl Fields {
    /// Told by the first object, as far as `options` do not say.
    fn of(object: &Object, options: &ReadOptions, lines: &Lines<'_>) -> Result<Self> {
        let label = match &options.label_column {
            LabelColumn::Absent => None,
            LabelColumn::Auto => object.contains_key("label").then(|| "label".to_owned()),
            LabelColumn::At(name) => Some(known(object, name, lines)?.to_owned()),
        };
        let excluded = |name: &str| options.exclude.iter().any(|other| other == name);
        let open = || object.iter().filter(|(name, _)| !excluded(name) && Some(*name) != label.as_ref());
        let vectors: Vec<&String> =
            open().filter(|(_, value)| is_vector(value)).map(|(name, _)| name).collect();
        let values = match (&options.field, &options.columns, vectors.as_slice()) {
            (Some(field), ..) => FieldsOfValues::Vector(known(object, field, lines)?.to_owned()),
            (None, Some(columns), _) => {
                for column in columns {
                    known(object, column, lines)?;
                }
                FieldsOfValues::Numbers(columns.clone())
            }
            (None, None, [one]) => FieldsOfValues::Vector((*one).clone()),
            (None, None, []) => {
                let numbers = open().filter(|(_, value)| value.is_number() || value.is_boolean());
                FieldsOfValues::Numbers(numbers.map(|(name, _)| name.clone()).collect())
            }
            (None, None, several) => {
                let names: Vec<String> = several.iter().map(|name| shown::text(name)).collect();
                let message = format!("the fields {} hold vectors; name one", names.join(", "));
                return Err(lines.error(ErrorKind::UnknownColumn, message).remedied_by(&[Remedy::Field]));
            }
        };
        let is_value = |name: &String| match &values {
            FieldsOfValues::Vector(field) => field.split('.').next() == Some(name) || field == name,
            FieldsOfValues::Numbers(fields) => fields.contains(name),
        };
        let beside: Vec<String> = open()
            .filter(|(name, value)| !is_value(name) && !value.is_array() && !value.is_object())
            .map(|(name, _)| name.clone())
            .collect();
        let names = match &options.index_column {
            Some(name) => Some(known(object, name, lines)?.to_owned()),
            None => beside.iter().find(|name| NAMES.contains(&name.as_str())).cloned(),
        };
        if matches!(&values, FieldsOfValues::Numbers(fields) if fields.is_empty()) {
            let message = "has no field that holds a vector or a number; t-SNE needs at least one";
            return Err(lines.error(ErrorKind::Empty, message));
        }
        Ok(Self { values, label, names, beside })
    }

    fn width(&self, object: &Object, lines: &Lines<'_>) -> Result<usize> {
        match &self.values {
            FieldsOfValues::Numbers(fields) => Ok(fields.len()),
            FieldsOfValues::Vector(field) => match vector(object, field, lines)?.len() {
                0 => {
                    Err(lines.error(ErrorKind::Empty, format!("the vector {} is empty", shown::text(field))))
                }
                d => Ok(d),
            },
        }
    }

    fn push_values(
        &self,
        object: &Object,
        lines: &Lines<'_>,
        d: usize,
        narrowing: &mut Narrowing,
        values: &mut Vec<f32>,
    ) -> Result<()> {
        let mut push = |column: usize, value: &Value, field: &str| {
            let double = match value {
                Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
                Value::Bool(value) => f64::from(u8::from(*value)),
                Value::Null => f64::NAN,
                other => {
                    let what = shown::text(&text_of(other));
                    let message = format!("\"{what}\" in the field {} is not a number", shown::text(field));
                    return Err(lines.error(ErrorKind::NotANumber, message));
                }
            };
            if double.is_finite() && !(double as f32).is_finite() {
                return Err(out_of_range(lines.source(), &double.to_string()));
            }
            values.push(match narrowing.offsets() {
                Some(offsets) => (double - offsets[column]) as f32,
                None => {
                    narrowing.include(column, double);
                    double as f32
                }
            });
            Ok(())
        };
        match &self.values {
            FieldsOfValues::Numbers(fields) => {
                for (column, field) in fields.iter().enumerate() {
                    push(column, get(object, field).unwrap_or(&Value::Null), field)?;
                }
            }
            FieldsOfValues::Vector(field) => {
                let vector = vector(object, field, lines)?;
                if vector.len() != d {
                    let message = format!(
                        "the vector {} has {} numbers where the first has {d}",
                        shown::text(field),
                        vector.len()
                    );
                    return Err(lines.error(ErrorKind::Ragged, message));
                }
                for (column, value) in vector.iter().enumerate() {
                    push(column, value, field)?;
                }
            }
        }
        Ok(())
    }

    fn said(&self) -> String {
        match &self.values {
            FieldsOfValues::Vector(field) => format!("JSON Lines, the vectors in {}", shown::text(field)),
            FieldsOfValues::Numbers(_) => "JSON Lines".to_owned(),
        }
    }
}

/// The object on this line.
fn parse(lines: &Lines<'_>) -> Result<Object> {
    let room = lines.text().len() as u64 * PARSED;
    lines.memory().take(room).map_err(|no_room| lines.no_room(no_room))?;
    let object = serde_json::from_slice(lines.text());
    lines.memory().give_back(room);
    object.map_err(|error| {
        let message = format!("is no JSON object on one line ({error}); JSON has no NaN: write null for it");
        lines.error(ErrorKind::Malformed, message)
    })
}

/// A field by its name, or by the names on the way to it with periods between them.
fn get<'v>(object: &'v Object, name: &str) -> Option<&'v Value> {
    object.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        get(object.get(first)?.as_object()?, rest)
    })
}

/// The name, if there is such a field.
fn known<'n>(object: &Object, name: &'n str, lines: &Lines<'_>) -> Result<&'n str> {
    const SHOWN: usize = 8;
    if get(object, name).is_some() {
        return Ok(name);
    }
    let mut names: Vec<String> = object.keys().take(SHOWN).map(|name| shown::text(name)).collect();
    if object.len() > SHOWN {
        names.push("…".to_owned());
    }
    let message = format!("has no field \"{}\"; it has {}", shown::text(name), names.join(", "));
    Err(lines.error(ErrorKind::UnknownColumn, message))
}

/// The vector in a field: a list, or the text of one.
fn vector(object: &Object, field: &str, lines: &Lines<'_>) -> Result<Vec<Value>> {
    match get(object, field) {
        Some(Value::Array(values)) => Ok(values.clone()),
        Some(Value::String(text)) if text.trim_start().starts_with('[') => serde_json::from_str(text)
            .map_err(|error| {
                let message = format!("the text in {} is no list of numbers ({error})", shown::text(field));
                lines.error(ErrorKind::NotANumber, message)
            }),
        Some(_) => {
            let message = format!("the field {} holds no list of numbers", shown::text(field));
            Err(lines.error(ErrorKind::NotANumber, message))
        }
        None => Err(lines.error(ErrorKind::Ragged, format!("has no field {}", shown::text(field)))),
    }
}

fn is_vector(value: &Value) -> bool {
    value.as_array().is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_number))
}

fn push_label(object: &Object, field: &str, lines: &Lines<'_>, labels: &mut Gathering) -> Result<()> {
    let label = get(object, field).map_or(String::new(), text_of);
    if label.trim().is_empty() {
        let message =
            format!("the label, in the field {}, is empty; give every row a label", shown::text(field));
        return Err(lines.error(ErrorKind::NonFinite, message));
    }
    labels.push(label.trim(), usize::MAX).map_err(|no_room| lines.no_room(no_room))
}

/// A value as text: of a string its own.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_by_an_object_on_the_first_line() {
        let long = format!("{{\"v\": [{}", "0.5, ".repeat(4_000));
        for text in ["{\"a\": 1}\n{\"a\": 2}\n", "\n {\"a\":[1]}", long.as_str()] {
            assert!(JsonLines.matches(text.as_bytes()), "{text:.40}");
        }
        for text in ["{\n \"a\": 1\n}\n", "[{\"a\": 1}]\n", "{}\n", "{a}\n", "{1: 2}\n"] {
            assert!(!JsonLines.matches(text.as_bytes()), "{text}");
        }
    }
}
