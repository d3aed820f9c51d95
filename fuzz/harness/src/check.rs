//! Checks: a world compares the system with its model, and a check that fails is a [`Divergence`].
//!
//! A check first names itself and its values, and then says what is wrong if it fails:
//!
//! ```
//! # use downbeat::{Divergence, check::{equal, fail, holds}};
//! # fn checks(got: u64, most: u64, answer: Result<u64, String>) -> Result<u64, Divergence> {
//! equal("count-equals-model", 3, got).or("the table counts more or fewer values than the model")?;
//! holds("count-is-bounded", got <= most)
//!     .show(|| (format!("{most} or fewer"), got))
//!     .or("the table has too many values")?;
//! answer.map_err(|error| fail("table-answers", "a value", error).saying("a lookup fails"))
//! # }
//! # checks(3, 4, Ok(1)).unwrap();
//! ```
//!
//! The name is the identity of a finding: words joined by hyphens, unique within the target except
//! where several places check the same. The sentence may change, the name may not.
//!
//! Invariant: nothing is formatted or allocated by a check that holds.

use std::fmt::{Debug, Display};

use crate::failure::Divergence;

/// The result of a function that makes checks. The error is the first answer that the model does
/// not allow.
pub type Checked<T = ()> = Result<T, Divergence>;

/// Checks that the answer, `got`, is the expected one.
#[inline]
pub fn equal<T: PartialEq + Display>(check: &'static str, expected: T, got: T) -> Check {
    holds(check, expected == got).show(|| (expected, got))
}

/// Like [`equal`], for values that are printed by [`Debug`].
#[inline]
pub fn same<T: PartialEq + Debug>(check: &'static str, expected: T, got: T) -> Check {
    holds(check, expected == got).show(move || (format!("{expected:?}"), format!("{got:?}")))
}

/// Checks a condition. [`Condition::show`] says what was expected, and what the answer was.
#[inline]
pub fn holds(check: &'static str, holds: bool) -> Condition {
    Condition { check, holds }
}

/// Returns a check that has failed, whatever the values.
#[cold]
pub fn fail(check: &'static str, expected: impl Display, got: impl Display) -> Failed {
    let (expected, got) = (expected.to_string(), got.to_string());
    Failed(Divergence { check, what: "", expected, got, state: Vec::new() })
}

/// A condition that was checked, without its values.
#[derive(Debug)]
#[must_use = "a condition is a check only once it has its values and a sentence"]
pub struct Condition {
    check: &'static str,
    holds: bool,
}

impl Condition {
    /// Adds the expected value and the answer. `values` is called only if the condition is false.
    #[inline]
    pub fn show<E: Display, G: Display>(self, values: impl FnOnce() -> (E, G)) -> Check {
        #[cold]
        fn failed<E: Display, G: Display>(
            check: &'static str,
            values: impl FnOnce() -> (E, G),
        ) -> Failed {
            let (expected, got) = values();
            fail(check, expected, got)
        }
        if self.holds { Check(None) } else { Check(Some(failed(self.check, values))) }
    }
}

/// A check with its values, without its sentence.
#[derive(Debug)]
#[must_use = "a check that fails is a divergence only once it has a sentence"]
pub struct Check(Option<Failed>);

impl Check {
    /// Adds lines that describe the state. `lines` is called only if the check fails.
    #[inline]
    pub fn state<L: IntoIterator<Item = String>>(mut self, lines: impl FnOnce() -> L) -> Self {
        if let Some(Failed(divergence)) = &mut self.0 {
            divergence.state.extend(lines());
        }
        self
    }

    /// Ends the check. `what` says what is wrong if it failed: a sentence without its full stop.
    ///
    /// # Errors
    ///
    /// The divergence, if the check failed.
    #[inline]
    pub fn or(self, what: &'static str) -> Checked {
        self.0.map_or(Ok(()), |failed| Err(failed.saying(what)))
    }
}

/// A check that failed, without its sentence.
#[derive(Debug)]
#[must_use = "a check that fails is a divergence only once it has a sentence"]
pub struct Failed(Divergence);

impl Failed {
    /// Returns the divergence. `what` says what is wrong: a sentence without its full stop.
    #[cold]
    #[must_use]
    pub fn saying(self, what: &'static str) -> Divergence {
        Divergence { what, ..self.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_check_reports_all_its_parts() {
        let failed = holds("a-check", false).show(|| ("one", 2)).state(|| ["three".to_owned()]);
        let divergence = failed.or("it is wrong").expect_err("the condition is false");
        let Divergence { check, what, expected, got, state } = divergence;
        assert_eq!((check, what), ("a-check", "it is wrong"));
        assert_eq!((expected.as_str(), got.as_str()), ("one", "2"));
        assert_eq!(state, ["three"]);
    }

    #[test]
    fn a_check_that_holds_computes_no_text() {
        let held = holds("a-check", true).show(|| -> (u8, u8) { unreachable!() });
        assert_eq!(held.state(|| -> [String; 1] { unreachable!() }).or("it is wrong"), Ok(()));
        assert_eq!(equal("a-check", 1, 1).or("it is wrong"), Ok(()));
        assert_eq!(same("a-check", Some(1), Some(1)).or("it is wrong"), Ok(()));
    }
}
