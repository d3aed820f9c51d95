//! What was written and is not durable: for each sector of each write, in order, what was there before.
//!
//! - An entry is *doomed* once a flush that should have covered it failed: no later flush makes it durable.
//!   Only a later write of its sector does, which is then flushed.
//! - An entry is *excused* once who wrote it cannot know of it: its process is gone, or was told that it is
//!   durable when it is not.
//! - Doomed entries are the oldest ones, and so are the excused ones.
//!
//! What this does not do: it does not hold what was written; that is the content of the device.

use std::ops::Range;

use super::damage::Damage;

/// What a crash does with a version of a sector that is not durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is on the device.
    Survives,
    /// It is not.
    Vanishes,
    /// Its first bytes are on the device, so many; from 1 to all but one.
    TornAfter(usize),
    /// Its bytes from this one on are on the device; from 1 to all but one.
    TornBefore(usize),
}

/// A version of a sector that is not durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unflushed {
    /// The sector, by number.
    pub sector: u32,
    /// How many newer versions of the sector there are.
    pub newer: u32,
    /// Whether a flush that should have made it durable has failed.
    pub doomed: bool,
    /// Whether who wrote it cannot know that it is not durable.
    pub excused: bool,
}

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

    /// The entries, as they are asked for in a crash, from the oldest to the newest. Costs O(n) for each.
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

    /// Whether a flush has failed that should have made some of them durable.
    pub(super) fn has_doomed(&self) -> bool {
        self.entries.first().is_some_and(|entry| entry.number < self.doomed)
    }

    /// The sectors of all entries.
    pub(super) fn sectors(&self) -> impl Iterator<Item = u32> + '_ {
        self.entries.iter().map(|entry| entry.sector)
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

    /// Loses power. Visits the entries sector by sector, those of a sector from the newest to the oldest,
    /// asks for the fate of each, and has `lose` put back, of what was there before the entry, the range
    /// that is open: what no newer version of the sector left on the device. An entry without an
    /// open range is not asked for. Then forgets all entries.
    ///
    /// # Panics
    ///
    /// If a sector is torn before its first byte or behind its last.
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
