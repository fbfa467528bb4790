//! Models as files: a finished map with what is needed to lay new rows on it. `docs/model.md` describes every byte.

use std::io::{self, Write};

use gnomonic::pca::Pca;
use gnomonic::preprocessing::ColumnMap;
use gnomonic::{Affinity, Distance, Embedding, Matrix, Model, Preparation};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};
use crate::input::Input;
use crate::memory::Memory;
use crate::shown;
use crate::source::Source;

/// The first bytes. As in PNG, a byte beyond ASCII and a line's end of both kinds show what a transfer as text did to them.
const MAGIC: [u8; 12] = *b"\x89gnomodel\r\n\0";

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

/// Parts that a model may have, in the order in which they stand.
const OFFSETS: u32 = 1;
const SCALING: u32 = 2;
const PROJECTION: u32 = 4;
const COLUMNS: u32 = 8;

/// Values that are converted at a time.
const BLOCK: usize = 1 << 14;

/// The longest text, in bytes.
const LONGEST_TEXT: u32 = 1 << 20;

/// Writes a model, with a checksum at the end.
///
/// # Errors
/// Those of `writer`.
pub fn model_to(writer: &mut dyn Write, model: &Model) -> io::Result<()> {
    let mut out = Hashed { writer, digest: Sha256::new() };
    let preparation = model.preparation();
    let (rows, map) = (model.rows(), model.embedding());
    let parts = [
        (preparation.offsets().is_some(), OFFSETS),
        (preparation.scaling().is_some(), SCALING),
        (preparation.projection().is_some(), PROJECTION),
        (preparation.columns().is_some(), COLUMNS),
    ];
    out.write_all(&MAGIC)?;
    out.write_all(&VERSION.to_le_bytes())?;
    out.write_all(
        &parts.iter().filter(|(is_there, _)| *is_there).map(|(_, part)| part).sum::<u32>().to_le_bytes(),
    )?;
    out.write_all(&(map.n_components() as u32).to_le_bytes())?;
    for count in [rows.n_samples(), rows.n_features(), model.n_features()] {
        out.write_all(&(count as u64).to_le_bytes())?;
    }
    // The degrees of freedom of the kernel.
    out.write_all(&1.0_f64.to_le_bytes())?;
    out.text(&model.distance().to_string())?;
    out.text(&model.affinity().to_string())?;
    out.text(env!("CARGO_PKG_VERSION"))?;
    if let Some(offsets) = preparation.offsets() {
        out.doubles(offsets)?;
    }
    if let Some(scaling) = preparation.scaling() {
        out.doubles(scaling.offset())?;
        out.doubles(scaling.scale())?;
    }
    if let Some(axes) = preparation.projection() {
        out.doubles(axes.mean())?;
        out.doubles(axes.axes())?;
    }
    for name in preparation.columns().unwrap_or_default() {
        out.text(name)?;
    }
    out.floats(rows.as_slice())?;
    out.floats(map.as_slice())?;
    let digest = out.digest.finalize();
    out.writer.write_all(&digest)
}

/// Reads a model that [`model_to`] wrote. No more is held than the file has bytes, or than `memory` allows, whatever its header promises.
///
/// # Errors
/// Names the file: it is none of these, of another version, cut short, damaged, or holds what cannot be a model.
pub fn read_model(source: &Source, memory: Option<u64>) -> Result<Model> {
    if let Some(key) = source.key() {
        let message = format!("a model is a file of its own: leave out :{}", shown::text(key));
        return Err(source.error(ErrorKind::UnknownKey, message));
    }
    let input = Input::open(source, &Memory::new(memory))?;
    if !input.prefix().starts_with(&MAGIC) {
        return Err(input.error(
            ErrorKind::UnknownFormat,
            "is no model of gnomonic, or was damaged: name a file that `gnomonic embed --model FILE` wrote",
        ));
    }
    Reader { input: input.hashed() }.model()
}

/// Bytes that are hashed as they are written.
struct Hashed<'a> {
    writer: &'a mut dyn Write,
    digest: Sha256,
}

impl Hashed<'_> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.writer.write_all(bytes)
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        if text.len() > LONGEST_TEXT as usize {
            return Err(io::Error::other(format!("a name of {} bytes is too long for a model", text.len())));
        }
        self.write_all(&(text.len() as u32).to_le_bytes())?;
        self.write_all(text.as_bytes())
    }

    fn doubles(&mut self, values: &[f64]) -> io::Result<()> {
        values.chunks(BLOCK).try_for_each(|block| {
            self.write_all(&block.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
        })
    }

    fn floats(&mut self, values: &[f32]) -> io::Result<()> {
        values.chunks(BLOCK).try_for_each(|block| {
            self.write_all(&block.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
        })
    }
}

/// What stands in the file, part by part.
struct Reader {
    input: Input<'static>,
}

impl Reader {
    fn model(mut self) -> Result<Model> {
        self.bytes::<{ MAGIC.len() }>("the mark of a model")?;
        let version = self.number("the version")?;
        if version != VERSION {
            let message = format!(
                "is a model of version {version}; this program reads version {VERSION}: make the model again, or read it with the \
                 gnomonic that wrote it"
            );
            return Err(self.input.error(ErrorKind::UnknownFormat, message));
        }
        let parts = self.number("the list of parts")?;
        if parts & !(OFFSETS | SCALING | PROJECTION | COLUMNS) != 0 {
            return Err(self.malformed(&format!("has the parts {parts:#x}, of which some are unknown")));
        }
        let n_components = self.number("the number of dimensions")?;
        let [n, mapped, d] = [self.count("rows")?, self.count("mapped columns")?, self.count("columns")?];
        let dof = f64::from_le_bytes(self.bytes("the degrees of freedom")?);
        if n_components != 2 || dof.to_bits() != 1.0_f64.to_bits() {
            let message = format!(
                "is a model of a map in {n_components} dimensions with {dof} degrees of freedom; new rows are laid on maps of 2 with 1"
            );
            return Err(self.input.error(ErrorKind::UnsupportedType, message));
        }
        let distance: Distance = self.named("distance")?;
        let affinity: Affinity = self.named("affinity")?;
        self.text("the version of gnomonic")?;
        let has = |part: u32| parts & part != 0;
        let mut preparation = Preparation::default();
        if has(OFFSETS) {
            preparation = preparation.with_offsets(self.doubles(d, 1, "offsets")?);
        }
        if has(SCALING) {
            let (offset, scale) = (self.doubles(d, 1, "offsets")?, self.doubles(d, 1, "scales")?);
            preparation =
                preparation.scaled(ColumnMap::new(offset, scale).map_err(|error| self.refused(&error))?);
        }
        if has(PROJECTION) {
            let (mean, axes) = (self.doubles(d, 1, "means")?, self.doubles(mapped, d, "principal axes")?);
            preparation =
                preparation.projected(Pca::of_axes(axes, mean).map_err(|error| self.refused(&error))?);
        }
        if has(COLUMNS) {
            // Each name has four bytes at least.
            self.input.expect((d as u64).saturating_mul(4), "names of columns")?;
            let mut names = Vec::new();
            self.input.reserve(&mut names, d, d)?;
            for _ in 0..d {
                names.push(self.text("the name of a column")?);
            }
            preparation = preparation.with_columns(names);
        }
        let rows = self.floats(n, mapped, "rows")?;
        let map = self.floats(n, n_components as usize, "the map")?;
        self.check_digest()?;
        let model = || -> gnomonic::Result<Model> {
            let rows = Matrix::new(rows, n, mapped)?;
            let map = Embedding::new(map, n, n_components as usize)?;
            let model =
                Model::new(rows, map, affinity)?.with_distance(distance)?.with_preparation(preparation)?;
            if model.n_features() != d {
                let kind = gnomonic::ErrorKind::LengthMismatch {
                    what: "columns",
                    found: d,
                    expected: model.n_features(),
                };
                return Err(kind.into());
            }
            Ok(model)
        };
        model().map_err(|error| self.refused(&error))
    }

    fn bytes<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes, what)?;
        Ok(bytes)
    }

    fn number(&mut self, what: &str) -> Result<u32> {
        Ok(u32::from_le_bytes(self.bytes(what)?))
    }

    fn count(&mut self, what: &str) -> Result<usize> {
        let count = u64::from_le_bytes(self.bytes(&format!("the number of {what}"))?);
        usize::try_from(count).map_err(|_| self.malformed(&format!("promises {count} {what}")))
    }

    fn text(&mut self, what: &str) -> Result<String> {
        let length = self.number(what)?;
        if length > LONGEST_TEXT {
            return Err(self.malformed(&format!("promises {length} bytes of {what}")));
        }
        self.input.expect(u64::from(length), what)?;
        let mut bytes = vec![0; length as usize];
        self.input.read_exact(&mut bytes, what)?;
        String::from_utf8(bytes).map_err(|_| self.malformed(&format!("holds {what} that is no text")))
    }

    /// What its name says.
    fn named<T: std::str::FromStr<Err = gnomonic::Error>>(&mut self, what: &str) -> Result<T> {
        let name = self.text(what)?;
        name.parse().map_err(|error| self.refused(&error))
    }

    fn doubles(&mut self, rows: usize, columns: usize, what: &str) -> Result<Vec<f64>> {
        self.values(rows, columns, what, f64::from_le_bytes)
    }

    fn floats(&mut self, rows: usize, columns: usize, what: &str) -> Result<Vec<f32>> {
        self.values(rows, columns, what, f32::from_le_bytes)
    }

    fn values<T: Copy, const SIZE: usize>(
        &mut self,
        rows: usize,
        columns: usize,
        what: &str,
        value: impl Fn([u8; SIZE]) -> T,
    ) -> Result<Vec<T>> {
        let count = rows.checked_mul(columns);
        let bytes = count.and_then(|count| (count as u64).checked_mul(SIZE as u64));
        let (Some(count), Some(bytes)) = (count, bytes) else {
            return Err(self.malformed(&format!("promises {rows} × {columns} numbers of {what}")));
        };
        self.input.expect(bytes, what)?;
        let (mut values, mut block) = (Vec::new(), vec![0; SIZE * BLOCK.min(count)]);
        while values.len() < count {
            let next = BLOCK.min(count - values.len());
            let room = self.input.room(count - values.len(), SIZE).max(next);
            self.input.reserve(&mut values, room, count)?;
            let block = &mut block[..next * SIZE];
            self.input.read_exact(block, what)?;
            values.extend(block.as_chunks::<SIZE>().0.iter().map(|&bytes| value(bytes)));
        }
        Ok(values)
    }

    /// The 32 bytes at the end are the digest of all before them, and there is nothing after them.
    fn check_digest(&mut self) -> Result<()> {
        let digest = self.input.take_digest();
        let expected = self.bytes::<32>("the checksum")?;
        self.input.finish()?;
        if digest.is_some_and(|digest| digest[..] == expected) {
            return Ok(());
        }
        Err(self.input.error(
            ErrorKind::Checksum,
            "the bytes do not have the checksum that stands at their end: the file is damaged; make it again",
        ))
    }

    fn malformed(&self, problem: &str) -> Error {
        self.input.error(ErrorKind::Malformed, format!("{problem}: the file is damaged; make it again"))
    }

    fn refused(&self, error: &gnomonic::Error) -> Error {
        self.malformed(&format!("holds what cannot be a model ({error})"))
    }
}

#[cfg(test)]
mod tests;
