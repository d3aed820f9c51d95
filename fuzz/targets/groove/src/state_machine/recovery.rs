//! Reopening and recovery.
//!
//! Within the fault limits the service always opens. Beyond the limits it may fail to open, if a
//! disk is damaged at the place that the error names. If the damage is in the log, it is repaired
//! and the service opened again. If it is in the machine, both disks are formatted again.

use downbeat_lsm::request_log::{LostRequests, RequestLogError};
use downbeat_lsm::state_machine::ServiceError;

use super::damage::Broken;
use super::events::{Event, FaultEvent};
use super::executed::{Answered, Replies};
use super::tested::Tested;
use crate::two_disks::TwoDisks as _;
use crate::two_disks::causes::{self, is_full};
use crate::two_disks::recovery::{self, check_opened, format_again, was_opened};
use downbeat::check::{fail, holds, same};
use downbeat::disk::{Damage, FaultLimits, Unit};
use downbeat::{Checked, Run};
use downbeat_lsm::storage::Span;
use downbeat_storage_targets::store::{Attempts, Cause, Refused};

/// What explains that requests are missing after attempts to open the service.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// The entries of the log that are damaged.
    pub(super) broken: Broken,
    /// Whether a crash lost entries of the log although a flush of them had been reported.
    forgotten: bool,
    /// Whether a fault damaged an entry when it was read to open the log. The log may then have
    /// erased it, which removes the damage.
    pub(super) damaged_when_read: bool,
    /// The entries that nothing is wrong with except that sectors are unreadable. An opening
    /// reports them, or writes the sectors.
    pub(super) unreadable: Broken,
    /// Whether the requests that the log has lost are given up. Otherwise the log is repaired.
    gives_up: bool,
    /// The requests without which the service is to be opened next.
    pub(super) given_up: Option<LostRequests>,
}

impl Tested {
    /// Closes the service and opens it again.
    pub(super) fn reopen(&mut self, run: &mut Run) -> Checked {
        Event::Reopened.count(run);
        self.recover(run)
    }

    /// Opens the service after a crash.
    pub(super) fn recover(&mut self, run: &mut Run) -> Checked {
        self.recover_with(Losses::default(), run)
    }

    /// Opens the service again. Gives up what its log has lost.
    pub(super) fn reopen_giving_up(&mut self, run: &mut Run) -> Checked {
        Event::Reopened.count(run);
        self.recover_with(Losses { gives_up: true, ..Losses::default() }, run)
    }

    fn recover_with(&mut self, mut losses: Losses, run: &mut Run) -> Checked {
        // A damaged entry is repaired or given up once, and an unreadable sector as well.
        let failing = 2 + self.armed();
        let mut attempts = Attempts::with(failing);
        // An unreadable sector of the machine fails all attempts, and the log may fail as well
        // before the service counts as lost.
        recovery::recover(self, 2 * failing + 1, run, |tested, attempt, run| {
            attempts.begin(tested.machine_disk());
            match tested.attempt(&attempts, attempt > 0, &mut losses, run)? {
                Ok(()) => {}
                Err(Refused::Again(_)) => return Ok(false),
                Err(Refused::Lost(why)) => tested.format_lost(&why, run)?,
            }
            Ok(true)
        })
    }

    /// Attempts to open the service. `is_repeated` says whether an attempt failed before.
    fn attempt(
        &mut self,
        attempts: &Attempts,
        is_repeated: bool,
        losses: &mut Losses,
        run: &mut Run,
    ) -> Checked<Result<(), Refused>> {
        // An attempt that failed may have erased what it found damaged or lost.
        losses.forgotten |= self.log_disk().is_forgotten(Unit::Block(1));
        // The write of a later entry may still be in the queue, and repair its place.
        losses.broken.add(&self.broken().up_to(self.requests.durable()));
        losses.unreadable = self.unreadable();
        let mut replies = Replies::of_replay(&self.requests);
        let replay = |op, reply: &[u8]| replies.take(op, reply);
        let opened = match &losses.given_up {
            None => self.service.open_again(replay),
            Some(lost) => self.service.open_without(lost, replay),
        };
        let replayed = replies.end();
        // A fault may have damaged an entry that was just read.
        // The queue is empty once the log was opened, which comes after the machine.
        let has_queue = matches!(opened, Err(ServiceError::Store(_)));
        let last = if has_queue { self.requests.durable() } else { u64::MAX };
        losses.broken.add(&self.broken().up_to(last));
        losses.damaged_when_read |= self.log_was_read_damaged();
        match opened {
            Ok(opened) => {
                let (checkpoint, replayed) = (opened.checkpoint, replayed?);
                check_opened(self, &opened)?;
                if !self.may_open_at(checkpoint, is_repeated) {
                    let held = self.course.progress.held();
                    let expected = format!("the checkpoint of {held}, or the one under way");
                    let refused = attempts.opened_elsewhere(expected, checkpoint.to_string());
                    return refused.map(Err);
                }
                self.check_requests(checkpoint, replayed, losses, run)?;
                let last = self.service.log_of_requests().last();
                (checkpoint..last).for_each(|_| run.step());
                was_opened(self, checkpoint, last, run).map(Ok)
            }
            Err(error) => {
                // A store that opens elsewhere, beyond the limits, may replay other requests.
                self.follow_clock();
                run.remark(|| format!("not opened: {error}"));
                self.check_prefetches_end()?;
                self.not_opened(&error, losses, (attempts, is_repeated), run).map(Err)
            }
        }
    }

    /// Compares the requests in the service with the model after it was opened.
    fn check_requests(
        &self,
        checkpoint: u64,
        replayed: Answered,
        losses: &Losses,
        run: &mut Run,
    ) -> Checked {
        let (last, durable) = (self.service.log_of_requests().last(), self.requests.durable());
        let given = self.requests.last();
        holds("requests-are-not-invented", last <= given)
            .show(|| (format!("{given} or fewer requests"), last))
            .or("a service has more requests than it was given")?;
        if last < durable {
            // After a crash, a sector may be readable that was not.
            let is_given_up = losses.given_up.is_some_and(|lost| lost.first <= last + 1);
            let is_cut = is_given_up || self.may_be_cut_at(last + 1, checkpoint, losses);
            holds("durable-survives", is_cut || losses.forgotten)
                .show(|| (durable, last))
                .state(|| [format!("checkpoint {checkpoint}"), losses.broken.to_string()])
                .or("requests that were durable are missing")?;
            FaultEvent::GivenUp.count_if(is_given_up, run);
            FaultEvent::LastGroupLost.count_if(!is_given_up, run);
        }
        let damaged = losses.broken.first_after(checkpoint);
        let is_sound = losses.given_up.is_some() || damaged.is_none_or(|op| last < op);
        holds("damaged-is-not-executed", is_sound)
            .show(|| (format!("requests before {damaged:?}"), last))
            .or("a request was executed although its entry is damaged")?;
        let first = self.requests.next(checkpoint).filter(|op| *op <= last);
        let end = (checkpoint + 1..=last).rev().find(|op| self.requests.value(*op).is_some());
        same("replay-executes-each-request", Answered { first, last: end }, replayed)
            .or("a service opens without executing each request after its checkpoint")
    }

    /// Whether the service may open at this checkpoint.
    fn may_open_at(&self, checkpoint: u64, is_repeated: bool) -> bool {
        self.course.progress.may_open_at(checkpoint, self.requests.last(), is_repeated)
    }

    /// Judges an error of opening: whether the service is lost, or is to be opened again.
    fn not_opened(
        &mut self,
        error: &ServiceError,
        losses: &mut Losses,
        (attempts, is_repeated): (&Attempts, bool),
        run: &mut Run,
    ) -> Checked<Refused> {
        let why = error.to_string();
        match error {
            error if is_full(error) && !self.service.machine().forest().has_reserve() => {
                // The same requests would be executed again.
                Event::FullForGood.count(run);
                return Ok(Refused::Lost(why));
            }
            ServiceError::Store(error) => {
                let cause = causes::of_store(self, error, self.course.opened.0);
                let refused = attempts.refused(cause, why, self.machine_disk())?;
                let again = matches!(refused, Refused::Again(_)) && !self.is_down();
                FaultEvent::OpeningFailed.count_if(again, run);
                return Ok(refused);
            }
            ServiceError::Log(RequestLogError::Damaged(lost)) => {
                let checkpoint = self.service.machine().forest().beat_number();
                if !self.may_open_at(checkpoint, is_repeated) || losses.forgotten {
                    let is_beyond = self.log_disk().limits() == FaultLimits::BEYOND;
                    let cause = if is_beyond { Cause::Damage } else { Cause::None };
                    return attempts.refused(cause, why, self.machine_disk());
                }
                self.check_lost(lost, checkpoint, losses)?;
                FaultEvent::DamageReported.count(run);
                FaultEvent::Unreadable.count_if(losses.unreadable.has(lost.first), run);
                let lacks = self.lacks_requests(checkpoint);
                if losses.gives_up || lacks {
                    // Repairs do not bring back what was given up before.
                    losses.given_up = Some(*lost);
                }
                if !losses.gives_up {
                    self.repair_log(losses);
                }
            }
            // If the disk lost writes of formatting, the log has the label of the log before, or
            // none.
            ServiceError::Log(RequestLogError::OtherLog { .. } | RequestLogError::NotFormatted)
                if losses.forgotten =>
            {
                return Ok(Refused::Lost(why));
            }
            ServiceError::Log(RequestLogError::NotFormatted)
                if losses.damaged_when_read || self.label_is_broken() =>
            {
                FaultEvent::OpeningFailed.count(run);
                self.repair_log(losses);
            }
            ServiceError::Log(error) => {
                if causes::of_log(self, error) == Cause::None {
                    return Err(fail("log-opens", "a log", error)
                        .saying("a log does not open, and its disk does not explain it"));
                }
                let damages = self.log_disk().image().damages();
                if damages.iter().any(|(_, damage)| *damage == Damage::Unreadable) {
                    FaultEvent::Unreadable.count(run);
                    self.repair_log(losses);
                } else {
                    FaultEvent::OpeningFailed.count_if(!self.is_down(), run);
                }
            }
            error => {
                return Err(fail("service-opens", "a service", error)
                    .saying("a service does not open, and the disks do not explain it"));
            }
        }
        Ok(Refused::Again(why))
    }

    /// Repairs the log: the label and the entries get back what was written, and other damaged
    /// sectors are erased. Of the broken entries, only those stay broken that an opening erased.
    fn repair_log(&mut self, losses: &mut Losses) {
        let size = self.log_disk().layout().sector_size();
        let device = self.service.log_of_requests().storage();
        let entries = self.ring.entries().iter();
        let entries =
            entries.map(|it| device.on_disk(Span { offset: it.offset, length: it.size as usize }));
        let kept: Vec<Span> = entries.chain([device.label()]).collect();
        let image = self.disks_mut()[1].image_mut();
        let damaged: Vec<u64> =
            image.damages().iter().map(|(sector, _)| image.offset_of(*sector)).collect();
        for offset in damaged {
            let mut bytes = vec![0; size];
            let sector = Span { offset, length: size };
            if kept.iter().any(|span| span.overlaps(&sector)) {
                image.read_undamaged(offset, &mut bytes);
            }
            image.write(offset, &bytes);
        }
        image.flush();
        losses.broken = self.erased(&losses.broken);
    }

    /// Formats lost disks again.
    fn format_lost(&mut self, why: &str, run: &mut Run) -> Checked {
        FaultEvent::FormattedAnew.count(run);
        run.remark(|| format!("formatted again: {why}"));
        self.restart();
        format_again(self, run)
    }
}
