//! Mutants: small changes of the core that cargo-mutants makes. The suite should notice each of
//! them, or a person should say why none of its targets can.
//!
//! A mutant is tried on the targets that are near to its file: its compiled core runs their
//! committed corpora and the inputs of known bugs, and then each searcher searches for a finding.
//! The first failure kills the mutant.
//!
//! | module | contents |
//! |---|---|
//! | `mutant` | one change of a file |
//! | `list` | the mutants of the core, from cargo-mutants |
//! | `near` | the targets on which a mutant is tried |
//! | `page` | the mutants that a person has judged: equivalent, or known survivors |
//! | `attempt` | one attempt to kill a mutant: the compiler, a replay, a search |
//! | `trials` | all attempts on all mutants, with their outcomes stored between runs |
//! | `fate` | what became of a mutant |

mod attempt;
mod fate;
mod list;
mod mutant;
mod near;
mod page;
mod trials;

pub use fate::Fate;
pub use list::list;
pub use mutant::Mutant;
pub use page::Page;
pub use trials::{Trials, Tried, Watcher};
