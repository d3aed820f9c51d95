//! The frame of the suite as a library: every target is built from it.
//!
//! A driver hands bytes to a [`Runner`]. The runner decodes them one operation at a time and
//! applies each to a [`World`], which holds the system under test and its model and compares them
//! at once. A difference is a [`Failure`].
//!
//! | module | contents |
//! |---|---|
//! | [`check`] | how a world compares, and how it reports a difference |
//! | [`target`] | the traits [`Target`] and [`World`] that a component to be fuzzed implements |
//! | [`declare`] | the tables of a target: its states and its events |
//! | [`any_target`] | a target without its types, as drivers and programs use it |
//! | [`run`] | the reports of a world about a run: steps, events, digest, remarks |
//! | [`runner`] | runs inputs on one reused world, and catches panics where asked to |
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
pub use pick::pick;
pub use run::Run;
pub use run_of_keys::run_of_keys;
pub use runner::Runner;
pub use target::{AnyWorld, Target, World};

pub use downbeat_protocol as protocol;
pub use downbeat_protocol::{
    Budget, Divergence, Explained, Facts, Failure, Listing, Tally, corpus, counters, explained,
    failure, gate, goals, project, registry, states, states::StateGroup, statistics, tally,
};

pub use downbeat_input as input;
