//! Planted bugs: patches that add a bug to the core, one that a real engine once had or a likely
//! mistake.
//!
//! Each searcher searches for each bug. It is a driver, perhaps with options of its own, that
//! starts with no inputs or with the committed corpus. The result is whether it finds the bug, and
//! at what cost.
//!
//! | module | contents |
//! |---|---|
//! | `patch` | a patch and its header |
//! | `checkout` | the copy of the checkout to which patches are applied |
//! | `outcome` | the outcome of one search |
//! | `results` | outcomes stored between runs |
//! | `searcher` | a driver, its options, and what it starts with |
//! | `trial` | one search: a bug, a searcher, a seed |
//! | `replay` | inputs that run in the copy |
//! | `ground` | the place where bugs are planted and searched for |
//! | `plan` | all searches |
//! | `row` | the results of a bug and a searcher |
//! | `comparison` | the figures of each searcher over all bugs |
//! | `check` | the check that every patch applies and compiles |
//! | `watcher` | the observer of a plan or a check |
//!
//! - The checkout itself is read and never written.
//! - A search runs a program that is built from the patched copy.

mod check;
mod checkout;
mod comparison;
#[cfg(test)]
mod fixture;
mod ground;
mod outcome;
mod patch;
mod plan;
mod replay;
mod results;
mod row;
mod searcher;
mod trial;
mod watcher;

pub use check::check;
pub use checkout::Verdict;
pub use comparison::{Comparison, Figures};
pub use outcome::{Found, Outcome};
pub use patch::{CPU_TIME, Difficulty, OPERATIONS_MAX, Patch, in_rotation, patches};
pub use plan::{Plan, Ran};
pub use results::Stored;
pub use row::Row;
pub use searcher::{Origin, Searcher};
pub use watcher::Watcher;

pub(crate) use checkout::{Checkout, folder};
pub(crate) use replay::{Replayed, replay};
pub(crate) use results::Results;
pub(crate) use trial::Trial;

use anyhow::Result;
use downbeat_protocol::project::Project;

/// The stored outcomes of earlier searches.
///
/// # Errors
///
/// Returns an error if the file of outcomes cannot be read.
pub fn stored(project: &Project) -> Result<Vec<Stored>> {
    results::stored(&folder(project).join(results::FILE))
}
