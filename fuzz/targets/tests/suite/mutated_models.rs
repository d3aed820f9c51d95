//! Each model, broken on purpose in each of the ways that it knows, is objected to by its target.
//!
//! With debug assertions alone, as `cargo test` builds.

use downbeat::AnyTarget;
use downbeat::generator::{Length, Profile};
use downbeat::model::mutation::{Mutation, switch};
use downbeat_targets::{TARGETS, find_target};

/// Inputs of the seeded generator that a broken model may pass.
const INPUTS_MAX: u64 = 2000;

/// How many inputs pass before one fails by an answer that the model does not allow; `None` if all do. A wrong
/// model may also make calls that the core refuses: that is no objection to it.
fn passed(target: &dyn AnyTarget, inputs: u64) -> Option<u64> {
    let mut runner = target.runner();
    let mut bytes = Vec::new();
    (0..inputs).find(|number| {
        target.generate(Profile::Swarm, 7, *number, Length::Short, &mut bytes);
        runner.judge(&bytes, false).failure.is_some_and(|failure| failure.answers.is_some())
    })
}

#[test]
fn every_target_objects_to_every_way_in_which_its_model_can_be_broken() {
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
fn every_target_has_a_model_that_can_be_broken() {
    for target in TARGETS {
        let broken = Mutation::ALL.iter().any(|(_, name)| *name == target.name());
        assert!(broken, "{} has no mutation of its model", target.name());
    }
}

#[test]
fn nothing_is_objected_to_while_no_model_is_broken() {
    switch(None);
    for target in TARGETS {
        assert_eq!(passed(**target, 200), None, "{}", target.name());
    }
}
