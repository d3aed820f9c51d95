//! Salvage: scans that go on behind blocks that cannot be read.

use downbeat_lsm::block::{Corruption, Place};
use downbeat_lsm::collections::Direction;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::Key;
use downbeat_lsm::storage::{Access, Fault};
use downbeat_lsm::store::{Salvaged, StoreError};

use super::events::FaultEvent;
use super::reads::newest;
use super::scans::Way;
use super::tested::Tested;
use downbeat::check::{fail, holds};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

/// At most this many keys that are not salvaged are looked up.
const GETS_MAX: usize = 4;

/// Lost keys, and why they are lost.
#[derive(Clone, Copy, Debug)]
struct Loss<K: Key> {
    keys: KeyRange<K>,
    error: StoreError,
}

impl<K: Key> Loss<K> {
    fn first(&self, direction: Direction) -> K {
        match direction {
            Direction::Ascending => self.keys.min,
            Direction::Descending => self.keys.max,
        }
    }

    /// Whether nothing more can be read.
    fn is_of_rest(&self) -> bool {
        self.error == StoreError::Grid(GridError::Gone)
    }

    /// Whether the block is lost to each read.
    fn is_lasting(&self) -> bool {
        matches!(self.error, StoreError::Grid(GridError::Corruption(_)))
    }
}

/// What a salvage returned.
#[derive(Debug)]
struct Outcome<R: Versioned> {
    losses: Vec<Loss<R::Key>>,
    /// The records of the model that were not returned.
    unknown: Vec<(u64, R)>,
    /// Whether a record with a lost key was returned, and a record behind all lost keys.
    has_newer: bool,
    went_on: bool,
}

impl<R: Versioned> Tested<R> {
    /// Salvages a range. Checks that the records are those of the model except for some of the lost
    /// keys, that everything is in order, that the disk explains each loss, that exactly the keys
    /// are lost that the block may have that cannot be read, and that a get does not find a record
    /// that is not returned.
    pub(super) fn salvage(&mut self, way: Way, run: &mut Run) -> Checked {
        let since = self.now();
        let Outcome { losses, unknown, has_newer, went_on } = self.items(way, run)?;
        for (place, loss) in losses.iter().enumerate() {
            self.check_loss(way, loss, &losses[..place])?;
            let diverged =
                || fail("nothing-fails", "a record", loss.error).saying("a salvage loses a range");
            self.read_failed(&loss.error, since, diverged, run)?;
            FaultEvent::RangeLost.count_if(!self.is_down(), run);
        }
        FaultEvent::SalvagedNewer.count_if(has_newer, run);
        FaultEvent::SalvageWentOn.count_if(went_on, run);
        let nth = unknown.len().div_ceil(GETS_MAX).max(1);
        for (key, record) in unknown.iter().step_by(nth) {
            self.check_unknown(*key, record, &losses, run)?;
        }
        Ok(())
    }

    /// Runs the salvage, and compares its records with the model.
    fn items(&mut self, way: Way, run: &mut Run) -> Checked<Outcome<R>> {
        let mut expected = self.expect(way, usize::MAX).into_iter().peekable();
        let (keys, direction) = way.range::<R>();
        let salvage = self.store.salvage(keys);
        let salvage = if direction == Direction::Descending { salvage.rev() } else { salvage };
        let is_lost = |losses: &[Loss<R::Key>], key| losses.iter().any(|it| it.keys.contains(key));
        let mut losses: Vec<Loss<R::Key>> = Vec::new();
        let mut unknown = Vec::new();
        let (mut has_newer, mut went_on) = (false, false);
        // No later item may be before this key.
        let mut passed: Option<R::Key> = None;
        for item in salvage {
            run.step();
            let first = match item {
                Salvaged::Record(record) => {
                    let key = record.key();
                    while let Some(skipped) = expected.next_if(|(_, record)| {
                        record.key() != key && is_lost(&losses, record.key())
                    }) {
                        unknown.push(skipped);
                    }
                    newest("salvage-equals-model", expected.next().map(|it| it.1), Some(record))?;
                    let is_newer = is_lost(&losses, key);
                    has_newer |= is_newer;
                    went_on |= !is_newer && !losses.is_empty();
                    key
                }
                Salvaged::Lost { keys, error } => {
                    let loss = Loss { keys, error };
                    losses.push(loss);
                    if loss.is_of_rest() {
                        continue;
                    }
                    loss.first(direction)
                }
            };
            let is_ordered = passed.is_none_or(|passed| !direction.is_before(&first, &passed));
            holds("salvage-is-ordered", is_ordered)
                .show(|| (format!("{passed:x?} or behind it"), format!("{first:x?}")))
                .or("a salvage goes back, or names a loss behind a record of its keys")?;
            passed = Some(first);
        }
        for (key, record) in expected {
            if !is_lost(&losses, record.key()) {
                newest("salvage-equals-model", Some(record), None)?;
            }
            unknown.push((key, record));
        }
        Ok(Outcome { losses, unknown, has_newer, went_on })
    }

    /// The address of the block that an error of a read is about; `None` if the error does not name
    /// it.
    pub(super) fn block_of(&self, error: &StoreError) -> Option<u64> {
        let layout = self.store.grid().layout();
        match error {
            StoreError::Grid(GridError::Corruption(Corruption {
                place: Place::Block(address),
                ..
            })) => Some(*address),
            StoreError::Grid(GridError::Fault(Fault { access: Access::Read, offset, .. })) => {
                let first = layout.block(1);
                Some((offset - first.offset) / first.length as u64 + 1)
            }
            _ => None,
        }
    }

    /// Checks that no earlier loss is of the same block, and that all keys of the range are lost
    /// that the block may have, and no others.
    fn check_loss(&self, way: Way, loss: &Loss<R::Key>, before: &[Loss<R::Key>]) -> Checked {
        const CHECK: &str = "salvage-loses-what-it-says";
        let Loss { keys, error } = loss;
        let whole = way.keys::<R>();
        let clipped = |keys: KeyRange<R::Key>| (keys.min.max(whole.min), keys.max.min(whole.max));
        if let Some(block) = self.block_of(error) {
            let is_twice = before.iter().any(|other| self.block_of(&other.error) == Some(block));
            holds(CHECK, !is_twice)
                .show(|| ("another block".to_owned(), error.to_string()))
                .or("a salvage loses keys of the same block twice")?;
            let Some(of_block) = self.tables.keys_of_block(block) else { return Ok(()) };
            let expected = clipped(of_block);
            return holds(CHECK, (keys.min, keys.max) == expected)
                .show(|| (format!("{expected:x?}"), format!("{keys:x?}")))
                .or("a salvage loses other keys than those that the block may have");
        }
        if loss.is_of_rest() || !self.all_tables_are_audited() {
            return Ok(());
        }
        // The block was never written. The error names the first write that failed.
        let is_block = self.tables.keys_of_blocks().any(|of| clipped(of) == (keys.min, keys.max));
        holds(CHECK, is_block)
            .show(|| ("the keys of a block".to_owned(), format!("{keys:x?}")))
            .or("a salvage loses other keys than those that a block may have")
    }

    /// Checks that a get does not find a record that a salvage did not return.
    fn check_unknown(
        &mut self,
        key: u64,
        record: &R,
        losses: &[Loss<R::Key>],
        run: &mut Run,
    ) -> Checked {
        if self.is_down() {
            return Ok(());
        }
        run.step();
        let since = self.now();
        match self.store.get(record.key()) {
            Ok(found) => {
                newest("get-equals-model", Some(*record), found)?;
                let mut of_key = losses.iter().filter(|loss| loss.keys.contains(record.key()));
                holds("salvage-returns-what-is-certain", of_key.any(|loss| !loss.is_lasting()))
                    .show(|| (record.text(), "a loss"))
                    .or("a salvage does not return a record that a get finds")
            }
            Err(error) => {
                let diverged = || {
                    fail("get-equals-model", format!("{key:#x}"), error).saying("a lookup fails")
                };
                self.read_failed(&error, since, diverged, run)
            }
        }
    }
}
