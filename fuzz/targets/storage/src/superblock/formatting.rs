//! Formats a device: an empty one, one whose store is lost, or one that holds a store.

use downbeat_lsm::superblock::SuperblockError;

use super::compare;
use super::events::Event;
use super::store::{Interrupted, Store};
use downbeat::failure::Divergence;
use downbeat::run::Run;

/// Formatting takes fewer attempts than this, because each that fails uses up an armed fault.
const ATTEMPTS_MAX: u32 = 32;

impl Store {
    /// Formats until it succeeds. A store that is on the device is lost.
    pub(super) fn format_whole(&mut self, shape: u32, run: &mut Run) -> Result<(), Divergence> {
        for _ in 0..ATTEMPTS_MAX {
            if self.format_once(None, shape, run)? {
                return Ok(());
            }
            self.medium.restart(&mut self.superblock);
            self.model.lose();
        }
        Err(compare::does_not_end("formatting", self.medium.progress().ios, 0))
    }

    /// Formats over the store, and loses power after I/O number `io`, if there are so many.
    pub(super) fn format_over(&mut self, io: u64, run: &mut Run) -> Result<(), Divergence> {
        self.end(run)?;
        let power_for = (io > 0).then_some(io);
        if self.format_once(power_for, 0, run)? {
            return Ok(());
        }
        let interrupted = if self.medium.is_down() {
            Event::CrashWhileFormatting.count(run);
            Interrupted::PowerLost
        } else {
            Interrupted::Failed
        };
        self.open_again(interrupted, 0, 0, run)
    }

    /// Formats once. Returns false if power was lost or the device failed.
    fn format_once(
        &mut self,
        power_for: Option<u64>,
        shape: u32,
        run: &mut Run,
    ) -> Result<bool, Divergence> {
        let since = self.deeds();
        self.forget();
        self.formats += 1;
        let name = u128::from(self.formats) << 64 | 0xdb;
        let state = compare::to_core(&self.model.format(name, shape));
        self.medium.begin(power_for);
        let result = self.superblock.format(&mut self.medium, name, &state);
        self.medium.end();
        let ios = self.medium.progress().ios;
        (0..ios).for_each(|_| run.step());
        match result {
            Ok(()) => {
                let seen = compare::seen(self.superblock.working());
                self.model
                    .acknowledge(&seen)
                    .map_err(|expected| compare::ended_wrongly(&expected, &seen))?;
                self.acknowledged(run)?;
                // Power may have been lost with the last I/O.
                if self.medium.is_down() {
                    self.open_again(Interrupted::PowerLost, 0, 0, run)?;
                }
                Ok(true)
            }
            Err(_) if self.medium.is_down() => Ok(false),
            Err(SuperblockError::Gone) => Err(compare::does_not_end("formatting", ios, 0)),
            Err(error) if self.is_excused(error, since) => {
                Event::of(error).count(run);
                Ok(false)
            }
            Err(error) => Err(compare::failed_without_reason(error)),
        }
    }
}
