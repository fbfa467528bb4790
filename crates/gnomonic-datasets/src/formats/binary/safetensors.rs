//! safetensors: the length of a header, the header as JSON, which says where each tensor stands, and their values.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::dataset::{Dataset, Shape};
use crate::error::{ErrorKind, Place, Result};
use crate::formats::array::{ArrayHeader, MemoryOrder};
use crate::formats::element::{ByteOrder, Element};
use crate::formats::format::Format;
use crate::input::Input;
use crate::labels::Labels;
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;
use crate::shown;

/// The format.
pub(crate) struct Safetensors;

/// What headers of real models take is far below this.
const LONGEST_HEADER: u64 = 100 << 20;

/// A tensor: its type and shape, and where its bytes begin and end.
struct Tensor {
    dtype: String,
    shape: Vec<u64>,
    range: (u64, u64),
}

impl Format for Safetensors {
    fn name(&self) -> &'static str {
        "safetensors"
    }

    fn matches(&self, prefix: &[u8]) -> bool {
        let length = prefix.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        (2..=LONGEST_HEADER).contains(&length) && prefix[8..].trim_ascii_start().starts_with(b"{\"")
    }

    fn has_keys(&self) -> bool {
        true
    }

    fn shape(&self, mut input: Input<'static>) -> Result<Option<Shape>> {
        let (n_samples, n_features) = open(&mut input)?.rows_and_columns(&input)?;
        Ok(Some(Shape { n_samples, n_features, is_mapped: false }))
    }

    fn read(&self, mut input: Input<'static>, _: &ReadOptions, narrowing: &mut Narrowing) -> Result<Dataset> {
        let header = open(&mut input)?;
        let matrix = header.read_part(&mut input, narrowing)?;
        Ok(Dataset::new(input.source().name(), matrix))
    }

    fn read_labels(&self, mut input: Input<'static>, _: &ReadOptions) -> Result<Labels> {
        open(&mut input)?.read_labels(&mut input)
    }
}

/// Reads the header and goes to the tensor that the source names, or else to the only one.
fn open(input: &mut Input<'_>) -> Result<ArrayHeader> {
    let mut length = [0; 8];
    input.read_exact(&mut length, "the length of the header")?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER {
        let message =
            format!("the header is {length} bytes long, more than the {LONGEST_HEADER} that are allowed");
        return Err(input.error(ErrorKind::TooLarge, message).at(Place::Byte(0)));
    }
    input.expect(length, "header")?;
    let mut header: Vec<u8> = Vec::new();
    // Parsed it takes a few times as much.
    input.memory().take(8 * length).map_err(|no_room| input.source().no_room(no_room))?;
    input.reserve(&mut header, length as usize, length as usize)?;
    header.resize(length as usize, 0);
    input.read_exact(&mut header, "the header")?;
    let tensors = tensors(&header).ok_or_else(|| {
        let message = "the header is not that of safetensors; it is damaged: save the file again";
        input.error(ErrorKind::Malformed, message).at(Place::Byte(8))
    })?;
    input.memory().give_back(8 * length);
    let listing = || {
        let mut names: Vec<String> = tensors.keys().take(20).map(|name| shown::text(name)).collect();
        if tensors.len() > 20 {
            names.push(format!("and {} more", tensors.len() - 20));
        }
        names.join(", ")
    };
    let tensor = match (input.source().key(), tensors.len()) {
        (Some(key), _) => tensors.get(key).ok_or_else(|| {
            let message = format!("has no tensor \"{}\"; it has: {}", shown::text(key), listing());
            input.error(ErrorKind::UnknownKey, message)
        })?,
        (None, 1) => {
            tensors.values().next().ok_or_else(|| input.error(ErrorKind::Empty, "holds no tensors"))?
        }
        (None, 0) => return Err(input.error(ErrorKind::Empty, "holds no tensors")),
        (None, _) => {
            let first = tensors.keys().next().map_or(String::new(), |name| shown::text(name));
            let message = format!(
                "holds {} tensors: {}; choose one, as in FILE.safetensors:{first}",
                tensors.len(),
                listing()
            );
            return Err(input.error(ErrorKind::UnknownKey, message));
        }
    };
    let element = match tensor.dtype.as_str() {
        "BOOL" => Element::Bool,
        "I8" => Element::I8,
        "U8" => Element::U8,
        "I16" => Element::I16,
        "U16" => Element::U16,
        "I32" => Element::I32,
        "U32" => Element::U32,
        "I64" => Element::I64,
        "U64" => Element::U64,
        "F16" => Element::F16,
        "F32" => Element::F32,
        "F64" => Element::F64,
        other => {
            let message =
                format!("the tensor is of type {}, which is not read; save it as F32", shown::text(other));
            return Err(input.error(ErrorKind::UnsupportedType, message));
        }
    };
    let count = tensor.shape.iter().try_fold(element.size() as u64, |size, &length| size.checked_mul(length));
    let (begin, end) = tensor.range;
    if end.checked_sub(begin) != count {
        let message =
            "the tensor has not as many bytes as its shape needs; the header is damaged: save the file again";
        return Err(input.error(ErrorKind::Malformed, message));
    }
    input.expect(end, "tensors")?;
    skip(input, begin)?;
    Ok(ArrayHeader {
        element,
        byte_order: ByteOrder::Little,
        memory_order: MemoryOrder::C,
        shape: tensor.shape.clone(),
    })
}

/// Reads `count` bytes and forgets them.
fn skip(input: &mut Input<'_>, mut count: u64) -> Result<()> {
    let mut buffer = vec![0; 1 << 16];
    while count > 0 {
        let part = count.min(buffer.len() as u64);
        input.read_exact(&mut buffer[..part as usize], "the tensors before this one")?;
        count -= part;
    }
    Ok(())
}

fn tensors(header: &[u8]) -> Option<BTreeMap<String, Tensor>> {
    let Value::Object(fields) = serde_json::from_slice(header).ok()? else { return None };
    let tensor = |value: &Value| {
        let numbers = |name: &str| -> Option<Vec<u64>> {
            value.get(name)?.as_array()?.iter().map(Value::as_u64).collect()
        };
        let offsets = numbers("data_offsets")?;
        let &[begin, end] = offsets.as_slice() else { return None };
        Some(Tensor {
            dtype: value.get("dtype")?.as_str()?.to_owned(),
            shape: numbers("shape")?,
            range: (begin, end),
        })
    };
    let of = fields.into_iter().filter(|(name, _)| name != "__metadata__");
    of.map(|(name, value)| Some((name, tensor(&value)?))).collect()
}
