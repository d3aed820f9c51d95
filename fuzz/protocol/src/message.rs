//! What `downbeat` and the program of a target say to each other.
//!
//! A request is a line of JSON on standard input; its input follows as raw bytes. Each reply is a
//! line of JSON on standard output. Both programs come from one checkout, so there is no version.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use crate::explained::Explained;
use crate::facts::Facts;
use crate::failure::Failure;
use crate::profile::Profile;
use crate::tally::Tally;

/// Something to do. Requests that need an input are sent with one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Says the names of the target's operations, events and states.
    Facts,
    /// Runs the input.
    Run(RunRequest),
    /// Prints the input as text.
    Show,
    /// Prints the settings of the input, a line for each group.
    ShowSettings,
    /// Turns a text, the input, into bytes.
    Encode,
    /// Makes the input canonical, and counts its operations.
    Canonical,
    /// Searches for a smaller input that fails as this one does. The program asks for verdicts by
    /// [`Reply::Try`] and is answered by [`Request::Tried`].
    Shrink,
    /// Answers [`Reply::Try`].
    Tried(Tried),
    /// Makes an input by the seeded generator.
    Generate {
        /// A profile; without, the inputs of the seeded driver.
        profile: Option<Profile>,
        /// The seed of the stream of inputs.
        seed: u64,
        /// The number of the input in the stream.
        number: u64,
    },
    /// Counts the inputs that a profile makes.
    Count {
        /// The profile.
        profile: Profile,
    },
    /// Makes an input of evenly random bytes.
    Random {
        /// Its length.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRequest {
    /// Whether to say what happens at each operation.
    pub explain: bool,
    /// Whether to take a new world, so that earlier inputs have no effect.
    pub renew: bool,
    /// A fault beside those of the input.
    pub interference: Option<Interference>,
}

/// A fault beside those of an input, on a world with a simulated disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interference {
    /// The power goes once I/O number n, from 1, is done.
    CrashAt(u64),
    /// I/O number n, from 1, fails.
    FailAt(u64),
}

impl Interference {
    /// The flag of the command line that asks for it.
    #[must_use]
    pub fn flag(self) -> String {
        match self {
            Interference::CrashAt(nth) => format!("--crash-at {nth}"),
            Interference::FailAt(nth) => format!("--fail-at {nth}"),
        }
    }
}

/// What came of a candidate of the shrinker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tried {
    /// It fails as the original does, at the operation of this number, from 1; `None` at the end
    /// of the run, and where that is unknown.
    Alike(Option<u64>),
    /// It passes, or fails in another way.
    Otherwise,
    /// What happened at each operation, as far as the run went.
    Explained(Vec<Explained>),
    /// There is no more time.
    Over,
}

/// What a program says to a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// To [`Request::Facts`].
    Facts(Facts),
    /// An operation of an explained run begins.
    Began {
        /// The operation before it, complete.
        before: Option<Explained>,
        /// This operation, as text; empty for the end of the run.
        operation: String,
    },
    /// The operation of an explained run is about to do this, by an operation as text.
    Does(String),
    /// The run is over.
    Ran(Box<Ran>),
    /// A text: to [`Request::Show`], [`Request::ShowSettings`] and [`Request::Dictionary`].
    Text(String),
    /// An input: to requests that make one.
    Input {
        /// Its bytes.
        bytes: Vec<u8>,
        /// Its operations.
        operations: usize,
    },
    /// To [`Request::Count`]: `None` if the inputs do not end.
    Count(Option<u64>),
    /// The request was malformed; with why.
    Refused(String),
    /// A candidate of the shrinker, to be answered by [`Request::Tried`].
    Try {
        /// The input.
        candidate: Vec<u8>,
        /// Whether the answer is what happens, not whether it fails alike.
        explain: bool,
    },
    /// The end of the search.
    Shrunk {
        /// The smallest input that fails alike.
        bytes: Vec<u8>,
        /// Whether the search came to its end before its time was over.
        to_the_end: bool,
    },
}

/// What came of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ran {
    /// What went wrong, if anything did.
    pub failure: Option<Failure>,
    /// The last operation of an explained run, complete.
    pub last: Option<Explained>,
    /// The figures, up to the failure.
    pub tally: Tally,
    /// I/Os that completed on the world's simulated disk.
    pub device_operations: u64,
}

#[derive(Serialize, Deserialize)]
struct Head {
    request: Request,
    length: usize,
}

/// Sends a request with its input.
///
/// # Errors
///
/// Returns an error if the pipe cannot be written.
pub fn send(stdin: &mut impl Write, request: Request, input: &[u8]) -> io::Result<()> {
    let head = Head { request, length: input.len() };
    let mut message = serde_json::to_vec(&head)?;
    message.push(b'\n');
    message.extend_from_slice(input);
    stdin.write_all(&message)?;
    stdin.flush()
}

/// Takes a request and its input; `None` at the end of the stream.
///
/// # Errors
///
/// Returns an error if the pipe cannot be read, or says something else.
pub fn take(stdin: &mut impl BufRead, input: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let mut line = Vec::new();
    if stdin.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let Head { request, length } = serde_json::from_slice(&line)?;
    input.resize(length, 0);
    stdin.read_exact(input)?;
    Ok(Some(request))
}

/// What a reply begins with. The system under test may print to standard output, too: what is not
/// behind the mark is no reply.
const MARK: &str = "\u{1e}downbeat ";

/// Sends a reply.
///
/// # Errors
///
/// Returns an error if the pipe cannot be written.
pub fn reply(stdout: &mut impl Write, reply: &Reply) -> io::Result<()> {
    let mut line = MARK.as_bytes().to_vec();
    serde_json::to_writer(&mut line, reply)?;
    line.push(b'\n');
    stdout.write_all(&line)?;
    stdout.flush()
}

/// Takes a reply; `None` at the end of the stream, or if the process died in the middle of one.
pub fn take_reply(stdout: &mut impl BufRead) -> Option<Reply> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if stdout.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let mark = line.windows(MARK.len()).rposition(|window| window == MARK.as_bytes());
        if let Some(mark) = mark {
            return serde_json::from_slice(&line[mark + MARK.len()..]).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_behind_noise_is_read_and_noise_without_the_mark_is_none() {
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
    fn a_request_and_its_input_are_taken_as_they_were_sent() {
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
