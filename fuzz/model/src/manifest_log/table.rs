//! Tables, and the fields of their entries.
//!
//! Each table has a unique stamp. From the stamp, the kind of the key range and the width of keys,
//! the other fields of the table's entries are derived: key range, checksum, first snapshot and
//! number of values.

use super::Number;

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its address, from 1.
    pub address: u64,
    /// Its tree, from 1.
    pub tree: u16,
    /// Its level.
    pub level: u8,
    /// Its stamp, from 1, which no other table has.
    pub stamp: u64,
    /// The kind of its key range; see [`Keys`](super::Keys).
    pub keys: u32,
    /// Bytes of its keys: 8, 16 or 32.
    pub width: u32,
    /// Its last snapshot.
    pub snapshot_max: u64,
}

impl Table {
    fn mixed(&self, salt: u64) -> u64 {
        let word = (self.stamp ^ salt << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (word ^ word >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    }

    fn wide(&self, salt: u64) -> u128 {
        u128::from(self.mixed(salt)) << 64 | u128::from(self.mixed(salt + 1))
    }

    /// The smallest and the largest key.
    #[must_use]
    pub fn key_range(&self) -> (Number, Number) {
        let lowest = Number::default();
        let low = |low: u64| Number { high: 0, low: low.into() };
        let (min, max) = match self.keys {
            0 => (low(self.stamp * 16), low(self.stamp * 16 + 15)),
            1 => (lowest, lowest),
            2 => (Number::MAX, Number::MAX),
            3 => (lowest, Number::MAX),
            4 => {
                let key = Number { high: self.wide(10), low: self.wide(12) };
                (key, key)
            }
            5 => {
                let upper = |stamp: u64| match self.width {
                    8 => low(stamp << 32),
                    16 => Number { high: 0, low: u128::from(stamp) << 64 },
                    _ => Number { high: stamp.into(), low: 0 },
                };
                (upper(self.stamp), upper(self.stamp + 1))
            }
            _ => (
                Number { high: self.wide(10), low: self.wide(12) },
                Number { high: self.wide(14), low: self.wide(16) },
            ),
        };
        let (min, max) = (min.cut(self.width), max.cut(self.width));
        (min.min(max), min.max(max))
    }

    /// The checksum of its index block.
    #[must_use]
    pub fn checksum(&self) -> u128 {
        self.wide(1)
    }

    /// The first snapshot. It is below the last snapshot of every table that is replaced later.
    #[must_use]
    pub fn snapshot_min(&self) -> u64 {
        self.stamp
    }

    /// How many values the table has.
    #[must_use]
    pub fn value_count(&self) -> u32 {
        (self.mixed(3) >> 32) as u32 | 1
    }
}

#[cfg(test)]
mod tests {
    use super::super::SNAPSHOT_OPEN;
    use super::*;

    #[test]
    fn keys_are_in_order_and_of_their_width() {
        for keys in 0..=6 {
            for width in [8, 16, 32] {
                for stamp in 1..50 {
                    let table = Table {
                        address: 1,
                        tree: 1,
                        level: 0,
                        stamp,
                        keys,
                        width,
                        snapshot_max: SNAPSHOT_OPEN,
                    };
                    let (min, max) = table.key_range();
                    assert!(min <= max && max == max.cut(width) && min == min.cut(width));
                    assert!(table.value_count() > 0);
                }
            }
        }
    }
}
