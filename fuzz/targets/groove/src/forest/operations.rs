//! What each operation does.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::Event;
use super::tested::Tested;
use super::trees::Part;
use crate::direction::direction;
use crate::store::{bars, beat_leaving, beats, checkpoint, drop_cache, reopen, resume, step, want};
use downbeat::input::encoding::Place;
use downbeat::{Checked, Run, run_of_keys};
use downbeat_model::forest as model;
use downbeat_model::forest::{Operation, Operation::*, Stored};

impl Tested {
    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        let place_of_part = |tested: &Self, place: Place| {
            place.of(tested.sides.parts.objects.len().max(1) as u32) as usize
        };
        let place_of_tick = |tested: &Self, place: Place| {
            place.of(tested.sides.ticks.objects.len().max(1) as u32) as usize
        };
        // A beat that was left under way ends first. But a crash or a fault may strike during the
        // beat, and an opening abandons the beat.
        if !matches!(operation, Crash { .. } | Fault { .. } | Reopen { .. } | Impostor { .. }) {
            resume(self, run)?;
        }
        match *operation {
            Put { tree, key } => {
                let tree = self.plain_tree(tree.get());
                self.write_plain(tree, std::iter::once(key.literal()), true, run)
            }
            PutRun { tree, key, count, stride } => {
                let keys = run_of_keys(key.literal(), count.get(), stride.get());
                self.write_plain(self.plain_tree(tree.get()), keys, true, run)
            }
            Remove { tree, key } => {
                let tree = self.plain_tree(tree.get());
                self.write_plain(tree, std::iter::once(key.literal()), false, run)
            }
            RemoveRun { tree, nth, count } => {
                self.remove_nth(self.plain_tree(tree.get()), nth.get(), count.get(), run)
            }
            Get { tree, key, count, stride } => {
                let keys: Vec<u64> =
                    run_of_keys(key.literal(), count.get(), stride.get()).collect();
                self.get(self.plain_tree(tree.get()), &keys, run)
            }
            Scan { tree, from, to, way, rest } => {
                let (from, to) = (from.literal(), to.literal());
                let keys = (from.min(to), from.max(to));
                let tree = self.plain_tree(tree.get());
                self.scan(tree, keys, direction(way.get()), rest.get() as usize, run)
            }
            Insert { key, values } | Update { key, values } => {
                self.write_part(key.literal(), Some(values.get()), run)
            }
            InsertRun { key, count, stride, values } => {
                let keys = run_of_keys(key.literal(), count.get(), stride.get());
                self.write_parts(keys, values.get(), run)
            }
            Erase { key } => self.write_part(key.literal(), None, run),
            Prefetch { key, count, stride } => {
                let keys = run_of_keys(key.literal(), count.get(), stride.get());
                let ids: Vec<u128> = keys.map(u128::from).collect();
                self.prefetch::<Part>(&ids, run)
            }
            Query { near, field, way, page } => {
                let field = [model::Part::KIND, model::Part::MARK][field.get() as usize];
                let near = self.sides.parts.objects.nth(place_of_part(self, near));
                let value = near.map_or(1, |part| part.value(field));
                self.query(field, value, direction(way.get()), page.get() as usize, run)
            }
            Range { near, distance, way, rest } => {
                let from = self.timestamp_near(place_of_part(self, near), distance.get());
                self.range::<Part>(from, direction(way.get()), rest.get() as usize, run)
            }
            InsertTicks { count, tag } => self.insert_ticks(count.get(), tag.get(), run),
            UpdateTick { tick, tag } => {
                let place = place_of_tick(self, tick);
                self.write_tick(place, Some(tag.get()), run)
            }
            RemoveTick { tick } => {
                let place = place_of_tick(self, tick);
                self.write_tick(place, None, run)
            }
            Open { key, count } => self.scope_open(run_of_keys(key.literal(), count.get(), 1), run),
            Persist => self.scope_close(ScopeOutcome::Persist, run),
            Discard => self.scope_close(ScopeOutcome::Discard, run),
            Beats { count, steps } => {
                if self.go_live(run)? {
                    beats(self, count.get(), steps.get(), run)?;
                }
                Ok(())
            }
            Bars { count } => {
                if self.go_live(run)? {
                    bars(self, count.get(), run)?;
                }
                Ok(())
            }
            Checkpoint => {
                if self.go_live(run)? {
                    checkpoint(self, run)?;
                }
                Ok(())
            }
            Want => {
                if self.go_live(run)? {
                    self.leave_scope(run);
                    want(self, run)?;
                }
                Ok(())
            }
            DropCache => {
                drop_cache(self, run);
                Ok(())
            }
            Reopen { store, memory } => {
                let next = self.with_memory(memory.get());
                Event::OtherMemory.count_if(next != self.store.options, run);
                self.store.next = (store.get() == 1 || memory.get() > 0).then_some(next);
                reopen(self, run)
            }
            Impostor { how } => self.impostor(how.get(), run),
            Step { count } => {
                step(self, count.get(), run);
                Ok(())
            }
            Crash { io, from, store } => {
                self.store.arm_crash(io.get(), from.get() == 1, store.get() == 1);
                Ok(())
            }
            Fault { kind, io } => {
                self.store.arm_fault(kind.get(), io.get());
                Ok(())
            }
            Replay { count } => {
                if self.is_live() || self.is_full || !self.store.can_write() {
                    run.redirected(|| "reopen".to_owned());
                    return reopen(self, run);
                }
                self.replay(count.get(), run)
            }
            Leave => {
                if self.go_live(run)? {
                    self.leave(run)?;
                }
                Ok(())
            }
        }
    }

    /// Runs beats until a beat takes a checkpoint, and leaves this beat under way while it writes
    /// the superblock.
    fn leave(&mut self, run: &mut Run) -> Checked {
        let trees = self.trees();
        let most = trees.0.beats_per_bar * (1 + self.store.options.forest.checkpoint_interval);
        for _ in 0..most {
            if !self.store.can_write() {
                break;
            }
            beat_leaving(self, run)?;
            if self.store.left.is_some() {
                Event::Left.count(run);
                break;
            }
        }
        Ok(())
    }
}
