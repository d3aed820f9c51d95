//! The content of a device, now and after a crash.
//!
//! - A write is visible immediately, and durable after a flush. Until then a crash may keep, lose
//!   or tear it, each version of each sector independently.
//! - A crash starts from the durable content and applies each later version, from the oldest to the
//!   newest, as its [`Fate`] says: all of its bytes, some, or none. A version has no fate of its
//!   own if newer versions that survive cover the whole sector.
//! - [`Image::reset`] costs O(chunks touched). Nothing allocates after the first run of a
//!   comparable size, copies included. [`Image::copy_from`] lets a caller try a crash on a copy.

use super::damage::{Damage, Damages, garble};
use super::log::{Fate, Log, Unflushed};
use super::sectors::Sectors;

/// The error of a read: a sector is unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The number of the sector.
    pub sector: u32,
}

/// The content of a device, now and after a crash: an arena with an undo log.
#[derive(Debug, Default)]
pub struct Image {
    sectors: Sectors,
    /// The writes that are not durable. The disk flushes, dooms and excuses some of them.
    pub(super) log: Log,
    damages: Damages,
    /// A buffer of one sector.
    scratch: Vec<u8>,
}

impl Image {
    /// Creates a device without sectors.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Resets to a device of `size` bytes on which nothing is written. Unwritten sectors read as
    /// zeros if `background` is 0, otherwise as noise that the number determines.
    ///
    /// # Panics
    ///
    /// If `sector_size` is not a power of two or is less than 64, if `size` is not a multiple of
    /// it, or if there are 2^32 sectors or more.
    pub fn reset(&mut self, size: u64, sector_size: usize, background: u64) {
        let Self { sectors, log, damages, scratch } = self;
        sectors.reset(size, sector_size, background);
        log.reset(sector_size);
        damages.reset(sector_size);
        scratch.resize(sector_size, 0);
    }

    /// Becomes a copy of `other`.
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

    /// Returns the size of the device in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.sectors.size()
    }

    /// Changes the size. Beyond the new end, nothing may be written.
    pub(super) fn resize(&mut self, size: u64) {
        self.sectors.resize(size);
    }

    /// Returns the size of a sector in bytes.
    #[must_use]
    pub fn sector_size(&self) -> usize {
        self.sectors.sector_size()
    }

    /// Returns the number of the sector that contains the byte at `offset`.
    #[must_use]
    #[inline]
    pub fn sector_of(&self, offset: u64) -> u32 {
        self.sectors.sector_of(offset)
    }

    /// Returns the offset of the first byte of a sector.
    #[must_use]
    #[inline]
    pub fn offset_of(&self, sector: u32) -> u64 {
        self.sectors.offset_of(sector)
    }

    /// Returns whether a sector was written. After a crash: whether a write of it survived, at
    /// least in part.
    #[must_use]
    #[inline]
    pub fn is_written(&self, sector: u32) -> bool {
        self.sectors.is_written(sector)
    }

    /// Reads whole sectors, with their damage. Returns whether any of them is damaged.
    ///
    /// # Errors
    ///
    /// If a sector is unreadable. `into` is then filled with noise.
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

    /// Reads whole sectors as if none were damaged.
    pub fn read_undamaged(&self, offset: u64, into: &mut [u8]) {
        self.assert_whole(offset, into.len());
        self.sectors.read(offset, into);
    }

    /// Writes whole sectors. Removes their damage.
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

    /// Loses a write of whole sectors: they read as before, although they should read as `bytes`.
    /// An unreadable sector stays unreadable.
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

    /// Imposes foreign content on whole sectors: they read as `bytes`, although they should read as
    /// before. An unreadable sector becomes readable.
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

    /// Frees the kept content if no damage uses it and no crash can restore damage that does.
    fn forget_kept(&mut self) {
        if self.damages.is_empty() && self.log.unflushed().len() == 0 {
            self.damages.forget_kept();
        }
    }

    /// Returns the damage with which a sector reads as it does now, even if its undamaged content
    /// changes.
    fn keep(&mut self, offset: u64, foreign: bool) -> Damage {
        let mut scratch = std::mem::take(&mut self.scratch);
        let damage = match self.read(offset, &mut scratch) {
            Ok(_) => self.damages.keep(&scratch, foreign),
            Err(Unreadable { .. }) => Damage::Unreadable,
        };
        self.scratch = scratch;
        damage
    }

    /// Damages a sector until it is written again. Replaces the damage that the sector has.
    ///
    /// # Panics
    ///
    /// If the sector lies beyond the end of the device.
    pub fn damage(&mut self, sector: u32, damage: Damage) {
        assert!(self.offset_of(sector) < self.size(), "disk: there must be a sector {sector}");
        self.damages.put(sector, damage);
    }

    /// Returns the damaged sectors in the order in which they were damaged.
    #[must_use]
    pub fn damages(&self) -> &[(u32, Damage)] {
        self.damages.list()
    }

    /// Removes all damage.
    pub fn repair_all(&mut self) {
        self.damages.lift_all();
    }

    /// Makes all writes durable, except those that an earlier flush failed to make durable.
    pub fn flush(&mut self) {
        self.log.flush(self.log.mark());
    }

    /// Fails a flush of all writes. No later flush makes these writes durable: their sectors must
    /// be written again.
    pub fn fail_flush(&mut self) {
        self.log.doom(self.log.mark());
    }

    /// Excuses all writes that are not durable: the process that made them ended, or was told that
    /// they are durable, so the store cannot know that they are not.
    pub fn excuse(&mut self) {
        self.log.excuse(self.log.mark());
    }

    /// Iterates over the versions that are not durable, from the oldest to the newest write. Each
    /// step costs O(n); for reports.
    pub fn unflushed(&self) -> impl ExactSizeIterator<Item = Unflushed> + '_ {
        self.log.unflushed()
    }

    /// Iterates over the sectors of the writes that are not durable and not excused: the store can
    /// know that they are not durable.
    pub fn owed(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.log.owed().iter().map(|entry| entry.sector)
    }

    /// Simulates a loss of power. `decide` returns the fate of each version that is not durable,
    /// sector by sector, from the newest version to the oldest. The resulting content is durable.
    ///
    /// # Panics
    ///
    /// If the position of a tear is 0, or not less than the sector size.
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
