//! What was written and is not durable: for each sector of each write, in order, what was there before.
//!
//! - An entry is *doomed* once a flush that should have covered it failed: no later flush makes it durable.
//!   Only a later write of its sector does, which is then flushed.
//! - An entry is *excused* once who wrote it cannot know of it: its process is gone, or was told that it is
//!   durable when it is not.
//! - Doomed entries are the oldest ones, and so are the excused ones.
//!
//! What this does not do: it does not hold what was written; that is the content of the device.

use super::damage::Damage;

/// A place in the order of all that was ever written: all before it, and nothing from it on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark(u64);

/// A sector that was written and is not durable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    number: Mark,
    pub(super) sector: u32,
    /// Whether the sector had been written before; its content then is in the log.
    pub(super) had_content: bool,
    /// The damage that the write lifted.
    pub(super) lifted: Option<Damage>,
}

/// What was written and is not durable; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Log {
    sector_size: usize,
    entries: Vec<Entry>,
    /// A sector for each entry.
    previous: Vec<u8>,
    /// Of the next entry.
    next: Mark,
    doomed: Mark,
    excused: Mark,
    /// Room for what is sorted.
    sorted: Vec<u64>,
}

impl Log {
    pub(super) fn reset(&mut self, sector_size: usize) {
        self.sector_size = sector_size;
        self.entries.clear();
        self.previous.clear();
        self.next = Mark(0);
        self.doomed = Mark(0);
        self.excused = Mark(0);
    }

    pub(super) fn copy_from(&mut self, other: &Self) {
        let Self { sector_size, entries, previous, next, doomed, excused, sorted: _ } = other;
        self.sector_size = *sector_size;
        self.entries.clone_from(entries);
        self.previous.clone_from(previous);
        (self.next, self.doomed, self.excused) = (*next, *doomed, *excused);
    }

    /// Records that a sector is about to be written. `content` appends what it holds, if it had been
    /// written before.
    #[inline]
    pub(super) fn record(
        &mut self,
        sector: u32,
        had_content: bool,
        lifted: Option<Damage>,
        content: impl FnOnce(&mut Vec<u8>),
    ) {
        self.entries.push(Entry { number: self.next, sector, had_content, lifted });
        self.next.0 += 1;
        if had_content {
            content(&mut self.previous);
        } else {
            self.previous.resize(self.entries.len() * self.sector_size, 0);
        }
        debug_assert_eq!(self.previous.len(), self.entries.len() * self.sector_size);
    }

    /// All that was written up to now.
    #[inline]
    pub(super) fn mark(&self) -> Mark {
        self.next
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn previous(&self, index: usize) -> &[u8] {
        &self.previous[index * self.sector_size..][..self.sector_size]
    }

    pub(super) fn is_doomed(&self, entry: &Entry) -> bool {
        entry.number < self.doomed
    }

    pub(super) fn is_excused(&self, entry: &Entry) -> bool {
        entry.number < self.excused
    }

    /// The entries that are not excused.
    pub(super) fn owed(&self) -> &[Entry] {
        &self.entries[self.before(self.excused)..]
    }

    fn before(&self, mark: Mark) -> usize {
        self.entries.partition_point(|entry| entry.number < mark)
    }

    /// Makes durable what was written up to the mark and is not doomed.
    pub(super) fn flush(&mut self, mark: Mark) {
        let (doomed, end) = (self.before(self.doomed), self.before(mark));
        if doomed >= end {
            return;
        }
        if doomed == 0 && end == self.entries.len() {
            self.clear();
            return;
        }
        // A doomed entry below a durable one of its sector no longer matters.
        self.sorted.clear();
        let durable = self.entries[doomed..end].iter().map(|entry| u64::from(entry.sector));
        self.sorted.extend(durable);
        self.sorted.sort_unstable();
        let mut kept = 0;
        for index in 0..self.entries.len() {
            let sector = u64::from(self.entries[index].sector);
            let below = index < doomed && self.sorted.binary_search(&sector).is_err();
            if below || index >= end {
                self.entries[kept] = self.entries[index];
                let start = index * self.sector_size;
                let from = start..start + self.sector_size;
                self.previous.copy_within(from, kept * self.sector_size);
                kept += 1;
            }
        }
        self.entries.truncate(kept);
        self.previous.truncate(kept * self.sector_size);
    }

    /// A flush up to the mark failed.
    pub(super) fn doom(&mut self, mark: Mark) {
        self.doomed = self.doomed.max(mark);
    }

    /// Nobody can know of what was written up to the mark.
    pub(super) fn excuse(&mut self, mark: Mark) {
        self.excused = self.excused.max(mark);
    }

    /// Forgets all entries.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.previous.clear();
    }

    /// Visits the entries sector by sector, and those of a sector from the newest to the oldest: each
    /// with its index, and how many newer ones its sector has.
    pub(super) fn for_each_by_sector(&mut self, mut visit: impl FnMut(&Self, usize, u32)) {
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.clear();
        sorted.extend(self.entries.iter().enumerate().map(|(index, entry)| {
            u64::from(entry.sector) << 32 | u64::from(u32::MAX - index as u32)
        }));
        sorted.sort_unstable();
        let (mut last, mut newer) = (None, 0);
        for word in &sorted {
            let sector = word >> 32;
            newer = if last == Some(sector) { newer + 1 } else { 0 };
            last = Some(sector);
            visit(self, (u32::MAX - *word as u32) as usize, newer);
        }
        self.sorted = sorted;
    }
}
