//! A file being read: decompressed when it is gzip, bzip2 or Zstandard, its first bytes looked at, its size known as a bound.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use sha2::{Digest, Sha256};

use crate::encoding::{FromUtf16, utf16_order};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::memory::Memory;
use crate::shown::hexadecimal;
use crate::source::Source;
use crate::unpacking::Compression;

/// How many first bytes are looked at to tell the format.
const PREFIX: usize = 1 << 14;

/// A source of bytes with a bound on how many can come, and errors that know the file.
pub(crate) struct Input<'a> {
    source: Source,
    /// What is held of it.
    memory: Memory,
    prefix: Vec<u8>,
    reader: Box<dyn BufRead + 'a>,
    position: u64,
    bound: u64,
    /// Whether `bound` is what will come, not only the most that can.
    exact: bool,
    /// Of the bytes consumed so far, when they are to be checked.
    digest: Option<Sha256>,
    /// The file, when its bytes are the very ones that come.
    plain: Option<File>,
    /// Whether it is a file, which can be opened again, and no pipe or device.
    is_file: bool,
    /// Whether it is text in UTF-16, which comes as UTF-8.
    is_utf16: bool,
}

impl<'a> Input<'a> {
    /// Opens a file, plain or compressed.
    pub(crate) fn open(source: &Source, memory: &Memory) -> Result<Input<'static>> {
        Self::of_file(source, open_file(source)?, memory)
    }

    /// Reads `file` from where it stands, unpacking it where it is compressed; `source` is what errors name.
    pub(crate) fn of_file(source: &Source, file: File, memory: &Memory) -> Result<Input<'static>> {
        let path = source.path();
        let metadata = file.metadata().map_err(|e| Error::io(path, "reading", e))?;
        let (length, is_file) = (metadata.len(), metadata.is_file());
        let again = file.try_clone().ok();
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let start = reader.fill_buf().map_err(|e| Error::io(path, "reading", e))?;
        if start.is_empty() {
            return Err(source.error(ErrorKind::Empty, "the file is empty (0 bytes)"));
        }
        if let Some(compression) = Compression::of(start) {
            let unpacked = compression.unpack(Box::new(reader));
            let input = Input::new(source, unpacked, compression.bound(length), false, memory)?;
            Ok(Input { is_file, ..input })
        } else {
            let bound = if length == 0 { u64::MAX } else { length };
            let input = Input::new(source, Box::new(reader), bound, length > 0, memory)?;
            let plain = again.filter(|_| length > 0 && !input.is_utf16);
            Ok(Input { plain, is_file, ..input })
        }
    }

    /// Takes a reader of at most `bound` bytes.
    pub(crate) fn new(
        source: &Source,
        reader: Box<dyn BufRead + 'a>,
        bound: u64,
        exact: bool,
        memory: &Memory,
    ) -> Result<Self> {
        let mut input = Self {
            source: source.clone(),
            memory: memory.clone(),
            prefix: Vec::new(),
            reader,
            position: 0,
            bound,
            exact,
            digest: None,
            plain: None,
            is_file: false,
            is_utf16: false,
        };
        let start = input.reader.fill_buf().map_err(|e| read_error(source, 0, e))?;
        if let Some(little) = utf16_order(start) {
            // The mark itself becomes that of UTF-8. No unit becomes more than three bytes.
            input.reader = Box::new(FromUtf16::new(input.reader, little));
            input.bound = input.bound.saturating_mul(2);
            input.exact = false;
            input.is_utf16 = true;
        }
        let mut prefix = Vec::with_capacity(PREFIX);
        let read = input.reader.by_ref().take(PREFIX as u64).read_to_end(&mut prefix);
        read.map_err(|e| read_error(source, prefix.len() as u64, e))?;
        if prefix.is_empty() {
            return Err(input.error(ErrorKind::Empty, "holds no bytes once decompressed"));
        }
        input.prefix = prefix;
        Ok(input)
    }

    /// Has the bytes hashed from here on; see [`Input::check_digest`].
    pub(crate) fn hashed(mut self) -> Self {
        self.digest = Some(Sha256::new());
        self
    }

    /// The first bytes, up to 16,384; fewer only when the file is shorter. For use before the first read.
    pub(crate) fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// Whether it is a file, which can be opened again, and no pipe or device.
    pub(crate) fn is_file(&self) -> bool {
        self.is_file
    }

    /// Whether it is text in UTF-16, which comes as UTF-8.
    pub(crate) fn is_utf16(&self) -> bool {
        self.is_utf16
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// How many values of `size` bytes to make room for at once: all `count` when the file is known to hold them, else
    /// a first portion, for a header alone must not fill the memory.
    pub(crate) fn room(&self, count: usize, size: usize) -> usize {
        let portion = (1 << 20) / size.max(1);
        if self.exact { count } else { count.min(portion) }
    }

    /// The file itself and how many of its bytes were read, when it is a plain file and not a compressed one, a part of an
    /// archive or a pipe.
    pub(crate) fn plain_file(&self) -> Option<(&File, u64)> {
        self.plain.as_ref().map(|file| (file, self.position))
    }

    /// Checks that `bytes` more bytes can come, before anything is allocated for them.
    pub(crate) fn expect(&self, bytes: u64, what: &str) -> Result<()> {
        let left = self.bound.saturating_sub(self.position);
        if bytes <= left {
            return Ok(());
        }
        let holds = if self.exact { "holds" } else { "can hold at most" };
        Err(self.error(
            ErrorKind::Truncated,
            format!(
                "the header promises {bytes} bytes of {what}, but the file {holds} {left} after it; \
                 it was cut short or its header is damaged: fetch or write it again"
            ),
        ))
    }

    /// Fills `buffer`.
    pub(crate) fn read_exact(&mut self, buffer: &mut [u8], what: &str) -> Result<()> {
        let mut filled = buffer.len().min(self.prefix.len());
        buffer[..filled].copy_from_slice(&self.prefix[..filled]);
        self.prefix.drain(..filled);
        while filled < buffer.len() {
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => {
                    self.position += filled as u64;
                    return Err(self.ends_early(what));
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.position += filled as u64;
                    return Err(self.read_error(error));
                }
            }
        }
        self.position += filled as u64;
        if let Some(digest) = &mut self.digest {
            digest.update(&*buffer);
        }
        Ok(())
    }

    /// Checks that the file ends here, which also verifies the checksum of a compressed one.
    pub(crate) fn finish(&mut self) -> Result<()> {
        let mut byte = [0];
        let more = !self.prefix.is_empty()
            || loop {
                match self.reader.read(&mut byte) {
                    Ok(read) => break read > 0,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(self.read_error(error)),
                }
            };
        if more {
            return Err(self
                .error(
                    ErrorKind::Malformed,
                    "the data goes on after what the header promises; the header is damaged or the file holds more \
                     than one array: write one array per file",
                )
                .at(Place::Byte(self.position)));
        }
        Ok(())
    }

    /// Reads, and forgets, all that is left, to check it; refuses more than `limit` bytes in all.
    pub(crate) fn skip_to_end(&mut self, limit: u64) -> Result<()> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = if self.prefix.is_empty() {
                match self.reader.read(&mut buffer) {
                    Ok(read) => read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(self.read_error(error)),
                }
            } else {
                let read = self.prefix.len();
                buffer[..read].copy_from_slice(&self.prefix);
                self.prefix.clear();
                read
            };
            if read == 0 {
                return Ok(());
            }
            self.position += read as u64;
            if self.position > limit {
                return Err(self.error(ErrorKind::Malformed, format!("unpacks to more than {limit} bytes")));
            }
            if let Some(digest) = &mut self.digest {
                digest.update(&buffer[..read]);
            }
        }
    }

    /// The SHA-256 of the bytes read so far; no more are hashed.
    pub(crate) fn take_digest(&mut self) -> Option<[u8; 32]> {
        self.digest.take().map(|digest| digest.finalize().into())
    }

    /// Compares the SHA-256 of all bytes read with `expected`, in hexadecimal.
    pub(crate) fn check_digest(&mut self, expected: &str) -> Result<()> {
        let Some(digest) = self.digest.take() else {
            return Ok(());
        };
        let found = hexadecimal(&digest.finalize());
        if found == expected {
            return Ok(());
        }
        Err(self.error(
            ErrorKind::Checksum,
            format!(
                "the SHA-256 of the decompressed bytes is {found}, but should be {expected}; the file is damaged or \
                 another: remove it and fetch it again"
            ),
        ))
    }

    /// The bytes from the start, less a byte-order mark, for a reader of tables.
    pub(crate) fn into_unpacked(mut self) -> Unpacked<'a> {
        if self.prefix.starts_with(b"\xef\xbb\xbf") {
            self.prefix.drain(..3);
        }
        Cursor::new(self.prefix).chain(self.reader)
    }

    /// What is held of it in memory.
    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Makes room in `values` for `additional` more, where `in_all` will ever be there.
    pub(crate) fn reserve<T>(&self, values: &mut Vec<T>, additional: usize, in_all: usize) -> Result<()> {
        self.memory.reserve(values, additional, in_all).map_err(|no_room| self.source.no_room(no_room))
    }

    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        self.source.error(kind, message)
    }

    fn ends_early(&self, what: &str) -> Error {
        self.error(
            ErrorKind::Truncated,
            format!("the file ends within {what}; it was cut short: fetch or write it again"),
        )
        .at(Place::Byte(self.position))
    }

    fn read_error(&self, error: io::Error) -> Error {
        read_error(&self.source, self.position, error)
    }
}

/// The bytes of a file, decompressed, from its start.
pub(crate) type Unpacked<'a> = io::Chain<Cursor<Vec<u8>>, Box<dyn BufRead + 'a>>;

/// What comes next, at least one byte of it but at the end.
pub(crate) fn fill<'b>(bytes: &'b mut Unpacked<'_>, source: &Source, position: u64) -> Result<&'b [u8]> {
    loop {
        match bytes.fill_buf() {
            // Asked again below: the borrow checker does not see that this one has ended.
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(read_error(source, position, error)),
        }
    }
    bytes.fill_buf().map_err(|error| read_error(source, position, error))
}

/// Says what an error in the midst of reading means: most come from damaged compression.
pub(crate) fn read_error(source: &Source, position: u64, error: io::Error) -> Error {
    let again = "fetch or write it again";
    let (kind, message) = match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            let far = match position {
                0 => "before its first byte".to_owned(),
                1 => "after 1 byte, counted decompressed".to_owned(),
                many => format!("after {many} bytes, counted decompressed"),
            };
            let message = format!("the compressed data ends early, {far}; the file was cut short: {again}");
            // Said already, and byte 0 would say that the very start is wrong.
            return source.error(ErrorKind::Truncated, message).with_source(error);
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
            if error.to_string().contains("checksum") =>
        {
            (
                ErrorKind::Checksum,
                format!("the data does not have the checksum stored with it; the file is damaged: {again}"),
            )
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            (ErrorKind::Malformed, format!("the compressed data is damaged ({error}): {again}"))
        }
        _ => return Error::io(source.path(), "reading", error),
    };
    source.error(kind, message).at(Place::Byte(position)).with_source(error)
}

/// Opens a file to read, refusing what is not one.
pub(crate) fn open_file(source: &Source) -> Result<File> {
    let path = source.path();
    let file = File::open(path).map_err(|e| Error::io(path, "opening", e))?;
    let metadata = file.metadata().map_err(|e| Error::io(path, "opening", e))?;
    if metadata.is_dir() {
        return Err(source.error(ErrorKind::IsDirectory, "is a directory; name a file in it"));
    }
    Ok(file)
}
