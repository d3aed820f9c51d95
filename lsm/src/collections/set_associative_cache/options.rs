//! The shape of a set-associative cache.
//!
//! - The number of slots is ways * sets, from 2 to [`CacheOptions::SLOTS_MAX`], inclusive.
//! - Any number of sets is valid: a set is chosen by multiplication, not by masking.
//! - The widths of tags (8 bits) and counts (2 bits) are fixed.

use crate::collections::InvalidOptions;

/// The number of sets of a cache and the number of slots in each set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheOptions {
    /// The number of slots in a set. A key can be in any slot of its set.
    pub ways: Ways,
    /// The number of sets, 1 or more.
    pub sets: u32,
}

impl CacheOptions {
    /// The maximum number of slots.
    pub const SLOTS_MAX: u64 = 1 << 30;

    /// Checks the shape against its limits.
    ///
    /// # Errors
    ///
    /// Returns an error if there are no sets, or more slots than [`CacheOptions::SLOTS_MAX`].
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

    /// Returns the number of slots of all sets together.
    #[must_use]
    pub fn slot_count(&self) -> usize {
        self.ways.count() * self.sets as usize
    }
}

/// The number of slots in a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ways {
    /// Two slots in a set.
    Two = 2,
    /// Four slots in a set.
    Four = 4,
    /// Sixteen slots in a set.
    Sixteen = 16,
}

impl Ways {
    /// Returns the number of slots: 2, 4 or 16.
    #[must_use]
    #[inline]
    pub fn count(self) -> usize {
        self as usize
    }
}
