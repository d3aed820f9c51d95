//! Passes that leave fewer operations.

use std::ops::Range;

use super::Over;
use super::keys::keys_of;
use super::search::Search;
use crate::input::encoding::{Arguments, Family, Operation};

/// The maximum number of operations for the passes that try pairs: some 1,000 pairs.
const PAIRED_MAX: usize = 48;

/// The arguments that are tried for an operation that replaces many: small and medium counts.
const COUNTS: [&[u8]; 5] = [&[], &[1], &[3], &[7], &[15]];

impl<O: Operation> Search<'_, O> {
    /// Removes chunks, from half of all operations to single operations. Tries first to keep only
    /// the last few.
    pub(super) fn drop_operations(&mut self) -> Result<(), Over> {
        let mut suffix = 1;
        while suffix < self.best().operations.len() {
            let count = self.best().operations.len();
            if self.drop_range(0..count - suffix)? {
                break;
            }
            suffix *= 2;
        }
        let mut chunk = self.best().operations.len().div_ceil(2);
        while chunk > 0 {
            let mut dropped = false;
            // From the end, because the operations that build the failing state come first.
            let mut to = self.best().operations.len();
            while to > 0 {
                let from = to.saturating_sub(chunk);
                dropped |= self.drop_range(from..to)?;
                // A candidate that fails earlier was cut after its failure.
                to = from.min(self.best().operations.len());
            }
            if !dropped || chunk > 1 {
                chunk /= 2;
            }
        }
        Ok(())
    }

    /// Removes all operations of a key at once.
    pub(super) fn drop_keys(&mut self) -> Result<(), Over> {
        for key in keys_of(&self.best().operations) {
            self.attempt(|input| {
                input.operations.retain(|operation| !keys_of(&[*operation]).contains(&key));
            })?;
        }
        Ok(())
    }

    /// Removes pairs of operations, which may cancel each other out, neighbours first.
    pub(super) fn drop_pairs(&mut self) -> Result<(), Over> {
        if self.best().operations.len() > PAIRED_MAX {
            return Ok(());
        }
        let mut distance = 1;
        while distance < self.best().operations.len() {
            let mut first = 0;
            while first + distance < self.best().operations.len() {
                let dropped = self.attempt(|input| {
                    input.operations.remove(first + distance);
                    input.operations.remove(first);
                });
                first += usize::from(!dropped?);
            }
            distance += 1;
        }
        Ok(())
    }

    /// Replaces adjacent operations by a single change of structure: a beat or a bar does at once
    /// what many writes bring about gradually.
    pub(super) fn one_for_many(&mut self) -> Result<(), Over> {
        if self.best().operations.len() > PAIRED_MAX {
            return Ok(());
        }
        let kinds = (0..O::KINDS.len()).filter(|kind| O::KINDS[*kind].family == Family::Structure);
        let others = kinds.flat_map(|kind| COUNTS.map(|bytes| (kind, bytes)));
        let others: Vec<O> =
            others.map(|(kind, bytes)| O::decode(kind, &mut Arguments::new(bytes))).collect();
        let mut chunk = self.best().operations.len().div_ceil(2);
        while chunk > 1 {
            let mut to = self.best().operations.len();
            while to > 1 {
                let from = to.saturating_sub(chunk);
                for other in &others {
                    if self.attempt(|input| drop(input.operations.splice(from..to, [*other])))? {
                        break;
                    }
                }
                to = from.min(self.best().operations.len());
            }
            chunk /= 2;
        }
        Ok(())
    }

    /// Exchanges neighbours until the order is the simplest, so that two ways to the same failure
    /// become one.
    pub(super) fn sort_operations(&mut self) -> Result<(), Over> {
        let mut second = 1;
        while second < self.best().operations.len().min(PAIRED_MAX) {
            if self.attempt(|input| input.operations.swap(second - 1, second))? && second > 1 {
                second -= 1;
            } else {
                second += 1;
            }
        }
        Ok(())
    }

    fn drop_range(&mut self, range: Range<usize>) -> Result<bool, Over> {
        self.attempt(|input| drop(input.operations.drain(range)))
    }
}
