//! Smaller keys. A key changes in all its operations at once, so equal keys stay equal.

use std::collections::BTreeSet;

use super::Over;
use super::search::Search;
use crate::input::encoding::number::smaller;
use crate::input::encoding::{Key, Operation};

/// The maximum number of keys for which every pair is exchanged.
const EXCHANGED_MAX: usize = 16;

impl<O: Operation> Search<'_, O> {
    /// Renames the keys to 0, 1, 2 and so on, in their order. Then closes the gaps between them,
    /// makes single keys smaller (which may make two keys equal), and sorts the keys by first use.
    pub(super) fn smaller_keys(&mut self) -> Result<(), Over> {
        let keys = keys_of(&self.best().operations);
        let rank = |key: u64| keys.range(..key).count() as u64;
        self.rename(rank)?;
        self.close_gaps()?;
        for key in keys_of(&self.best().operations) {
            self.smaller_key(key)?;
        }
        self.sort_by_first_use()
    }

    /// Replaces a key by the smallest key with which the input fails in the same way.
    fn smaller_key(&mut self, mut key: u64) -> Result<(), Over> {
        'smaller: loop {
            for other in smaller(key) {
                if self.rename(|own| if own == key { other } else { own })? {
                    key = other;
                    continue 'smaller;
                }
            }
            return Ok(());
        }
    }

    /// Renames the keys so that they ascend in the order of their first use. If the result does not
    /// fail in the same way, exchanges pairs of keys.
    fn sort_by_first_use(&mut self) -> Result<(), Over> {
        let mut used = keys_as_used(&self.best().operations);
        let keys: Vec<u64> = keys_of(&self.best().operations).into_iter().collect();
        let mut seen = BTreeSet::new();
        used.retain(|key| seen.insert(*key));
        let place = |key: u64| used.iter().position(|used| *used == key).expect("the key is used");
        if self.rename(|key| keys[place(key)])? || keys.len() > EXCHANGED_MAX {
            return Ok(());
        }
        for (index, a) in keys.iter().copied().enumerate() {
            for b in keys[index + 1..].iter().copied() {
                self.rename(|key| match key {
                    _ if key == a => b,
                    _ if key == b => a,
                    _ => key,
                })?;
            }
        }
        Ok(())
    }

    /// Moves each key, with all keys above it, down towards the key below it as far as possible.
    fn close_gaps(&mut self) -> Result<(), Over> {
        let mut below = None;
        'gaps: while let Some(key) = keys_above(&self.best().operations, below) {
            let floor = below.map_or(0, |below| below + 1);
            for gap in smaller(key - floor) {
                let down = key - floor - gap;
                if self.rename(|own| if own >= key { own - down } else { own })? {
                    continue 'gaps;
                }
            }
            below = Some(key);
        }
        Ok(())
    }

    /// Renames all literal keys if [`Search::attempt`] accepts the result. Returns whether it did.
    fn rename(&mut self, rename: impl Fn(u64) -> u64) -> Result<bool, Over> {
        self.attempt(|input| {
            for operation in &mut input.operations {
                *operation = operation.map_keys(&mut |key| match key {
                    Key::Literal(key) => Key::Literal(rename(key)),
                    symbol => symbol,
                });
            }
        })
    }
}

/// Returns the literal keys of operations.
pub(super) fn keys_of<O: Operation>(operations: &[O]) -> BTreeSet<u64> {
    keys_as_used(operations).into_iter().collect()
}

/// Returns the literal keys of operations in the order of their use, with repetitions.
fn keys_as_used<O: Operation>(operations: &[O]) -> Vec<u64> {
    let mut keys = Vec::new();
    for operation in operations {
        let _ = operation.map_keys(&mut |key| {
            if let Key::Literal(key) = key {
                keys.push(key);
            }
            key
        });
    }
    keys
}

/// Returns the smallest literal key above `below`, or the smallest of all if `below` is `None`.
fn keys_above<O: Operation>(operations: &[O], below: Option<u64>) -> Option<u64> {
    keys_of(operations).into_iter().find(|key| below.is_none_or(|below| *key > below))
}
