//! The numbers of a file where they lie: mapped into memory, not copied. The one place of this crate that is unsafe.
//!
//! Two things are asserted, each where it is done: that the bytes of the file may be looked at as `f32`, and that the
//! memory which holds them may be given back at any time. What no program can assert is that nobody else writes to the
//! file meanwhile:
//!
//! - *Written over*: the numbers change under way. Every pattern of bits is some `f32`, so that is no disorder of memory
//!   here, but the results belong to neither file. [`Mapped::changed`] tells it afterwards.
//! - *Cut short*: looking behind the new end raises `SIGBUS`, which ends the process and harms nothing else.
//! - *Replaced* by another file under its name, as careful programs write and as ours do: nothing happens, for the
//!   mapping keeps the old one.

#![allow(unsafe_code)]

use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;

use memmap2::Mmap;

/// `f32` values at the end of a file.
#[derive(Debug)]
pub(crate) struct Mapped {
    map: Mmap,
    /// Where in the file the values begin.
    offset: usize,
    file: File,
    /// What is known of the file from before it was mapped.
    metadata: Metadata,
}

impl Mapped {
    /// The `count` values that begin at byte `offset` of `file` and end with it. `None` when they cannot be used as they
    /// lie: the processor or the file has another byte order, the values do not begin at a multiple of four, the file
    /// is longer or shorter, or the system does not map it. They must then be read, which also says what is wrong.
    pub(crate) fn new(file: File, offset: u64, count: usize) -> Option<Self> {
        let metadata = file.metadata().ok()?;
        let bytes = u64::try_from(count).ok()?.checked_mul(size_of::<f32>() as u64)?;
        let suits = cfg!(target_endian = "little")
            && metadata.is_file()
            && count > 0
            && offset.is_multiple_of(align_of::<f32>() as u64)
            && offset.checked_add(bytes) == Some(metadata.len());
        if !suits {
            return None;
        }
        // SAFETY: the mapping is read-only and shared, and stays with this value. That the file does not change while it is
        // looked at is beyond any program; the header of this module says what follows when it does.
        let map = unsafe { Mmap::map(&file) }.ok()?;
        let offset = usize::try_from(offset).ok()?;
        // Again, of what was mapped: the file may have shrunk in between.
        (map.len() as u64 == metadata.len()).then_some(Self { map, offset, file, metadata })
    }

    /// The values.
    pub(crate) fn as_slice(&self) -> &[f32] {
        let bytes = &self.map[self.offset..];
        // SAFETY: every pattern of bits is an `f32`. `align_to` itself finds the part that is aligned.
        let (before, values, after) = unsafe { bytes.align_to::<f32>() };
        // A mapping begins with a page, and `new` has checked offset and length.
        debug_assert!(before.is_empty() && after.is_empty());
        values
    }

    /// Gives the memory of these values back; when they are looked at again, the system fetches them from the file. A
    /// hint: what cannot be done is left undone.
    pub(crate) fn release(&self, values: Range<usize>) {
        #[cfg(unix)]
        {
            let size = size_of::<f32>();
            let (from, to) = (self.offset + values.start * size, self.offset + values.end * size);
            // SAFETY: the mapping is of a file, shared and never written to, so its pages hold nothing that the file does not:
            // whoever looks at them next sees the file again. That goes for the rest of the first and last page too.
            let advised = unsafe {
                self.map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, from, to - from)
            };
            drop::<io::Result<()>>(advised);
        }
        #[cfg(not(unix))]
        drop::<Range<usize>>(values);
    }

    /// Whether the file was written to since it was mapped, as far as its length and time of modification tell.
    pub(crate) fn changed(&self) -> bool {
        match self.file.metadata() {
            Ok(now) => {
                now.len() != self.metadata.len() || now.modified().ok() != self.metadata.modified().ok()
            }
            Err(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn file(header: usize, values: &[f32]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&vec![b'#'; header]).unwrap();
        file.write_all(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
        file
    }

    #[test]
    fn values_are_those_of_the_file_also_after_they_were_released() {
        let values: Vec<f32> = (0..5_000).map(|i| i as f32 - 0.5).collect();
        let file = file(64, &values);
        let mapped = Mapped::new(file.reopen().unwrap(), 64, values.len()).unwrap();
        assert_eq!(mapped.as_slice(), values);
        mapped.release(1_000..3_000);
        mapped.release(0..values.len());
        assert_eq!(mapped.as_slice(), values);
        assert!(!mapped.changed());
    }

    #[test]
    fn what_does_not_fit_is_left_to_be_read() {
        let file = file(64, &[1.0; 100]);
        let map = |offset, count| Mapped::new(file.reopen().unwrap(), offset, count);
        assert!(map(64, 100).is_some());
        assert!(map(64, 99).is_none(), "the file goes on");
        assert!(map(64, 101).is_none(), "the file ends early");
        assert!(map(62, 100).is_none(), "not aligned");
        assert!(map(464, 0).is_none(), "nothing to map");
        assert!(map(u64::MAX - 3, usize::MAX / 8).is_none(), "an overflow");
    }

    #[test]
    fn a_file_written_over_is_told_and_a_replaced_one_is_none() {
        let mut file = file(0, &[1.0; 100]);
        let mapped = Mapped::new(file.reopen().unwrap(), 0, 100).unwrap();
        let other = self::file(0, &[2.0; 100]);
        std::fs::rename(other.path(), file.path()).unwrap();
        assert!(!mapped.changed() && mapped.as_slice() == [1.0; 100]);
        file.write_all(&[0; 4]).unwrap();
        assert!(mapped.changed());
    }
}
