//! Plans the compactions of a half-bar, and moves checkpoints to an earlier beat.

use super::room::{OptionalBar, Room};
use super::scheduler::{Context, EARLY_CHECKPOINTS_MAX, Scheduler};
use super::trees::{Trees, has_waiting, levels};
use super::{BeatError, Fullness, Half, TreeIsFull};
use crate::storage::Storage;

impl Scheduler {
    /// Moves the next checkpoint to the end of this bar if room is low. Called in the middle of the
    /// bar.
    pub(super) fn hasten_checkpoint<S: Storage>(
        &mut self,
        trees: &mut dyn Trees<S>,
        context: &Context<'_, S>,
    ) {
        let is_full = self.filling.fullness() > Fullness::HasRoom;
        if !is_full && !Room::of(trees, context.log, context.grid).is_short() {
            return;
        }
        let trigger = self.bars.last_of_bar(self.beat);
        if self.triggers.hasten(trigger) {
            if self.early_checkpoints.len() == EARLY_CHECKPOINTS_MAX {
                self.early_checkpoints.pop_front();
            }
            self.early_checkpoints.push_back(trigger);
        }
    }

    /// Returns the maximum number of entries that the end of this half-bar appends to the log.
    pub(super) fn entries<S: Storage>(&self, trees: &mut dyn Trees<S>) -> u64 {
        let mut entries = 0;
        for place in 0..trees.count() {
            let tree = trees.tree(place);
            let levels = 0..tree.level_count();
            let active = levels.filter(|level| self.bars.is_active(*level, self.beat));
            entries += active.map(|level| tree.entries(level)).sum::<u64>();
        }
        entries
    }

    /// Plans the compactions of the half-bar that begins with this beat. If room is low, also plans
    /// some that are not due, and plans those that are due only if a flush may need them.
    pub(super) fn plan<S: Storage>(
        &mut self,
        trees: &mut dyn Trees<S>,
        context: &Context<'_, S>,
    ) -> Result<(), BeatError> {
        assert!(
            self.budget.left() == 0,
            "scheduler: all work of a half is done at its last beat ({} bytes are left)",
            self.budget.left(),
        );
        let before_checkpoint = self.bars.last_of_half(self.beat) == self.triggers.next();
        let room_is_low = self.filling.fullness() > Fullness::HasRoom;
        let refuses_puts = !self.filling.fullness().accepts_puts();
        let half = Half { bars: self.bars, beat: self.beat, before_checkpoint, refuses_puts };
        let must_merge = has_waiting(trees);
        if !room_is_low || must_merge {
            self.plan_due(&half, trees)?;
        }
        if room_is_low {
            let bar = OptionalBar {
                must_merge,
                accepts_writes: self.filling.fullness().accepts_removals(),
            };
            self.plan_optional(&half, bar, trees, context);
        }
        Ok(())
    }

    fn plan_due<S: Storage>(
        &mut self,
        half: &Half,
        trees: &mut dyn Trees<S>,
    ) -> Result<(), BeatError> {
        let levels = 0..levels(trees);
        for level in levels.filter(|level| self.bars.is_active(*level, self.beat)) {
            for place in 0..trees.count() {
                let tree = trees.tree(place);
                if level >= tree.level_count() {
                    continue;
                }
                match tree.plan(level, half) {
                    Ok(bytes) => self.budget.add(bytes),
                    Err(TreeIsFull) => return Err(BeatError::TreeIsFull { tree: tree.name() }),
                }
            }
        }
        Ok(())
    }

    /// Plans compactions that make room, into the deepest levels first.
    fn plan_optional<S: Storage>(
        &mut self,
        half: &Half,
        bar: OptionalBar,
        trees: &mut dyn Trees<S>,
        context: &Context<'_, S>,
    ) {
        let log = &*context.log;
        let mut optional = Room::of(trees, log, context.grid).optional(&bar);
        let levels = (0..levels(trees)).rev();
        for level in levels.filter(|level| self.bars.is_active(*level, self.beat)) {
            for place in 0..trees.count() {
                let tree = trees.tree(place);
                if level < tree.level_count() {
                    let mut fits = |merge: &_| optional.add(merge, log);
                    self.budget.add(tree.plan_optional(level, half, &mut fits));
                }
            }
        }
    }
}
