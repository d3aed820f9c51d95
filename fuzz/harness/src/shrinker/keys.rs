//! Smaller keys, each in all its operations at once: what is equal stays equal.

use std::collections::BTreeSet;

use super::Over;
use super::search::Search;
use crate::model::encoding::number::smaller;
use crate::model::encoding::{Input, Key, Operation};

/// Keys of which every two are exchanged.
const EXCHANGED_MAX: usize = 16;

impl<O: Operation> Search<'_, O> {
    /// First 0, 1, 2 and so on in their order; then nearer to each other, with their distances; then
    /// one by one, which may make two of them one; last, in the order in which they are used.
    pub(super) fn smaller_keys(&mut self) -> Result<(), Over> {
        let keys = keys_of(&self.best().operations);
        let rank = |key: u64| keys.range(..key).count() as u64;
        self.attempt(self.renamed(rank))?;
        self.close_gaps()?;
        for key in keys_of(&self.best().operations) {
            self.smaller_key(key)?;
        }
        self.sort_by_first_use()
    }

    /// The smallest key for this one.
    fn smaller_key(&mut self, mut key: u64) -> Result<(), Over> {
        'smaller: loop {
            for other in smaller(key) {
                if self.attempt(self.renamed(|own| if own == key { other } else { own }))? {
                    key = other;
                    continue 'smaller;
                }
            }
            return Ok(());
        }
    }

    /// The smallest key for the one that is used first, and so on; or two of them exchanged.
    fn sort_by_first_use(&mut self) -> Result<(), Over> {
        let mut used = keys_as_used(&self.best().operations);
        let keys: Vec<u64> = keys_of(&self.best().operations).into_iter().collect();
        let mut seen = BTreeSet::new();
        used.retain(|key| seen.insert(*key));
        let place = |key: u64| used.iter().position(|used| *used == key).expect("it is used");
        if self.attempt(self.renamed(|key| keys[place(key)]))? || keys.len() > EXCHANGED_MAX {
            return Ok(());
        }
        for (index, a) in keys.iter().copied().enumerate() {
            for b in keys[index + 1..].iter().copied() {
                let exchanged = self.renamed(|key| match key {
                    _ if key == a => b,
                    _ if key == b => a,
                    _ => key,
                });
                self.attempt(exchanged)?;
            }
        }
        Ok(())
    }

    /// Each key, with all above it, down to the key below it, or as near as it may be.
    fn close_gaps(&mut self) -> Result<(), Over> {
        let mut below = None;
        'gaps: while let Some(key) = keys_above(&self.best().operations, below) {
            let floor = below.map_or(0, |below| below + 1);
            for gap in smaller(key - floor) {
                let down = key - floor - gap;
                if self.attempt(self.renamed(|own| if own >= key { own - down } else { own }))? {
                    continue 'gaps;
                }
            }
            below = Some(key);
        }
        Ok(())
    }

    fn renamed(&self, rename: impl Fn(u64) -> u64) -> Input<O> {
        let mut candidate = self.best().clone();
        for operation in &mut candidate.operations {
            *operation = operation.map_keys(&mut |key| match key {
                Key::Literal(key) => Key::Literal(rename(key)),
                symbol => symbol,
            });
        }
        candidate
    }
}

/// The literal keys of operations.
pub(super) fn keys_of<O: Operation>(operations: &[O]) -> BTreeSet<u64> {
    keys_as_used(operations).into_iter().collect()
}

/// The literal keys of operations, as often as they are used and in that order.
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

/// The smallest literal key above `below`; the smallest of all above `None`.
fn keys_above<O: Operation>(operations: &[O], below: Option<u64>) -> Option<u64> {
    let keys = keys_of(operations);
    match below {
        None => keys.first().copied(),
        Some(below) => keys.into_iter().find(|key| *key > below),
    }
}
