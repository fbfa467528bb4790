//! IDX, the format of MNIST: two zero bytes, the type, the number of dimensions, their lengths, the values; all in
//! big-endian order. The first dimension counts the samples, the others are flattened.

use crate::dataset::{Dataset, Shape};
use crate::error::{ErrorKind, Place, Result};
use crate::formats::array::{ArrayHeader, MemoryOrder};
use crate::formats::element::{ByteOrder, Element};
use crate::formats::format::Format;
use crate::input::Input;
use crate::labels::Labels;
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;

/// The format.
pub(crate) struct Idx;

impl Format for Idx {
    fn name(&self) -> &'static str {
        "IDX"
    }

    fn matches(&self, prefix: &[u8]) -> bool {
        prefix.starts_with(&[0, 0])
    }

    fn shape(&self, mut input: Input<'static>) -> Result<Option<Shape>> {
        let (n_samples, n_features) = read_header(&mut input)?.rows_and_columns(&input)?;
        Ok(Some(Shape { n_samples, n_features, is_mapped: false }))
    }

    fn read(&self, mut input: Input<'static>, _: &ReadOptions, narrowing: &mut Narrowing) -> Result<Dataset> {
        let matrix = read_header(&mut input)?.read_narrowed(&mut input, narrowing)?;
        Ok(Dataset::new(input.source().name(), matrix))
    }

    fn read_labels(&self, mut input: Input<'static>, _: &ReadOptions) -> Result<Labels> {
        read_header(&mut input)?.read_labels(&mut input)
    }
}

/// Reads the magic number and the lengths.
pub(crate) fn read_header(input: &mut Input<'_>) -> Result<ArrayHeader> {
    let mut magic = [0; 4];
    input.read_exact(&mut magic, "the magic number of an IDX file")?;
    let [0, 0, code, n_dimensions] = magic else {
        return Err(input.error(
            ErrorKind::UnknownFormat,
            format!("starts with the bytes {magic:02x?}; an IDX file starts with 00 00"),
        ));
    };
    let element = match code {
        0x08 => Element::U8,
        0x09 => Element::I8,
        0x0b => Element::I16,
        0x0c => Element::I32,
        0x0d => Element::F32,
        0x0e => Element::F64,
        _ => {
            return Err(input
                .error(
                    ErrorKind::UnknownFormat,
                    format!(
                        "the type {code:#04x} of the magic number is none of IDX's (0x08, 0x09, 0x0b to 0x0e); \
                         the file is damaged or of another format"
                    ),
                )
                .at(Place::Byte(2)));
        }
    };
    if n_dimensions == 0 {
        return Err(input
            .error(ErrorKind::Malformed, "the header promises no dimensions; at least 1 is needed")
            .at(Place::Byte(3)));
    }
    let mut shape = Vec::with_capacity(n_dimensions.into());
    for _ in 0..n_dimensions {
        let mut length = [0; 4];
        input.read_exact(&mut length, "the lengths of the dimensions")?;
        shape.push(u32::from_be_bytes(length).into());
    }
    Ok(ArrayHeader { element, byte_order: ByteOrder::Big, memory_order: MemoryOrder::C, shape })
}
