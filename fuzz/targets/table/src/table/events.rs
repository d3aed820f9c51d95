//! What is counted of a run.

use downbeat::run::Run;

/// Events by number.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    TableFinished,
    TableFull,
    TableOfOneRecord,
    TableAbandoned,
    TableForRoom,
    BlockFull,
    BlockShort,
    SmallestKey,
    LargestKey,
    TombstoneFound,
    KeyBeforeTable,
    KeyBehindTable,
    KeyBetweenBlocks,
    KeyBetweenRecords,
    RangeOfOneKey,
    RangeBetweenBlocks,
    RangeOverBlocks,
    DamageSeen,
    ForgedRefused,
    ForgedContradicts,
    ForgedPasses,
    OtherRefused,
    BuiltAgain,
}

/// Every event, by number.
pub(super) const NAMES: &[&str] = &[
    "table finished",
    "table full",
    "table of one record",
    "table given up",
    "table finished for want of room",
    "value block full",
    "value block not full",
    "smallest key in a table",
    "largest key in a table",
    "tombstone found",
    "key before the table",
    "key behind the table",
    "key between two value blocks",
    "key between two records of a value block",
    "range of one key",
    "range between two value blocks",
    "range over several value blocks",
    "damage seen",
    "forged block refused by its reader",
    "forged block refused by a verification alone",
    "forged block passes",
    "table that is not what is said refused",
    "table built again",
];

const _: () = assert!(NAMES.len() == Event::BuiltAgain as usize + 1);

impl Event {
    #[inline]
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }
}
