//! What went wrong, and the identity of a finding.
//!
//! Invariants:
//!
//! * Two failures with the same check in the same component are the same finding: the identity is
//!   made of the target and the check's name, never of a line number, a key or a value.
//! * Assertions of the core start with their component and a colon; that names their check.

use std::fmt::{Display, Formatter, Write};

use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;

/// An answer that the model does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The check that failed, in words joined by hyphens; unique within the target.
    pub check: &'static str,
    /// What is wrong, as a sentence without its full stop.
    pub what: &'static str,
    /// What the model allows.
    pub expected: String,
    /// What the system said.
    pub got: String,
    /// The state around it, in lines.
    pub state: Vec<String>,
}

/// A finding: what failed, and at which operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The target's name.
    pub target: String,
    /// The check, behind the name of the component.
    pub check: String,
    /// Four hexadecimal digits and the check: the same for every finding of this check.
    pub identity: String,
    /// What is wrong.
    pub what: String,
    /// What was expected and what was got, where a model said so.
    pub answers: Option<(String, String)>,
    /// Number of the operation, from 1, and its text; `None` at the end of the run.
    pub operation: Option<(u64, String)>,
    /// The state around it, in lines.
    pub state: Vec<String>,
}

impl Failure {
    /// A difference between system and model.
    #[must_use]
    pub fn diverged(
        target: &str,
        divergence: Divergence,
        operation: Option<(u64, String)>,
    ) -> Self {
        let Divergence { check, what, expected, got, state } = divergence;
        Failure {
            target: target.to_owned(),
            check: format!("{target}/{check}"),
            identity: identity(target, target, check),
            what: what.to_owned(),
            answers: Some((expected, got)),
            operation,
            state,
        }
    }

    /// A run that ended without a verdict: it hung, or ended its process.
    #[must_use]
    pub fn without_verdict(target: &str, check: &str, what: String) -> Self {
        Failure {
            target: target.to_owned(),
            check: format!("{target}/run-{check}"),
            identity: identity(target, target, &format!("run-{check}")),
            what,
            answers: None,
            operation: None,
            state: Vec::new(),
        }
    }

    /// Whether the failure is a run without a verdict.
    #[must_use]
    pub fn has_no_verdict(&self) -> bool {
        self.answers.is_none() && self.check.starts_with(&format!("{}/run-", self.target))
    }

    /// A panic with `message`, raised in `file`.
    #[must_use]
    pub fn panicked(
        target: &str,
        message: &str,
        file: &str,
        operation: Option<(u64, String)>,
    ) -> Self {
        let message = message.trim();
        // `assert_eq!` puts its values in further lines; what was asserted stands in the first.
        let message = message.lines().next().unwrap_or("");
        // What `unreachable!` says before its own words.
        let unreachable = "internal error: entered unreachable code: ";
        let message = message.strip_prefix(unreachable).unwrap_or(message);
        let (component, requirement) = match message.split_once(": ") {
            Some((component, rest)) if is_component(component) => (component.to_owned(), rest),
            _ => (component_of_file(file), message),
        };
        let check = format!("assert-{}", slug(requirement));
        Failure {
            target: target.to_owned(),
            check: format!("{component}/{check}"),
            identity: identity(target, &component, &check),
            what: message.to_owned(),
            answers: None,
            operation,
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

fn identity(target: &str, component: &str, check: &str) -> String {
    let hash = XxHash64::oneshot(0, format!("{target} {component}/{check}").as_bytes());
    format!("{:04x}-{check}", hash & 0xffff)
}

fn is_component(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// The words of a requirement up to its first bracket or colon, without its numbers.
fn slug(requirement: &str) -> String {
    const WORDS_MAX: usize = 12;
    // What the standard assertions say before what was asserted.
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

/// The file's stem; of a `mod.rs` or `lib.rs`, its folder's name.
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
    fn code_that_was_thought_unreachable_is_named_as_an_assertion_is() {
        let message = "internal error: entered unreachable code: clock: the hand must find a slot";
        let failure = Failure::panicked("cache_map", message, "lsm/src/x.rs", None);
        assert_eq!(failure.check, "clock/assert-the-hand-must-find-a-slot");
        assert_eq!(failure.what, "clock: the hand must find a slot");
    }

    #[test]
    fn assertions_of_one_file_without_a_component_are_told_apart_by_what_they_assert() {
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
