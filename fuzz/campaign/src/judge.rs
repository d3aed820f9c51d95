//! A process that judges inputs, one after the other: they may hang, end it, or take its memory.
//!
//! This program starts itself as `downbeat judge TARGET` and hands it inputs; a process that died or
//! was ended is replaced at the next one. How it died is a verdict, too.
//!
//! Invariants:
//!
//! * Each input runs on a new world: what one left behind does not make the next one fail.
//! * No process outlives this one, nor the judge that started it.

mod death;
mod protocol;
mod serve;

pub use serve::{bound_memory, serve};

use std::io::{BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use downbeat::drivers::CANARY_VARIABLE;
use downbeat::run::Explained;
use downbeat::{AnyTarget, Failure};

use crate::process;
use protocol::Reply;

/// Memory that a run may take, in bytes: as much as libFuzzer lets it.
pub const MEMORY: u64 = 1 << 30;

/// Time between two looks at whether to stop.
const LOOK: Duration = Duration::from_millis(20);

/// What a process came to with one input.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    /// Each operation and what happened, if that was asked for, as far as it went.
    pub(crate) history: Vec<Explained>,
    /// Time until the last operation of the history began.
    pub(crate) reached: Duration,
    /// Time until the verdict.
    pub(crate) took: Duration,
}

#[derive(Debug)]
pub(crate) enum Verdict {
    Passes,
    Fails(Failure),
    /// It was told to stop.
    Stopped,
}

/// Judges inputs of one target.
pub(crate) struct Judge {
    target: &'static dyn AnyTarget,
    canary: bool,
    memory: u64,
    server: Option<Server>,
}

/// The process, while it lives.
struct Server {
    child: Child,
    stdin: ChildStdin,
    replies: Receiver<Reply>,
    reader: JoinHandle<()>,
    stderr: JoinHandle<String>,
}

impl Judge {
    pub(crate) fn new(target: &'static dyn AnyTarget, canary: bool) -> Self {
        Judge { target, canary, memory: MEMORY, server: None }
    }

    /// Goes on with a new process, of which a run may take `bytes` of memory.
    pub(crate) fn renew(&mut self, bytes: u64) {
        if let Some(server) = self.server.take() {
            server.close();
        }
        self.memory = bytes;
    }

    /// Judges `input`, which may take `limit`; with `explain`, remembers each operation.
    ///
    /// # Errors
    ///
    /// No process can be started.
    pub(crate) fn judge(
        &mut self,
        input: &[u8],
        explain: bool,
        limit: Duration,
        stop: &AtomicBool,
    ) -> Result<Judged> {
        let server = match &mut self.server {
            Some(server) => server,
            None => self.server.insert(Server::open(self)?),
        };
        let start = Instant::now();
        let mut history: Vec<Explained> = Vec::new();
        let mut reached = Duration::ZERO;
        // A process that died is heard of below.
        let _ = protocol::send(&mut server.stdin, explain, input);
        loop {
            let left = limit.saturating_sub(start.elapsed());
            let verdict = match server.replies.recv_timeout(left.min(LOOK)) {
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
                Ok(Reply::Judged { failure, last }) => {
                    if let (Some(place), Some(last)) = (history.last_mut(), last) {
                        *place = last;
                    }
                    let verdict = failure.map_or(Verdict::Passes, Verdict::Fails);
                    return Ok(Judged { verdict, history, reached, took: start.elapsed() });
                }
                Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => Verdict::Stopped,
                Err(RecvTimeoutError::Timeout) if left > LOOK => continue,
                Err(RecvTimeoutError::Timeout) => {
                    let what = format!("one input does not end (within {limit:.1?})");
                    Verdict::Fails(Failure::without_verdict(self.target.name(), "hang", what))
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let server = self.server.take().expect("it was spoken to");
                    let (status, said) = server.close();
                    Verdict::Fails(death::failure(self.target.name(), status, &said))
                }
            };
            // Whatever it is at, nobody waits for it any more.
            if let Some(server) = self.server.take() {
                server.close();
            }
            let verdict = at_operation(verdict, &history);
            return Ok(Judged { verdict, history, reached, took: start.elapsed() });
        }
    }
}

impl Drop for Judge {
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

impl Server {
    fn open(judge: &Judge) -> Result<Self> {
        let Judge { target, canary, memory, .. } = judge;
        let program = std::env::current_exe().context("this program cannot find itself")?;
        let mut command = Command::new(program);
        command.args(["judge", target.name(), "--memory", &memory.to_string()]);
        // Panics are caught; only the words of an abort would drown in its backtrace.
        command.env_remove(CANARY_VARIABLE).env("RUST_BACKTRACE", "0");
        if *canary {
            command.env(CANARY_VARIABLE, "1");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = process::spawn_in_group(&mut command)?;
        let taken = "it was asked for";
        let stdin = child.stdin.take().expect(taken);
        let stdout = BufReader::new(child.stdout.take().expect(taken));
        let stderr = child.stderr.take().expect(taken);
        let (sender, replies) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || protocol::receive(stdout, &sender));
        let stderr = std::thread::spawn(move || death::last_words(stderr));
        Ok(Server { child, stdin, replies, reader, stderr })
    }

    /// Ends the process if it runs: how it ended, and what it said last.
    fn close(self) -> (Option<std::process::ExitStatus>, String) {
        let Server { mut child, mut stdin, replies, reader, stderr } = self;
        let _ = stdin.flush();
        let status = process::end(&mut child);
        drop((stdin, replies));
        // Both ends of their pipes are closed now.
        let _ = reader.join();
        (status, stderr.join().unwrap_or_default())
    }
}
