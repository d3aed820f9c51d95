//! A step of a merge: merges a newer and an older row of records into the free part of a block.
//!
//! - The step ends when the block is full, or when a row is consumed and more records may follow
//!   it.
//! - Two records with the same key are [folded](fold).
//! - A tombstone of the newer row is dropped if no level below has its key. A tombstone of the
//!   older row is kept, which is harmless. A later compaction drops it when it is in the newer row.
//! - A key of a secondary index must be put and removed alternately, and a tombstone must meet its
//!   record. The step panics if the caller broke this rule. If the tree was opened with tables,
//!   these can be the reason instead, because tables with valid checksums may contradict each
//!   other. The step then ends and reports the contradiction.

use crate::merge::{Folded, fold, is_in_turn};
use crate::record::{Record, Usage};

/// Records in the order of their keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a, R> {
    pub(super) records: &'a [R],
    /// Whether no records follow the row.
    pub(super) ended: bool,
}

/// The counts of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Merged {
    /// The number of consumed records of the newer row.
    pub(super) newer: usize,
    /// The number of consumed records of the older row.
    pub(super) older: usize,
    /// Records written.
    pub(super) written: usize,
    /// Tombstones that were dropped because no level below has their key.
    pub(super) tombstones: usize,
    /// Pairs of records with the same key.
    pub(super) pairs: usize,
    /// Whether the step ended because a key of a secondary index was not put and removed
    /// alternately. The written records must not be used.
    pub(super) contradicts: bool,
}

/// The rules of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Whether no level below has a key of the newer row, so that its tombstones are dropped.
    pub(super) drop_tombstones: bool,
    /// Whether tables on the device can be the reason that a key of a secondary index was not put
    /// and removed alternately.
    pub(super) may_contradict: bool,
}

/// Merges records into `room` as far as possible.
///
/// # Panics
///
/// If a key of a secondary index was not put and removed alternately, unless
/// [`Rules::may_contradict`].
pub(super) fn merge<R: Record>(
    newer: Row<'_, R>,
    older: Row<'_, R>,
    room: &mut [R],
    rules: Rules,
) -> Merged {
    let mut merged = Merged::default();
    while merged.written < room.len() {
        let heads = (newer.records.get(merged.newer), older.records.get(merged.older));
        match heads {
            (Some(one), Some(other)) => {
                let (key, older_key) = (one.key(), other.key());
                if older_key < key {
                    room[merged.written] = *other;
                    merged.older += 1;
                    merged.written += 1;
                } else if key < older_key {
                    take_newer(one, &mut merged, room, rules);
                } else if rules.may_contradict && !is_in_turn(other, one) {
                    merged.contradicts = true;
                } else {
                    merged.pairs += 1;
                    merged.older += 1;
                    match fold(other, one) {
                        Folded::Newer => take_newer(one, &mut merged, room, rules),
                        Folded::Nothing => merged.newer += 1,
                    }
                }
            }
            (Some(one), None) if older.ended => {
                take_newer(one, &mut merged, room, rules);
            }
            (None, Some(other)) if newer.ended => {
                room[merged.written] = *other;
                merged.older += 1;
                merged.written += 1;
            }
            _ => break,
        }
        if merged.contradicts {
            break;
        }
    }
    merged
}

fn take_newer<R: Record>(record: &R, merged: &mut Merged, room: &mut [R], rules: Rules) {
    if rules.drop_tombstones && record.is_tombstone() {
        // A tombstone of an index must meet the record that it removes, but no level has the
        // record.
        if R::USAGE == Usage::SecondaryIndex {
            assert!(
                rules.may_contradict,
                "compaction: a tombstone of an index must meet its record ({record:?})",
            );
            merged.contradicts = true;
            return;
        }
        merged.tombstones += 1;
    } else {
        room[merged.written] = *record;
        merged.written += 1;
    }
    merged.newer += 1;
}
