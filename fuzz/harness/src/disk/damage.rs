//! What is wrong with sectors: an overlay over their content.
//!
//! - A damaged sector reads as its damage says, the same each time, until it is written again. Below it
//!   the content is what it should be, so that damage can be lifted.
//! - A sector has one damage at most. Writing it lifts the damage; should a crash lose that write, the
//!   damage is back, and should it tear that write, the rest of the sector is what was read before.
//!
//! What this does not do: it does not decide what may be damaged.

use super::chance::mix;

/// What is wrong with a sector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// One bit is another: this one, modulo the bits of a sector.
    Flipped(u32),
    /// It reads as zeros.
    Zeroed,
    /// It reads as noise: this one of all.
    Garbled(u64),
    /// It cannot be read.
    Unreadable,
    /// It reads as something that was written, but not here, or not last.
    Replaced(Replacement),
}

/// What a damaged sector holds instead of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Its place among all that were kept.
    slot: u32,
    /// Whether it is from elsewhere; otherwise it is what was there before.
    foreign: bool,
}

/// The damage of a device; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Damages {
    sector_size: usize,
    list: Vec<(u32, Damage)>,
    /// The bytes of replacements.
    kept: Vec<u8>,
    /// Places in `kept` that no damage refers to.
    free: Vec<u32>,
}

impl Damages {
    pub(super) fn reset(&mut self, sector_size: usize) {
        self.sector_size = sector_size;
        self.list.clear();
        self.forget_kept();
    }

    /// Forgets the bytes of replacements: none is in the list, and none was lifted that may come back.
    pub(super) fn forget_kept(&mut self) {
        self.kept.clear();
        self.free.clear();
    }

    pub(super) fn copy_from(&mut self, other: &Self) {
        let Self { sector_size, list, kept, free } = other;
        self.sector_size = *sector_size;
        self.list.clone_from(list);
        self.kept.clone_from(kept);
        self.free.clone_from(free);
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn list(&self) -> &[(u32, Damage)] {
        &self.list
    }

    pub(super) fn get(&self, sector: u32) -> Option<Damage> {
        self.list.iter().find(|(own, _)| *own == sector).map(|(_, damage)| *damage)
    }

    /// Damages a sector; any damage that it has gives way for good.
    pub(super) fn put(&mut self, sector: u32, damage: Damage) {
        if let Some(Damage::Replaced(Replacement { slot, .. })) = self.lift(sector) {
            self.free.push(slot);
        }
        self.list.push((sector, damage));
    }

    /// Keeps the content of a sector for [`Damage::Replaced`].
    pub(super) fn keep(&mut self, bytes: &[u8], foreign: bool) -> Damage {
        assert_eq!(bytes.len(), self.sector_size, "disk: replacements must be whole sectors");
        let slot = match self.free.pop() {
            Some(slot) => {
                self.kept[slot as usize * self.sector_size..][..self.sector_size]
                    .copy_from_slice(bytes);
                slot
            }
            None => {
                self.kept.extend_from_slice(bytes);
                (self.kept.len() / self.sector_size - 1) as u32
            }
        };
        Damage::Replaced(Replacement { slot, foreign })
    }

    /// Takes the damage off a sector.
    #[inline]
    pub(super) fn lift(&mut self, sector: u32) -> Option<Damage> {
        let index = self.list.iter().position(|(own, _)| *own == sector)?;
        Some(self.list.remove(index).1)
    }

    /// Takes all damage off.
    pub(super) fn lift_all(&mut self) {
        self.list.clear();
    }

    /// Damages bytes that were read from sectors from `first` on. Says whether any was damaged.
    ///
    /// # Errors
    ///
    /// The first sector that cannot be read.
    pub(super) fn apply(&self, first: u32, bytes: &mut [u8]) -> Result<bool, u32> {
        let count = (bytes.len() / self.sector_size) as u32;
        let mut damaged = false;
        let mut unreadable: Option<u32> = None;
        for (sector, damage) in &self.list {
            let Some(index) = sector.checked_sub(first).filter(|index| *index < count) else {
                continue;
            };
            damaged = true;
            let bytes = &mut bytes[index as usize * self.sector_size..][..self.sector_size];
            self.spoil(*damage, bytes);
            if *damage == Damage::Unreadable {
                unreadable = Some(unreadable.map_or(*sector, |least| least.min(*sector)));
            }
        }
        match unreadable {
            Some(sector) => Err(sector),
            None => Ok(damaged),
        }
    }

    /// Makes a sector's content what is there instead; of one that cannot be read, noise.
    pub(super) fn spoil(&self, damage: Damage, bytes: &mut [u8]) {
        match damage {
            Damage::Flipped(bit) => {
                let bit = bit as usize % (8 * bytes.len());
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            Damage::Zeroed => bytes.fill(0),
            Damage::Garbled(noise) => garble(noise, bytes),
            Damage::Unreadable => garble(0, bytes),
            Damage::Replaced(Replacement { slot, .. }) => {
                let start = slot as usize * self.sector_size;
                bytes.copy_from_slice(&self.kept[start..start + self.sector_size]);
            }
        }
    }
}

impl Damage {
    /// What it is, in words.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Flipped(bit) => format!("bit {bit} flipped"),
            Self::Zeroed => "zeroed".to_owned(),
            Self::Garbled(_) => "garbled".to_owned(),
            Self::Unreadable => "unreadable".to_owned(),
            Self::Replaced(Replacement { foreign: true, .. }) => "foreign content".to_owned(),
            Self::Replaced(Replacement { foreign: false, .. }) => "stale content".to_owned(),
        }
    }
}

/// Fills bytes with noise: the same for the same number, and never zeros all through.
pub(super) fn garble(noise: u64, bytes: &mut [u8]) {
    for (index, word) in bytes.chunks_mut(8).enumerate() {
        word.copy_from_slice(&mix(&[noise, index as u64 + 1]).to_le_bytes()[..word.len()]);
    }
}
