//! The parts that the programs of the suite share.
//!
//! The program `downbeat` links no target. It builds the program of a target, starts it, and sends
//! it requests: to run an input, to print it, or to make another. This crate contains the code that
//! both programs need.
//!
//! | module | contents |
//! |---|---|
//! | [`registry`] | the targets: name, description, budget |
//! | [`message`] | requests to a target's program, and its replies |
//! | [`facts`] | the names of a target's operations, events and states |
//! | [`tally`] | the figures of a run |
//! | [`explained`] | what happened at each operation of a run |
//! | [`failure`] | failures, and the identity of a finding |
//! | [`sanitizer`] | the sanitizer that a program was built with |
//! | [`states`] | groups of states of a system, which are feedback in addition to covered edges |
//! | [`pairs`] | pairs of what a run did, which are feedback for libFuzzer |
//! | [`histogram`] | how often runs applied each operation, and how often each event happened |
//! | [`counters`] | figures that a driver shares with the program that watches it |
//! | [`statistics`], [`goals`], [`gate`] | what inputs cover, and whether that is enough |
//! | [`part`] | the parts of a driver that can be left out |
//! | [`corpus`] | the maximum size of a committed corpus, and the names of its inputs |
//! | [`profile`] | the kinds of history that the seeded generator makes |
//! | [`project`] | the folders of a checkout |

#![allow(clippy::question_mark, reason = "the derive macro `DeJson` writes such code")]

pub mod corpus;
pub mod counters;
pub mod explained;
pub mod facts;
pub mod failure;
pub mod gate;
pub mod goals;
pub mod histogram;
pub mod message;
pub mod pairs;
pub mod part;
pub mod profile;
pub mod project;
pub mod registry;
pub mod sanitizer;
pub mod states;
pub mod statistics;
pub mod tally;

pub use explained::Explained;
pub use facts::{Elsewhere, Encoding, Facts};
pub use failure::{Divergence, Failure};
pub use histogram::Histogram;
pub use part::Part;
pub use profile::Profile;
pub use registry::{Budget, Listing};
pub use tally::Tally;

/// If this environment variable is set, to any value, the canary is on in a target's program.
///
/// The canary is a planted fault that every driver must report.
pub const CANARY_VARIABLE: &str = "DOWNBEAT_CANARY";

/// If this environment variable is set, to any value, a target's program serves requests
/// ([`message`]) instead of fuzzing.
pub const SERVICE_VARIABLE: &str = "DOWNBEAT_SERVICE";

/// The environment variable with the names of the operations, with commas between them, that do
/// nothing in the program of an adapter.
pub const WITHOUT_VARIABLE: &str = "DOWNBEAT_WITHOUT_OPERATIONS";

/// The maximum memory of a run in bytes, which is also libFuzzer's limit.
pub const MEMORY: u64 = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_variables_have_the_same_name() {
        let mut names = vec![CANARY_VARIABLE, SERVICE_VARIABLE, WITHOUT_VARIABLE];
        names.extend([counters::VARIABLE, part::VARIABLE]);
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
