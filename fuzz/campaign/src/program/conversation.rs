//! A process of a target's program that serves requests.
//!
//! Invariant: the process ends when its conversation is closed, or when the program that started it
//! ends.

use std::io::BufReader;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;
use downbeat_protocol::message::{self, Reply, Request};

use super::death;
use crate::process;

/// A process, and the pipes to it.
pub(crate) struct Conversation {
    child: Child,
    stdin: ChildStdin,
    replies: Receiver<Reply>,
    reader: JoinHandle<()>,
    stderr: JoinHandle<String>,
}

impl Conversation {
    /// Starts a process, which may take `memory` bytes of memory.
    pub(crate) fn open(mut command: Command, memory: u64) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = process::spawn_in_group(&mut command)?;
        process::bound_memory(&mut child, memory)?;
        let taken = "the pipe was requested";
        let stdin = child.stdin.take().expect(taken);
        let mut stdout = BufReader::new(child.stdout.take().expect(taken));
        let stderr = child.stderr.take().expect(taken);
        let (sender, replies) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            while let Some(reply) = message::take_reply(&mut stdout) {
                if sender.send(reply).is_err() {
                    return;
                }
            }
        });
        let stderr = std::thread::spawn(move || death::last_words(stderr));
        Ok(Conversation { child, stdin, replies, reader, stderr })
    }

    /// Sends a request. If the process has died, no error is returned, but no reply follows.
    pub(crate) fn send(&mut self, request: Request, input: &[u8]) {
        let _ = message::send(&mut self.stdin, request, input);
    }

    /// The next reply; `None` if the process has died.
    pub(crate) fn reply(&self) -> Option<Reply> {
        self.replies.recv().ok()
    }

    /// The next reply, if it arrives within `limit`.
    pub(crate) fn reply_within(&self, limit: Duration) -> Result<Reply, RecvTimeoutError> {
        self.replies.recv_timeout(limit)
    }

    /// Ends the process if it runs. Returns its exit status and its last lines.
    pub(crate) fn close(self) -> (Option<ExitStatus>, String) {
        let Conversation { mut child, stdin, replies, reader, stderr } = self;
        let status = process::end(&mut child);
        drop((stdin, replies));
        // Both pipes are closed now.
        let _ = reader.join();
        (status, stderr.join().unwrap_or_default())
    }
}
