//! A process that judges inputs, one after the other: they may hang, end it, or take its memory.
//!
//! A process that died or was ended is replaced at the next input. How it died is a verdict, too.
//!
//! Invariant: each input runs on a new world, so that no input fails because of an earlier one, unless
//! the judge is made by [`Judge::reusing`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use downbeat_protocol::message::{Interference, Ran, Reply, Request, RunRequest};
use downbeat_protocol::{CANARY_VARIABLE, Explained, Failure, MEMORY, Tally};

use crate::program::{Conversation, Program, failure_of_death};

/// Time between two looks at whether to stop.
const LOOK: Duration = Duration::from_millis(20);

/// What a process came to with one input.
#[derive(Debug)]
pub struct Judged {
    /// Whether the input passes.
    pub verdict: Verdict,
    /// Each operation and what happened, if that was asked for, as far as it went.
    pub history: Vec<Explained>,
    /// The figures of the run; none if the process died or was ended.
    pub tally: Option<Tally>,
    /// I/Os that completed on the world's simulated disk.
    pub device_operations: u64,
    /// Time until the last operation of the history began.
    pub(crate) reached: Duration,
    /// Time until the verdict.
    pub(crate) took: Duration,
}

/// Whether an input passes.
#[derive(Debug)]
pub enum Verdict {
    /// It does.
    Passes,
    /// It does not.
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
    /// Whether each input runs on a new world.
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

    /// A judge whose inputs run on one world, which is as new for each: for many inputs that pass.
    #[must_use]
    pub fn reusing(program: &'a Program) -> Self {
        let canary = std::env::var_os(CANARY_VARIABLE).is_some();
        let mut judge = Judge::new(program, canary);
        judge.renew = false;
        judge
    }

    /// From now on, this fault strikes in every run beside those of the input.
    pub fn set_interference(&mut self, interference: Option<Interference>) {
        self.interference = interference;
    }

    /// Goes on with a new process, of which a run may take `bytes` of memory.
    pub(crate) fn renew(&mut self, bytes: u64) {
        if let Some(conversation) = self.conversation.take() {
            conversation.close();
        }
        self.memory = bytes;
    }

    /// Judges `input`, which may take `limit`; with `explain`, remembers each operation.
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
                Ok(other) => bail!("{} answers something else: {other:?}", self.program.name()),
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
            // The process is of no more use.
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

/// The verdict, with the operation that the run was at.
fn at_operation(mut verdict: Verdict, history: &[Explained]) -> Verdict {
    if let (Verdict::Fails(failure), Some(last)) = (&mut verdict, history.last())
        && !last.operation.is_empty()
    {
        failure.operation = Some((history.len() as u64, last.operation.clone()));
    }
    verdict
}
