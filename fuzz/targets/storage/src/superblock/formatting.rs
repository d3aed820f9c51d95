//! Formats a device that is empty, has lost its store, or holds a store.

use downbeat_lsm::superblock::SuperblockError;

use super::compare;
use super::events::Event;
use super::medium::Medium;
use super::store::{Interrupted, Store};
use downbeat::{Checked, Run};

/// Formatting takes fewer attempts than this, because each failed attempt uses up an armed fault.
const ATTEMPTS_MAX: u32 = 32;

impl Store {
    /// Formats the device, and repeats this until an attempt succeeds. A store on the device is
    /// lost.
    pub(super) fn format_whole(&mut self, shape: u32, run: &mut Run) -> Checked {
        for _ in 0..ATTEMPTS_MAX {
            if self.format_once(None, shape, run)? {
                return Ok(());
            }
            self.medium.restart(&mut self.superblock);
            self.model.lose();
        }
        Err(compare::does_not_end("formatting", self.medium.progress().ios, 0))
    }

    /// Formats the device of an existing store. Loses power after I/O number `io`, counted from 1,
    /// if formatting takes that many; never if `io` is 0.
    pub(super) fn format_over(&mut self, io: u64, run: &mut Run) -> Checked {
        self.end(run)?;
        let power_for = (io > 0).then_some(io);
        if self.format_once(power_for, 0, run)? {
            return Ok(());
        }
        let is_down = self.medium.is_down();
        Event::CrashWhileFormatting.count_if(is_down, run);
        let interrupted = if is_down { Interrupted::PowerLost } else { Interrupted::Failed };
        self.open_again(interrupted, 0, 0, run)
    }

    /// Formats once. Returns false if power was lost or the device failed.
    fn format_once(&mut self, power_for: Option<u64>, shape: u32, run: &mut Run) -> Checked<bool> {
        let since = self.disk_faults();
        self.forget(run);
        self.so_far.formats += 1;
        let name = u128::from(self.so_far.formats) << 64 | 0xdb;
        let state = compare::to_core(&self.model.format(name, shape));
        let format = |medium: &mut Medium| self.superblock.format(medium, name, &state);
        let result = self.medium.perform(power_for, run, format);
        match result {
            Ok(()) => {
                self.written(run)?;
                Ok(true)
            }
            Err(_) if self.medium.is_down() => Ok(false),
            Err(SuperblockError::Gone) => {
                Err(compare::does_not_end("formatting", self.medium.progress().ios, 0))
            }
            Err(error) if self.is_excused(error, since) => {
                Event::of(error).count(run);
                Ok(false)
            }
            Err(error) => Err(compare::failed_without_reason(error)),
        }
    }
}
