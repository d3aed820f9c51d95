//! Restarts the process, after a crash or with the power on, and opens the store. The opening may
//! crash, too.

use downbeat_lsm::superblock::SuperblockError;

use super::events::Event;
use super::medium::Medium;
use super::store::{Interrupted, Store};
use super::{compare, states};
use downbeat::check::holds;
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::superblock::Opened;

/// Opening takes fewer attempts than this, because each failed attempt uses up an armed fault or a
/// requested crash.
const ATTEMPTS_MAX: u32 = 32;

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    Opened(Opened),
    /// Power was lost, or the device failed.
    Again,
    /// The store is lost, as the model allows.
    Lost,
}

impl Store {
    /// Restarts the process, turns the power on if it is off, and opens the store. In each of the
    /// first `times` attempts power is lost after I/O number `io`, counted from 1, if the attempt
    /// takes that many; never if `io` is 0.
    pub(super) fn open_again(
        &mut self,
        interrupted: Interrupted,
        io: u64,
        times: u32,
        run: &mut Run,
    ) -> Checked {
        states::interrupted(self, interrupted, run);
        if interrupted == Interrupted::Restarted && times > 0 && io > 0 {
            self.arm_a_read_of_the_opening(run);
        }
        let mut crashes = 0;
        for attempt in 0..ATTEMPTS_MAX {
            if self.medium.is_down() {
                let unflushed = self.medium.disk().image().unflushed().len();
                run.state(states::Unflushed, octave(unflushed as u64));
            }
            self.medium.restart(&mut self.superblock);
            self.forget(run);
            let power_for = (attempt < times && io > 0).then_some(io);
            let outcome = self.attempt(power_for, run)?;
            if self.medium.is_down() {
                crashes += 1;
                Event::CrashWhileOpening.count(run);
                states::interrupted_opening(self.medium.progress(), run);
                continue;
            }
            match outcome {
                Attempt::Opened(opened) => {
                    states::opened(self, opened, crashes, run);
                    return Ok(());
                }
                Attempt::Again => Event::OpeningFailed.count(run),
                Attempt::Lost => {
                    Event::StoreLost.count(run);
                    run.remark(|| "lost and formatted again".to_owned());
                    self.model.lose();
                    return self.format_whole(0, run);
                }
            }
        }
        Err(compare::does_not_end("opening", self.medium.progress().ios, 0))
    }

    fn attempt(&mut self, power_for: Option<u64>, run: &mut Run) -> Checked<Attempt> {
        let since = self.disk_faults();
        if !self.keeps_its_promises() {
            self.model.distrust();
        }
        let is_sound = !self.model.is_under_way()
            && self.has_told_the_truth()
            && self.medium.disk().image().damages().is_empty();
        states::held(self, run);
        let open = |medium: &mut Medium| self.superblock.open(medium);
        let result = self.medium.perform(power_for, run, open);
        if !self.keeps_its_promises() {
            self.model.distrust();
        }
        let Err(error) = result else {
            let seen = compare::seen(self.superblock.working());
            let opened = self.model.open(&seen);
            let opened = opened.map_err(|expected| compare::opened_wrongly(&expected, &seen))?;
            Event::opened(opened).count(run);
            run.remark(|| format!("opened: sequence {}, beat {}", seen.sequence, seen.state.beat));
            let repaired = self.superblock.statistics().repaired;
            let needs_none = is_sound && self.disk_faults() == since;
            holds("sound-copies-need-no-repair", !needs_none || repaired == 0)
                .show(|| ("0 copies", format!("{repaired} copies")))
                .or("intact copies of the superblock are repaired")?;
            self.acknowledged(run)?;
            return Ok(Attempt::Opened(opened));
        };
        if self.medium.is_down() {
            return Ok(Attempt::Again);
        }
        run.remark(|| format!("not opened: {error}"));
        if error == SuperblockError::Gone {
            return Err(compare::does_not_end("opening", self.medium.progress().ios, 0));
        }
        Event::of(error).count(run);
        if self.is_excused(error, since) {
            Ok(Attempt::Again)
        } else if self.model.may_be_lost() {
            Ok(Attempt::Lost)
        } else {
            Err(compare::not_opened(&self.model.expected(), error))
        }
    }

    /// Loses power, then opens the store.
    pub(super) fn crash(&mut self, io: u64, times: u32, run: &mut Run) -> Checked {
        self.medium.disk_mut().lose_power();
        self.open_again(Interrupted::PowerLost, io, times, run)
    }

    /// Ends the work under way, restarts the process and opens the store.
    pub(super) fn reopen(&mut self, run: &mut Run) -> Checked {
        self.end(run)?;
        self.open_again(Interrupted::Restarted, 0, 0, run)
    }
}
