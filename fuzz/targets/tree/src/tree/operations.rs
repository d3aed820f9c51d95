//! What each operation does.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::FaultEvent;
use super::lookups::Answering;
use super::open_scans::Waiting;
use super::scans::Way;
use super::tested::Tested;
use downbeat::input::encoding::{Count, Family, Operation as _, TreeKey};
use downbeat::records::Versioned;
use downbeat::{Checked, Run, run_of_keys};
use downbeat_model::tree::{Operation, Operation::*};

impl<R: Versioned> Tested<R> {
    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        let keys = |key: TreeKey, count: Count, stride: i64| {
            run_of_keys(key.literal(), count.get(), stride)
        };
        let needs_beats = matches!(operation, Beats { .. } | Bars { .. } | Checkpoint | Want);
        if self.faults.failed_by_fault(self.store.grid()) && (needs_beats || writes(operation)) {
            self.check_reason(run)?;
            FaultEvent::OpenedToWrite.count(run);
            self.reopen(run)?;
            // Otherwise, a damaged table keeps the rest of the run from writing.
            if self.openings.is_multiple_of(2) {
                self.give_up(Way::UP, run)?;
            }
            if self.is_down() || self.faults.failed_by_fault(self.store.grid()) {
                return Ok(());
            }
        }
        if !is_allowed_in_beat(operation) {
            self.resume(run)?;
            if self.is_down() {
                return Ok(());
            }
        }
        match *operation {
            Put { key } => self.write(key.literal(), false, run),
            PutRun { key, count, stride } => {
                self.write_each(keys(key, count, stride.get()), false, run).map(drop)
            }
            Remove { key } => self.write(key.literal(), true, run),
            RemoveRun { key, count, stride } => {
                let writes = self.write_each(keys(key, count, -stride.get()), true, run)?;
                run.idle_if(!writes);
                Ok(())
            }
            Get { key } => self.get(key.literal(), run),
            Gets { key, count, stride } => self.gets(keys(key, count, -stride.get()), run),
            Forget { key, count, stride } => self.forget(keys(key, count, -stride.get()), run),
            Scan { from, to, records, page, salvage } => {
                let way = Way::new(from.literal(), to.literal());
                if salvage.get() == 1 {
                    return self.salvage(way, run);
                }
                self.scan(way, records.get() as usize, page.get() as usize, run)
            }
            ScanAll { direction } => {
                let way = if direction.get() == 0 { Way::UP } else { Way::DOWN };
                self.scan(way, usize::MAX, usize::MAX, run)
            }
            ScanSeek { from, to, records, seek } => {
                let way = Way::new(from.literal(), to.literal());
                self.scan_seek(way, records.get() as usize, seek.literal(), run)
            }
            ScanBegin { from, to, scan } => {
                self.scan_begin(Way::new(from.literal(), to.literal()), scan.get(), run)
            }
            ScanNext { count, scan } => self.scan_next(count.get(), scan.get(), Waiting::Wait, run),
            ScanPoll { count, scan } => {
                self.scan_next(count.get(), scan.get(), Waiting::Return, run)
            }
            Seek { key, scan } => self.seek(key.literal(), scan.get(), run),
            ScanEnd { scan } => self.scan_end(scan.get(), run),
            Lookup { key, count, stride } => {
                self.lookup(run_of_keys(key.literal(), count.get(), stride.get()), run)
            }
            Answer { lookup, count, how } => {
                let place = lookup.of(self.lookups.len().max(1) as u32) as usize;
                let how = [Answering::Wait, Answering::Poll, Answering::Forget][how.get() as usize];
                self.answer(place, count.get(), how, run)
            }
            Beats { count, steps } => self.beats(count.get(), steps.get(), run),
            Bars { count } => self.whole_bars(count.get(), run),
            Checkpoint => self.checkpoint(run),
            Want => self.want(run).map(drop),
            Open => self.scope_open(run),
            Persist => self.scope_close(ScopeOutcome::Persist, run),
            Discard => self.scope_close(ScopeOutcome::Discard, run),
            DropCache => self.drop_cache(run),
            Reopen { store, memory, format, more, interval, give_up } => {
                let next = self.next_options(store.get() == 1, memory.get(), more.get(), interval);
                self.reopen_with(next, format.get() == 1, run)?;
                match give_up.get() {
                    0 => Ok(()),
                    1 => self.give_up(Way::UP, run),
                    _ => self.give_up(self.smaller_half(), run),
                }
            }
            Step { count } => {
                run.step();
                let done = self.complete(count.get(), run)?;
                run.idle_if(!done);
                Ok(())
            }
            Overwrite { nth, count } => self.each_nth(nth.get(), count.get(), false, run),
            Thin { nth, count } => self.each_nth(nth.get(), count.get(), true, run),
            Fill { key, left } => self.fill(key.literal(), left.get(), run),
            Crash { .. } | Fault { .. } if self.history.is_some() => {
                run.redirected(|| "reopen".to_owned());
                self.reopen(run)
            }
            Crash { io, from, store } => {
                self.arm_crash(io.get(), from.get() == 1, store.get() == 1);
                Ok(())
            }
            Fault { kind, io } => {
                self.arm_fault(kind.get(), io.get());
                Ok(())
            }
        }
    }
}

/// Whether the store allows an operation during a beat, or the operation ends the process of the
/// beat.
fn is_allowed_in_beat(operation: &Operation) -> bool {
    matches!(
        operation,
        Want | Answer { .. }
            | ScanEnd { .. }
            | Step { .. }
            | Reopen { .. }
            | Crash { .. }
            | Fault { .. }
    )
}

/// Whether an operation puts or removes records.
fn writes(operation: &Operation) -> bool {
    let family = Operation::KINDS[operation.kind()].family;
    matches!(family, Family::Write | Family::Remove | Family::Run)
}
