//! Compressed files, told by their first bytes and unpacked while they are read.

use std::io::{self, BufRead, BufReader, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

/// Deflate's shortest code for its longest match is 2 bits for 258 bytes, so nothing unpacks to more than 1032 times its
/// size.
pub(crate) const LARGEST_DEFLATE_RATIO: u64 = 1032;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Bzip2,
    Zstandard,
}

impl Compression {
    /// Of a file that begins so.
    pub(crate) fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Some(Self::Bzip2),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstandard),
            _ => None,
        }
    }

    /// The most bytes that `length` of them may become.
    pub(crate) fn bound(self, length: u64) -> u64 {
        match self {
            Self::Gzip if length > 0 => length.saturating_mul(LARGEST_DEFLATE_RATIO),
            // A pipe or a device has no length, and the others no bound.
            _ => u64::MAX,
        }
    }

    /// What `packed` holds.
    pub(crate) fn unpack<'a>(self, packed: Box<dyn BufRead + 'a>) -> Box<dyn BufRead + 'a> {
        const BUFFER: usize = 1 << 16;
        match self {
            Self::Gzip => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(packed))),
            Self::Bzip2 => Box::new(BufReader::with_capacity(BUFFER, MultiBzDecoder::new(packed))),
            Self::Zstandard => {
                let frames = Frames { packed: Some(packed), frame: None };
                Box::new(BufReader::with_capacity(BUFFER, frames))
            }
        }
    }
}

/// Frames of Zstandard, one after another.
struct Frames<R: BufRead> {
    /// What comes after the frame, between frames.
    packed: Option<R>,
    frame: Option<Box<StreamingDecoder<R, ruzstd::decoding::FrameDecoder>>>,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(mut frame) = self.frame.take() {
                match frame.read(buffer) {
                    Ok(0) => self.packed = Some(frame.into_inner()),
                    Ok(read) => {
                        self.frame = Some(frame);
                        return Ok(read);
                    }
                    Err(error) => return Err(damaged(&error)),
                }
            }
            let Some(mut packed) = self.packed.take() else { return Ok(0) };
            if packed.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(Box::new(StreamingDecoder::new(packed).map_err(|error| damaged(&error))?));
        }
    }
}

/// An error of the compressed data.
fn damaged(error: &dyn std::error::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressions_are_told_by_their_first_bytes() {
        assert_eq!(Compression::of(b"BZh91AY&SY"), Some(Compression::Bzip2));
        assert_eq!(Compression::of(b"\x28\xb5\x2f\xfd\x04"), Some(Compression::Zstandard));
        assert_eq!(Compression::of(b"\x1f\x8b\x08"), Some(Compression::Gzip));
        assert_eq!(Compression::of(b"BZhang,1,2"), None);
        assert_eq!(Compression::of(b"a,b"), None);
    }
}
