//! numpy's `.npy`, versions 1.0, 2.0 and 3.0: a magic string, the length of the header, the header as a Python
//! dictionary, the values.

use crate::dataset::{Dataset, Shape};
use crate::error::{ErrorKind, Place, Result};
use crate::formats::array::{ArrayHeader, MemoryOrder, label_count};
use crate::formats::element::{ByteOrder, Element};
use crate::formats::format::Format;
use crate::formats::numpy::header::{Fields, parse_fields};
use crate::formats::refusals::cell;
use crate::gathering::Gathering;
use crate::input::Input;
use crate::labels::Labels;
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;
use crate::shown;

pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// Headers of plain arrays take 128 bytes; a longer one than this is damaged.
const LONGEST_HEADER: u64 = 1 << 20;

/// What is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    Numbers(ArrayHeader),
    Text(TextHeader),
}

/// Strings of a fixed length, padded with zeros: good for labels only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextHeader {
    encoding: Encoding,
    byte_order: ByteOrder,
    /// Bytes of one string.
    size: u64,
    shape: Vec<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    /// `U`: four bytes for each character.
    Utf32,
    /// `S`: bytes, read as UTF-8.
    Bytes,
}

/// What an array is read for, by which the advice differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Matrix,
    Labels,
}

/// The format.
pub(crate) struct Npy;

impl Format for Npy {
    fn name(&self) -> &'static str {
        "NumPy array (.npy)"
    }

    fn matches(&self, prefix: &[u8]) -> bool {
        prefix.starts_with(MAGIC)
    }

    fn shape(&self, mut input: Input<'static>) -> Result<Option<Shape>> {
        let header = read_numeric_header(&mut input)?;
        let (n_samples, n_features) = header.rows_and_columns(&input)?;
        let is_mapped = header.map(&input)?.is_some();
        Ok(Some(Shape { n_samples, n_features, is_mapped }))
    }

    fn read(&self, mut input: Input<'static>, _: &ReadOptions, narrowing: &mut Narrowing) -> Result<Dataset> {
        let header = read_numeric_header(&mut input)?;
        let values = match header.map(&input)? {
            Some(mapped) => mapped,
            None => header.read_narrowed(&mut input, narrowing)?.into(),
        };
        Ok(Dataset::new(input.source().name(), values))
    }

    fn read_labels(&self, mut input: Input<'static>, _: &ReadOptions) -> Result<Labels> {
        read_labels(&mut input)
    }
}

/// Reads the header of numbers; strings are refused.
pub(crate) fn read_numeric_header(input: &mut Input<'_>) -> Result<ArrayHeader> {
    match read_header(input, Use::Matrix)? {
        Header::Numbers(header) => Ok(header),
        Header::Text(_) => Err(input.error(
            ErrorKind::UnsupportedType,
            "the array holds strings, where numbers are needed; if they are the labels, give the file as labels",
        )),
    }
}

/// Reads one label for each sample, numbers or strings.
pub(crate) fn read_labels(input: &mut Input<'_>) -> Result<Labels> {
    match read_header(input, Use::Labels)? {
        Header::Numbers(header) => header.read_labels(input),
        Header::Text(header) => header.read_labels(input),
    }
}

/// Reads the magic string, the version and the header.
fn read_header(input: &mut Input<'_>, purpose: Use) -> Result<Header> {
    let mut start = [0; 8];
    input.read_exact(&mut start, "the magic string of a .npy file")?;
    if !start.starts_with(MAGIC) {
        return Err(input.error(
            ErrorKind::UnknownFormat,
            format!("starts with the bytes {:02x?}; a .npy file starts with {MAGIC:02x?}", &start[..6]),
        ));
    }
    let [major, minor] = [start[6], start[7]];
    let length = match (major, minor) {
        (1, 0) => {
            let mut length = [0; 2];
            input.read_exact(&mut length, "the length of the header")?;
            u64::from(u16::from_le_bytes(length))
        }
        (2 | 3, 0) => {
            let mut length = [0; 4];
            input.read_exact(&mut length, "the length of the header")?;
            u64::from(u32::from_le_bytes(length))
        }
        _ => {
            let message =
                format!("version {major}.{minor} of .npy is not known; 1.0, 2.0 and 3.0 are: save it again");
            return Err(input.error(ErrorKind::UnknownFormat, message).at(Place::Byte(6)));
        }
    };
    if length > LONGEST_HEADER {
        let message =
            format!("the header is {length} bytes long, more than the {LONGEST_HEADER} that are allowed");
        return Err(input.error(ErrorKind::TooLarge, message).at(Place::Byte(8)));
    }
    input.expect(length, "header")?;
    let mut header = vec![0; length as usize];
    input.read_exact(&mut header, "the header")?;
    let fields = parse_fields(&String::from_utf8_lossy(&header)).map_err(|reason| {
        input
            .error(
                ErrorKind::Malformed,
                format!("the header is not that of an array: {reason}; it is damaged: save the array again"),
            )
            .at(Place::Byte(10))
    })?;
    interpret(fields, input, purpose)
}

fn interpret(fields: Fields, input: &Input<'_>, purpose: Use) -> Result<Header> {
    let unsupported = |what: &str, remedy: &str| {
        let message = format!("the array holds {what} (dtype {}); {remedy}", shown::text(&fields.descr));
        input.error(ErrorKind::UnsupportedType, message)
    };
    if fields.structured {
        return Err(unsupported("records", "save its numeric fields as a plain array of two dimensions"));
    }
    let descr = fields.descr.as_str();
    let (byte_order, code) = match descr.as_bytes().first() {
        Some(b'<' | b'|') => (ByteOrder::Little, &descr[1..]),
        Some(b'>') => (ByteOrder::Big, &descr[1..]),
        Some(b'=') if cfg!(target_endian = "big") => (ByteOrder::Big, &descr[1..]),
        Some(b'=') => (ByteOrder::Little, &descr[1..]),
        _ => (ByteOrder::Little, descr),
    };
    let element = match code {
        "b1" | "?" => Element::Bool,
        "i1" => Element::I8,
        "u1" => Element::U8,
        "i2" => Element::I16,
        "u2" => Element::U16,
        "i4" => Element::I32,
        "u4" => Element::U32,
        "i8" => Element::I64,
        "u8" => Element::U64,
        "f2" => Element::F16,
        "f4" => Element::F32,
        "f8" => Element::F64,
        _ => {
            let as_numbers = "save it as numbers, as in np.save(path, array.astype(np.float32))";
            let (kind, length) = code.split_at_checked(1).unwrap_or((code, ""));
            let encoding = match kind {
                "U" => Encoding::Utf32,
                "S" => Encoding::Bytes,
                "O" if purpose == Use::Labels => {
                    return Err(unsupported(
                        "Python objects",
                        "save labels that are text as strings, as in np.save(path, labels.astype(str))",
                    ));
                }
                "O" => return Err(unsupported("Python objects", as_numbers)),
                "c" => {
                    return Err(unsupported(
                        "complex numbers",
                        "save the real part, or both parts as columns",
                    ));
                }
                "M" | "m" => return Err(unsupported("dates or times", as_numbers)),
                "f" | "g" => return Err(unsupported("extended-precision numbers", as_numbers)),
                _ => {
                    return Err(unsupported("values of a type that is not numeric", as_numbers));
                }
            };
            let width = if encoding == Encoding::Utf32 { 4 } else { 1 };
            let size = length.parse::<u64>().ok().and_then(|length| length.checked_mul(width));
            return match size {
                Some(size) => {
                    Ok(Header::Text(TextHeader { encoding, byte_order, size, shape: fields.shape }))
                }
                None => Err(unsupported("strings of a length that overflows", "the header is damaged")),
            };
        }
    };
    Ok(Header::Numbers(ArrayHeader {
        element,
        byte_order,
        memory_order: if fields.fortran_order { MemoryOrder::Fortran } else { MemoryOrder::C },
        shape: fields.shape,
    }))
}

impl TextHeader {
    fn read_labels(&self, input: &mut Input<'_>) -> Result<Labels> {
        let count = label_count(&self.shape, input)?;
        let bytes =
            self.size.checked_mul(count as u64).filter(|_| (1..1 << 24).contains(&self.size)).ok_or_else(
                || {
                    let message = format!(
                        "{count} strings of {} bytes are no labels; save them as numbers or text",
                        self.size
                    );
                    input.error(ErrorKind::TooLarge, message)
                },
            )?;
        input.expect(bytes, "strings")?;
        let mut buffer = vec![0; self.size as usize];
        let mut labels = Gathering::new(input.memory());
        for row in 0..count {
            input.read_exact(&mut buffer, "the strings")?;
            let label = self.decode(&buffer).ok_or_else(|| {
                let message = "the label is not valid text; save it as str or as numbers";
                input.error(ErrorKind::Malformed, message).at(cell(row, 0))
            })?;
            labels.push(label.trim(), count).map_err(|no_room| input.source().no_room(no_room))?;
        }
        input.finish()?;
        Ok(labels.finish())
    }

    fn decode(&self, bytes: &[u8]) -> Option<String> {
        match self.encoding {
            Encoding::Utf32 => {
                let (characters, _) = bytes.as_chunks::<4>();
                let codes = characters.iter().map(|&bytes| match self.byte_order {
                    ByteOrder::Little => u32::from_le_bytes(bytes),
                    ByteOrder::Big => u32::from_be_bytes(bytes),
                });
                let text: Option<String> = codes.map(char::from_u32).collect();
                text.map(|text| text.trim_end_matches('\0').to_owned())
            }
            Encoding::Bytes => {
                let text = std::str::from_utf8(bytes).ok()?;
                Some(text.trim_end_matches('\0').to_owned())
            }
        }
    }
}
