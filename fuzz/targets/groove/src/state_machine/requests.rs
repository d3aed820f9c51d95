//! Requests through the service: one, groups, workloads, requests that are too long, and beats
//! without requests.

use downbeat_lsm::forest::Fullness;
use downbeat_lsm::state_machine::{Echo, Request, ServiceError, StateMachine as _, Workload};

use super::events::Event;
use super::executed::Replies;
use super::states;
use super::tested::Tested;
use crate::two_disks::TwoDisks as _;
use crate::two_disks::recovery::{format_again, ran_beats};
use downbeat::check::{fail, same};
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::state_machine::{Size, body, client};

/// A full service is formatted again after this number of refusals. Echo removes nothing, so the
/// service would refuse the rest of a long history.
const REFUSALS_MAX: u32 = 512;

impl Tested {
    /// The size of a body.
    pub(super) fn size(&self, size: Size) -> usize {
        let sector = self.log_disk().layout().sector_size();
        size.of(self.options.body_size_max as usize, sector)
    }

    /// The body of the next request.
    pub(super) fn next_body(&mut self, size: usize) -> Vec<u8> {
        self.stamp += 1;
        let mut bytes = Vec::new();
        body(self.stamp, size, &mut bytes);
        bytes
    }

    /// Executes a group of requests of consecutive clients.
    pub(super) fn group(&mut self, count: u32, first: u32, size: usize, run: &mut Run) -> Checked {
        let bodies: Vec<_> =
            (0..count).map(|number| (client(first + number), self.next_body(size))).collect();
        run.state(states::Group, octave(u64::from(count)) - 1);
        self.execute(&bodies, run)
    }

    /// Executes requests, which become durable together if the log has room for them.
    pub(super) fn execute(&mut self, bodies: &[(u128, Vec<u8>)], run: &mut Run) -> Checked {
        if self.is_full() {
            return self.full_refuses(bodies, run);
        }
        if bodies.len() > 1 && !self.accepts(bodies.len()) {
            // The service may be full before the last of them.
            Event::NearlyFull.count(run);
            for body in bodies {
                if !self.course.has_failed() {
                    self.execute(std::slice::from_ref(body), run)?;
                }
            }
            return Ok(());
        }
        let before = self.requests.last();
        self.push_all(bodies.iter().map(|(client, body)| Some((*client, body.as_slice()))), run);
        let group: Vec<_> = bodies
            .iter()
            .map(|(client, body)| Request { client: *client, operation: Echo::Echo, body })
            .collect();
        let mut replies = Replies::after(before, &self.requests);
        let executed = self.service.execute(&group, |op, reply| replies.take(op, reply));
        let answered = replies.end()?;
        match executed {
            Ok(()) => {
                self.check_answered(answered)?;
                self.all_executed(run)
            }
            Err(error) => {
                let answered = answered.last.unwrap_or(before);
                self.requests.acknowledge(answered);
                ran_beats(self, answered, run);
                self.service_failed(error, run)
            }
        }
    }

    /// Whether the service is full for requests.
    pub(super) fn is_full(&self) -> bool {
        !self.course.has_failed()
            && self.service.machine().forest().fullness() > Fullness::NearlyFull
    }

    /// Whether the service certainly accepts so many requests, which can become durable together.
    pub(super) fn accepts(&mut self, count: usize) -> bool {
        self.course.has_failed()
            || self.service.machine_mut().accepts_for(count as u64) >= count as u64
    }

    /// Checks that a service that is full refuses requests and goes on.
    fn full_refuses(&mut self, bodies: &[(u128, Vec<u8>)], run: &mut Run) -> Checked {
        run.step();
        let group: Vec<_> = bodies
            .iter()
            .map(|(client, body)| Request { client: *client, operation: Echo::Echo, body })
            .collect();
        let executed = self.service.execute(&group, |_, _| {});
        let expected = if group.is_empty() { Ok(()) } else { Err(ServiceError::Full { place: 0 }) };
        same("full-refuses-requests", expected, executed)
            .or("a service that is full executes a request, or gives another error")?;
        Event::Refused.count_if(!group.is_empty(), run);
        self.refusals += 1;
        if self.refusals == REFUSALS_MAX {
            Event::FullForGood.count(run);
            self.restart();
            return format_again(self, run);
        }
        self.check_service()
    }

    /// Executes a workload, `group` requests at a time.
    pub(super) fn workload(&mut self, count: u32, group: u32, run: &mut Run) -> Checked {
        self.stamp += 1;
        let limit = self.options.body_size_max as usize;
        let mut workload = Workload::new(self.stamp, u64::from(count), limit);
        let client = client(0);
        while !workload.is_done() && !self.refuses() && !self.is_full() {
            for _ in 0..group {
                if workload.next_body().is_none() {
                    break;
                }
            }
            let bodies: Vec<_> =
                workload.open(client).map(|it| (it.client, it.body.to_vec())).collect();
            self.execute(&bodies, run)?;
            if self.refuses() {
                break;
            }
            for (_, body) in &bodies {
                if let Err(error) = workload.reply(body) {
                    return Err(fail("workload-knows-its-requests", "the oldest request", error)
                        .saying("a workload does not accept the reply to its oldest request"));
                }
            }
        }
        Event::Workload.count_if(workload.is_done(), run);
        Ok(())
    }

    /// Executes requests of which the one at `place` is too long. None of them is executed.
    pub(super) fn too_long(&mut self, count: u32, place: usize, run: &mut Run) -> Checked {
        run.step();
        let limit = self.options.body_size_max as usize;
        let bodies = [vec![0; limit], vec![0; limit + 1]];
        let group: Vec<_> = (0..count as usize)
            .map(|other| Request {
                client: 1,
                operation: Echo::Echo,
                body: &bodies[usize::from(other == place)],
            })
            .collect();
        let executed = self.service.execute(&group, |_, _| {});
        same("too-long-is-refused", Err(ServiceError::InvalidRequest { place }), executed)
            .or("a group with a request that is too long is not refused")?;
        Event::TooLong.count(run);
        self.check_service()
    }

    /// Runs beats without requests.
    pub(super) fn idle(&mut self, beats: u32, run: &mut Run) -> Checked {
        self.push_all((0..beats).map(|_| None), run);
        Event::Idle.count(run);
        match self.service.idle(beats as usize) {
            Ok(()) => self.all_executed(run),
            Err(error) => self.service_failed(error, run),
        }
    }

    /// Requests a checkpoint that contains all requests so far.
    pub(super) fn want(&mut self, run: &mut Run) {
        run.step();
        Event::Wanted.count(run);
        self.service.machine_mut().checkpoint();
        self.course.progress.want(self.requests.last());
    }
}
