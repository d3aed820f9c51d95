//! Which key a symbolic key means at a given point of a history.
//!
//! Invariants:
//!
//! * A literal key means itself, and the world says which key is at the end of a table. Every other
//!   class depends only on the header's settings, the newest [`REMEMBERED`] keys that were written,
//!   and the key used last.
//! * `open` costs O(1): keys written by earlier runs are forgotten, not erased.
//!
//! A model, not this module, knows which keys are live.

mod mapping;

pub use mapping::{MAPPING_NAMES, Mapping};

use crate::encoding::number::log_scale;
use crate::encoding::{Key, Landmark};

/// How many written keys a gap can reach; a power of two.
pub const REMEMBERED: usize = 4096;

/// Says which key a landmark is; `None` if there is no such table, block or record.
pub type Ends<'a> = &'a dyn Fn(Landmark) -> Option<u64>;

/// The keys of a run: those that were written, and the one used last.
#[derive(Clone, Debug)]
pub struct Keys {
    mapping: Mapping,
    hot: u64,
    written: Box<[u64; REMEMBERED]>,
    writes: u64,
    last: u64,
}

impl Keys {
    /// A history without writes.
    #[must_use]
    pub fn new() -> Self {
        let written = Box::new([0; REMEMBERED]);
        Keys { mapping: Mapping::Identity, hot: 1, written, writes: 0, last: 0 }
    }

    /// Starts a history with `hot` hot keys, 1 or more; `mapping` spreads them and the cold keys.
    ///
    /// # Panics
    ///
    /// If `hot` is 0.
    pub fn open(&mut self, mapping: Mapping, hot: u32) {
        let Keys { mapping: own_mapping, hot: own_hot, written: _, writes, last } = self;
        assert!(hot > 0, "keys: there must be a hot key");
        *own_mapping = mapping;
        *own_hot = u64::from(hot);
        *writes = 0;
        *last = mapping.key(0);
    }

    /// Notes that `key` was written.
    #[inline]
    pub fn wrote(&mut self, key: u64) {
        self.written[self.writes as usize % REMEMBERED] = key;
        self.writes += 1;
    }

    /// The key written `gap` writes ago, 0 for the newest; `None` if the history does not reach
    /// that far.
    #[inline]
    #[must_use]
    pub fn written(&self, gap: u64) -> Option<u64> {
        let reach = self.writes.min(REMEMBERED as u64);
        (gap < reach).then(|| self.written[(self.writes - 1 - gap) as usize % REMEMBERED])
    }

    /// Returns the key that `key` means now. It becomes the key used last.
    #[inline]
    pub fn resolve(&mut self, key: Key) -> u64 {
        self.last = match key {
            Key::Literal(key) => key,
            Key::Gap { class } => {
                let reach = self.writes.min(REMEMBERED as u64);
                let gap = u64::from(log_scale(class));
                // In a history shorter than the gap, the gap wraps around.
                let gap = if gap < reach { gap } else { gap % reach.max(1) };
                self.written(gap).unwrap_or(self.mapping.key(0))
            }
            Key::Hot { index } => self.hot(index),
            // Cold keys come after the hot ones, so no cold key is a hot one.
            Key::Cold { index } => {
                self.mapping.key(u64::from(crate::encoding::key::CLASSES) + u64::from(index))
            }
            Key::Near { index } => self.last.wrapping_add_signed(Key::distance(index)),
            Key::Extreme { index } => Key::extreme(index),
        };
        self.last
    }

    /// Returns the key that a landmark means now or, if there is no such table, block or record, a
    /// hot key. It becomes the key used last.
    pub fn resolve_landmark(&mut self, landmark: Landmark, ends: Ends<'_>) -> u64 {
        self.last = ends(landmark).unwrap_or_else(|| self.hot(landmark.class()));
        self.last
    }

    fn hot(&self, index: u8) -> u64 {
        self.mapping.key(u64::from(index) % self.hot)
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::TableEnd;

    #[test]
    fn a_gap_is_counted_in_writes_and_wraps_around_in_a_short_history() {
        let mut keys = Keys::new();
        keys.open(Mapping::Identity, 8);
        assert_eq!(keys.resolve(Key::Gap { class: 5 }), 0, "nothing was written");
        for key in [10, 11, 12] {
            keys.wrote(key);
        }
        assert_eq!(keys.resolve(Key::Gap { class: 0 }), 12);
        assert_eq!(keys.resolve(Key::Gap { class: 2 }), 10);
        assert_eq!(keys.resolve(Key::Gap { class: 3 }), 12);
        assert_eq!(keys.resolve(Key::Near { index: 0 }), 13);
    }

    #[test]
    fn a_landmark_is_the_key_that_the_world_names_or_a_hot_key() {
        let mut keys = Keys::new();
        keys.open(Mapping::Identity, 8);
        let last = Landmark::Table(TableEnd { is_last: true, level: 1, table: 5 });
        let ends = |landmark| (landmark == last).then_some(0x700);
        assert_eq!(keys.resolve_landmark(last, &ends), 0x700);
        assert_eq!(keys.resolve(Key::Near { index: 0 }), 0x701);
        let other = Landmark::Table(TableEnd { is_last: false, level: 1, table: 5 });
        assert_eq!(keys.resolve_landmark(other, &ends), 2);
    }

    #[test]
    fn opening_forgets_what_was_written() {
        let mut keys = Keys::new();
        keys.open(Mapping::Identity, 8);
        keys.wrote(7);
        keys.open(Mapping::Inverted, 8);
        assert_eq!(keys.written(0), None);
        assert_eq!(keys.resolve(Key::Gap { class: 0 }), u64::MAX);
    }
}
