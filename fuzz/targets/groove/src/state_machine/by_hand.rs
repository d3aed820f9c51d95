//! Requests phase by phase, without the service: append and flush, prefetch, commit, compact, and
//! release after a checkpoint.
//!
//! - Requests are in the log before earlier ones are executed. Some are appended while the machine
//!   waits for its device, and become durable later.
//! - Between two phases, I/Os of the machine complete.

use downbeat_lsm::request_log::RequestLogError;
use downbeat_lsm::state_machine::{Echo, Job, JobState, Request, ServiceError, StateMachine as _};

use super::events::Event;
use super::executed::check_reply;
use super::tested::Tested;
use crate::two_disks::recovery::ran_beats;
use crate::two_disks::{Failed, TwoDisks as _, causes};
use downbeat::check::{equal, fail, same};
use downbeat::{Checked, Run};
use downbeat_model::state_machine::client;

/// A job that waits for its device this many times is a finding.
const BOUND: u64 = 1 << 20;

/// A run of requests by hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByHand {
    /// How many requests are executed.
    pub(super) count: u32,
    /// How many of them are in the log before the first of them is executed.
    pub(super) ahead: u32,
    /// How many I/Os complete between two phases.
    pub(super) steps: u32,
    /// The size of the bodies.
    pub(super) size: usize,
}

type Phase<T = ()> = Result<T, ServiceError>;

impl Tested {
    /// Executes requests by hand.
    pub(super) fn by_hand(&mut self, hand: ByHand, run: &mut Run) -> Checked {
        if self.is_full() || !self.accepts((hand.count + hand.ahead) as usize) {
            // A caller that appends requests itself asks before whether they fit.
            let body = self.next_body(hand.size);
            return self.execute(&[(client(0), body)], run);
        }
        let first = self.requests.last() + 1;
        let mut left = hand.count;
        let mut next = first;
        while next <= self.requests.last() || left > 0 {
            let phases = self.request_by_hand(next, &hand, &mut left, run)?;
            if let Err(error) = phases {
                self.course.failed = Failed::ByHand;
                return causes::call_failed(self, &error, run);
            }
            next += 1;
        }
        Event::ByHand.count(run);
        self.check_service()
    }

    /// Executes the request with this number by hand.
    fn request_by_hand(
        &mut self,
        op: u64,
        hand: &ByHand,
        left: &mut u32,
        run: &mut Run,
    ) -> Checked<Phase> {
        while *left > 0 && self.requests.last() + 1 < op + u64::from(hand.ahead.max(1)) {
            match self.append_by_hand(hand.size, run) {
                Ok(true) => *left -= 1,
                Ok(false) => break,
                Err(error) => return Ok(Err(error.into())),
            }
        }
        let (_, log) = self.service.parts_mut();
        if log.durable() < op {
            if let Err(error) = log.flush() {
                return Ok(Err(error.into()));
            }
            self.requests.flushed();
        }
        let body = self.requests.body(op).unwrap_or(&[]).to_vec();
        let request =
            Request { client: self.requests.client(op), operation: Echo::Echo, body: &body };
        self.complete(hand.steps);

        self.service.machine_mut().prefetch(op, request.operation, request.body);
        self.check_job(Job::Prefetch(op))?;
        if let Err(error) = self.job_by_hand(hand, left, run)? {
            return Ok(Err(error));
        }
        self.complete(hand.steps);

        let mut reply = Vec::new();
        let Request { client, operation, body } = request;
        let machine = self.service.machine_mut();
        if let Err(error) = machine.commit(client, op, op, operation, body, &mut reply) {
            return Ok(Err(error.into()));
        }
        check_reply(&self.requests, op, &reply)?;
        self.requests.acknowledge(op);
        self.complete(hand.steps);

        if let Err(error) = self.service.machine_mut().compact(op) {
            return Ok(Err(error.into()));
        }
        self.check_job(Job::Compact(op))?;
        let taken = match self.job_by_hand(hand, left, run)? {
            Ok(taken) => taken,
            Err(error) => return Ok(Err(error)),
        };
        ran_beats(self, op, run);
        if let Some(held) = taken {
            let (_, log) = self.service.parts_mut();
            log.release(held);
            equal("checkpoint-comes-when-due", self.course.progress.held(), held)
                .or("a beat by hand takes another checkpoint than the one that is due")?;
        }
        self.complete(hand.steps);
        Ok(Ok(()))
    }

    /// Appends a request to the log. Returns whether there was room.
    fn append_by_hand(&mut self, size: usize, run: &mut Run) -> Result<bool, RequestLogError> {
        if self.service.log_of_requests().room() == 0 {
            return Ok(false);
        }
        let body = self.next_body(size);
        let client = client(self.stamp as u32);
        let mut bytes = Vec::new();
        Request { client, operation: Echo::Echo, body: &body }.write(&mut bytes);
        let (_, log) = self.service.parts_mut();
        let durable = log.durable();
        log.append(&bytes)?;
        self.push(Some((client, &body)), durable, run);
        Ok(true)
    }

    /// Continues the job of the machine to its end. Appends a request to the log when the job first
    /// waits, if `left` allows it.
    fn job_by_hand(
        &mut self,
        hand: &ByHand,
        left: &mut u32,
        run: &mut Run,
    ) -> Checked<Phase<Option<u64>>> {
        let mut appends = hand.ahead > 1;
        for _ in 0..BOUND {
            let machine = self.service.machine_mut();
            let mut state = machine.advance();
            if state == Ok(JobState::Waiting) {
                if std::mem::take(&mut appends) && *left > 0 {
                    match self.append_by_hand(hand.size, run) {
                        Ok(appended) => {
                            *left -= u32::from(appended);
                            Event::AppendedInJob.count_if(appended, run);
                        }
                        Err(error) => return Ok(self.end_job(error.into())),
                    }
                }
                state = self.service.machine_mut().step();
            }
            match state {
                Ok(JobState::Waiting) => {}
                Ok(JobState::Ended { checkpoint }) => {
                    self.check_job(Job::Idle)?;
                    return Ok(Ok(checkpoint));
                }
                Err(error) => {
                    self.check_job(Job::Idle)?;
                    return Ok(Err(error.into()));
                }
            }
        }
        Err(fail("job-ends", "an end", format!("{:?}", self.service.machine().job()))
            .saying("a job of the machine does not end"))
    }

    /// Ends the job that is under way although the log failed, so that the machine can be read.
    fn end_job(&mut self, error: ServiceError) -> Phase<Option<u64>> {
        match self.service.machine_mut().run() {
            Ok(_) => Err(error),
            Err(other) => Err(other.into()),
        }
    }

    /// Checks that prefetches end, whatever failed before. Their results depend on the disk.
    pub(super) fn check_prefetches_end(&mut self) -> Checked {
        let op = self.requests.last() + 1;
        for _ in 0..2 {
            let machine = self.service.machine_mut();
            machine.prefetch(op, Echo::Echo, &[]);
            let _ = machine.run();
            self.check_job(Job::Idle)?;
        }
        Ok(())
    }

    fn check_job(&self, expected: Job) -> Checked {
        same("job-says-its-phase", expected, self.service.machine().job())
            .or("the machine says that another job is under way")
    }

    /// Lets up to `count` I/Os of the machine complete between two jobs.
    pub(super) fn complete(&mut self, count: u32) {
        let forest = self.service.machine_mut().forest_mut();
        for _ in 0..count {
            if !forest.step() {
                break;
            }
        }
    }

    /// Lets all I/Os of the machine complete.
    pub(super) fn settle(&mut self) -> Checked {
        self.complete(u32::MAX);
        let is_idle = self.is_down() || self.service.machine().forest().grid().is_idle();
        equal("waiting-ends", true, is_idle).or("the grid waits, and nothing completes")
    }
}
