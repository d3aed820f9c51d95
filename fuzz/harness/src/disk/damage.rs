//! The damage of sectors: an overlay over their content.
//!
//! - A damaged sector reads as its damage determines, the same each time, until it is written
//!   again. The undamaged content is kept, so that the damage can be removed.
//! - A sector has at most one damage. A write of the sector removes the damage. If a crash loses
//!   that write, the sector is damaged again. If a crash tears that write, the lost bytes read as
//!   before the write.
//!
//! `limits` decides what may be damaged.

use super::chance::mix;

/// The damage of a sector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The bit with this number, modulo the number of bits in a sector, is flipped.
    Flipped(u32),
    /// The sector reads as zeros.
    Zeroed,
    /// The sector reads as noise that the number determines.
    Garbled(u64),
    /// The sector is unreadable.
    Unreadable,
    /// The sector reads as content that was written elsewhere, or earlier.
    Replaced(Replacement),
}

/// The content that is read from a damaged sector instead of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The index of the content in `Damages::kept`, in sectors.
    slot: u32,
    /// Whether the content is from elsewhere. Otherwise it is earlier content of the sector.
    foreign: bool,
}

/// All damage of a device; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Damages {
    sector_size: usize,
    list: Vec<(u32, Damage)>,
    /// The content of replacements, one sector each.
    kept: Vec<u8>,
    /// The slots of `kept` that no damage refers to.
    free: Vec<u32>,
}

impl Damages {
    pub(super) fn reset(&mut self, sector_size: usize) {
        self.sector_size = sector_size;
        self.list.clear();
        self.forget_kept();
    }

    /// Discards the content of all replacements. The caller makes sure that no damage uses it, and
    /// that no crash can restore such damage.
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

    /// Damages a sector. Discards the damage that it has.
    pub(super) fn put(&mut self, sector: u32, damage: Damage) {
        if let Some(Damage::Replaced(Replacement { slot, .. })) = self.lift(sector) {
            self.free.push(slot);
        }
        self.list.push((sector, damage));
    }

    /// Keeps the content of a sector. Returns the damage with which a sector reads as this content.
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

    /// Removes and returns the damage of a sector.
    #[inline]
    pub(super) fn lift(&mut self, sector: u32) -> Option<Damage> {
        let index = self.list.iter().position(|(own, _)| *own == sector)?;
        Some(self.list.remove(index).1)
    }

    /// Removes all damage.
    pub(super) fn lift_all(&mut self) {
        self.list.clear();
    }

    /// Applies the damage to bytes that were read from the sectors from `first` on. Returns whether
    /// any of them is damaged.
    ///
    /// # Errors
    ///
    /// The first unreadable sector.
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
        unreadable.map_or(Ok(damaged), Err)
    }

    /// Replaces the content of a sector by the content that this damage makes it read as. An
    /// unreadable sector becomes noise.
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
    /// Describes the damage.
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

/// Fills `bytes` with noise that the number determines. It is never all zeros.
pub(super) fn garble(noise: u64, bytes: &mut [u8]) {
    for (index, word) in bytes.chunks_mut(8).enumerate() {
        word.copy_from_slice(&mix(&[noise, index as u64 + 1]).to_le_bytes()[..word.len()]);
    }
}
