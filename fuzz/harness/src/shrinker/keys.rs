//! Smaller keys, each in all its operations at once: what is equal stays equal.

use std::collections::BTreeSet;

use super::Over;
use super::search::Search;
use crate::model::encoding::number::smaller;
use crate::model::encoding::{Input, Key, Operation};

impl<O: Operation> Search<'_, O> {
    /// First 0, 1, 2 and so on in their order; then nearer to each other, with their distances; then
    /// one by one, which may make two of them one.
    pub(super) fn smaller_keys(&mut self) -> Result<(), Over> {
        let keys = keys_of(&self.best().operations);
        let rank = |key: u64| keys.range(..key).count() as u64;
        self.attempt(self.renamed(rank))?;
        self.close_gaps()?;
        for key in keys_of(&self.best().operations) {
            for other in smaller(key) {
                if self.attempt(self.renamed(|own| if own == key { other } else { own }))? {
                    break;
                }
            }
        }
        Ok(())
    }

    fn close_gaps(&mut self) -> Result<(), Over> {
        let mut below = None;
        while let Some(key) = keys_above(&self.best().operations, below) {
            let floor = below.map_or(0, |below| below + 1);
            for gap in smaller(key - floor) {
                let down = key - floor - gap;
                if self.attempt(self.renamed(|own| if own >= key { own - down } else { own }))? {
                    break;
                }
            }
            below = keys_above(&self.best().operations, below);
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
    let mut keys = BTreeSet::new();
    for operation in operations {
        let _ = operation.map_keys(&mut |key| {
            if let Key::Literal(key) = key {
                keys.insert(key);
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
