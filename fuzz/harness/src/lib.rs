//! The harness of the suite: the library that every target is built on.
//!
//! A driver hands bytes to a [`Runner`]. The runner decodes one operation at a time and applies it
//! to a [`World`]. The world contains the system under test and its model, and compares their
//! answers to each operation. A difference is a [`Failure`].
//!
//! | module | contents |
//! |---|---|
//! | [`check`] | how a world compares, and how it reports a difference |
//! | [`target`] | the traits [`Target`] and [`World`] that a component to be fuzzed implements |
//! | [`declare`] | the tables of a target: its states and its events |
//! | [`any_target`] | a target with its types erased, as drivers and programs use it |
//! | [`run`] | what a world reports about a run: steps, events, digest, remarks |
//! | [`pairs`] | what a run combines: operations, keys, events, phases |
//! | [`runner`] | runs inputs on reused worlds, and catches panics on request |
//! | [`generator`] | inputs from a seed: swarm weights, hot and cold keys |
//! | [`mutator`] | moves on operations: one input from another, or from two |
//! | [`shrinker`] | a smaller input with the same failure |
//! | [`dictionary`] | operations as words for byte mutators |
//! | [`drivers`] | the entry points of the drivers, and the program of a target |
//! | [`disk`] | a simulated device with crashes and faults, for stores that are fuzzed |
//! | [`records`] | records of several sizes, made from the version of a key |
//!
//! `downbeat_protocol`, which is re-exported here, describes targets for programs that do not link
//! them.

pub mod any_target;
pub mod check;
pub mod declare;
pub mod dictionary;
pub mod disk;
pub mod drivers;
pub mod generator;
mod luck;
pub mod mutator;
pub mod pairs;
mod pick;
pub mod records;
pub mod run;
mod run_of_keys;
pub mod runner;
pub mod shrinker;
pub mod target;
mod worlds;

pub use any_target::{AnyTarget, Entry};
pub use check::Checked;
pub use pairs::Phase;
pub use pick::pick;
pub use run::Run;
pub use run_of_keys::run_of_keys;
pub use runner::Runner;
pub use target::{AnyWorld, Target, World};

pub use downbeat_protocol as protocol;
pub use downbeat_protocol::{
    Budget, Divergence, Elsewhere, Encoding, Explained, Facts, Failure, Listing, Tally, corpus,
    counters, explained, failure, gate, goals, project, registry, states, states::StateGroup,
    statistics, tally,
};

pub use downbeat_input as input;
