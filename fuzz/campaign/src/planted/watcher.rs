//! The observer of a plan or a check.

use std::io;

use super::checkout::Verdict;
use super::patch::Patch;
use super::row::Row;

/// Receives the progress and the results of a plan or a check. An error from any method ends it.
#[expect(clippy::missing_errors_doc, reason = "the trait's documentation covers all methods")]
pub trait Watcher {
    /// A piece of work begins. `what` describes it in one line.
    fn doing(&mut self, what: &str) -> io::Result<()>;

    /// All searches of a driver for a bug have ended.
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;

    /// A patch was checked.
    fn verdict(&mut self, patch: &Patch, verdict: &Verdict) -> io::Result<()>;
}
