//! Writes to a store that is full: beats make room before, or the store refuses them.

use downbeat_lsm::store::{Fullness, StoreError};

use super::events::Event;
use super::reads::record_of;
use super::tested::Tested;
use downbeat::check::{equal, holds, same};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::full::has_reserve;

impl<R: Versioned> Tested<R> {
    /// Whether the store accepts a put or removal, for which the beat has room. Runs beats while
    /// the store says that they may make room. If they do not, checks that the store refuses the
    /// write, and that it may.
    pub(super) fn is_accepted(&mut self, key: u64, removes: bool, run: &mut Run) -> Checked<bool> {
        let most = if removes { Fullness::FullForPuts } else { Fullness::NearlyFull };
        if self.store.fullness() <= most {
            return Ok(true);
        }
        self.run_beats_until(most, run)?;
        if self.is_down() || self.store.failed().is_some() {
            return Ok(false);
        }
        let accepts = self.store.fullness() <= most;
        if accepts {
            let event = if removes { Event::RoomForRemoval } else { Event::RoomForPut };
            event.count(run);
        } else {
            self.write_is_refused(key, removes, run)?;
        }
        Ok(accepts)
    }

    /// Runs beats until the store is at most this full, or nothing more can be gained.
    fn run_beats_until(&mut self, most: Fullness, run: &mut Run) -> Checked {
        // In each bar but every second, a table goes down by a level, records are flushed, or the
        // log gets shorter.
        let options = self.store.options().tree;
        let tables = self.store.manifest_log().table_count() as u64;
        let log = self.store.manifest_log().block_addresses().count() as u64;
        let bars = 2 * (tables + 4) * u64::from(options.level_count) + 2 * log + 4;
        let mut left = bars * u64::from(options.beats_per_bar);
        while self.store.fullness() > most && self.store.may_gain_room() {
            holds("making-room-ends", left > 0)
                .show(|| (format!("an end within {bars} bars"), "none"))
                .or("beats neither make room nor end")?;
            left -= 1;
            self.beat(run)?;
            if self.is_down() || self.store.failed().is_some() {
                break;
            }
        }
        Ok(())
    }

    /// Writes to a store that must refuse it, because beats make no room.
    fn write_is_refused(&mut self, key: u64, removes: bool, run: &mut Run) -> Checked {
        let beat = self.store.beat_number();
        let written = if removes {
            self.store.remove(R::wide(key))
        } else {
            self.store.put(&record_of(key, self.model.next_stamp()))
        };
        same("full-refuses-puts", Some(StoreError::Full), written.err())
            .or("a store that is full accepts a write, or gives another error")?;
        equal("full-refuses-puts", beat, self.store.beat_number())
            .or("a store that can gain nothing runs beats before it refuses a write")?;
        Event::PutRefused.count_if(!removes, run);
        self.check_nothing_is_gained()?;
        self.check_removals_go_through(removes)
    }

    /// Checks that a store refuses a write only after two bars that merged nothing, and with no
    /// record in memory: otherwise a later bar may make room.
    fn check_nothing_is_gained(&self) -> Checked {
        let tree = self.store.tree();
        let waiting = if tree.immutable().is_flushed() { 0 } else { tree.immutable().len() };
        let in_memory = u64::from(tree.mutable().len() + waiting);
        equal("full-is-not-said-early", 0, in_memory)
            .or("a store refuses a write although the records in memory may make room")?;
        holds("full-is-not-said-early", self.quiet_bars.1 >= 2)
            .show(|| ("two bars that merge nothing", self.quiet_bars.1))
            .or("a store refuses a write although the next bar may make room")
    }

    /// Notes that `bars` bars ended.
    pub(super) fn count_quiet_bars(&mut self, bars: u64) {
        let tree = self.store.tree();
        let work = tree.compactions().levels.iter().map(|level| level.merges + level.moves).sum();
        let (before, quiet) = self.quiet_bars;
        let quiet = if !tree.immutable().is_flushed() {
            0
        } else if work == before {
            quiet + bars
        } else {
            // At least one of them planned something.
            bars - 1
        };
        self.quiet_bars = (work, quiet);
    }

    /// Checks a store that refused a write: it accepts removals, and puts once it is empty. A store
    /// need not if the ballast leaves too little room for a reserve, or if its device was too small
    /// for one before it grew. With the least growth factor, too many tombstones may be left to
    /// accept puts.
    fn check_removals_go_through(&self, removes: bool) -> Checked {
        let is_small = self.ballast > 0 && !has_reserve(&self.store, self.ballast);
        holds("removals-go-through", !removes || is_small || self.outgrew)
            .show(|| ("a removal", self.store.fullness()))
            .or("a store refuses a removal, although it accepted the puts before it")?;
        let is_empty = self.model.range(0, u64::MAX).next().is_none();
        let may_be_full = is_small || self.store.options().tree.growth_factor == 2;
        holds("removals-go-through", !is_empty || may_be_full)
            .show(|| ("an accepted put", self.store.fullness()))
            .or("a store refuses puts, although all of its records were removed")
    }
}
