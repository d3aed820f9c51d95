//! The shrinker: finds a smaller input with the same failure.
//!
//! [`Operation::simpler`] defines what is simpler. [`Trials`] decide whether a candidate fails in
//! the same way, and may run candidates in another process. The search itself is in these files:
//!
//! | file | contents |
//! |---|---|
//! | `size` | the order of inputs by size, without infinite descents |
//! | `search` | the smallest input so far, and the candidates that were tried |
//! | `operations` | fewer operations: delta debugging (Zeller and Hildebrandt, 2002) and others |
//! | `plain` | plain operations instead of symbols, redirections, runs and automatic work |
//! | `keys` | smaller keys, each in all its operations at once |
//! | `arguments` | simpler arguments, of one operation or of several, and simpler kinds |
//! | `settings` | the plainest settings, and settings with which fewer operations suffice |
//!
//! Invariants:
//!
//! * Every accepted candidate fails in the same way. It is smaller than the one before, except in
//!   the few steps that turn automatic work into operations.
//! * The same input and the same trials give the same result, unless the time ends the search.
//!
//! The search runs no input and has no clock: [`Trials`] do both.

mod arguments;
mod keys;
mod operations;
mod plain;
mod search;
mod settings;
mod size;

use crate::explained::Explained;
use crate::input::encoding::{Input, Operation};
use search::Search;

/// Decides whether candidates fail as the original does.
pub trait Trials {
    /// Runs `candidate`. Returns how it fails if it fails as the original does, and `None`
    /// otherwise.
    ///
    /// # Errors
    ///
    /// If the time is up.
    fn try_out(&mut self, candidate: &[u8]) -> Result<Option<Alike>, Over>;

    /// Runs `candidate`. Returns each operation and what happened, up to the failure.
    ///
    /// # Errors
    ///
    /// If the time is up.
    fn explain(&mut self, candidate: &[u8]) -> Result<Vec<Explained>, Over>;
}

/// The answer that a candidate fails as the original does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The number of the operation at which it fails, from 1. `None` if it fails at the end of the
    /// run, or if the number is unknown. No operation after this number runs.
    pub operation: Option<u64>,
}

/// The time limit of the trials was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over;

/// Returns the smallest input found that fails as `bytes` does, and whether the search was
/// completed.
pub(crate) fn shrink<O: Operation>(bytes: &[u8], trials: &mut dyn Trials) -> (Vec<u8>, bool) {
    let mut search = Search::<O>::new(Input::decode(bytes), trials);
    let ended = search.run();
    (search.best().encode(), ended.is_ok())
}
