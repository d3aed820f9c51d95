//! Tests that every target must pass: corpora replay, runs repeat, the canary is found, drivers
//! agree.

mod canary;
mod corpora;
mod corpus_replays;
mod determinism;
mod dictionaries;
mod drivers;
mod histories;
mod landmarks;
#[cfg(debug_assertions)]
mod mutated_models;
mod mutator;
mod pairs;
mod profiles;
mod registry_is_complete;
