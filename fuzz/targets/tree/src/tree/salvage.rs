//! Salvage: scans that go on behind blocks that cannot be read.

use downbeat_lsm::block::{Corruption, Place};
use downbeat_lsm::collections::Direction;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::Key as _;
use downbeat_lsm::store::{Salvaged, StoreError};

use super::events::FaultEvent;
use super::reads::newest;
use super::scans::Way;
use super::tested::Tested;
use downbeat::check::{fail, holds};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

/// The first key that was left when keys were lost, these keys, and why.
type Loss<K> = (Option<K>, KeyRange<K>, StoreError);

impl<R: Versioned> Tested<R> {
    /// Salvages a range. Checks that the records are those of the model except in the lost ranges,
    /// that everything is in order, that the disk explains each loss, and that no more keys are
    /// lost than the block may have that cannot be read.
    pub(super) fn salvage(&mut self, way: Way, run: &mut Run) -> Checked {
        let mut expected = self.expect(way, usize::MAX).into_iter().map(|(_, it)| it).peekable();
        let since = self.now();
        let (keys, direction) = way.range::<R>();
        let salvage = self.store.salvage(keys);
        let salvage = if direction == Direction::Descending { salvage.rev() } else { salvage };
        let ends = |keys: KeyRange<R::Key>| match direction {
            Direction::Ascending => (keys.min, keys.max),
            Direction::Descending => (keys.max, keys.min),
        };
        // The first key that is left.
        let mut next = Some(ends(way.keys::<R>()).0);
        let mut losses: Vec<Loss<R::Key>> = Vec::new();
        for item in salvage {
            run.step();
            let passed = match item {
                Salvaged::Record(record) => {
                    newest("salvage-equals-model", expected.next(), Some(record))?;
                    record.key()
                }
                Salvaged::Lost { keys, error } => {
                    let is_first = |record: &R| direction.is_before(&record.key(), &ends(keys).0);
                    let skipped = expected.next_if(is_first);
                    holds("salvage-equals-model", skipped.is_none())
                        .show(|| {
                            let skipped = skipped.as_ref().map_or(String::new(), R::text);
                            (skipped, format!("{keys:x?} are lost"))
                        })
                        .or("a salvage does not return a record before the keys that are lost")?;
                    while expected.next_if(|record| keys.contains(record.key())).is_some() {}
                    let last = losses.last().map(|(.., last)| *last);
                    holds("salvage-loses-what-it-says", last != Some(error))
                        .show(|| ("another block".to_owned(), error.to_string()))
                        .or("a salvage loses keys of the same block twice")?;
                    losses.push((next, keys, error));
                    ends(keys).1
                }
            };
            next = match direction {
                Direction::Ascending => passed.successor(),
                Direction::Descending => passed.predecessor(),
            };
        }
        newest("salvage-equals-model", expected.next(), None)?;
        for (left, keys, error) in &losses {
            self.check_loss(way, *left, *keys, error)?;
            let diverged =
                || fail("nothing-fails", "a record", error).saying("a salvage loses a range");
            self.read_failed(error, since, diverged, run)?;
            FaultEvent::RangeLost.count_if(!self.is_down(), run);
        }
        let went_on = losses.last().is_some_and(|(_, keys, _)| Some(ends(*keys).1) != next);
        FaultEvent::SalvageWentOn.count_if(went_on && !self.is_down(), run);
        Ok(())
    }

    /// Checks that a loss begins with the first key that is left and that the block may have, and
    /// ends with its last.
    fn check_loss(
        &self,
        way: Way,
        left: Option<R::Key>,
        keys: KeyRange<R::Key>,
        error: &StoreError,
    ) -> Checked {
        let StoreError::Grid(GridError::Corruption(Corruption {
            place: Place::Block(address),
            ..
        })) = error
        else {
            return Ok(());
        };
        let Some(of_block) = self.tables.keys_of_block(*address) else { return Ok(()) };
        let (whole, up) = (way.keys::<R>(), way.is_upwards());
        let (mut min, mut max) = (of_block.min.max(whole.min), of_block.max.min(whole.max));
        match left {
            Some(left) if up => min = min.max(left),
            Some(left) => max = max.min(left),
            None => {}
        }
        holds("salvage-loses-what-it-says", (keys.min, keys.max) == (min, max))
            .show(|| (format!("{min:x?} to {max:x?}"), format!("{keys:x?}")))
            .or("a salvage loses other keys than those that the block may have")
    }
}
