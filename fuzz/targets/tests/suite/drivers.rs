//! The seeded driver runs inputs as the other drivers do, and targets do not affect each other.

use downbeat::AnyTarget;
use downbeat::counters::Figures;
use downbeat::drivers;
use downbeat::drivers::seeded::{self, Until};
use downbeat::generator::{Length, Profile};
use downbeat_targets::TARGETS;

/// Generates an input.
fn generated(target: &dyn AnyTarget) -> Vec<u8> {
    let mut bytes = Vec::new();
    target.generate(Profile::Swarm, 11, 49, Length::Short, &mut bytes);
    bytes
}

#[test]
fn the_seeded_driver_runs_generated_inputs_like_the_other_drivers() {
    for target in TARGETS {
        let outcome = seeded::drive(**target, 3, Until::Executions(40), false, None);
        let mut figures = Figures::ZERO;
        let mut runner = target.runner();
        for number in 0..40 {
            let mut bytes = Vec::new();
            target.generate(Profile::Swarm, 3, number, Length::Long, &mut bytes);
            figures.add(runner.run(&bytes).expect("the input passes").tally());
        }
        assert_eq!(outcome.figures, figures);
    }
}

#[test]
fn an_input_runs_the_same_after_an_input_of_another_target() {
    let others = TARGETS.iter().skip(1).chain(TARGETS);
    for (target, other) in TARGETS.iter().zip(others) {
        let input = generated(**target);
        let first = drivers::execute(**target, &input);
        drivers::execute(**other, &generated(**other));
        assert_eq!(drivers::execute(**target, &input), first);
    }
}
