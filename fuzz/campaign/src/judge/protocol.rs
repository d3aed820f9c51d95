//! What the two processes say to each other: inputs one way, replies the other.
//!
//! An input is a byte that says whether to explain, its length as four bytes, the lowest first, and
//! itself. A reply is a line of JSON. Both come from the same program, so there is no version.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::Sender;

use downbeat::Failure;
use downbeat::run::Explained;
use serde::{Deserialize, Serialize};

/// A line of the process that judges.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// An operation of an explained run begins.
    Began {
        /// The one before it, complete.
        before: Option<Explained>,
        /// This one, as text; empty for the end of the run.
        operation: String,
    },
    /// It is about to do this, by an operation as text.
    Does(String),
    /// The run is over.
    Judged {
        /// What went wrong, if anything did.
        failure: Option<Failure>,
        /// The last operation of an explained run, complete.
        last: Option<Explained>,
    },
}

/// Hands an input over.
pub(super) fn send(stdin: &mut impl Write, explain: bool, input: &[u8]) -> io::Result<()> {
    let length = u32::try_from(input.len()).map_err(io::Error::other)?;
    let mut message = vec![u8::from(explain)];
    message.extend_from_slice(&length.to_le_bytes());
    message.extend_from_slice(input);
    stdin.write_all(&message)?;
    stdin.flush()
}

/// Takes an input, and whether to explain it; `None` once there are no more.
pub(super) fn take(stdin: &mut impl Read, input: &mut Vec<u8>) -> io::Result<Option<bool>> {
    let mut head = [0; 5];
    match stdin.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let [explain, length @ ..] = head;
    input.resize(u32::from_le_bytes(length) as usize, 0);
    stdin.read_exact(input)?;
    Ok(Some(explain != 0))
}

/// Says a reply.
pub(super) fn reply(stdout: &mut impl Write, reply: &Reply) -> io::Result<()> {
    serde_json::to_writer(&mut *stdout, reply)?;
    stdout.write_all(b"\n")?;
    stdout.flush()
}

/// Passes replies on until there are no more. What a process did not say to its end was not said.
pub(super) fn receive(stdout: impl BufRead, replies: &Sender<Reply>) {
    for line in stdout.split(b'\n').map_while(Result::ok) {
        let Ok(reply) = serde_json::from_slice(&line) else { return };
        if replies.send(reply).is_err() {
            return;
        }
    }
}
