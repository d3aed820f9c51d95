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
//! | [`facts`] | the names of a target's operations, events and states, which only its program
//! knows |
//! | [`tally`] | the figures of a run |
//! | [`explained`] | what happened at each operation of a run |
//! | [`failure`] | failures, and the identity of a finding |
//! | [`sanitizer`] | the sanitizer that a program was built with |
//! | [`states`] | feedback beyond edges: buckets of the system's states |
//! | [`counters`] | figures that a driver shares with the program that watches it |
//! | [`statistics`], [`goals`], [`gate`] | what a set of inputs does, and whether that is enough |
//! | [`corpus`] | the bounds of a committed corpus |
//! | [`profile`] | the kinds of history that the seeded generator makes |
//! | [`project`] | the folders of a checkout |

pub mod corpus;
pub mod counters;
pub mod explained;
pub mod facts;
pub mod failure;
pub mod gate;
pub mod goals;
pub mod message;
pub mod profile;
pub mod project;
pub mod registry;
pub mod sanitizer;
pub mod states;
pub mod statistics;
pub mod tally;

pub use explained::Explained;
pub use facts::{Elsewhere, Facts};
pub use failure::{Divergence, Failure};
pub use profile::Profile;
pub use registry::{Budget, Listing};
pub use tally::Tally;

/// The environment variable that turns on the canary in a target's program, with any value.
///
/// The canary is a planted fault that every driver must report.
pub const CANARY_VARIABLE: &str = "DOWNBEAT_CANARY";

/// The environment variable that makes a target's program serve requests ([`message`]) instead of
/// fuzzing, with any value.
pub const SERVICE_VARIABLE: &str = "DOWNBEAT_SERVICE";

/// The maximum memory of a run in bytes, which is also libFuzzer's limit.
pub const MEMORY: u64 = 1 << 30;
