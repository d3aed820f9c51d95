//! One step of a merge: two rows of records, one of them newer, into the room that there is.
//!
//! - Pure. It goes as far as it can: until the room is full, or a row is used up of which more will come.
//! - Of two records with one key the newer holds, as the [usage](Usage) has it.
//! - A tombstone of the newer row may be dropped where nothing lies below. One of the older row stays: nothing
//!   below it does any harm, and it goes when it is itself the newer one.
//!
//! What this does not do: it does not know where rows come from, nor what the next ones hold.

use crate::merge::{Folded, fold};
use crate::record::{Record, Usage};

/// A row of records in the order of their keys, and whether its side has no more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a, R> {
    pub(super) records: &'a [R],
    pub(super) ended: bool,
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Merged {
    /// Records of the newer row that were used up.
    pub(super) newer: usize,
    /// Records of the older row that were used up.
    pub(super) older: usize,
    /// Records written.
    pub(super) written: usize,
    /// Tombstones that were dropped because nothing lies below; of those that met a record, the newer one alone.
    pub(super) tombstones: usize,
    /// Pairs with one key.
    pub(super) pairs: usize,
}

/// Merges as far as can be.
///
/// # Panics
///
/// If the promise of a secondary index is broken: two records with one key, and not exactly one is a tombstone;
/// or a tombstone without its record where nothing lies below.
pub(super) fn merge<R: Record>(
    newer: Row<'_, R>,
    older: Row<'_, R>,
    room: &mut [R],
    drop_tombstones: bool,
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
                    take_newer(one, &mut merged, room, drop_tombstones);
                } else {
                    merged.pairs += 1;
                    merged.older += 1;
                    match fold(other, one) {
                        Folded::Newer => take_newer(one, &mut merged, room, drop_tombstones),
                        Folded::Nothing => merged.newer += 1,
                    }
                }
            }
            (Some(one), None) if older.ended => {
                take_newer(one, &mut merged, room, drop_tombstones);
            }
            (None, Some(other)) if newer.ended => {
                room[merged.written] = *other;
                merged.older += 1;
                merged.written += 1;
            }
            _ => break,
        }
    }
    merged
}

fn take_newer<R: Record>(record: &R, merged: &mut Merged, room: &mut [R], drop_tombstones: bool) {
    merged.newer += 1;
    if drop_tombstones && record.is_tombstone() {
        assert!(
            R::USAGE == Usage::General,
            "compaction: a tombstone of an index must meet its record ({record:?})",
        );
        merged.tombstones += 1;
    } else {
        room[merged.written] = *record;
        merged.written += 1;
    }
}
