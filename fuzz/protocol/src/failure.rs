//! Failures, and the identity of a finding.
//!
//! Invariants:
//!
//! * Two failures of the same check in the same component are the same finding. The identity
//!   consists of the target and the name of the check, never of a line number, a key or a value.
//! * An assertion of the core starts with its component and a colon. Its words name its check.

use std::fmt::{Display, Formatter, Write};

use nanoserde::{DeJson, SerJson};
use twox_hash::XxHash64;

/// An answer that the model does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The name of the check that failed: words joined by hyphens, unique within the target.
    pub check: &'static str,
    /// What is wrong, as a sentence without its full stop.
    pub what: &'static str,
    /// The answer that the model allows.
    pub expected: String,
    /// The answer of the system.
    pub got: String,
    /// The state at the failure, in lines.
    pub state: Vec<String>,
}

/// The number of an operation, from 1, and its text.
pub type Numbered = (u64, String);

/// A finding: what failed, and at which operation.
#[derive(Clone, Debug, PartialEq, Eq, SerJson, DeJson)]
pub struct Failure {
    /// The name of the target.
    pub target: String,
    /// The name of the component, a slash, and the name of the check.
    pub check: String,
    /// Four hexadecimal digits and the name of the check: the same for every finding of this check.
    pub identity: String,
    /// What is wrong.
    pub what: String,
    /// The expected answer and the answer of the system, if a model compared them.
    pub answers: Option<(String, String)>,
    /// The operation; `None` at the end of the run.
    pub operation: Option<Numbered>,
    /// The state at the failure, in lines.
    pub state: Vec<String>,
}

impl Failure {
    /// Creates the failure of a difference between the system and the model.
    #[must_use]
    pub fn diverged(target: &str, divergence: Divergence, operation: Option<Numbered>) -> Self {
        let Divergence { check, what, expected, got, state } = divergence;
        let answers = Some((expected, got));
        Failure { answers, operation, state, ..Self::new(target, target, check, what.to_owned()) }
    }

    /// Creates the failure of a run without a verdict: it hung, or ended its process.
    #[must_use]
    pub fn without_verdict(target: &str, check: &str, what: String) -> Self {
        Self::new(target, target, &format!("run-{check}"), what)
    }

    /// Returns whether the failure is that of a run without a verdict.
    #[must_use]
    pub fn has_no_verdict(&self) -> bool {
        self.answers.is_none() && self.check.starts_with(&format!("{}/run-", self.target))
    }

    /// Creates the failure of a panic with `message`, raised in `file`.
    #[must_use]
    pub fn panicked(target: &str, message: &str, file: &str, operation: Option<Numbered>) -> Self {
        let message = message.trim();
        // `assert_eq!` puts its values on further lines; the assertion is on the first.
        let message = message.lines().next().unwrap_or("");
        // `unreachable!` puts this before the message.
        let unreachable = "internal error: entered unreachable code: ";
        let message = message.strip_prefix(unreachable).unwrap_or(message);
        let (component, requirement) = match message.split_once(": ") {
            Some((component, rest)) if is_component(component) => (component.to_owned(), rest),
            _ => (component_of_file(file), message),
        };
        let check = format!("assert-{}", slug(requirement));
        Failure { operation, ..Self::new(target, &component, &check, message.to_owned()) }
    }

    fn new(target: &str, component: &str, check: &str, what: String) -> Self {
        let hash = XxHash64::oneshot(0, format!("{target} {component}/{check}").as_bytes());
        Failure {
            target: target.to_owned(),
            check: format!("{component}/{check}"),
            identity: format!("{:04x}-{check}", hash & 0xffff),
            what,
            answers: None,
            operation: None,
            state: Vec::new(),
        }
    }
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {} (check {})", self.target, self.what, self.check)?;
        match &self.operation {
            Some((number, text)) => write!(formatter, "; operation {number}: {text}")?,
            None => write!(formatter, "; at the end of the run")?,
        }
        if let Some((expected, got)) = &self.answers {
            write!(formatter, "; expected {expected}, got {got}")?;
        }
        Ok(())
    }
}

fn is_component(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Returns up to 12 words of a requirement, in lower case, without digits, joined by hyphens. The
/// words end at an opening parenthesis, colon, semicolon or backquote.
fn slug(requirement: &str) -> String {
    const WORDS_MAX: usize = 12;
    // The standard assertions put this before the condition.
    let requirement = match requirement.strip_prefix("assertion ") {
        Some(rest) => rest.split_once("failed: ").map_or(rest, |(_, asserted)| asserted),
        None => requirement,
    };
    let text = requirement.split(['(', ':', ';', '`']).find(|text| !text.trim().is_empty());
    let text = text.unwrap_or("");
    let mut slug = String::new();
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    for word in words.take(WORDS_MAX) {
        let hyphen = if slug.is_empty() { "" } else { "-" };
        write!(slug, "{hyphen}{}", word.to_ascii_lowercase()).expect("a string takes any text");
    }
    if slug.is_empty() { "unnamed".to_owned() } else { slug }
}

/// Returns the stem of the file's name, or the name of its folder if the file is a `mod.rs` or
/// `lib.rs`.
fn component_of_file(file: &str) -> String {
    let path = std::path::Path::new(file);
    let stem = path.file_stem().unwrap_or_default();
    let name = if stem == "mod" || stem == "lib" {
        path.parent().and_then(std::path::Path::file_name).unwrap_or(stem)
    } else {
        stem
    };
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_is_named_by_its_component_and_requirement_without_numbers() {
        let of = |capacity: u32| {
            let message = format!("cache_map: the stash is full (capacity {capacity}): compact");
            Failure::panicked("cache_map", &message, "lsm/src/x.rs", None)
        };
        assert_eq!(of(8).check, "cache_map/assert-the-stash-is-full");
        assert_eq!(of(8).identity, of(64).identity);
    }

    #[test]
    fn unreachable_code_is_named_like_an_assertion() {
        let message = "internal error: entered unreachable code: clock: the hand must find a slot";
        let failure = Failure::panicked("cache_map", message, "lsm/src/x.rs", None);
        assert_eq!(failure.check, "clock/assert-the-hand-must-find-a-slot");
        assert_eq!(failure.what, "clock: the hand must find a slot");
    }

    #[test]
    fn assertions_without_a_component_are_distinguished_by_their_text() {
        let of = |message: &str| Failure::panicked("t", message, "lsm/src/a/clock.rs", None).check;
        assert_eq!(of("assertion failed: hand < ways"), "clock/assert-hand-ways");
        assert_eq!(
            of("assertion `left == right` failed: sums differ\n  left: 1"),
            "clock/assert-sums-differ"
        );
        let unwrapped = of("called `Option::unwrap()` on a `None` value");
        assert_eq!(unwrapped, "clock/assert-called");
    }

    #[test]
    fn a_panic_of_the_standard_library_is_named_by_its_file() {
        let message = "index out of bounds: the len is 4 but the index is 5";
        let failure = Failure::panicked("cache_map", message, "lsm/src/a/cache_map/mod.rs", None);
        assert_eq!(failure.check, "cache_map/assert-index-out-of-bounds");
    }
}
