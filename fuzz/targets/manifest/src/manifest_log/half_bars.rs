//! Operations that begin, await and end half-bars.

use downbeat_lsm::grid::GridError;

use super::events::Event as Counted;
use super::states;
use super::tested::{Tested, log_entry};
use downbeat::check::{fail, holds};
use downbeat::states::octave;
use downbeat::{Checked, Divergence, Run};
use downbeat_model::manifest_log::{Entry, Event};
use downbeat_model::store::Use;
use downbeat_storage_targets::store::{self, Cause, Tenant as _};

/// The compaction of a half-bar waits for fewer I/Os than this.
const BOUND: u64 = 4096;

impl Tested {
    /// Returns whether the store or the log has failed. If so, opens the store again; the caller's
    /// operation must then end.
    fn is_failed(&mut self, run: &mut Run) -> Checked<bool> {
        if self.store.grid.failed().is_none() && self.log.failed().is_none() {
            return Ok(false);
        }
        run.redirected(|| "reopen".to_owned());
        self.check_refusals(run)?;
        store::recover(self, run)?;
        Ok(true)
    }

    /// Checks that a failed log neither continues its half-bar nor begins another or a checkpoint.
    fn check_refusals(&mut self, run: &mut Run) -> Checked {
        if self.is_begun {
            // A failed log reports that it is ready, so that trees do not wait to append.
            let continues = self.advance(run)? || !self.log.is_ready();
            holds("failed-log-refuses", !continues)
                .show(|| ("an error", self.under_way()))
                .or("a half-bar continues after a failure")?;
            self.append_all_the_same(run);
            self.forfeit(run)?;
        }
        run.step();
        Counted::Refused.count(run);
        let begun = self.log.compact_begin(self.log.pace().entries_max(), &mut self.store.grid);
        let closed = self.log.close(&mut self.store.grid);
        let refuses = begun.is_err() && Some(begun) == closed && self.log.failed() == begun.err();
        holds("failed-log-refuses", refuses)
            .show(|| ("the error of a half-bar and a checkpoint", format!("{begun:?}, {closed:?}")))
            .or("a failed log begins a half-bar or a checkpoint")
    }

    /// Appends to a failed log, which accepts the entries and does not write them.
    fn append_all_the_same(&mut self, run: &mut Run) {
        if !self.may_append || self.model.live().is_empty() {
            return;
        }
        let Entry { table, .. } = self.model.live()[0].entry;
        let entry = log_entry(&Entry { event: Event::Update, table });
        for _ in 0..self.model.left().min(self.model.sizes().entries_per_block) {
            run.step();
            self.log.append(&mut self.store.grid, &entry);
        }
    }

    /// Begins a half-bar if none is under way, and does not wait for it.
    pub(super) fn begin(&mut self, run: &mut Run) -> Checked {
        if self.is_failed(run)? {
            return Ok(());
        }
        if self.is_begun {
            run.idle();
            return Ok(());
        }
        self.begin_half_bar(run).map(drop)
    }

    /// Begins a half-bar. If too few blocks are free, makes checkpoints durable first. Returns
    /// false if power is lost or a failure is found.
    fn begin_half_bar(&mut self, run: &mut Run) -> Checked<bool> {
        if self.try_begin(run)? {
            return Ok(true);
        }
        Counted::RoomMade.count(run);
        // The blocks that are released now become free once the second checkpoint is durable.
        let makes_room: [fn(&mut Self, &mut Run) -> Checked; 3] =
            [store::checkpoint, store::checkpoint, store::durable];
        for write in makes_room {
            write(self, run)?;
            if self.store.is_down() || self.store.grid.failed().is_some() {
                return Ok(false);
            }
        }
        if self.try_begin(run)? {
            return Ok(true);
        }
        let free = format!("{} free blocks", self.store.model.count(Use::Free));
        Err(fail("device-has-room-for-the-log", "a half-bar", free)
            .saying("a half-bar has no room on a device that is large enough"))
    }

    /// Begins a half-bar if enough blocks are free. Returns whether it began.
    fn try_begin(&mut self, run: &mut Run) -> Checked<bool> {
        run.step();
        let blocks = self.model.blocks_to_compact();
        let count = blocks + self.model.pace().append;
        let free = self.store.model.count(Use::Free);
        let kept_free = self.store.kept_free;
        let expected = count + kept_free <= free;
        let begun = self.log.compact_begin(self.log.pace().entries_max(), &mut self.store.grid);
        let got = match begun {
            Ok(()) => true,
            Err(GridError::Full) => false,
            Err(error) => return Err(refused("a half-bar", &error)),
        };
        let reason = || format!("{expected}, as {free} are free and {kept_free} are kept");
        holds("half-bar-is-of-free-blocks", got == expected)
            .show(|| (reason(), format!("{got}, for {count}")))
            .or("a half-bar begins with too few free blocks, or is refused with enough")?;
        if !got {
            return Ok(false);
        }
        self.is_begun = true;
        self.completed_before = self.store.grid.storage().completed();
        let closed = self.model.closed().len() as u64;
        run.state(states::CompactedAtHalfBar, octave(blocks));
        run.state(states::LengthAtHalfBar, (closed * 16 / self.model.pace().limit) as usize);
        let sizes = self.model.sizes();
        run.state(states::TablesAtHalfBar, self.model.live().len() * 8 / sizes.tables as usize);
        // Blocks for tables are acquired after those of the log, at higher addresses.
        let mut last = 0;
        for _ in 0..count {
            last = self.store.model.next_free(last).unwrap_or(u64::MAX - 1);
        }
        self.last_table = last;
        let tables = (sizes.tables - self.model.live().len() as u64).clamp(1, 8);
        let expected = tables + kept_free + count <= free;
        self.tables = self.store.grid.reserve(tables);
        let got = self.tables.is_some();
        holds("half-bar-reserves-what-it-says", got == expected)
            .show(|| (format!("{expected}, as {free} are free and {count} are the log's"), got))
            .or("blocks for tables are granted with too few free, or refused with enough")?;
        let kept = self.model.counts().kept;
        self.model.begin(&mut self.store.model);
        run.state(states::KeptAtHalfBar, octave(self.model.counts().kept - kept));
        self.advance(run)?;
        Ok(true)
    }

    /// Continues the log's work if a half-bar is under way. Returns whether trees may append.
    pub(super) fn advance(&mut self, run: &mut Run) -> Checked<bool> {
        let failed = self.store.grid.failed().is_some() || self.log.failed().is_some();
        if !self.is_begun || self.store.is_down() || (self.log.is_ready() && !failed) {
            return Ok(self.log.is_ready() && !self.store.is_down());
        }
        run.step();
        let ended = self.log.advance(&mut self.store.grid);
        store::after_io(self, run)?;
        match ended {
            None => Ok(false),
            Some(Ok(())) => {
                self.may_append = true;
                let waited = self.store.grid.storage().completed() - self.completed_before;
                run.state(states::WaitedAtHalfBar, octave(waited));
                self.check_half_bar(run)?;
                Ok(true)
            }
            Some(Err(error)) => {
                run.remark(|| error.to_string());
                let event = match error {
                    GridError::Corruption(_) => Counted::FailedByDamage,
                    GridError::Fault(_) => Counted::FailedByRead,
                    GridError::Failed(_) => Counted::FailedByWrite,
                    GridError::Full | GridError::Gone => {
                        return Err(refused("a half-bar that goes on", &error));
                    }
                };
                event.count(run);
                let explained = match error {
                    GridError::Failed(fault) => self.store.has_failed(&fault),
                    // The blocks to compact are read from the beginning of the half-bar on.
                    error => {
                        self.store.causes(self.completed_before).of_grid(&error) != Cause::None
                    }
                };
                if explained {
                    Ok(false)
                } else {
                    Err(refused("a half-bar that continues", &error))
                }
            }
        }
    }

    /// Begins a half-bar if none is under way, and waits until trees may append. Returns false if
    /// power is lost or a failure is found.
    pub(super) fn make_ready(&mut self, run: &mut Run) -> Checked<bool> {
        if self.store.is_down() || self.is_failed(run)? {
            return Ok(false);
        }
        if !self.is_begun && !self.begin_half_bar(run)? {
            return Ok(false);
        }
        for _ in 0..BOUND {
            if self.advance(run)? {
                return Ok(true);
            }
            if self.store.is_down() || self.log.failed().is_some() {
                return Ok(false);
            }
            if store::step(self, 1, run)? == 0 && !self.store.is_down() && !self.give_memory() {
                break;
            }
        }
        Err(store::hang(self.under_way()).saying("a half-bar makes no progress"))
    }

    /// Ends the half-bar, which must have reached the state in which trees may append.
    pub(super) fn end(&mut self, run: &mut Run) -> Checked {
        run.step();
        run.state(states::OpenAtEnd, self.model.open().map_or(0, |open| open.entries as usize));
        let appended = self.model.pace().entries - self.model.left();
        run.state(states::AppendedInHalfBar, octave(appended));
        self.forfeit(run)?;
        store::after_io(self, run)?;
        if self.store.is_down() {
            return Ok(());
        }
        if self.log.failed().is_some() {
            return Ok(());
        }
        self.check_half_bar(run)?;
        self.check_log()?;
        self.check_blocks()
    }

    /// Ends the half-bar, unless power is lost while it waits for the queue of writes, and forfeits
    /// the blocks that were reserved for tables.
    fn forfeit(&mut self, run: &mut Run) -> Checked {
        while !self.log.compact_end(&mut self.store.grid) && store::wait_for_write_room(self, run)?
        {
        }
        if let Some(tables) = self.tables.take() {
            self.store.grid.forfeit(tables);
        }
        (self.is_begun, self.may_append) = (false, false);
        Ok(())
    }

    /// Ends `count` half-bars: the current one, if any, and those after it.
    pub(super) fn half_bars(&mut self, count: u32, run: &mut Run) -> Checked {
        for _ in 0..count {
            if !self.make_ready(run)? {
                return Ok(());
            }
            self.end(run)?;
        }
        Ok(())
    }

    /// Ends the half-bar if one is under way. Returns whether a checkpoint can be written now:
    /// false if power is lost or a failure is found.
    pub(super) fn end_for_checkpoint(&mut self, run: &mut Run) -> Checked<bool> {
        if self.is_failed(run)? {
            return Ok(false);
        }
        if self.is_begun {
            if !self.make_ready(run)? {
                return Ok(false);
            }
            self.end(run)?;
        }
        Ok(!self.store.is_down() && self.log.failed().is_none())
    }
}

/// The divergence for a log that failed although no fault of the disk explains the failure.
pub(super) fn refused(expected: &str, error: &GridError) -> Divergence {
    fail("log-goes-on", expected, error).saying("the log fails without a fault of the disk")
}
