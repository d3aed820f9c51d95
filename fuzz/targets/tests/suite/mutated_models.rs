//! Each target notices its own model when the model is broken on purpose, in each way that the
//! model offers.
//!
//! Models are broken only with debug assertions, as in `cargo test`.

use downbeat::AnyTarget;
use downbeat::generator::{Length, Profile};
use downbeat_model::mutation::{Mutation, switch};
use downbeat_targets::{TARGETS, find_target};

/// A broken model may pass this many inputs of the seeded generator.
const INPUTS_MAX: u64 = 2000;

/// How many inputs pass before an input fails because of a disallowed answer; `None` if all pass. A
/// broken model may also cause calls that the core refuses, which does not count.
fn passed(target: &dyn AnyTarget, inputs: u64) -> Option<u64> {
    let mut runner = target.runner();
    let mut bytes = Vec::new();
    (0..inputs).find(|number| {
        target.generate(Profile::Swarm, 7, *number, Length::Short, &mut bytes);
        runner.judge(&bytes, false).failure.is_some_and(|failure| failure.answers.is_some())
    })
}

#[test]
fn every_target_reports_every_mutation_of_its_model() {
    for &(mutation, name) in Mutation::ALL {
        let target = find_target(name).unwrap_or_else(|| panic!("{mutation:?}: no target {name}"));
        switch(Some(mutation));
        let objected = passed(target, INPUTS_MAX);
        switch(None);
        assert!(objected.is_some(), "{name} sees nothing wrong with {mutation:?}");
        println!("{name} objects to {mutation:?} at input {}", objected.unwrap_or_default());
    }
}

#[test]
fn every_target_has_a_mutation() {
    for target in TARGETS {
        let broken = Mutation::ALL.iter().any(|(_, name)| *name == target.name());
        assert!(broken, "{} has no mutation of its model", target.name());
    }
}

#[test]
fn no_target_reports_a_failure_without_a_mutation() {
    switch(None);
    for target in TARGETS {
        assert_eq!(passed(**target, 200), None, "{}", target.name());
    }
}
