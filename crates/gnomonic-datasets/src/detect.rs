//! Which format a file has: told by its first bytes, and for text by its name.

use crate::error::{ErrorKind, Result};
use crate::formats::binary::{fcs, safetensors, word2vec};
use crate::formats::format::Format;
use crate::formats::lines::{json, libsvm, matrix_market};
use crate::formats::numpy::{npy, npz};
use crate::formats::{foreign, idx, table};
use crate::input::Input;
use crate::shown;

/// The formats that their first bytes tell, in the order in which they are asked. What none of them is may be a table of text.
const FORMATS: [&dyn Format; 9] = [
    &idx::Idx,
    &npy::Npy,
    &npz::Npz,
    &fcs::Fcs,
    &safetensors::Safetensors,
    &word2vec::Word2vec,
    &matrix_market::MatrixMarket,
    &json::JsonLines,
    &libsvm::Libsvm,
];

/// Tells the format, by content first; the name only decides what the content should have been.
pub(crate) fn format(input: &Input<'_>) -> Result<&'static dyn Format> {
    let told = FORMATS.iter().find(|format| format.matches(input.prefix()));
    let format = match told {
        Some(format) => *format,
        None => {
            refuse_other_formats(input)?;
            &table::Text
        }
    };
    if let Some(key) = input.source().key()
        && !format.has_keys()
    {
        return Err(input.error(
            ErrorKind::UnknownFormat,
            format!("is no .npz archive, so it has no array \"{}\"; leave the key out", shown::text(key)),
        ));
    }
    Ok(format)
}

/// Refuses what is neither text nor one of the binary formats, with the best guess at what it is.
fn refuse_other_formats(input: &Input<'_>) -> Result<()> {
    const READABLE: &str = "IDX, .npy, .npz, CSV, TSV, LIBSVM, JSON Lines, FCS, safetensors, Matrix Market and word vectors can be read";
    let prefix = input.prefix();
    let unknown = |message: String| Err(input.error(ErrorKind::UnknownFormat, message));
    if let Some(what) = foreign::named(prefix) {
        return unknown(what.to_owned());
    }
    let start = &prefix[..prefix.len().min(8)];
    let name = input.source().path().to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let promised = [
        (".npy", "a .npy file starts with the bytes 93 4e 55 4d 50 59"),
        (".npz", "a .npz file starts with the bytes 50 4b 03 04"),
        ("-ubyte", "an IDX file starts with the bytes 00 00"),
        (".idx", "an IDX file starts with the bytes 00 00"),
    ];
    if let Some((_, magic)) = promised.iter().find(|(ending, _)| name.ends_with(ending)) {
        if is_plain_text(prefix) {
            return unknown(format!(
                "looks like text, but {magic}; if it is a table, let its name end in .csv or .tsv"
            ));
        }
        return unknown(format!(
            "starts with the bytes {start:02x?}, but {magic}; it is damaged or of another format than its name says"
        ));
    }
    if prefix.contains(&0) {
        return unknown(format!(
            "starts with the bytes {start:02x?}, which no known format does; {READABLE}"
        ));
    }
    Ok(())
}

/// Whether `prefix`, the first bytes of a file, are printed characters, spaces and line ends.
fn is_plain_text(prefix: &[u8]) -> bool {
    let text = match str::from_utf8(prefix) {
        Ok(text) => text,
        // The last character may be cut in two.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&prefix[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}
