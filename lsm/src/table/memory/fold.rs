//! Sorts and folds values: a tail at the end of a beat, or the runs of an immutable table.
//!
//! ```text
//! values       e1 a2 b3 a4         a letter is a key; numbers are in the order of the puts
//! positions    1 3 2 0             a2 a4 b3 e1
//! folded       3 2 0 | 1           a4 b3 e1, and the dropped a2
//! values       a4 b3 e1            each value is moved once, in place
//! ```
//!
//! - Folding needs no memory for values. Copying the values to a buffer in order, and back, is not
//!   faster (`benches/memory_table`, ns per value for a beat of 8,192 on a busy machine):
//!
//! | bytes of a record | 16 | 32 | 128 |
//! |---|---|---|---|
//! | in place | 9 | 11 | 18 |
//! | by a copy | 9 | 11 | 45 |

use super::order::Order;
use crate::merge::{Folded, fold};
use crate::record::Record;

/// The counts of folding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FoldCounts {
    /// Values that a newer one replaced.
    pub(super) duplicates_dropped: u64,
    /// Pairs of values that cancelled each other.
    pub(super) pairs_annihilated: u64,
}

/// Sorts the values from `start` on by key, and folds those with equal keys. `order` is the order
/// of these values; it is empty afterwards.
pub(super) fn fold_ordered<R: Record>(
    values: &mut Vec<R>,
    start: u32,
    order: &mut Order,
) -> FoldCounts {
    order.merge_all(values);
    let (positions, dropped) = order.parts();
    let (kept, counts) = choose(values, positions, dropped);
    positions[kept..].copy_from_slice(dropped);
    arrange(&mut values[start as usize..], start, positions);
    values.truncate(start as usize + kept);
    order.clear();
    counts
}

/// Moves the positions of the values that remain after folding to the front of `positions`, and
/// returns their number. Moves the other positions to `dropped`.
fn choose<R: Record>(
    values: &[R],
    positions: &mut [u32],
    dropped: &mut Vec<u32>,
) -> (usize, FoldCounts) {
    let mut counts = FoldCounts::default();
    let mut kept = 0;
    dropped.clear();
    for index in 0..positions.len() {
        let position = positions[index];
        let newer = &values[position as usize];
        let candidate = positions[..kept].last().copied();
        match candidate.map(|older| (older, &values[older as usize])) {
            Some((older_position, older)) if older.key() == newer.key() => {
                dropped.push(older_position);
                match fold(older, newer) {
                    Folded::Newer => {
                        positions[kept - 1] = position;
                        counts.duplicates_dropped += 1;
                    }
                    Folded::Nothing => {
                        dropped.push(position);
                        kept -= 1;
                        counts.pairs_annihilated += 1;
                    }
                }
            }
            _ => {
                positions[kept] = position;
                kept += 1;
            }
        }
    }
    (kept, counts)
}

/// Moves values along the cycles of the permutation, so that the value at position `positions[i]`
/// becomes `values[i]`. The position of `values[0]` is `start`.
fn arrange<R: Record>(values: &mut [R], start: u32, positions: &mut [u32]) {
    assert!(
        values.len() == positions.len(),
        "memory_table: every value must have a position ({}, {})",
        values.len(),
        positions.len(),
    );
    for first in 0..values.len() {
        let mut source = (positions[first] - start) as usize;
        if source == first {
            continue;
        }
        let value = values[first];
        let mut target = first;
        while source != first {
            values[target] = values[source];
            positions[target] = target as u32 + start;
            target = source;
            source = (positions[target] - start) as usize;
        }
        values[target] = value;
        positions[target] = target as u32 + start;
    }
}
