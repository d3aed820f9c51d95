//! The messages between `downbeat` and the program of a target.
//!
//! A request is a line of JSON on standard input. The input that it concerns follows as raw bytes.
//! A reply is a line of JSON on standard output, after a mark. Both programs come from the same
//! checkout, so the messages have no version.

use std::io::{self, BufRead, Write};

use nanoserde::{DeJson, SerJson};

use crate::explained::Explained;
use crate::facts::Facts;
use crate::failure::Failure;
use crate::profile::Profile;
use crate::tally::Tally;

/// A request. Each request is sent with an input, which is empty if the request needs none.
#[derive(Clone, Debug, PartialEq, Eq, SerJson, DeJson)]
pub enum Request {
    /// Returns the names of the target's operations, events and states.
    Facts,
    /// Runs the input.
    Run(RunRequest),
    /// Prints the input as text.
    Show,
    /// Prints the settings of the input, a line for each group.
    ShowSettings,
    /// Encodes a text, which is sent as the input, as bytes.
    Encode,
    /// Makes the input canonical, and counts its operations.
    Canonical,
    /// Makes an input that is in an earlier version of the encoding canonical in the present one.
    Migrate {
        /// The version that the input is in, from 1 to the present one.
        version: u32,
    },
    /// Prints an input that is in a version of the encoding as text.
    ShowVersion {
        /// The version that the input is in, from 1 to the present one.
        version: u32,
    },
    /// Searches for a smaller input that fails as this input does. The program asks for verdicts
    /// with [`Reply::Try`], and `downbeat` answers with [`Request::Tried`].
    Shrink,
    /// Answers [`Reply::Try`].
    Tried(Tried),
    /// Makes an input with the seeded generator.
    Generate {
        /// The profile; `None` for the inputs of the seeded driver.
        profile: Option<Profile>,
        /// The seed of the stream of inputs.
        seed: u64,
        /// The number of the input in the stream.
        number: u64,
    },
    /// Draws a whole history, as a driver that is guided by coverage does.
    Draw {
        /// The maximum length of the input in bytes.
        room: u64,
        /// The seed of the input.
        seed: u64,
    },
    /// Returns the number of inputs that a profile makes.
    Count {
        /// The profile.
        profile: Profile,
    },
    /// Makes an input of uniformly random bytes.
    Random {
        /// The length of the input in bytes.
        bytes: u64,
        /// The seed of the stream of inputs.
        seed: u64,
        /// The number of the input in the stream.
        number: u64,
    },
    /// Prints the target's dictionary.
    Dictionary,
}

/// How to run an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, SerJson, DeJson)]
pub struct RunRequest {
    /// Whether to report what happens at each operation.
    pub explain: bool,
    /// Whether to create a new world, so that earlier inputs have no effect.
    pub renew: bool,
    /// A fault in addition to those of the input.
    pub interference: Option<Interference>,
}

/// A fault in addition to those of an input, in a world with a simulated disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SerJson, DeJson)]
pub enum Interference {
    /// Power is lost after the I/O with this number, counted from 1.
    CrashAt(u64),
    /// The I/O with this number, counted from 1, fails.
    FailAt(u64),
}

impl Interference {
    /// Returns the command line flag that asks for the fault.
    #[must_use]
    pub fn flag(self) -> String {
        match self {
            Interference::CrashAt(nth) => format!("--crash-at {nth}"),
            Interference::FailAt(nth) => format!("--fail-at {nth}"),
        }
    }
}

/// The verdict on a candidate of the shrinker.
#[derive(Clone, Debug, PartialEq, Eq, SerJson, DeJson)]
pub enum Tried {
    /// The candidate fails as the original does, at the operation with this number, counted from 1.
    /// `None` if the candidate fails at the end of the run, or if the number is unknown.
    Alike(Option<u64>),
    /// The candidate passes, or fails in another way.
    Otherwise,
    /// What happened at each operation, as far as the run went.
    Explained(Vec<Explained>),
    /// The time limit of the trials was reached.
    Over,
}

/// A reply to a request.
#[derive(Clone, Debug, SerJson, DeJson)]
pub enum Reply {
    /// The reply to [`Request::Facts`].
    Facts(Facts),
    /// An operation of an explained run begins.
    Began {
        /// The previous operation, which is complete; `None` before the first operation.
        before: Option<Explained>,
        /// This operation, as text; empty for the end of the run.
        operation: String,
    },
    /// The current operation of an explained run is about to do a part of its work: a simpler
    /// operation as text ([`Explained::did`]).
    Does(String),
    /// The reply to [`Request::Run`]: the run has ended.
    Ran(Box<Ran>),
    /// A text: the reply to [`Request::Show`], [`Request::ShowSettings`] and
    /// [`Request::Dictionary`].
    Text(String),
    /// An input: the reply to requests that make an input.
    Input {
        /// The bytes of the input.
        bytes: Vec<u8>,
        /// The number of its operations.
        operations: usize,
    },
    /// The reply to [`Request::Count`]; `None` if the number is unlimited.
    Count(Option<u64>),
    /// The request was malformed, for this reason.
    Refused(String),
    /// The shrinker asks for the verdict on a candidate. The answer is [`Request::Tried`].
    Try {
        /// The candidate.
        candidate: Vec<u8>,
        /// Whether the answer is the explanation of the run ([`Tried::Explained`]) instead of a
        /// verdict.
        explain: bool,
    },
    /// The reply to [`Request::Shrink`]: the search has ended.
    Shrunk {
        /// The smallest input that fails as the original does.
        bytes: Vec<u8>,
        /// Whether the search was completed before its time limit.
        to_the_end: bool,
    },
}

/// The result of a run.
#[derive(Clone, Debug, SerJson, DeJson)]
pub struct Ran {
    /// The failure, if any.
    pub failure: Option<Failure>,
    /// The last operation of an explained run, complete.
    pub last: Option<Explained>,
    /// The figures, up to the failure.
    pub tally: Tally,
    /// The number of completed I/Os of the world's simulated disk.
    pub device_operations: u64,
}

#[derive(SerJson, DeJson)]
struct Head {
    request: Request,
    length: usize,
}

/// Sends a request with its input.
///
/// # Errors
///
/// If the pipe cannot be written.
pub fn send(stdin: &mut impl Write, request: Request, input: &[u8]) -> io::Result<()> {
    let head = Head { request, length: input.len() };
    let mut message = head.serialize_json().into_bytes();
    message.push(b'\n');
    message.extend_from_slice(input);
    stdin.write_all(&message)?;
    stdin.flush()
}

/// Reads a request and its input. Returns `None` at the end of the stream.
///
/// # Errors
///
/// If the pipe cannot be read, or does not contain a valid request.
pub fn take(stdin: &mut impl BufRead, input: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let mut line = Vec::new();
    if stdin.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let head = String::from_utf8(line).map_err(malformed)?;
    let Head { request, length } = Head::deserialize_json(&head).map_err(malformed)?;
    input.resize(length, 0);
    stdin.read_exact(input)?;
    Ok(Some(request))
}

fn malformed(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// The mark at the start of a reply. The system under test may print to standard output, too;
/// output without a mark is no reply.
const MARK: &str = "\u{1e}downbeat ";

/// Sends a reply.
///
/// # Errors
///
/// If the pipe cannot be written.
pub fn reply(stdout: &mut impl Write, reply: &Reply) -> io::Result<()> {
    let line = format!("{MARK}{}\n", reply.serialize_json());
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

/// Reads a reply. Skips lines without a mark. Returns `None` at the end of the stream, if the
/// stream cannot be read, or if the reply is malformed, for example because the process died while
/// it wrote the reply.
pub fn take_reply(stdout: &mut impl BufRead) -> Option<Reply> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if stdout.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let mark = line.windows(MARK.len()).rposition(|window| window == MARK.as_bytes());
        if let Some(mark) = mark {
            let reply = str::from_utf8(&line[mark + MARK.len()..]).ok()?;
            return Reply::deserialize_json(reply).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_after_noise_is_read_and_noise_without_the_mark_is_no_reply() {
        let mut said = b"{\"Count\":1}\nwhat the system prints\n\xff\n\ndownbeat ".to_vec();
        reply(&mut said, &Reply::Count(Some(2))).expect("memory can be written");
        said.extend_from_slice(b"more, ");
        reply(&mut said, &Reply::Text("a line\nand one more".to_owned())).expect("likewise");
        said.extend_from_slice(b"and no end");
        let mut said = said.as_slice();
        assert!(matches!(take_reply(&mut said), Some(Reply::Count(Some(2)))));
        let second = take_reply(&mut said);
        assert!(matches!(&second, Some(Reply::Text(text)) if text == "a line\nand one more"));
        assert!(take_reply(&mut said).is_none());
    }

    #[test]
    fn a_request_and_its_input_are_received_as_they_were_sent() {
        let mut said = Vec::new();
        send(&mut said, Request::Show, b"\n{}\x1e\n").expect("memory can be written");
        send(&mut said, Request::Facts, b"").expect("memory can be written");
        let (mut said, mut input) = (said.as_slice(), Vec::new());
        assert_eq!(take(&mut said, &mut input).expect("whole"), Some(Request::Show));
        assert_eq!(input, b"\n{}\x1e\n");
        assert_eq!(take(&mut said, &mut input).expect("whole"), Some(Request::Facts));
        assert_eq!(input, b"");
        assert_eq!(take(&mut said, &mut input).expect("the end"), None);
    }
}
