//! The shape of a set-associative cache.
//!
//! - Slots = ways * sets, from 2 to [`CacheOptions::SLOTS_MAX`].
//! - Any number of sets is allowed: a set is chosen by multiplication, not by masking.
//!
//! What this does not do: it does not choose tag or count widths; those are fixed (8 and 2 bits).

use crate::collections::InvalidOptions;

/// How many sets a cache has, and how many slots each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheOptions {
    /// The slots of a set: the places that one key may be in.
    pub ways: Ways,
    /// The number of sets, 1 or more.
    pub sets: u32,
}

impl CacheOptions {
    /// The most slots that a cache may have.
    pub const SLOTS_MAX: u64 = 1 << 30;

    /// Whether a cache can have this shape.
    ///
    /// # Errors
    ///
    /// If there are no sets, or more slots than [`CacheOptions::SLOTS_MAX`].
    pub fn validate(&self) -> Result<(), InvalidOptions> {
        if self.sets == 0 {
            return Err(InvalidOptions::SetsZero);
        }
        // Cannot overflow: at most 16 * (2^32 - 1).
        let slots = self.ways.count() as u64 * u64::from(self.sets);
        if slots > Self::SLOTS_MAX {
            return Err(InvalidOptions::SlotsOverLimit { slots, slots_max: Self::SLOTS_MAX });
        }
        Ok(())
    }

    /// The slots of all sets together.
    #[must_use]
    pub fn slot_count(&self) -> usize {
        self.ways.count() * self.sets as usize
    }
}

/// The number of slots in a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ways {
    /// Two slots a set.
    Two = 2,
    /// Four slots a set.
    Four = 4,
    /// Sixteen slots a set.
    Sixteen = 16,
}

impl Ways {
    /// The number of slots: 2, 4 or 16.
    #[must_use]
    #[inline]
    pub fn count(self) -> usize {
        self as usize
    }
}
