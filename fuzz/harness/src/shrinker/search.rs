//! The smallest input so far, and how a candidate takes its place.

use std::collections::HashSet;

use twox_hash::XxHash3_128;

use super::size::Size;
use super::{Over, Trials};
use crate::explained::Explained;
use crate::model::encoding::{Input, Operation};

/// A search for the smallest input that fails alike.
pub(super) struct Search<'a, O> {
    best: Input<O>,
    size: Size,
    trials: &'a mut dyn Trials,
    /// Candidates that do not fail alike, by hash: rounds try the same ones again.
    refuted: HashSet<u128>,
    /// Where detours began that came to nothing, or are taken.
    detours: HashSet<u128>,
}

impl<'a, O: Operation> Search<'a, O> {
    pub(super) fn new(best: Input<O>, trials: &'a mut dyn Trials) -> Self {
        let size = Size::of(&best);
        Search { best, size, trials, refuted: HashSet::new(), detours: HashSet::new() }
    }

    pub(super) fn best(&self) -> &Input<O> {
        &self.best
    }

    /// Rounds of every pass, until one changes nothing.
    pub(super) fn run(&mut self) -> Result<(), Over> {
        self.say_what_was_applied()?;
        loop {
            let before = self.size.clone();
            self.directly()?;
            self.one_for_many()?;
            self.runs_one_by_one()?;
            self.other_settings()?;
            self.sort_operations()?;
            if self.size == before {
                break;
            }
        }
        self.say_what_happens_by_itself()
    }

    /// Rounds of the passes that only ever go down: they are cheap.
    fn directly(&mut self) -> Result<(), Over> {
        loop {
            let before = self.size.clone();
            self.plainest_settings()?;
            self.drop_operations()?;
            self.drop_keys()?;
            self.drop_pairs()?;
            self.smaller_keys()?;
            self.simpler_arguments()?;
            self.simpler_arguments_together()?;
            self.simpler_kinds()?;
            if self.size == before {
                return Ok(());
            }
        }
    }

    /// Takes `candidate` if it is smaller than the best and fails alike.
    pub(super) fn attempt(&mut self, candidate: Input<O>) -> Result<bool, Over> {
        if Size::of(&candidate) >= self.size {
            return Ok(false);
        }
        self.adopt(candidate)
    }

    /// Takes `candidate` if it fails alike, also a larger one.
    pub(super) fn adopt(&mut self, candidate: Input<O>) -> Result<bool, Over> {
        let Some(candidate) = self.judge(candidate)? else { return Ok(false) };
        self.size = Size::of(&candidate);
        self.best = candidate;
        Ok(true)
    }

    /// Goes on from `candidate`, a larger one too, as far as fewer operations suffice, and takes what
    /// comes of it if that is smaller than the best.
    pub(super) fn detour(&mut self, candidate: Input<O>) -> Result<bool, Over> {
        if !self.detours.insert(hash(&candidate.encode())) {
            return Ok(false);
        }
        let (best, size) = (self.best.clone(), self.size.clone());
        if !self.adopt(candidate)? {
            return Ok(false);
        }
        let dropped = self.drop_operations();
        let smaller = self.size < size;
        if !smaller {
            (self.best, self.size) = (best, size);
        }
        dropped.map(|()| smaller)
    }

    /// What happens in the best.
    pub(super) fn explain(&mut self) -> Result<Vec<Explained>, Over> {
        self.trials.explain(&self.best.encode())
    }

    /// The candidate up to the operation at which it fails, if it fails alike.
    fn judge(&mut self, mut candidate: Input<O>) -> Result<Option<Input<O>>, Over> {
        let bytes = candidate.encode();
        let hash = hash(&bytes);
        if self.refuted.contains(&hash) {
            return Ok(None);
        }
        let Some(alike) = self.trials.try_out(&bytes)? else {
            self.refuted.insert(hash);
            return Ok(None);
        };
        if let Some(operation) = alike.operation {
            candidate.operations.truncate(operation as usize);
        }
        Ok(Some(candidate))
    }
}

fn hash(bytes: &[u8]) -> u128 {
    XxHash3_128::oneshot(bytes)
}
