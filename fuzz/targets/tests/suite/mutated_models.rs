//! Each target reports a failure if its own model is broken on purpose, for each of the mutations
//! that the model offers.
//!
//! Mutations are compiled only with debug assertions, as in `cargo test`.

use downbeat::AnyTarget;
use downbeat::generator::{Length, Profile};
use downbeat_model::mutation::{Mutation, switch};
use downbeat_targets::{TARGETS, find_target};

/// The number of generated inputs within which a broken model must fail.
const INPUTS_MAX: u64 = 2000;

/// The number of the first of `inputs` inputs that fails because an answer differs from the model;
/// `None` if there is none. Other failures are ignored: a broken model may also cause calls that
/// the core refuses.
fn first_failure(target: &dyn AnyTarget, inputs: u64) -> Option<u64> {
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
        let reported = first_failure(target, INPUTS_MAX);
        switch(None);
        assert!(reported.is_some(), "{name} does not report {mutation:?}");
        println!("{name} reports {mutation:?} at input {}", reported.unwrap_or_default());
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
        assert_eq!(first_failure(**target, 40), None, "{}", target.name());
    }
}
