//! Judges inputs, one after the other, in a separate process, because an input may hang, end the
//! process, or take too much memory.
//!
//! An input whose process dies, or must be ended, fails; the kind of death names the check. The
//! next input runs in a new process.
//!
//! Invariant: each input runs in a new world, so that no input fails because of an earlier one. A
//! judge made by [`Judge::reusing`] is the exception.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use downbeat_protocol::message::{Interference, Ran, Reply, Request, RunRequest};
use downbeat_protocol::{CANARY_VARIABLE, Explained, Failure, MEMORY, Tally};

use crate::program::{Conversation, Program, failure_of_death};

/// Time between two checks of `stop`.
const LOOK: Duration = Duration::from_millis(20);

/// The result of an input.
#[derive(Debug)]
pub struct Judged {
    /// Whether the input passes.
    pub verdict: Verdict,
    /// Each operation and what happened, up to the end or the failure. Empty unless `explain` was
    /// set.
    pub history: Vec<Explained>,
    /// The figures of the run; `None` if the process died or was ended.
    pub tally: Option<Tally>,
    /// The number of I/Os that completed on the world's simulated disk; 0 if the process died or
    /// was ended.
    pub device_operations: u64,
    /// Time until the last operation of the history began.
    pub(crate) reached: Duration,
    /// Time until the verdict.
    pub(crate) took: Duration,
}

/// Whether an input passes.
#[derive(Debug)]
pub enum Verdict {
    /// The input passes.
    Passes,
    /// The input fails.
    Fails(Failure),
    /// The caller set `stop` before the verdict.
    Stopped,
}

impl Judged {
    /// The failure, if the input fails.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match &self.verdict {
            Verdict::Fails(failure) => Some(failure),
            Verdict::Passes | Verdict::Stopped => None,
        }
    }
}

/// Judges inputs of one target.
pub struct Judge<'a> {
    program: &'a Program,
    canary: bool,
    /// Whether each input runs in a new world.
    renew: bool,
    memory: u64,
    interference: Option<Interference>,
    conversation: Option<Conversation>,
}

impl<'a> Judge<'a> {
    /// A judge of the inputs of `program`, with the canary on or off.
    #[must_use]
    pub fn new(program: &'a Program, canary: bool) -> Self {
        Judge {
            program,
            canary,
            renew: true,
            memory: MEMORY,
            interference: None,
            conversation: None,
        }
    }

    /// Creates a judge that runs all inputs in one world, which is reset for each input. It is
    /// faster for many inputs that pass. The canary is on if its environment variable is set.
    #[must_use]
    pub fn reusing(program: &'a Program) -> Self {
        let canary = std::env::var_os(CANARY_VARIABLE).is_some();
        let mut judge = Judge::new(program, canary);
        judge.renew = false;
        judge
    }

    /// Sets a fault that occurs in every following run, in addition to the faults of the input.
    pub fn set_interference(&mut self, interference: Option<Interference>) {
        self.interference = interference;
    }

    /// Ends the process, so that the next input runs in a new one. From then on, a process may take
    /// `bytes` bytes of memory.
    pub(crate) fn renew(&mut self, bytes: u64) {
        if let Some(conversation) = self.conversation.take() {
            conversation.close();
        }
        self.memory = bytes;
    }

    /// Judges `input` with the time limit `limit`. With `explain`, records each operation.
    ///
    /// # Errors
    ///
    /// Returns an error if no process can be started.
    pub fn judge(
        &mut self,
        input: &[u8],
        explain: bool,
        limit: Duration,
        stop: &AtomicBool,
    ) -> Result<Judged> {
        let conversation = match &mut self.conversation {
            Some(conversation) => conversation,
            None => {
                let service = self.program.service(self.canary);
                self.conversation.insert(Conversation::open(service, self.memory)?)
            }
        };
        let start = Instant::now();
        let mut history: Vec<Explained> = Vec::new();
        let mut reached = Duration::ZERO;
        let how = RunRequest { explain, renew: self.renew, interference: self.interference };
        conversation.send(Request::Run(how), input);
        loop {
            let left = limit.saturating_sub(start.elapsed());
            let verdict = match conversation.reply_within(left.min(LOOK)) {
                Ok(Reply::Began { before, operation }) => {
                    if let (Some(last), Some(before)) = (history.last_mut(), before) {
                        *last = before;
                    }
                    history.push(Explained::new(operation));
                    reached = start.elapsed();
                    continue;
                }
                Ok(Reply::Does(plain)) => {
                    if let Some(now) = history.last_mut() {
                        now.did.push(plain);
                    }
                    continue;
                }
                Ok(Reply::Ran(ran)) => {
                    let Ran { failure, last, tally, device_operations } = *ran;
                    if let (Some(place), Some(last)) = (history.last_mut(), last) {
                        *place = last;
                    }
                    let verdict = failure.map_or(Verdict::Passes, Verdict::Fails);
                    let (tally, took) = (Some(tally), start.elapsed());
                    return Ok(Judged {
                        verdict,
                        history,
                        tally,
                        device_operations,
                        reached,
                        took,
                    });
                }
                Ok(other) => bail!("{} sent an unexpected reply: {other:?}", self.program.name()),
                Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => Verdict::Stopped,
                Err(RecvTimeoutError::Timeout) if left > LOOK => continue,
                Err(RecvTimeoutError::Timeout) => {
                    let what = format!("one input does not end (within {limit:.1?})");
                    Verdict::Fails(Failure::without_verdict(self.program.name(), "hang", what))
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let conversation = self.conversation.take();
                    let (status, said) =
                        conversation.map_or((None, String::new()), Conversation::close);
                    Verdict::Fails(failure_of_death(self.program.name(), status, &said))
                }
            };
            // The process cannot judge another input.
            if let Some(conversation) = self.conversation.take() {
                conversation.close();
            }
            let verdict = at_operation(verdict, &history);
            let took = start.elapsed();
            let (tally, device_operations) = (None, 0);
            return Ok(Judged { verdict, history, tally, device_operations, reached, took });
        }
    }
}

impl Drop for Judge<'_> {
    fn drop(&mut self) {
        self.renew(self.memory);
    }
}

/// Adds the last operation that began to a failure.
fn at_operation(mut verdict: Verdict, history: &[Explained]) -> Verdict {
    if let (Verdict::Fails(failure), Some(last)) = (&mut verdict, history.last())
        && !last.operation.is_empty()
    {
        failure.operation = Some((history.len() as u64, last.operation.clone()));
    }
    verdict
}
