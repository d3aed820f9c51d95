//! An operation that tries crashes during a checkpoint: after random I/Os, a copy of the device
//! loses power and is opened. Some of the openings crash, too.

use super::compare;
use super::events::Event;
use super::medium::Medium;
use super::store::Store;
use downbeat::{Checked, Run};

impl Store {
    pub(super) fn crash_everywhere(&mut self, shape: u32, run: &mut Run) -> Checked {
        self.begin(1, shape, run)?;
        self.try_crash(run)?;
        while self.step(run)? {
            self.try_crash(run)?;
        }
        Ok(())
    }

    /// Decides at random whether to try a crash here. If so, copies the device, and opens the copy
    /// as after a loss of power.
    fn try_crash(&mut self, run: &mut Run) -> Checked {
        if !self.keeps_its_promises() {
            self.model.distrust();
        }
        let chance = run.luck(1 + self.medium.progress().ios);
        // A crash is tried after about half of the I/Os.
        if chance >> 20 & 1 == 0 {
            return Ok(());
        }
        let other = self.other.disk_mut();
        other.copy_at_power_loss(self.medium.disk());
        other.set_schedule(chance);
        Event::CrashTried.count(run);
        // About half of the openings lose power, too, and are then repeated.
        let mut power_for = (chance >> 32 & 1 == 1).then_some(1 + (chance >> 40) % 32);
        loop {
            self.other.restart(&mut self.other_superblock);
            self.other_superblock.reset();
            let open = |medium: &mut Medium| self.other_superblock.open(medium);
            let result = self.other.perform(power_for.take(), run, open);
            if self.other.is_down() {
                continue;
            }
            return match result {
                Ok(()) => {
                    let seen = compare::seen(self.other_superblock.working());
                    run.result(seen.sequence);
                    if let Err(expected) = self.model.find(&seen) {
                        return Err(compare::opened_wrongly(&expected, &seen));
                    }
                    self.other.disk_mut().settle();
                    Ok(())
                }
                Err(_) if self.model.may_be_lost() => Ok(()),
                Err(error) => Err(compare::not_opened(&self.model.expected(), error)),
            };
        }
    }
}
