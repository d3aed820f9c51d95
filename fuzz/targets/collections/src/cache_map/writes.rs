//! Writes and removals. Before each, the scope is closed and the maps are compacted if needed.
//!
//! Invariant: after each write or removal, the stash of either map has at most as many entries as
//! there were writes since the last compaction.

use super::events::Event;
use super::tested::Record;
use super::world::CacheMapWorld;
use downbeat::check::holds;
use downbeat::{Checked, Run, run_of_keys};
use downbeat_model::cache_map::Expected;

/// The number of last writes among which a removal of a key that is not live looks for a live key.
const NEAREST_WRITES: u64 = 8;

impl CacheMapWorld {
    #[inline]
    pub(super) fn upsert(&mut self, key: u64, run: &mut Run) -> Checked {
        self.make_room(1, run)?;
        run.did(|| format!("upsert {key:#x}"));
        self.writes += 1;
        let stamp = self.writes;
        run.remark(|| format!("= #{stamp}"));
        for tested in &mut self.maps {
            tested.map.upsert(&Record { key, stamp });
            tested.reference.upsert(key, stamp);
            run.step();
        }
        self.model.upsert(key, stamp);
        run.keys.wrote(key);
        self.wrote()
    }

    pub(super) fn remove(&mut self, key: u64, run: &mut Run) -> Checked {
        if self.is_live(key) {
            return self.remove_live(key, run);
        }
        let written = (0..NEAREST_WRITES).filter_map(|gap| run.keys.written(gap));
        let nearest = written.into_iter().find(|key| self.is_live(*key));
        if let Some(nearest) = nearest {
            run.redirected(|| format!("remove {nearest:#x}"));
            self.remove_live(nearest, run)
        } else {
            run.redirected(|| format!("upsert {key:#x}"));
            self.upsert(key, run)
        }
    }

    /// Removes a live key. If its value may be older than the last compaction, it is written again
    /// first.
    fn remove_live(&mut self, key: u64, run: &mut Run) -> Checked {
        let is_current = |world: &Self| matches!(world.model.expected(key), Expected::Value(_));
        if is_current(self) {
            self.make_room(1, run)?;
        }
        // `make_room` may have compacted the maps, so that the value is an older one, or discarded
        // the scope in which the value was written.
        if !is_current(self) {
            self.make_room(2, run)?;
            Event::WrittenAgain.count(run);
            self.upsert(key, run)?;
        }
        run.did(|| format!("remove {key:#x}"));
        for tested in &mut self.maps {
            tested.map.remove(key);
            tested.reference.remove(key);
            run.step();
        }
        self.model.remove(key);
        self.wrote()
    }

    pub(super) fn remove_run(&mut self, key: u64, count: u32, step: i64, run: &mut Run) -> Checked {
        let before = run.tally().steps;
        for key in run_of_keys(key, count, -step) {
            if self.is_live(key) {
                self.remove_live(key, run)?;
            }
        }
        run.idle_if(run.tally().steps == before);
        Ok(())
    }

    /// Writes keys from `key` on until only `left` writes fit before a compaction.
    pub(super) fn fill(&mut self, key: u64, left: usize, run: &mut Run) -> Checked {
        let mut next = key;
        while self.room.left() > left && self.undo().is_none_or(|undo| undo < self.room.scope) {
            self.upsert(next, run)?;
            next = next.wrapping_add(1);
        }
        run.idle_if(next == key);
        Ok(())
    }

    /// Makes the next `writes` writes possible; `writes` is at most two. Closes the scope if it
    /// cannot undo all of them, and compacts the maps if the stash might be too full for them.
    #[inline]
    fn make_room(&mut self, writes: usize, run: &mut Run) -> Checked {
        if self.undo().is_some_and(|undo| undo + writes > self.room.scope) {
            Event::ScopeForced.count(run);
            self.close_scope(self.forced, run)?;
        }
        if self.room.left() < writes {
            Event::CompactForced.count(run);
            run.remark(|| "compacted: the stash might be full".to_owned());
            self.compact(run)?;
        }
        Ok(())
    }

    /// The number of writes of the open scope; `None` if no scope is open.
    #[inline]
    fn undo(&self) -> Option<usize> {
        self.model.scope_is_open().then(|| self.model.scope_len())
    }

    #[inline]
    fn wrote(&mut self) -> Checked {
        self.room.wrote();
        self.stash_within_room()
    }

    fn is_live(&self, key: u64) -> bool {
        matches!(self.model.expected(key), Expected::Value(_) | Expected::ValueOrAbsent(_))
    }

    /// Checks that the stash holds no more entries than there were writes since the last
    /// compaction.
    #[inline]
    pub(super) fn stash_within_room(&self) -> Checked {
        for tested in &self.maps {
            let (len, most) = (tested.map.stash_len(), self.room.taken);
            holds("stash-within-writes", len <= most)
                .show(|| (format!("{most} entries or fewer"), format!("{len} entries")))
                .state(|| tested.side.state())
                .or("the stash holds more than the writes since the last compaction")?;
        }
        Ok(())
    }
}
