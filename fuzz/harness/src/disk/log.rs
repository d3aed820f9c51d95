//! The undo log: the writes that are not durable. For each sector of each write, in order, it holds
//! the previous content.
//!
//! - An entry is *doomed* once a flush that covers it fails. No later flush makes it durable; its
//!   sector must be written again, and that write flushed.
//! - An entry is *excused* once the store cannot know that it is not durable: the process that
//!   wrote it has ended, or was told that it is durable.
//! - The doomed entries are the oldest, and so are the excused entries.
//!
//! The written content itself is in `sectors`.

use std::ops::Range;

use super::damage::Damage;

/// What a crash does with a version of a sector that is not durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The version is on the device.
    Survives,
    /// The version is not on the device.
    Vanishes,
    /// The first bytes of the version are on the device. Their number is at least 1 and less than
    /// the sector size.
    TornAfter(usize),
    /// The bytes of the version from this offset on are on the device. The offset is at least 1 and
    /// less than the sector size.
    TornBefore(usize),
}

/// A version of a sector that is not durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unflushed {
    /// The number of the sector.
    pub sector: u32,
    /// The number of newer versions of the sector.
    pub newer: u32,
    /// Whether a flush that should have made the version durable has failed.
    pub doomed: bool,
    /// Whether the store cannot know that the version is not durable.
    pub excused: bool,
}

/// A position in the sequence of all writes. It covers the writes before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark(u64);

/// A sector that was written and is not durable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    number: Mark,
    pub(super) sector: u32,
    /// Whether the sector was written before. If so, the log holds its content.
    pub(super) had_content: bool,
    /// The damage that the write removed.
    pub(super) lifted: Option<Damage>,
}

/// The writes that are not durable; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Log {
    sector_size: usize,
    entries: Vec<Entry>,
    /// The previous content: one sector for each entry.
    previous: Vec<u8>,
    /// The number of the next entry.
    next: Mark,
    doomed: Mark,
    excused: Mark,
    /// A reused buffer for sorting.
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

    /// Records that a sector is about to be written. `content` appends its present content, and is
    /// called only if `had_content`.
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

    /// Returns a mark that covers everything written so far.
    #[inline]
    pub(super) fn mark(&self) -> Mark {
        self.next
    }

    /// Iterates over the entries as a crash passes them to `decide`, from the oldest to the newest.
    /// Each step costs O(n).
    pub(super) fn unflushed(&self) -> impl ExactSizeIterator<Item = Unflushed> + '_ {
        self.entries.iter().enumerate().map(|(index, entry)| {
            let later = &self.entries[index + 1..];
            let newer = later.iter().filter(|other| other.sector == entry.sector).count();
            self.version(entry, newer as u32)
        })
    }

    fn version(&self, entry: &Entry, newer: u32) -> Unflushed {
        Unflushed {
            sector: entry.sector,
            newer,
            doomed: entry.number < self.doomed,
            excused: entry.number < self.excused,
        }
    }

    /// Returns whether there is a write that no later flush makes durable, because a flush of it
    /// failed.
    pub(super) fn has_doomed(&self) -> bool {
        self.entries.first().is_some_and(|entry| entry.number < self.doomed)
    }

    /// Iterates over the sectors of all entries.
    pub(super) fn sectors(&self) -> impl Iterator<Item = u32> + '_ {
        self.entries.iter().map(|entry| entry.sector)
    }

    /// Returns the entries that are not excused.
    pub(super) fn owed(&self) -> &[Entry] {
        &self.entries[self.before(self.excused)..]
    }

    fn before(&self, mark: Mark) -> usize {
        self.entries.partition_point(|entry| entry.number < mark)
    }

    /// Makes durable the entries before `mark` that are not doomed.
    pub(super) fn flush(&mut self, mark: Mark) {
        let (doomed, end) = (self.before(self.doomed), self.before(mark));
        if doomed >= end {
            return;
        }
        if doomed == 0 && end == self.entries.len() {
            self.clear();
            return;
        }
        // A doomed entry does not matter if a newer version of its sector is durable.
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

    /// Dooms the entries before `mark`, because a flush of them failed.
    pub(super) fn doom(&mut self, mark: Mark) {
        self.doomed = self.doomed.max(mark);
    }

    /// Excuses the entries before `mark`.
    pub(super) fn excuse(&mut self, mark: Mark) {
        self.excused = self.excused.max(mark);
    }

    /// Simulates a loss of power. Visits the entries sector by sector, those of a sector from the
    /// newest to the oldest, and asks `decide` for the fate of each. Calls `lose` with the previous
    /// content and the range of it to restore: the bytes that neither this version nor a newer
    /// version leaves on the device. Skips an entry if newer versions leave all bytes of the
    /// sector. Removes all entries at the end.
    ///
    /// # Panics
    ///
    /// If the position of a tear is 0, or not less than the sector size.
    pub(super) fn crash(
        &mut self,
        decide: &mut dyn FnMut(Unflushed) -> Fate,
        mut lose: impl FnMut(&Entry, &[u8], Range<usize>),
    ) {
        let size = self.sector_size;
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.clear();
        sorted.extend(self.entries.iter().enumerate().map(|(index, entry)| {
            u64::from(entry.sector) << 32 | u64::from(u32::MAX - index as u32)
        }));
        sorted.sort_unstable();
        let (mut last, mut newer, mut open) = (None, 0, 0..0);
        for word in &sorted {
            let index = (u32::MAX - *word as u32) as usize;
            let entry = &self.entries[index];
            if last == Some(entry.sector) {
                newer += 1;
            } else {
                (last, newer, open) = (Some(entry.sector), 0, 0..size);
            }
            if open.is_empty() {
                continue;
            }
            match decide(self.version(entry, newer)) {
                Fate::Survives => open.end = open.start,
                Fate::Vanishes => {}
                Fate::TornAfter(at) => {
                    assert!((1..size).contains(&at), "disk: a sector must be torn within ({at})");
                    open.start = open.start.max(at);
                }
                Fate::TornBefore(at) => {
                    assert!((1..size).contains(&at), "disk: a sector must be torn within ({at})");
                    open.end = open.end.min(at);
                }
            }
            if !open.is_empty() {
                lose(entry, &self.previous[index * size..][..size], open.clone());
            }
        }
        self.sorted = sorted;
        self.clear();
    }

    fn clear(&mut self) {
        self.entries.clear();
        self.previous.clear();
    }
}
