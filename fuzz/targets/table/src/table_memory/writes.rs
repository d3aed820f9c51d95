//! Puts and removals.

use super::events::Event;
use super::states;
use super::tested::Tested;
use downbeat::check::equal;
use downbeat::input::version::{Usage, Version};
use downbeat::records::{Versioned, same_record};
use downbeat::{Checked, Run, run_of_keys};
use downbeat_model::table_memory::Side;

impl<R: Versioned> Tested<R> {
    /// Puts a record or a tombstone. In an index, the presence of the key decides which.
    #[inline]
    pub(super) fn put_or_other(&mut self, key: u64, removed: bool, run: &mut Run) -> Checked {
        let can_be = self.what_can_be(key, removed);
        if can_be != removed {
            run.redirected(|| format!("{} {key:#x}", word(can_be)));
            if can_be { Event::PutRemoves.count(run) } else { Event::RemovePuts.count(run) }
        }
        self.put(key, can_be, run)
    }

    pub(super) fn put_run(
        &mut self,
        mut keys: impl Iterator<Item = u64>,
        removed: bool,
        run: &mut Run,
    ) -> Checked {
        keys.try_for_each(|key| self.put(key, self.what_can_be(key, removed), run))
    }

    /// Puts keys until the mutable table has space for only `left` more values.
    pub(super) fn fill(&mut self, key: u64, stride: i64, left: u32, run: &mut Run) -> Checked {
        let room = self.mutable.capacity() - self.mutable.len();
        let count = room.saturating_sub(left);
        run.idle_if(count == 0);
        self.put_run(run_of_keys(key, count, stride), false, run)
    }

    /// Returns whether the write must be a removal: in an index, if the key is present; otherwise,
    /// if `removed` is true.
    fn what_can_be(&self, key: u64, removed: bool) -> bool {
        match self.model.usage() {
            Usage::General => removed,
            Usage::Index => self.model.is_present(key),
        }
    }

    fn put(&mut self, key: u64, removed: bool, run: &mut Run) -> Checked {
        let removed = if self.mutable.len() == self.mutable.capacity() {
            Event::BarForced.count(run);
            self.end_bar(run)?;
            // The end of the bar may have discarded a scope that put the key or removed it.
            self.what_can_be(key, removed)
        } else {
            removed
        };
        run.did(|| format!("{} {key:#x}", word(removed)));
        let version = Version { key, stamp: self.stamp(), removed };
        states::put(&self.model, key, run);
        run.step();
        self.mutable.put(&R::of(version));
        self.model.put(version);
        self.changed(Side::Mutable);
        run.keys.wrote(key);
        Event::Smallest.count_if(key == 0, run);
        Event::Largest.count_if(key == u64::MAX, run);
        Event::Full.count_if(self.mutable.len() == self.mutable.capacity(), run);
        run.step();
        let got = self.mutable.get(R::wide(key));
        same_record("get-finds-what-was-put", Some(version), got)
            .or("a lookup does not find the record that was just put")?;
        let len = self.model.table(Side::Mutable).len() as u64;
        equal("length-equals-model", len, u64::from(self.mutable.len()))
            .or("the mutable table has more or fewer values than the model")?;
        // A sweep compares all values, so a long run must have few. The end of each run has a sweep
        // too, so a short run needs no other.
        if version.stamp >= 16 && version.stamp.is_power_of_two() {
            self.sweep_all(run)
        } else {
            Ok(())
        }
    }
}

fn word(removed: bool) -> &'static str {
    if removed { "remove" } else { "put" }
}
