//! What a process says when it dies, and what that says of the input that it was at.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use downbeat_protocol::Failure;

use crate::process;

/// Lines that are kept of what a process says; an input may make it say any number.
const LINES_KEPT: usize = 16;

/// The last lines of a process.
pub(crate) fn last_words(stderr: impl Read) -> String {
    let mut lines = VecDeque::new();
    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
        if lines.len() == LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(String::from_utf8_lossy(&line).into_owned());
    }
    Vec::from(lines).join("\n")
}

/// The failure of an input whose process ended by itself. Kinds of death are different findings.
pub(crate) fn failure(target: &'static str, status: Option<ExitStatus>, said: &str) -> Failure {
    let signal = status.and_then(|status| status.signal());
    let line_with = |words: &str| said.lines().find(|line| line.contains(words));
    // What the standard library says of its own aborts.
    let (check, what, said) = if let Some(line) = line_with("memory allocation of") {
        ("memory".to_owned(), "takes too much memory", line)
    } else if line_with("has overflowed its stack").is_some() {
        // Its line has nothing more but the number of the thread.
        ("stack".to_owned(), "overflows the stack", "")
    } else {
        let check = match signal {
            // SIGABRT has the same number everywhere.
            None | Some(6) => "abort".to_owned(),
            Some(signal) => format!("signal-{signal}"),
        };
        (check, "ends the process", process::last_line(said))
    };
    let how = match (signal, status) {
        (Some(signal), _) => format!("signal {signal}"),
        (None, Some(status)) => status.to_string(),
        (None, None) => "no status".to_owned(),
    };
    let what = match said {
        "" => format!("one input {what} ({how})"),
        said => format!("one input {what} ({how}; {said})"),
    };
    Failure::without_verdict(target, &check, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_death_are_told_apart() {
        let check = |signal: i32, said: &str| {
            failure("tree", Some(ExitStatus::from_raw(signal)), said).check
        };
        assert_eq!(check(6, "memory allocation of 64 bytes failed"), "tree/run-memory");
        assert_eq!(check(6, "thread 'main' has overflowed its stack\nfatal"), "tree/run-stack");
        assert_eq!(check(6, "anything"), "tree/run-abort");
        assert_eq!(check(11, ""), "tree/run-signal-11");
    }

    #[test]
    fn of_what_a_process_says_the_end_is_kept() {
        let said: String = (0..100).map(|line| format!("line {line}\n")).collect();
        let kept = last_words(said.as_bytes());
        assert!(kept.starts_with("line 84\n") && kept.ends_with("line 99"), "{kept}");
    }
}
