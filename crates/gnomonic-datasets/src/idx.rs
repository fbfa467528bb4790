//! IDX, the format of MNIST: two zero bytes, the type, the number of dimensions, their lengths, the values; all in
//! big-endian order. The first dimension counts the samples, the others are flattened.

use crate::array::{ArrayHeader, MemoryOrder};
use crate::element::{ByteOrder, Element};
use crate::error::{ErrorKind, Place, Result};
use crate::input::Input;

/// Whether a file that starts so is meant to be IDX.
pub(crate) fn matches(prefix: &[u8]) -> bool {
    prefix.starts_with(&[0, 0])
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
