//! Downbeat as a library: a coverage-guided fuzzing suite for log-structured merge trees.
//!
//! A driver hands bytes to a [`Runner`]; the runner decodes them one operation at a time and
//! applies each to a [`World`], which holds the system under test and its model, and compares at
//! once. What differs is a [`Failure`].
//!
//! | module | what is there |
//! |---|---|
//! | [`target`] | the traits [`Target`] and [`World`] that a component to be fuzzed implements |
//! | [`targets`] | the components that are, and the registry: one row each |
//! | [`run`] | what a world tells of one run: steps, events, digest, remarks |
//! | [`runner`] | runs inputs on one reused world; catches panics where asked to |
//! | [`failure`] | what went wrong, and the identity of a finding |
//! | [`generator`] | inputs from a seed: swarm weights, hot and cold keys |
//! | [`mutator`] | moves on operations: one input from another, or from two |
//! | [`shrinker`] | a smaller input with the same failure |
//! | [`dictionary`] | operations as words that byte mutators put in |
//! | [`drivers`] | the entry points of the drivers: one execution, whoever asks for it |
//! | [`counters`] | figures that a driver shares with whoever watches it |
//! | [`disk`] | a device that crashes and lies, under a store that is fuzzed |
//! | `store` | a store of blocks on that device, as targets that have one share it |
//! | [`corpus`] | what a committed corpus may be |
//! | [`goals`] | what a corpus must reach, and which inputs do |
//! | [`gate`] | when a set of inputs is good enough |
//! | [`states`] | feedback beyond edges: buckets of what the system is like |
//! | [`statistics`] | what a set of inputs does, counted |
//! | [`project`] | where things lie in a checkout |
//!
//! What it does not do: start programs, parse command lines, print.

pub mod corpus;
pub mod counters;
pub mod dictionary;
pub mod disk;
pub mod drivers;
pub mod failure;
pub mod gate;
pub mod generator;
pub mod goals;
mod luck;
pub mod mutator;
pub mod project;
pub mod run;
pub mod runner;
pub mod shrinker;
pub mod states;
pub mod statistics;
mod store;
pub mod target;
pub mod targets;

pub use failure::{Divergence, Failure};
pub use run::Run;
pub use runner::{Runner, replay_text};
pub use target::{Budget, Target, World};
pub use targets::{AnyTarget, TARGETS, find_target};

// What a target's own files need of the model's package.
pub use downbeat_model as model;
