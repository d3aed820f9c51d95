//! What follows from calls that execute requests.

use super::events::Event;
use super::tested::Tested;
use crate::two_disks::recovery::ran_beats;
use crate::two_disks::{Failed, TwoDisks as _};
use downbeat::check::{equal, fail, holds, same};
use downbeat::{Checked, Divergence, Run};
use downbeat_model::state_machine::Requests;

/// Checks the replies of a call, which have consecutive numbers apart from beats without requests.
#[derive(Debug)]
pub(super) struct Replies<'a> {
    requests: &'a Requests,
    /// The number of the last reply, or the one before the first; `None` if it is unknown.
    last: Option<u64>,
    /// The number of the first reply.
    first: Option<u64>,
    wrong: Option<Divergence>,
}

/// The numbers of the first and the last reply of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) first: Option<u64>,
    pub(super) last: Option<u64>,
}

impl<'a> Replies<'a> {
    /// Expects the replies after that of request `last`.
    pub(super) fn after(last: u64, requests: &'a Requests) -> Self {
        Self { requests, last: Some(last), first: None, wrong: None }
    }

    /// Expects replies from an unknown request on.
    pub(super) fn of_replay(requests: &'a Requests) -> Self {
        Self { requests, last: None, first: None, wrong: None }
    }

    /// Takes a reply.
    pub(super) fn take(&mut self, op: u64, reply: &[u8]) {
        if self.wrong.is_none() {
            self.wrong = self.check(op, reply).err();
        }
        self.first = self.first.or(Some(op));
        self.last = Some(op);
    }

    fn check(&self, op: u64, reply: &[u8]) -> Checked {
        if let Some(last) = self.last {
            let next = self.requests.next(last);
            same("every-request-is-answered", next, Some(op))
                .or("a reply is that of another request than the next one")?;
        }
        check_reply(self.requests, op, reply)
    }

    /// Which requests have a reply.
    pub(super) fn end(self) -> Checked<Answered> {
        self.wrong.map_or(Ok(Answered { first: self.first, last: self.last }), Err)
    }
}

/// Checks that a reply is the body of its request.
pub(super) fn check_reply(requests: &Requests, op: u64, reply: &[u8]) -> Checked {
    let body = requests.body(op).unwrap_or(&[]);
    holds("reply-is-body", body == reply)
        .show(|| (format!("{body:x?}"), format!("{reply:x?}")))
        .or("a reply differs from its request")
}

impl Tested {
    /// Adds a request to the model, or a beat without one. `durable` is the last request that is
    /// durable when the log appends it.
    pub(super) fn push(&mut self, request: Option<(u128, &[u8])>, durable: u64, run: &mut Run) {
        run.step();
        let (op, size) = match request {
            Some((client, body)) => (self.requests.push(client, body), body.len()),
            None => (self.requests.push_idle(), 0),
        };
        Event::Wrapped.count_if(self.ring.push(op, size, durable), run);
    }

    /// Adds the requests of a call to the model. The service splits them where the log has no room,
    /// and executes the first part, which makes room, before it appends the second.
    pub(super) fn push_all<'a>(
        &mut self,
        requests: impl Iterator<Item = Option<(u128, &'a [u8])>>,
        run: &mut Run,
    ) {
        let mut progress = self.course.progress.clone();
        let mut durable = self.requests.last();
        for request in requests {
            let last = self.requests.last();
            if progress.makes_room(last) {
                Event::GroupSplit.count(run);
                durable = last;
            }
            self.push(request, durable, run);
        }
    }

    /// Notes that all requests were executed and acknowledged.
    pub(super) fn all_executed(&mut self, run: &mut Run) -> Checked {
        let last = self.requests.last();
        self.requests.acknowledge(last);
        ran_beats(self, last, run);
        self.check_service()
    }

    /// Notes a checkpoint that contains the requests up to `held`.
    pub(super) fn checkpoint(&mut self, held: u64) {
        self.ring.release(held);
        self.never_crashed.checkpoint(held);
    }

    /// Checks that a call answered all of its requests.
    pub(super) fn check_answered(&self, answered: Answered) -> Checked {
        match answered.last.and_then(|last| self.requests.next(last)) {
            None => Ok(()),
            Some(op) => Err(fail("every-request-is-answered", format!("a reply to {op}"), "none")
                .saying("a call ends without a reply to each of its requests")),
        }
    }

    /// Checks that a service that failed refuses to run beats, with the same error.
    pub(super) fn check_refuses(&mut self) -> Checked {
        let Failed::Service(error) = self.course.failed else { return Ok(()) };
        let last = self.service.log_of_requests().last();
        same("failed-service-refuses", Err(error), self.service.idle(1))
            .or("a service that failed runs beats, or refuses them with another error")?;
        equal("failed-service-refuses", last, self.service.log_of_requests().last())
            .or("a service that failed takes a request")
    }
}
