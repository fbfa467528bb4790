//! Which format a file has: told by its first bytes, and for text by its name.

use crate::error::{ErrorKind, Result};
use crate::formats::format::Format;
use crate::formats::{idx, npy, npz, table};
use crate::input::Input;
use crate::shown;

/// The formats that their first bytes tell, in the order in which they are asked. What none of them is may be a table of text.
const FORMATS: [&dyn Format; 3] = [&idx::Idx, &npy::Npy, &npz::Npz];

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
    const READABLE: &str = "IDX, .npy, .npz, CSV and TSV can be read";
    const OTHERS: [(&[u8], &str); 12] = [
        (b"\x89HDF", "an HDF5 file"),
        (b"PAR1", "a Parquet file"),
        (b"ARROW1", "an Arrow file"),
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"\x80\x02", "a Python pickle"),
        (b"\x80\x03", "a Python pickle"),
        (b"\x80\x04", "a Python pickle"),
        (b"\x80\x05", "a Python pickle"),
        (b"BZh", "a bzip2 file"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
        (b"\xfd7zXZ", "an xz file"),
    ];
    let prefix = input.prefix();
    let unknown = |message: String| Err(input.error(ErrorKind::UnknownFormat, message));
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| prefix.starts_with(magic)) {
        return unknown(format!("is {what}; {READABLE}: convert it first"));
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
