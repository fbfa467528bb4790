//! What a reader may hold in memory: asked before each allocation that grows with the file, so that a file which unpacks to
//! more than there is ends in an error, and not the process.

use std::cell::Cell;
use std::rc::Rc;

/// The bytes that one reading holds, and the most that it may. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    most: Option<u64>,
    held: Rc<Cell<u64>>,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// More bytes than this would be held, which is the limit.
    Beyond(u64),
    /// The system has not that many.
    Refused(u64),
}

impl Memory {
    /// At most so many bytes; any number when `None`.
    pub(crate) fn new(most: Option<u64>) -> Self {
        Self { most, held: Rc::default() }
    }

    /// Counts `bytes` more.
    pub(crate) fn take(&self, bytes: u64) -> Result<(), NoRoom> {
        match self.most {
            Some(most) if bytes > self.left() => Err(NoRoom::Beyond(most)),
            _ => {
                self.held.set(self.held.get().saturating_add(bytes));
                Ok(())
            }
        }
    }

    /// Counts `bytes` less.
    pub(crate) fn give_back(&self, bytes: u64) {
        self.held.set(self.held.get().saturating_sub(bytes));
    }

    /// Makes room in `values` for `additional` more, where `in_all` are the most that will ever be there. Grows by doubling,
    /// but never past that, and more slowly near the limit.
    pub(crate) fn reserve<T>(
        &self,
        values: &mut Vec<T>,
        additional: usize,
        in_all: usize,
    ) -> Result<(), NoRoom> {
        let size = size_of::<T>() as u64;
        let needed = values.len().saturating_add(additional);
        let held = values.capacity();
        if needed <= held {
            return Ok(());
        }
        // No more than half of what is left: beside these values there are others.
        let half = held.saturating_add(usize::try_from(self.left() / 2 / size).unwrap_or(usize::MAX));
        let mut wanted = needed.max(held.saturating_mul(2).min(in_all).min(half));
        // Where the system has not as much, less and less is asked for; but not so little that most of the time were spent asking.
        let least = needed.max(held.saturating_add(held / 16).min(in_all)).min(wanted);
        self.take((wanted - held) as u64 * size)?;
        while values.try_reserve_exact(wanted - values.len()).is_err() {
            let less = least.max(held.midpoint(wanted));
            self.give_back((wanted - less) as u64 * size);
            if less == wanted {
                return Err(NoRoom::Refused((wanted as u64).saturating_mul(size)));
            }
            wanted = less;
        }
        Ok(())
    }

    fn left(&self) -> u64 {
        self.most.map_or(u64::MAX, |most| most.saturating_sub(self.held.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_grows_by_doubling_up_to_the_limit() {
        let memory = Memory::new(Some(1_000));
        let mut values: Vec<u32> = Vec::new();
        let mut capacities = Vec::new();
        let full = loop {
            if let Err(full) = memory.reserve(&mut values, 1, usize::MAX) {
                break full;
            }
            capacities.push(values.capacity());
            values.push(0);
        };
        capacities.dedup();
        assert_eq!(full, NoRoom::Beyond(1_000));
        assert_eq!(values.len(), 250, "all that the limit allows is used");
        assert!(capacities.len() < 24, "{capacities:?}");
    }

    #[test]
    fn what_is_known_to_come_is_all_the_room_that_is_made() {
        let memory = Memory::new(None);
        let mut values: Vec<u8> = Vec::new();
        memory.reserve(&mut values, 60, 100).unwrap();
        values.resize(60, 0);
        memory.reserve(&mut values, 1, 100).unwrap();
        assert_eq!(values.capacity(), 100);
    }

    #[test]
    fn what_no_system_has_is_refused() {
        let mut values: Vec<u64> = Vec::new();
        let refused = Memory::new(None).reserve(&mut values, usize::MAX / 16, usize::MAX);
        assert!(matches!(refused, Err(NoRoom::Refused(_))), "{refused:?}");
    }

    #[test]
    fn clones_count_together() {
        let memory = Memory::new(Some(10));
        memory.clone().take(8).unwrap();
        assert_eq!(memory.take(3), Err(NoRoom::Beyond(10)));
        memory.give_back(1);
        assert_eq!(memory.take(3), Ok(()));
    }
}
