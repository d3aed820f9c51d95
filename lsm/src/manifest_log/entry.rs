//! An entry of the log: one event of a table.
//!
//! ```text
//! offset  size  field
//!      0    32  key_min        the key, padded with zeros to 32 bytes
//!     32    32  key_max        the same
//!     64    16  checksum       of the table's index block
//!     80     8  address        of the table's index block, from 1
//!     88     8  snapshot_min   from 1
//!     96     8  snapshot_max
//!    104     4  value_count    1 or more
//!    108     2  tree           from 1
//!    110     1  label          level in the lower 6 bits, event in the upper 2
//!    111     1  zero
//! ```
//!
//! - Numbers are little-endian.
//! - A decoded entry is consistent: its event is known, it names a table, and its fields do not
//!   contradict each other. Only the width of the keys is checked later, by [`LogEntry::table`].

use std::fmt;

use zerocopy::little_endian::{U16, U32, U64, U128};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::block::Reason;
use crate::manifest::{SNAPSHOT_LATEST, SNAPSHOT_OPEN, TableInfo};
use crate::record::{Key, Key256};

/// The size of an entry in bytes.
pub const LOG_ENTRY_SIZE: usize = size_of::<Stored>();

/// The number of levels that an entry can name. Levels are numbered from 0.
pub const LOG_LEVEL_COUNT_MAX: u8 = 1 << LEVEL_BITS;

const KEY_SIZE: usize = Key256::SIZE;
const LEVEL_BITS: u32 = 6;

/// What happened to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum LogEvent {
    /// The table is new.
    Insert = 1,
    /// The table moved to another level, or was replaced, which set its last snapshot.
    Update = 2,
    /// The table was removed.
    Remove = 3,
}

impl LogEvent {
    /// All events.
    pub const ALL: [Self; 3] = [Self::Insert, Self::Update, Self::Remove];
}

/// The on-disk form of an entry; see the module's documentation.
#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Stored {
    key_min: [u8; KEY_SIZE],
    key_max: [u8; KEY_SIZE],
    checksum: U128,
    address: U64,
    snapshot_min: U64,
    snapshot_max: U64,
    value_count: U32,
    tree: U16,
    label: u8,
    zero: u8,
}

const _: () = assert!(LOG_ENTRY_SIZE == 112);

/// One event of a table; see the [module](self).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LogEntry(Stored);

impl LogEntry {
    /// An entry for a table of this tree that is now at this level.
    ///
    /// # Panics
    ///
    /// If the tree, the address or the first snapshot is 0, if the level is [`LOG_LEVEL_COUNT_MAX`]
    /// or above, or if the fields of the table are inconsistent.
    #[must_use]
    pub fn new<K: Key>(tree: u16, level: u8, event: LogEvent, table: &TableInfo<K>) -> Self {
        table.assert_valid();
        assert!(tree > 0, "log_entry: trees must be numbered from 1");
        assert!(level < LOG_LEVEL_COUNT_MAX, "log_entry: a level must have 6 bits (level {level})");
        assert!({ table.address } > 0, "log_entry: a table must have an address");
        assert!({ table.snapshot_min } > 0, "log_entry: a table must have a snapshot");
        Self(Stored {
            key_min: stored(table.key_min),
            key_max: stored(table.key_max),
            checksum: U128::new(table.checksum),
            address: U64::new(table.address),
            snapshot_min: U64::new(table.snapshot_min),
            snapshot_max: U64::new(table.snapshot_max),
            value_count: U32::new(table.value_count),
            tree: U16::new(tree),
            label: (event as u8) << LEVEL_BITS | level,
            zero: 0,
        })
    }

    /// Decodes an entry.
    ///
    /// # Errors
    ///
    /// If a field is invalid, or contradicts another.
    ///
    /// # Panics
    ///
    /// If there are not exactly [`LOG_ENTRY_SIZE`] bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reason> {
        let Ok(stored) = Stored::read_from_bytes(bytes) else {
            panic!("log_entry: an entry must have {LOG_ENTRY_SIZE} bytes ({})", bytes.len());
        };
        let Stored { snapshot_min, snapshot_max, value_count, tree, label, zero, .. } = stored;
        let (first, last) = (snapshot_min.get(), snapshot_max.get());
        let keys = [stored.key_min, stored.key_max].map(|key| Key256::load(&key));
        let wrong = if label >> LEVEL_BITS == 0 {
            "an entry of the log has no event"
        } else if zero != 0 {
            "an entry of the log has a byte that is not zero"
        } else if tree.get() == 0 {
            "an entry of the log has no tree"
        } else if stored.address.get() == 0 {
            "an entry of the log has no address"
        } else if value_count.get() == 0 {
            "a table of the log holds no value"
        } else if first == 0 {
            "a table of the log has no snapshot"
        } else if keys[0] > keys[1] {
            "the smallest key of a table is above the largest"
        } else if first > last || first >= SNAPSHOT_LATEST || last == SNAPSHOT_LATEST {
            "the snapshots of a table are out of order"
        } else {
            return Ok(Self(stored));
        };
        Err(Reason::Meaning(wrong))
    }

    /// The entry as it is on disk.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The tree that the table belongs to, from 1.
    #[must_use]
    #[inline]
    pub fn tree(&self) -> u16 {
        self.0.tree.get()
    }

    /// The level of the table, below [`LOG_LEVEL_COUNT_MAX`]. For a removed table, its last level.
    #[must_use]
    #[inline]
    pub fn level(&self) -> u8 {
        self.0.label & (LOG_LEVEL_COUNT_MAX - 1)
    }

    /// What happened to the table.
    #[must_use]
    #[inline]
    pub fn event(&self) -> LogEvent {
        match self.0.label >> LEVEL_BITS {
            1 => LogEvent::Insert,
            2 => LogEvent::Update,
            _ => LogEvent::Remove,
        }
    }

    /// The address of the table's index block, from 1.
    #[must_use]
    #[inline]
    pub fn address(&self) -> u64 {
        self.0.address.get()
    }

    /// The first snapshot that sees the table, from 1.
    #[must_use]
    #[inline]
    pub fn snapshot_min(&self) -> u64 {
        self.0.snapshot_min.get()
    }

    /// The table.
    ///
    /// # Errors
    ///
    /// If a key of the table is wider than `K`.
    pub fn table<K: Key>(&self) -> Result<TableInfo<K>, Reason> {
        let Stored { key_min, key_max, checksum, snapshot_min, snapshot_max, value_count, .. } =
            &self.0;
        Ok(TableInfo {
            key_min: loaded(key_min)?,
            key_max: loaded(key_max)?,
            checksum: checksum.get(),
            address: self.address(),
            snapshot_min: snapshot_min.get(),
            snapshot_max: snapshot_max.get(),
            value_count: value_count.get(),
        })
    }
}

impl fmt::Debug for LogEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let snapshot_max = match self.0.snapshot_max.get() {
            SNAPSHOT_OPEN => "open".to_owned(),
            closed => closed.to_string(),
        };
        write!(
            formatter,
            "{:?} of table {} of tree {} at level {}, {} values, snapshots {} to {snapshot_max}",
            self.event(),
            self.address(),
            self.tree(),
            self.level(),
            self.0.value_count,
            self.0.snapshot_min,
        )
    }
}

fn stored<K: Key>(key: K) -> [u8; KEY_SIZE] {
    let mut bytes = [0; KEY_SIZE];
    key.store(&mut bytes[..K::SIZE]);
    bytes
}

fn loaded<K: Key>(bytes: &[u8; KEY_SIZE]) -> Result<K, Reason> {
    let (own, above) = bytes.split_at(K::SIZE);
    if above.iter().any(|byte| *byte != 0) {
        return Err(Reason::Meaning("a key of a table has more bytes than its tree's keys"));
    }
    Ok(K::load(own))
}
