//! Formatting, reopening and recovery.
//!
//! - While the service opens and replays, power may be lost again, and the disks may fail. The
//!   service is then opened again.
//! - Within the fault limits the service always opens. Beyond the limits it may fail to open, if a
//!   disk is damaged at the place that the error names. If the damage is in the log, it is repaired
//!   and the service opened again. If it is in the machine, both disks are formatted again.

use downbeat_lsm::request_log::RequestLogError;
use downbeat_lsm::state_machine::{Opened, ServiceError};

use super::damage::Broken;
use super::events::{Event, FaultEvent};
use super::executed::{Answered, Replies};
use super::states;
use super::tested::{Failed, Tested};
use crate::two_disks::clock::Crash;
use crate::two_disks::{TwoDisks as _, causes};
use downbeat::check::{equal, fail, holds, same};
use downbeat::disk::{Damage, FaultLimits, Unit};
use downbeat::{Checked, Run};
use downbeat_lsm::forest::StoreError;
use downbeat_lsm::storage::Span;
use downbeat_storage_targets::store::full::full;
use downbeat_storage_targets::store::{Attempts, Cause, Refused, hang};

/// The number of the first service of a run.
pub(super) const FIRST: u64 = 7;

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
}

impl Tested {
    /// Formats the disks, which are not damaged.
    pub(super) fn format(&mut self, run: &mut Run) -> Checked {
        for _ in 0..2 + self.armed() {
            self.opening_begins();
            let number = FIRST + self.formatted;
            self.formatted += 1;
            let Err(error) = self.service.format_again(number) else {
                return self.was_formatted(number);
            };
            self.explained(&error, run)?;
            self.restart();
        }
        Err(hang("a service that does not open".to_owned()).saying("the disks cannot be formatted"))
    }

    fn was_formatted(&mut self, number: u64) -> Checked {
        equal("service-has-its-number", number, self.service.machine().forest().number())
            .or("a service is formatted with another number than the one that was given")?;
        self.requests.clear();
        self.ring.release(u64::MAX);
        self.ring.reopen(0);
        self.progress.reopen(0);
        self.never_crashed.clear();
        (self.restarts, self.prefetched) = (0, 0);
        self.failed = Failed::No;
        self.disks_mut()[0].settle();
        self.check_service()
    }

    /// Closes the service and opens it again.
    pub(super) fn reopen(&mut self, run: &mut Run) -> Checked {
        run.step();
        Event::Reopened.count(run);
        self.recover(run)
    }

    /// Opens the service after power was lost.
    pub(super) fn power_lost(&mut self, run: &mut Run) -> Checked {
        run.step();
        self.recover(run)
    }

    /// Ends the process: notes a loss of power, and restarts the disks.
    fn process_ends(&mut self, run: &mut Run) {
        self.harvest(run);
        FaultEvent::Killed.count_if(self.power.clock.crashed() == Some(Crash::Process), run);
        if self.power.clock.crashed() == Some(Crash::Power) {
            FaultEvent::Crash.count(run);
            run.state(states::CrashAfter, self.power.clock.last().number());
            run.state(states::CrashIn, self.phase);
        }
        FaultEvent::OpenedAnew.count_if(self.power.anew, run);
        self.restart();
    }

    fn recover(&mut self, run: &mut Run) -> Checked {
        // A damaged entry is repaired once, and an unreadable sector as well.
        let failing = 2 + self.armed();
        let mut attempts = Attempts::with(failing);
        let mut losses = Losses::default();
        // An unreadable sector of the machine fails all attempts, and the log may fail as well
        // before the service counts as lost.
        for attempt in 0..2 * failing + 1 {
            self.process_ends(run);
            attempts.begin(self.machine_disk());
            self.opening_begins();
            // An attempt that failed may have erased what it found damaged or lost.
            losses.forgotten |= self.log_disk().is_forgotten(Unit::Block(1));
            // The write of a later entry may still be in the queue, and repair its place.
            losses.broken.add(&self.broken().up_to(self.requests.durable()));
            self.phase = 3;
            let mut replies = Replies::of_replay(&self.requests);
            let opened = self.service.open_again(|op, reply| replies.take(op, reply));
            let replayed = replies.end();
            // A fault may have damaged an entry that was just read.
            // The queue is empty once the log was opened, which comes after the machine.
            let has_queue = matches!(opened, Err(ServiceError::Store(_)));
            let last = if has_queue { self.requests.durable() } else { u64::MAX };
            losses.broken.add(&self.broken().up_to(last));
            losses.damaged_when_read |= self.log_was_read_damaged();
            match opened {
                Ok(opened) => {
                    let replayed = replayed?;
                    if let Err(refused) = self.check_opened(&opened, &attempts, attempt > 0)? {
                        return self.format_lost(&refused, run);
                    }
                    return self.was_opened(&opened, replayed, &losses, run);
                }
                Err(error) => {
                    // A store that opens elsewhere, beyond the limits, may replay other requests.
                    self.follow_clock();
                    run.remark(|| format!("not opened: {error}"));
                    self.check_prefetches_end()?;
                    if let Err(why) =
                        self.not_opened(&error, &mut losses, (&attempts, attempt > 0), run)?
                    {
                        return self.format_lost(&why, run);
                    }
                }
            }
        }
        Err(hang("a service that does not open".to_owned()).saying("a service does not open"))
    }

    /// Checks the checkpoint at which the service opened. Returns a reason if the service is lost.
    /// `is_repeated` says whether an attempt failed before.
    fn check_opened(
        &self,
        opened: &Opened,
        attempts: &Attempts,
        is_repeated: bool,
    ) -> Checked<Result<(), String>> {
        let number = FIRST + self.formatted - 1;
        equal("service-has-its-number", number, opened.number)
            .or("a service opens with another number than the one that it was given")?;
        let Opened { checkpoint, taken_at, .. } = *opened;
        equal("checkpoint-was-taken-a-bar-later", self.progress.taken_at(checkpoint), taken_at)
            .or("a checkpoint was taken at another request than the end of the bar after it")?;
        if self.progress.may_open_at(checkpoint, self.requests.last(), is_repeated) {
            return Ok(Ok(()));
        }
        let expected = format!("the checkpoint of {}, or the one under way", self.progress.held());
        match attempts.opened_elsewhere(expected, checkpoint.to_string())? {
            Refused::Again(why) | Refused::Lost(why) => Ok(Err(why)),
        }
    }

    /// Compares the requests in the service with the model after it was opened.
    fn was_opened(
        &mut self,
        opened: &Opened,
        replayed: Answered,
        losses: &Losses,
        run: &mut Run,
    ) -> Checked {
        let (last, given) = (self.service.log_of_requests().last(), self.requests.last());
        let (acknowledged, durable) = (self.requests.acknowledged(), self.requests.durable());
        let checkpoint = opened.checkpoint;
        holds("requests-are-not-invented", last <= given)
            .show(|| (format!("{given} or fewer requests"), last))
            .or("a service has more requests than it was given")?;
        if last < durable {
            let is_cut = self.may_be_cut_at(last + 1, checkpoint, losses);
            holds("durable-survives", is_cut || losses.forgotten)
                .show(|| (durable, last))
                .state(|| [format!("checkpoint {checkpoint}"), losses.broken.to_string()])
                .or("requests that were durable are missing")?;
            FaultEvent::LastGroupLost.count(run);
        }
        let damaged = losses.broken.first_after(checkpoint);
        holds("damaged-is-not-executed", damaged.is_none_or(|op| last < op))
            .show(|| (format!("requests before {damaged:?}"), last))
            .or("a request was executed although its entry is damaged")?;
        let first = self.requests.next(checkpoint).filter(|op| *op <= last);
        let end = (checkpoint + 1..=last).rev().find(|op| self.requests.value(*op).is_some());
        same("replay-executes-each-request", Answered { first, last: end }, replayed)
            .or("a service opens without executing each request after its checkpoint")?;
        let replay = last - checkpoint;
        (0..replay).for_each(|_| run.step());
        run.state(states::Replay, states::size(replay as u32));
        run.state(states::Room, (8 * replay / self.progress.room_max()) as usize);
        if given > acknowledged {
            Event::SomeSurvived.count_if(last > acknowledged, run);
            Event::TailCut.count_if(last < given, run);
        }
        if checkpoint != self.progress.held() {
            FaultEvent::OpenedUnderWay.count(run);
        }
        self.requests.reopen(last);
        self.progress.reopen(checkpoint);
        self.never_crashed.reopen(checkpoint);
        self.checkpoint(checkpoint);
        self.ring.reopen(last);
        self.ran_beats(last, run);
        self.failed = Failed::No;
        self.restarts += 1;
        run.result(last);
        self.check_service()
    }

    /// Judges an error of opening. Returns a reason if the service is lost, and nothing if it is to
    /// be opened again.
    fn not_opened(
        &mut self,
        error: &ServiceError,
        losses: &mut Losses,
        (attempts, is_repeated): (&Attempts, bool),
        run: &mut Run,
    ) -> Checked<Result<(), String>> {
        let why = error.to_string();
        match error {
            ServiceError::Store(StoreError::ReadOnly(failed)) if full(failed).is_some() => {
                // The same requests would be executed again.
                Event::FullForGood.count(run);
                Ok(Err(why))
            }
            ServiceError::Store(error) => {
                let cause = causes::of_store(self, error, self.power.opened.0);
                match attempts.refused(cause, why, self.machine_disk())? {
                    Refused::Again(_) => {
                        FaultEvent::OpeningFailed.count_if(!self.is_down(), run);
                        Ok(Ok(()))
                    }
                    Refused::Lost(why) => Ok(Err(why)),
                }
            }
            ServiceError::Log(RequestLogError::Damaged { op }) => {
                let checkpoint = self.service.machine().forest().beat_number();
                let may_open =
                    self.progress.may_open_at(checkpoint, self.requests.last(), is_repeated);
                if !may_open || losses.forgotten {
                    let is_beyond = self.log_disk().limits() == FaultLimits::BEYOND;
                    let attempted = attempts.refused(
                        if is_beyond { Cause::Damage } else { Cause::None },
                        why,
                        self.machine_disk(),
                    )?;
                    let (Refused::Again(why) | Refused::Lost(why)) = attempted;
                    return Ok(Err(why));
                }
                let damaged = losses.broken.first_after(checkpoint);
                holds("damage-is-reported-where-it-is", damaged == Some(*op))
                    .show(|| (format!("damage of {damaged:?}"), format!("{op}")))
                    .or("a log is refused for damage that it does not have")?;
                FaultEvent::DamageReported.count(run);
                self.repair_log();
                losses.broken = self.erased(&losses.broken);
                Ok(Ok(()))
            }
            // If the disk lost writes of formatting, the log has the label of the log before, or
            // none.
            ServiceError::Log(RequestLogError::OtherLog { .. } | RequestLogError::NotFormatted)
                if losses.forgotten =>
            {
                Ok(Err(why))
            }
            ServiceError::Log(RequestLogError::NotFormatted)
                if losses.damaged_when_read || self.label_is_broken() =>
            {
                FaultEvent::OpeningFailed.count(run);
                self.repair_log();
                losses.broken = self.erased(&losses.broken);
                Ok(Ok(()))
            }
            ServiceError::Log(error) => {
                if causes::of_log(self, error) == Cause::None {
                    return Err(fail("log-opens", "a log", error)
                        .saying("a log does not open, and its disk does not explain it"));
                }
                let damages = self.log_disk().image().damages();
                if damages.iter().any(|(_, damage)| *damage == Damage::Unreadable) {
                    FaultEvent::Unreadable.count(run);
                    self.repair_log();
                    losses.broken = self.erased(&losses.broken);
                } else {
                    FaultEvent::OpeningFailed.count_if(!self.is_down(), run);
                }
                Ok(Ok(()))
            }
            error => Err(fail("service-opens", "a service", error)
                .saying("a service does not open, and the disks do not explain it")),
        }
    }

    /// Repairs the log: the label and the entries get back what was written, and other damaged
    /// sectors are erased.
    fn repair_log(&mut self) {
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
    }

    /// Formats lost disks again, after their damage is removed.
    fn format_lost(&mut self, why: &str, run: &mut Run) -> Checked {
        FaultEvent::FormattedAnew.count(run);
        run.remark(|| format!("formatted again: {why}"));
        self.restart();
        for disk in self.disks_mut() {
            // Drops the operations of the lost service.
            disk.restart();
            disk.image_mut().repair_all();
        }
        self.format(run)
    }
}
