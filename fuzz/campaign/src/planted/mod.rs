//! Planted bugs: patches that break the core as real engines were once broken, and which driver finds
//! them, from an empty corpus, at what cost.
//!
//! | module | what is there |
//! |---|---|
//! | `patch` | a patch and its header |
//! | `checkout` | the copy of the checkout that patches are applied to |
//! | `outcome` | what a search for one came to |
//! | `results` | outcomes kept from run to run |
//! | `trial` | one search: a bug, a driver, a seed |
//! | `plan` | which searches there are; what a patch and a driver came to together |
//!
//! Invariants: the checkout itself is read, never written; a search runs the program that was built
//! from the patched copy, as the core that is linked here is the sound one.

mod checkout;
mod outcome;
mod patch;
mod plan;
mod results;
mod trial;

pub use checkout::Verdict;
pub use outcome::{Found, Outcome};
pub use patch::{CPU_TIME, Difficulty, OPERATIONS_MAX, Patch, in_rotation, patches};
pub use plan::{Plan, Row, Watcher, check};
