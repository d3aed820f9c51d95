//! Every driver's entry point runs an input in the same way.

use crate::corpora;
use downbeat::AnyTarget;
use downbeat::counters::Figures;
use downbeat::drivers::seeded::{self, Until};
use downbeat::drivers::{self, libfuzzer};
use downbeat::generator::{Length, Profile, random_input};
use downbeat_targets::TARGETS;

/// The committed corpus, random bytes and generated inputs.
fn inputs(target: &dyn AnyTarget) -> Vec<Vec<u8>> {
    let mut inputs = corpora::committed(target);
    inputs.extend((0..50).map(|number| random_input(400, 1, number)));
    for number in 0..50 {
        let mut bytes = Vec::new();
        target.generate(Profile::Swarm, 11, number, Length::Short, &mut bytes);
        inputs.push(bytes);
    }
    inputs
}

#[test]
fn a_run_of_a_coverage_guided_driver_is_a_run_of_the_judge() {
    for target in TARGETS {
        let (mut judging, mut running) = (target.runner(), target.runner());
        for input in inputs(**target) {
            let verdict = judging.judge(&input, false);
            assert_eq!(verdict.failure, None);
            let run = running.run(&input).expect("it passed before");
            assert_eq!(run.digest(), verdict.run.digest(), "{}", target.show(&input));
            // In the same order as the program for AFL++ calls them.
            drivers::open(**target, &input);
            let states = drivers::execute(**target, &input);
            assert_eq!(states, verdict.run.tally().states, "{}", target.show(&input));
            libfuzzer::execute(**target, &input);
        }
    }
}

#[test]
fn a_used_world_opened_for_an_input_equals_a_new_world() {
    for target in TARGETS {
        drivers::prepare(**target);
        let mut opened = target.runner();
        for input in inputs(**target) {
            opened.open(&input);
            let digest = opened.run(&input).expect("the input passes").digest();
            let mut new = target.runner();
            assert_eq!(new.run(&input).expect("it passed before").digest(), digest);
            let states = drivers::execute(**target, &input);
            assert_eq!(&states, &new.run(&input).expect("it passed before").tally().states);
        }
    }
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
        let input = inputs(**target).pop().expect("there are inputs");
        let first = drivers::execute(**target, &input);
        drivers::execute(**other, &inputs(**other).pop().expect("there are inputs"));
        assert_eq!(drivers::execute(**target, &input), first);
    }
}
