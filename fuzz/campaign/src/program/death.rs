//! The last lines of a process that died, and the failure that is derived from them.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use downbeat_protocol::Failure;

use crate::process;

/// The number of lines that are kept. It is limited, because a process may print any number of
/// lines.
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

/// The failure of an input whose process died. Each kind of death is a different finding.
pub(crate) fn failure(target: &'static str, status: Option<ExitStatus>, said: &str) -> Failure {
    let signal = status.and_then(|status| status.signal());
    let line_with = |words: &str| said.lines().find(|line| line.contains(words));
    // The standard library prints these messages when it aborts.
    let (check, what, said) = if let Some(line) = line_with("memory allocation of") {
        ("memory".to_owned(), "takes too much memory", line)
    } else if line_with("has overflowed its stack").is_some() {
        // The line is left out, because its other words only identify the thread.
        ("stack".to_owned(), "overflows the stack", "")
    } else {
        let check = match signal {
            // SIGABRT has number 6 on every platform.
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
    fn each_kind_of_death_is_a_different_finding() {
        let check = |signal: i32, said: &str| {
            failure("tree", Some(ExitStatus::from_raw(signal)), said).check
        };
        assert_eq!(check(6, "memory allocation of 64 bytes failed"), "tree/run-memory");
        assert_eq!(check(6, "thread 'main' has overflowed its stack\nfatal"), "tree/run-stack");
        assert_eq!(check(6, "anything"), "tree/run-abort");
        assert_eq!(check(11, ""), "tree/run-signal-11");
    }

    #[test]
    fn the_last_lines_of_a_process_are_kept() {
        let said: String = (0..100).map(|line| format!("line {line}\n")).collect();
        let kept = last_words(said.as_bytes());
        assert!(kept.starts_with("line 84\n") && kept.ends_with("line 99"), "{kept}");
    }
}
