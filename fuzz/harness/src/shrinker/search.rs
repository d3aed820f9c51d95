//! The search: the smallest input so far, and how a candidate replaces it.

use std::collections::HashSet;

use twox_hash::XxHash3_128;

use super::size::Size;
use super::{Over, Trials};
use crate::explained::Explained;
use crate::input::encoding::{Input, Operation};

/// A search for the smallest input that fails in the same way.
pub(super) struct Search<'a, O> {
    best: Input<O>,
    size: Size,
    trials: &'a mut dyn Trials,
    /// The hashes of candidates that do not fail in the same way, so that later rounds do not run
    /// them again.
    refuted: HashSet<u128>,
    /// The hashes of the candidates from which detours started.
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

    /// Runs rounds of all passes until a round changes nothing.
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

    /// Runs rounds of the passes that only make the input smaller, which are cheap.
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

    /// Returns the best input with this change.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Input<O>)) -> Input<O> {
        let mut candidate = self.best.clone();
        change(&mut candidate);
        candidate
    }

    /// Changes the best input if the result is smaller and fails in the same way. Returns whether
    /// the best input changed.
    pub(super) fn attempt(&mut self, change: impl FnOnce(&mut Input<O>)) -> Result<bool, Over> {
        let candidate = self.changed(change);
        if Size::of(&candidate) >= self.size {
            return Ok(false);
        }
        self.adopt(candidate)
    }

    /// Accepts `candidate` if it fails in the same way, even if it is larger. Returns whether it
    /// was accepted.
    pub(super) fn adopt(&mut self, candidate: Input<O>) -> Result<bool, Over> {
        let Some(candidate) = self.judge(candidate)? else { return Ok(false) };
        self.size = Size::of(&candidate);
        self.best = candidate;
        Ok(true)
    }

    /// Removes operations from `candidate`, which may be larger than the best, and accepts the
    /// result if it is smaller than the best. Returns whether the result was accepted.
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

    /// Explains a run of the best input.
    pub(super) fn explain(&mut self) -> Result<Vec<Explained>, Over> {
        self.trials.explain(&self.best.encode())
    }

    /// Returns the candidate, cut after the operation at which it fails, if it fails in the same
    /// way.
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
