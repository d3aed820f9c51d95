//! What each operation does. An operation is cut short if the run has too few steps left.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::record::Usage;

use super::super::events::{Event, FaultEvent};
use super::super::open_scans::Waiting;
use super::super::scans::Way;
use super::keys::KeyRun;
use super::world::Large;
use downbeat::check::equal;
use downbeat::input::encoding::{Family, Operation as _};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::tree_large::{Operation, Operation::*};

/// The maximum number of keys of one call of `gets`.
const AT_ONCE: usize = 64;

impl<R: Versioned> Large<R> {
    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        if self.tested.faults.failed_by_fault(self.tested.store.grid()) && changes(operation) {
            self.tested.check_reason(run)?;
            FaultEvent::OpenedToWrite.count(run);
            self.tested.reopen(run)?;
            if self.tested.is_down() {
                return Ok(());
            }
        }
        let left = self.left(run);
        let most = |count: u32| u64::from(count).min(left).max(1) as u32;
        match *operation {
            PutRun { key, count, stride } => {
                let (first, count) = (key.literal(), most(count.get()));
                self.write_run(KeyRun { first, count, step: stride.get() }, false, run)
            }
            RemoveRun { key, count, stride } => {
                let (first, count) = (key.literal(), most(count.get()));
                self.write_run(KeyRun { first, count, step: stride.get() }, true, run)
            }
            Overwrite { key, nth, count } => {
                self.each_nth(key.literal(), nth.get(), most(count.get()), false, run)
            }
            Thin { key, nth, count } => {
                self.each_nth(key.literal(), nth.get(), most(count.get()), true, run)
            }
            Fill { key, stride, left } => {
                let room = self.room_of_bar().saturating_sub(left.get());
                run.idle_if(room == 0);
                let keys = KeyRun { first: key.literal(), count: most(room), step: stride.get() };
                if room > 0 { self.write_run(keys, false, run) } else { Ok(()) }
            }
            Gets { key, count, stride } => {
                let (first, count) = (key.literal(), most(count.get()));
                let keys = KeyRun { first, count, step: stride.get() }.keys();
                let keys: Vec<u64> = keys.collect();
                keys.chunks(AT_ONCE)
                    .try_for_each(|keys| self.tested.gets(keys.iter().copied(), run))
            }
            EndsOfRuns { count } => self.ends_of_runs(count.get(), run),
            EndsOfTables { count } => self.ends_of_tables(count.get(), run),
            Scan { from, to, records, page } => {
                let way = Way::new(from.literal(), to.literal());
                self.tested.scan(way, most(records.get()) as usize, page.get() as usize, run)
            }
            ScanAll { direction } => {
                let way = if direction.get() == 0 { Way::UP } else { Way::DOWN };
                self.tested.scan(way, most(u32::MAX) as usize, usize::MAX, run)
            }
            ScanSeek { from, to, records, seek } => {
                let way = Way::new(from.literal(), to.literal());
                self.tested.scan_seek(way, records.get() as usize, seek.literal(), run)
            }
            Count { from, to } => self.count(from.literal(), to.literal(), run),
            ScanBegin { from, to } => {
                self.tested.scan_begin(Way::new(from.literal(), to.literal()), 0, run)
            }
            ScanNext { count } => self.tested.scan_next(most(count.get()), 0, Waiting::Wait, run),
            Beats { count } => self.tested.beats(most(count.get()), 0, run),
            Bars { count } => self.bars(count.get(), run),
            Checkpoint => self.tested.checkpoint(run),
            Reopen => self.tested.reopen(run),
            Open => self.tested.scope_open(run),
            Persist => self.tested.scope_close(ScopeOutcome::Persist, run),
            Discard => self.tested.scope_close(ScopeOutcome::Discard, run),
            DropCache => self.tested.drop_cache(run),
            Crash { io, from, store } => {
                self.tested.arm_crash(io.get(), from.get() == 1, store.get() == 1);
                Ok(())
            }
            Fault { kind, io } => {
                self.tested.arm_fault(kind.get(), io.get());
                Ok(())
            }
        }
    }

    /// Puts or removes the keys of a run. In an index, skips puts of present keys and removals of
    /// absent keys.
    fn write_run(&mut self, keys: KeyRun, removes: bool, run: &mut Run) -> Checked {
        self.wrote(keys);
        let mut idle = true;
        for key in keys.keys() {
            if R::USAGE == Usage::General || self.tested.model.get(key).is_some() == removes {
                if !self.write(key, removes, run)? {
                    break;
                }
                idle = false;
            }
        }
        run.idle_if(idle);
        Ok(())
    }

    /// Puts or removes the keys of every `nth` record from `key` on, at most `count` keys. In an
    /// index, always removes.
    fn each_nth(
        &mut self,
        key: u64,
        nth: u32,
        count: u32,
        removes: bool,
        run: &mut Run,
    ) -> Checked {
        let removes = removes || R::USAGE == Usage::SecondaryIndex;
        let all = self.tested.model.range(key, u64::MAX).step_by(nth as usize);
        let keys: Vec<u64> = all.take(count as usize).map(|(key, _)| key).collect();
        run.idle_if(keys.is_empty());
        // The records need not be evenly spaced, so only the ends are sampled.
        for end in [keys.first(), keys.last()].into_iter().flatten() {
            self.wrote(KeyRun { first: *end, count: 1, step: 1 });
        }
        for key in keys {
            if !self.write(key, removes, run)? {
                break;
            }
        }
        Ok(())
    }

    /// Puts or removes a key. If the beat has reached its maximum number of writes, runs it first.
    /// Returns whether the key was written and the store accepts further writes.
    fn write(&mut self, key: u64, removes: bool, run: &mut Run) -> Checked<bool> {
        if self.tested.store.failed().is_none() && self.tested.store.tree().room() == 0 {
            self.tested.beat(run)?;
        }
        if self.tested.is_down() {
            return Ok(false);
        }
        if self.tested.store.failed().is_some() {
            self.tested.check_reason(run)?;
            Event::WriteRefused.count(run);
            return Ok(false);
        }
        if !self.tested.is_accepted(key, removes, run)? {
            return Ok(false);
        }
        self.tested.write_with_room(key, removes, run)?;
        Ok(!self.tested.is_down())
    }

    /// The number of writes that are possible before the bar ends.
    fn room_of_bar(&self) -> u32 {
        let tree = self.tested.store.tree();
        let options = tree.options();
        let bar = u64::from(options.beats_per_bar);
        let whole_beats = bar - 1 - self.tested.next_beat() % bar;
        tree.room() + whole_beats as u32 * options.beat_value_count_max
    }

    /// Runs beats until `count` bars have ended, or no steps are left.
    fn bars(&mut self, count: u32, run: &mut Run) -> Checked {
        for _ in 0..count {
            if self.left(run) == 0 || self.tested.is_down() {
                break;
            }
            self.tested.whole_bars(1, run)?;
        }
        Ok(())
    }

    /// Counts the records of a range, as an application does.
    fn count(&mut self, from: u64, to: u64, run: &mut Run) -> Checked {
        let (min, max) = (from.min(to), from.max(to));
        let expected = self.tested.model.range(min, max).count();
        let since = self.tested.now();
        let mut got = 0;
        let mut failed = None;
        for record in self.tested.store.range(R::wide(min)..=R::wide(max)) {
            match record {
                Ok(_) => got += 1,
                Err(error) => failed = Some(error),
            }
            run.step();
        }
        if let Some(error) = failed {
            return self.tested.scan_failed(&error, since, run);
        }
        equal("scan-equals-model", expected, got).or("a range has more records or fewer")
    }
}

/// Whether an operation needs a store that can be written.
fn changes(operation: &Operation) -> bool {
    let family = Operation::KINDS[operation.kind()].family;
    matches!(family, Family::Write | Family::Remove | Family::Run)
        || matches!(operation, Beats { .. } | Bars { .. } | Checkpoint)
}
