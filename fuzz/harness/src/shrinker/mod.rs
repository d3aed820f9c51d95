//! A smaller input with the same failure.
//!
//! What is simpler is the types' to say ([`Operation::simpler`]); what fails alike is [`Trials`]' to
//! say, who may run candidates in another process. Here is the search between them:
//!
//! | file | what it makes smaller |
//! |---|---|
//! | `size` | which of two inputs is the smaller one: an order without endless descents |
//! | `search` | the smallest input so far, and what was tried |
//! | `operations` | fewer operations: delta debugging (Zeller and Hildebrandt, 2002), all of a key, pairs, one for many |
//! | `plain` | symbols, redirections, runs and what a world does by itself, in plain operations |
//! | `keys` | keys, each in all its operations at once |
//! | `arguments` | arguments, of one operation or of several that say the same; kinds |
//! | `settings` | the plainest settings, and those with which fewer operations suffice |
//!
//! Invariants:
//!
//! * Every input that is taken fails alike; each is smaller than the one before, but for the few steps
//!   that say plainly what happens anyway.
//! * The same input and the same trials give the same outcome, unless time ends the search.
//!
//! What it does not do: run anything, or know the time.

mod arguments;
mod keys;
mod operations;
mod plain;
mod search;
mod settings;
mod size;

use crate::explained::Explained;
use crate::model::encoding::{Input, Operation};
use search::Search;

/// Says of candidates whether they fail as the original does.
pub trait Trials {
    /// How `candidate` fails, if it fails as the original does.
    ///
    /// # Errors
    ///
    /// There is no more time.
    fn try_out(&mut self, candidate: &[u8]) -> Result<Option<Alike>, Over>;

    /// Each operation of a run of `candidate` and what happened, as far as it went.
    ///
    /// # Errors
    ///
    /// There is no more time.
    fn explain(&mut self, candidate: &[u8]) -> Result<Vec<Explained>, Over>;
}

/// A candidate fails as the original does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The number of the operation at which it fails, from 1; `None` at the end of the run, and where
    /// nobody knows. Nothing behind it is run.
    pub operation: Option<u64>,
}

/// There is no more time for trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over;

/// The smallest input found that fails as `bytes` does, and whether the search came to its end.
pub(crate) fn shrink<O: Operation>(bytes: &[u8], trials: &mut dyn Trials) -> (Vec<u8>, bool) {
    let mut search = Search::<O>::new(Input::decode(bytes), trials);
    let ended = search.run();
    (search.best().encode(), ended.is_ok())
}
