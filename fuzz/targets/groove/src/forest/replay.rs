//! The history: new changes, and changes that are repeated after the store was opened.

use downbeat_lsm::forest::StoreError;

use super::changes::{self, prefetch};
use super::events::{Event, FaultEvent};
use super::sides::Sides;
use super::tested::Tested;
use crate::store::{beat, format, read_failed, want};
use downbeat::check::fail;
use downbeat::{Checked, Run};
use downbeat_model::forest::Change;

impl Tested {
    /// Does a write that is new, or the next to be repeated. The beat has room for it, and its
    /// object was prefetched.
    pub(super) fn write(&mut self, change: Change, run: &mut Run) {
        run.step();
        run.remark(|| format!("{change:x?}"));
        changes::write(self.store.forest.trees_and_grid().0, change);
        self.sides.write(change, self.store.next_beat());
        self.history.did(change);
    }

    /// Repeats the lost changes up to the end of `count` beats, or all that are left.
    pub(super) fn replay(&mut self, count: u32, run: &mut Run) -> Checked {
        let mut left = count;
        while left > 0
            && self.store.can_write()
            && let Some(change) = self.history.next()
        {
            Event::Repeated.count(run);
            match change {
                Change::Beat(_) => {
                    beat(self, run)?;
                    left -= 1;
                }
                Change::Want => drop(want(self, run)?),
                _ => {
                    if !self.prefetch_again(change, run)? {
                        return Ok(());
                    }
                    self.write(change, run);
                }
            }
        }
        Ok(())
    }

    /// Prefetches the object of a write that is repeated. Returns whether the disk did not fail.
    fn prefetch_again(&mut self, change: Change, run: &mut Run) -> Checked<bool> {
        let since = self.store.now();
        let Err(error) = prefetch(&mut self.store.forest, change) else {
            let (side, primary) = match change {
                Change::Part(part) => (&mut self.sides.parts.prefetched, part.id.into()),
                Change::RemovePart(id) => (&mut self.sides.parts.prefetched, id.into()),
                Change::Tick(tick) => (&mut self.sides.ticks.prefetched, tick.timestamp.into()),
                Change::RemoveTick(at) => (&mut self.sides.ticks.prefetched, at.into()),
                _ => return Ok(true),
            };
            side.insert(primary);
            return Ok(true);
        };
        self.prefetch_failed(&error, since, run)?;
        Ok(false)
    }

    /// Checks that the disk explains the error of a prefetch that began at `since`.
    #[cold]
    pub(super) fn prefetch_failed(
        &mut self,
        error: &StoreError,
        since: u64,
        run: &mut Run,
    ) -> Checked {
        let divergence = || {
            fail("prefetch-equals-model", "success", error)
                .saying("a prefetch fails, and the disk does not explain it")
        };
        read_failed(self, error, since, divergence, run)
    }

    /// Makes the store ready for new writes: opens it if it is read-only, or formats it if it is
    /// full, and repeats what is left of the history. Returns whether new writes are possible.
    pub(super) fn go_live(&mut self, run: &mut Run) -> Checked<bool> {
        if self.is_full {
            self.format_full(run)?;
        } else if self.store.forest.failed().is_some() {
            self.check_reason()?;
            FaultEvent::OpenedToWrite.count(run);
            crate::store::reopen(self, run)?;
        }
        self.replay(u32::MAX, run)?;
        Ok(self.is_live() && self.store.can_write())
    }

    fn check_reason(&mut self) -> Checked {
        let scope_is_open = self.scope_is_open();
        crate::store::check_reason(self, scope_is_open)
    }

    /// Formats a store of which a tree, or the device, is full.
    fn format_full(&mut self, run: &mut Run) -> Checked {
        Event::FormattedFull.count(run);
        self.check_reason()?;
        self.twin_is_full(run)?;
        let disk = self.store.disk();
        disk.restart();
        disk.image_mut().repair_all();
        self.forget();
        format(self)
    }

    /// Forgets all contents, because the disk is formatted.
    pub(super) fn forget(&mut self) {
        self.sides = Sides::default();
        self.history.reset();
        self.audit.clear();
        self.twin.forget();
        self.is_full = false;
        self.was_reopened = false;
        self.compacted = [0; 4];
    }
}
