//! FCS 2.0 to 3.1, the files of flow cytometers: a header that says where the segments stand, a text of keywords, and the events.

use gnomonic::Matrix;

use crate::dataset::{Dataset, Shape};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::formats::format::Format;
use crate::formats::refusals::{cell, out_of_range};
use crate::input::Input;
use crate::labels::Labels;
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;
use crate::shown;

/// The format.
pub(crate) struct Fcs;

/// The text of real files takes less.
const LONGEST_TEXT: u64 = 16 << 20;

/// How a value stands in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stored {
    Single,
    Double,
    /// A whole number of so many bytes, of which the bits of the mask count.
    Whole {
        bytes: usize,
        mask: u64,
    },
}

impl Stored {
    fn size(self) -> usize {
        match self {
            Self::Single => 4,
            Self::Double => 8,
            Self::Whole { bytes, .. } => bytes,
        }
    }

    fn value(self, bytes: &[u8], little: bool) -> f64 {
        let mut ordered = [0; 8];
        for (place, &byte) in bytes.iter().enumerate() {
            ordered[if little { place } else { bytes.len() - 1 - place }] = byte;
        }
        let bits = u64::from_le_bytes(ordered);
        match self {
            Self::Single => f32::from_bits(bits as u32).into(),
            Self::Double => f64::from_bits(bits),
            Self::Whole { mask, .. } => (bits & mask) as f64,
        }
    }
}

/// What the text says.
struct Events {
    names: Vec<String>,
    stored: Vec<Stored>,
    little: bool,
    count: usize,
    /// Where they begin.
    begin: u64,
    /// Where the input stands.
    at: u64,
}

impl Format for Fcs {
    fn name(&self) -> &'static str {
        "FCS"
    }

    fn matches(&self, prefix: &[u8]) -> bool {
        prefix.starts_with(b"FCS2.0    ")
            || prefix.starts_with(b"FCS3.0    ")
            || prefix.starts_with(b"FCS3.1    ")
    }

    fn shape(&self, mut input: Input<'static>) -> Result<Option<Shape>> {
        let events = Events::open(&mut input)?;
        Ok(Some(Shape { n_samples: events.count, n_features: events.names.len(), is_mapped: false }))
    }

    fn read(
        &self,
        mut input: Input<'static>,
        options: &ReadOptions,
        narrowing: &mut Narrowing,
    ) -> Result<Dataset> {
        let events = Events::open(&mut input)?;
        let chosen = events.choose(options, &input)?;
        let (n, d) = (events.count, chosen.len());
        narrowing.start(d, input.memory()).map_err(|no_room| input.source().no_room(no_room))?;
        skip(&mut input, events.begin - events.at)?;
        let width: usize = events.stored.iter().map(|stored| stored.size()).sum();
        let mut starts = Vec::with_capacity(events.stored.len());
        let mut start = 0;
        for stored in &events.stored {
            starts.push(start);
            start += stored.size();
        }
        let mut bytes = vec![0; width];
        let mut values: Vec<f32> = Vec::new();
        input.reserve(&mut values, input.room(n * d, 4), n * d)?;
        for row in 0..n {
            input.read_exact(&mut bytes, "the events")?;
            input.reserve(&mut values, d, n * d)?;
            for (j, &column) in chosen.iter().enumerate() {
                let stored = events.stored[column];
                let value =
                    stored.value(&bytes[starts[column]..starts[column] + stored.size()], events.little);
                if value.is_finite() && !(value as f32).is_finite() {
                    return Err(out_of_range(input.source(), &value.to_string()).at(cell(row, column)));
                }
                values.push(match narrowing.offsets() {
                    Some(offsets) => (value - offsets[j]) as f32,
                    None => {
                        narrowing.include(j, value);
                        value as f32
                    }
                });
            }
        }
        let matrix = Matrix::new(values, n, d);
        let matrix = matrix.map_err(|error| input.error(ErrorKind::Malformed, error.to_string()))?;
        let names = chosen.iter().map(|&column| events.names[column].as_str()).collect();
        let mut dialect = vec!["FCS".to_owned()];
        if d < events.names.len() {
            dialect.push(format!("{} of {} channels", d, events.names.len()));
        }
        Ok(Dataset { column_names: Some(names), dialect, ..Dataset::new(input.source().name(), matrix) })
    }

    fn read_labels(&self, input: Input<'static>, _: &ReadOptions) -> Result<Labels> {
        Err(input.error(ErrorKind::UnknownColumn, "holds the events of a flow cytometer and no labels"))
    }
}

impl Events {
    /// Reads the header and the text.
    fn open(input: &mut Input<'_>) -> Result<Self> {
        let mut header = [0; 58];
        input.read_exact(&mut header, "the header")?;
        let number = |range: std::ops::Range<usize>| -> u64 {
            str::from_utf8(&header[range]).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
        };
        let (text_begin, text_end) = (number(10..18), number(18..26));
        let length = text_end.checked_sub(text_begin).map(|length| length + 1);
        let Some(length) = length.filter(|length| text_begin >= 58 && *length <= LONGEST_TEXT) else {
            let message =
                format!("the header puts its text from byte {text_begin} to {text_end}; it is damaged");
            return Err(input.error(ErrorKind::Malformed, message).at(Place::Byte(10)));
        };
        input.expect(text_end + 1 - 58, "text")?;
        skip(input, text_begin - 58)?;
        let mut text = vec![0; length as usize];
        input.read_exact(&mut text, "the text")?;
        let keywords = keywords(&text);
        let get = |name: &str| {
            keywords.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        let needed = |name: &str| {
            get(name).ok_or_else(|| {
                input.error(ErrorKind::Malformed, format!("its text lacks the keyword {name}"))
            })
        };
        let whole = |name: &str| -> Result<u64> {
            needed(name)?
                .parse()
                .map_err(|_| input.error(ErrorKind::Malformed, format!("its {name} is no whole number")))
        };
        if !needed("$MODE")?.eq_ignore_ascii_case("L") {
            return Err(
                input.error(ErrorKind::UnsupportedType, "holds histograms and no list of events ($MODE)")
            );
        }
        let little = match needed("$BYTEORD")? {
            "1,2,3,4" | "1,2" => true,
            "4,3,2,1" | "2,1" => false,
            other => {
                let message = format!("its bytes are in the order {}, which is not read", shown::text(other));
                return Err(input.error(ErrorKind::UnsupportedType, message));
            }
        };
        let channels = whole("$PAR")?;
        if channels == 0 || channels > 100_000 {
            return Err(input.error(ErrorKind::Malformed, format!("has {channels} channels ($PAR)")));
        }
        let kind = needed("$DATATYPE")?.to_ascii_uppercase();
        let (mut names, mut stored) = (Vec::new(), Vec::new());
        for channel in 1..=channels {
            let bits = whole(&format!("$P{channel}B"))?;
            stored.push(match (kind.as_str(), bits) {
                ("F", 32) => Stored::Single,
                ("D", 64) => Stored::Double,
                ("I", 8 | 16 | 24 | 32 | 64) => {
                    let range: f64 = needed(&format!("$P{channel}R"))?.parse().unwrap_or(0.0);
                    let bits_used = if range > 1.0 { (range - 1.0).log2().floor() as u32 + 1 } else { 64 };
                    let mask = if bits_used >= 64 { u64::MAX } else { (1 << bits_used) - 1 };
                    Stored::Whole { bytes: bits as usize / 8, mask }
                }
                _ => {
                    let message = format!(
                        "channel {channel} has {bits} bits of type {}, which is not read",
                        shown::text(&kind)
                    );
                    return Err(input.error(ErrorKind::UnsupportedType, message));
                }
            });
            // The marker, where it is named, else the detector.
            let name = get(&format!("$P{channel}S")).filter(|name| !name.is_empty());
            names.push(name.or_else(|| get(&format!("$P{channel}N"))).unwrap_or_default().to_owned());
        }
        let count = usize::try_from(whole("$TOT")?).unwrap_or(usize::MAX);
        if count == 0 {
            return Err(input.error(ErrorKind::Empty, "holds no events"));
        }
        // In files of 100 MB and more the header has no room for the numbers, and the text has them.
        let begin = match number(26..34) {
            0 => whole("$BEGINDATA")?,
            begin => begin,
        };
        let at = text_end + 1;
        let width: u64 = stored.iter().map(|stored| stored.size() as u64).sum();
        let bytes =
            width.checked_mul(count as u64).filter(|_| count <= isize::MAX as usize / 4 / stored.len());
        let Some((bytes, gap)) = bytes.zip(begin.checked_sub(at)) else {
            return Err(damaged(input, begin, count));
        };
        let Some(all) = bytes.checked_add(gap) else { return Err(damaged(input, begin, count)) };
        input.expect(all, &format!("events ({count} × {channels})"))?;
        Ok(Self { names, stored, little, count, begin, at })
    }

    /// The channels that are mapped: those asked for, or all but those left out.
    fn choose(&self, options: &ReadOptions, input: &Input<'_>) -> Result<Vec<usize>> {
        let find = |wanted: &String| -> Result<usize> {
            let named = self.names.iter().position(|name| name == wanted.trim());
            let number = wanted.trim().parse::<usize>().ok().filter(|n| (1..=self.names.len()).contains(n));
            named.or(number.map(|number| number - 1)).ok_or_else(|| {
                let mut names: Vec<String> =
                    self.names.iter().take(12).map(|name| shown::text(name)).collect();
                if self.names.len() > 12 {
                    names.push("…".to_owned());
                }
                let message =
                    format!("has no channel \"{}\"; it has {}", shown::text(wanted), names.join(", "));
                input.error(ErrorKind::UnknownColumn, message)
            })
        };
        let excluded = options.exclude.iter().map(find).collect::<Result<Vec<usize>>>()?;
        let chosen = match &options.columns {
            Some(columns) => columns.iter().map(find).collect::<Result<Vec<usize>>>()?,
            None => (0..self.names.len()).collect(),
        };
        let chosen: Vec<usize> = chosen.into_iter().filter(|column| !excluded.contains(column)).collect();
        if chosen.is_empty() {
            return Err(input.error(ErrorKind::Empty, "no channel is left"));
        }
        Ok(chosen)
    }
}

fn damaged(input: &Input<'_>, begin: u64, count: usize) -> Error {
    let message = format!("puts {count} events at byte {begin}, which cannot be; the header is damaged");
    input.error(ErrorKind::Malformed, message)
}

fn skip(input: &mut Input<'_>, mut count: u64) -> Result<()> {
    let mut buffer = vec![0; 1 << 16];
    while count > 0 {
        let part = count.min(buffer.len() as u64);
        input.read_exact(&mut buffer[..part as usize], "what stands before the events")?;
        count -= part;
    }
    Ok(())
}

/// The keywords and their values: the first byte separates them, and is doubled where it is meant.
fn keywords(text: &[u8]) -> Vec<(String, String)> {
    let Some((&separator, rest)) = text.split_first() else { return Vec::new() };
    let mut pieces: Vec<Vec<u8>> = vec![Vec::new()];
    let mut at = 0;
    while at < rest.len() {
        let byte = rest[at];
        at += 1;
        if byte != separator {
            if let Some(piece) = pieces.last_mut() {
                piece.push(byte);
            }
        } else if rest.get(at) == Some(&separator) && pieces.last().is_some_and(|piece| !piece.is_empty()) {
            at += 1;
            if let Some(piece) = pieces.last_mut() {
                piece.push(separator);
            }
        } else {
            pieces.push(Vec::new());
        }
    }
    let text = |piece: &Vec<u8>| String::from_utf8_lossy(piece).into_owned();
    pieces.chunks_exact(2).map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_stand_between_their_separator() {
        let found = keywords(b"/$PAR/2/$P1N/a//b/$P2S/ /");
        let pairs: Vec<(&str, &str)> =
            found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("$PAR", "2"), ("$P1N", "a/b"), ("$P2S", " ")]);
        assert!(keywords(b"").is_empty());
    }

    #[test]
    fn values_stand_in_either_order() {
        assert_eq!(Stored::Single.value(&1.5_f32.to_be_bytes(), false), 1.5);
        assert_eq!(Stored::Double.value(&(-2.5_f64).to_le_bytes(), true), -2.5);
        assert_eq!(Stored::Whole { bytes: 2, mask: 0x3ff }.value(&[0xff, 0x01], false), 769.0);
        assert_eq!(Stored::Whole { bytes: 3, mask: u64::MAX }.value(&[1, 2, 0], true), 513.0);
    }
}
