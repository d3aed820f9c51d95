//! A device as it is now, and as a crash may leave it.
//!
//! - What is written is visible at once, and durable after a flush. Until then a crash may keep it, lose
//!   it or tear it, each version of each sector on its own.
//! - A crash starts from what is durable and does with each later version, from the oldest to the
//!   newest, what its [`Fate`] says: all of its bytes are taken, some, or none. Versions that a newer one
//!   covers whole are not asked for.
//! - [`Image::reset`] costs O(what was touched). After one run of the kind nothing allocates, copies
//!   included: [`Image::copy_from`] is how a crash is tried without crashing.
//!
//! What this does not do: it has no queue, decides nothing and checks nothing.

use super::damage::{Damage, Damages, garble};
use super::log::{Fate, Log, Mark, Unflushed};
use super::sectors::Sectors;

/// A sector that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The sector, by number.
    pub sector: u32,
}

/// A device as it is now, and as a crash may leave it: an arena with an undo log.
#[derive(Debug)]
pub struct Image {
    sectors: Sectors,
    log: Log,
    damages: Damages,
    /// Room for a sector.
    scratch: Vec<u8>,
}

impl Default for Image {
    fn default() -> Self {
        Self::new()
    }
}

impl Image {
    /// A device of no sector.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sectors: Sectors::new(),
            log: Log::default(),
            damages: Damages::default(),
            scratch: Vec::new(),
        }
    }

    /// Becomes a device of this shape of which nothing was written. What was not written reads as zeros,
    /// or, with a `background` other than 0, as noise: that of the number.
    ///
    /// # Panics
    ///
    /// If the sectors are no power of two, smaller than 64 bytes, not whole, or 2^32 or more.
    pub fn reset(&mut self, size: u64, sector_size: usize, background: u64) {
        let Self { sectors, log, damages, scratch } = self;
        sectors.reset(size, sector_size, background);
        log.reset(sector_size);
        damages.reset(sector_size);
        scratch.resize(sector_size, 0);
    }

    /// Becomes a copy.
    pub fn copy_from(&mut self, other: &Self) {
        let Self { sectors, log, damages, scratch } = other;
        self.sectors.copy_from(sectors);
        self.log.copy_from(log);
        if damages.is_empty() && log.unflushed().len() == 0 {
            self.damages.reset(sectors.sector_size());
        } else {
            self.damages.copy_from(damages);
        }
        self.scratch.resize(scratch.len(), 0);
    }

    /// The bytes of the device.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.sectors.size()
    }

    /// The bytes of a sector.
    #[must_use]
    pub fn sector_size(&self) -> usize {
        self.sectors.sector_size()
    }

    /// The number of the sector in which a byte lies.
    #[must_use]
    #[inline]
    pub fn sector_of(&self, offset: u64) -> u32 {
        self.sectors.sector_of(offset)
    }

    /// The first byte of a sector.
    #[must_use]
    #[inline]
    pub fn offset_of(&self, sector: u32) -> u64 {
        self.sectors.offset_of(sector)
    }

    /// Whether a sector holds something that was written; after a crash: that survived, at least in part.
    #[must_use]
    #[inline]
    pub fn is_written(&self, sector: u32) -> bool {
        self.sectors.is_written(sector)
    }

    /// Reads whole sectors as the device gives them. Says whether any of them is damaged.
    ///
    /// # Errors
    ///
    /// If one of them is unreadable; the bytes are then noise.
    #[inline]
    pub fn read(&self, offset: u64, into: &mut [u8]) -> Result<bool, Unreadable> {
        self.assert_whole(offset, into.len());
        self.sectors.read(offset, into);
        if self.damages.is_empty() {
            return Ok(false);
        }
        self.damages.apply(self.sectors.sector_of(offset), into).map_err(|sector| {
            garble(offset, into);
            Unreadable { sector }
        })
    }

    /// Reads whole sectors as they should be: as if nothing were damaged.
    pub fn read_undamaged(&self, offset: u64, into: &mut [u8]) {
        self.assert_whole(offset, into.len());
        self.sectors.read(offset, into);
    }

    /// Writes whole sectors. Lifts their damage.
    #[inline]
    pub fn write(&mut self, offset: u64, bytes: &[u8]) {
        self.assert_whole(offset, bytes.len());
        let Self { sectors, log, damages, .. } = self;
        let first = sectors.sector_of(offset);
        let count = (bytes.len() / sectors.sector_size()) as u32;
        for sector in first..first + count {
            let lifted = if damages.is_empty() { None } else { damages.lift(sector) };
            log.record(sector, sectors.is_written(sector), lifted, |previous| {
                sectors.append_to(sector, previous);
            });
        }
        sectors.write(offset, bytes);
    }

    /// Writes whole sectors, and nothing of it gets there: they read as they did, and should read as
    /// written. An unreadable sector stays so.
    pub fn lose(&mut self, offset: u64, bytes: &[u8]) {
        self.forget_kept();
        let size = self.sector_size();
        for (index, bytes) in bytes.chunks(size).enumerate() {
            let offset = offset + (index * size) as u64;
            let damage = self.keep(offset, false);
            self.write(offset, bytes);
            self.damages.put(self.sectors.sector_of(offset), damage);
        }
    }

    /// Sectors read as `bytes`, and should read as they did. An unreadable sector is readable then.
    pub fn impose(&mut self, offset: u64, bytes: &[u8]) {
        self.assert_whole(offset, bytes.len());
        self.forget_kept();
        let size = self.sector_size();
        for (index, bytes) in bytes.chunks(size).enumerate() {
            let damage = self.damages.keep(bytes, true);
            let sector = self.sectors.sector_of(offset + (index * size) as u64);
            self.damages.put(sector, damage);
        }
    }

    /// Gives memory back that no damage needs, nor one that a crash may bring back.
    fn forget_kept(&mut self) {
        if self.damages.is_empty() && self.log.unflushed().len() == 0 {
            self.damages.forget_kept();
        }
    }

    /// The damage of a sector that goes on to read as it does now.
    fn keep(&mut self, offset: u64, foreign: bool) -> Damage {
        let mut scratch = std::mem::take(&mut self.scratch);
        let damage = match self.read(offset, &mut scratch) {
            Ok(_) => self.damages.keep(&scratch, foreign),
            Err(Unreadable { .. }) => Damage::Unreadable,
        };
        self.scratch = scratch;
        damage
    }

    /// Damages a sector, until it is written again. Damage that it has gives way.
    ///
    /// # Panics
    ///
    /// If there is no such sector.
    pub fn damage(&mut self, sector: u32, damage: Damage) {
        assert!(self.offset_of(sector) < self.size(), "disk: there must be a sector {sector}");
        self.damages.put(sector, damage);
    }

    /// What is damaged, in the order in which it was.
    #[must_use]
    pub fn damages(&self) -> &[(u32, Damage)] {
        self.damages.list()
    }

    /// The damage of a sector.
    #[must_use]
    pub fn damage_of(&self, sector: u32) -> Option<Damage> {
        self.damages.get(sector)
    }

    /// Lifts all damage.
    pub fn repair_all(&mut self) {
        self.damages.lift_all();
    }

    /// All that was written up to now: what a flush that starts now is for.
    pub(super) fn mark(&self) -> Mark {
        self.log.mark()
    }

    /// Makes durable all that was written.
    pub fn flush(&mut self) {
        self.flush_to(self.log.mark());
    }

    /// Makes durable what was written up to the mark, except what is doomed.
    pub(super) fn flush_to(&mut self, mark: Mark) {
        self.log.flush(mark);
    }

    /// A flush of all that was written fails: no later one makes it durable. Only what is written again
    /// can be.
    pub fn fail_flush(&mut self) {
        self.fail_flush_to(self.log.mark());
    }

    pub(super) fn fail_flush_to(&mut self, mark: Mark) {
        self.log.doom(mark);
    }

    /// Who wrote this is gone, and who comes cannot know that it is not durable.
    pub fn excuse(&mut self) {
        self.excuse_to(self.log.mark());
    }

    pub(super) fn excuse_to(&mut self, mark: Mark) {
        self.log.excuse(mark);
    }

    /// What is not durable, from the oldest to the newest write. Costs O(n) for each: for reports.
    pub fn unflushed(&self) -> impl ExactSizeIterator<Item = Unflushed> + '_ {
        self.log.unflushed()
    }

    /// Whether something is visible that no flush makes durable any more.
    #[must_use]
    pub fn has_doomed(&self) -> bool {
        self.log.has_doomed()
    }

    /// The sectors of what is not durable.
    pub(super) fn unflushed_sectors(&self) -> impl Iterator<Item = u32> + '_ {
        self.log.sectors()
    }

    /// The sectors of what is not durable, and who wrote it can know that.
    pub fn owed(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.log.owed().iter().map(|entry| entry.sector)
    }

    /// Loses power: `decide` says what becomes of each version of a sector that is not durable, sector by
    /// sector, from the newest to the oldest. What is left is durable.
    ///
    /// # Panics
    ///
    /// If a sector is torn before its first byte or behind its last.
    pub fn crash(&mut self, decide: &mut dyn FnMut(Unflushed) -> Fate) {
        let Self { sectors, log, damages, scratch } = self;
        let size = sectors.sector_size();
        log.crash(decide, |entry, previous, lost| {
            let sector = entry.sector;
            if entry.had_content {
                let offset = sectors.offset_of(sector) + lost.start as u64;
                sectors.write(offset, &previous[lost.clone()]);
            } else {
                sectors.unwrite(sector, lost.clone());
            }
            let Some(damage) = entry.lifted else { return };
            if lost.len() == size {
                damages.put(sector, damage);
            } else {
                let offset = sectors.offset_of(sector);
                sectors.read(offset, scratch);
                if entry.had_content {
                    scratch.copy_from_slice(previous);
                }
                damages.spoil(damage, scratch);
                sectors.write(offset + lost.start as u64, &scratch[lost]);
            }
        });
    }

    #[inline]
    fn assert_whole(&self, offset: u64, length: usize) {
        let size = self.sectors.sector_size();
        assert!(
            offset.is_multiple_of(size as u64) && length.is_multiple_of(size),
            "disk: sectors must be whole (offset {offset}, length {length})",
        );
        assert!(
            offset + length as u64 <= self.size(),
            "disk: what is read or written must lie on the device (offset {offset}, length {length})",
        );
    }
}
