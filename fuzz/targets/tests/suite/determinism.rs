//! The same input gives the same digest: in a new world, in a used world, in any order, by every
//! driver's entry point, and with its symbolic keys replaced by the literal ones.

use crate::corpora;
use downbeat::drivers::{self, libfuzzer};
use downbeat::generator::{Length, Profile, Random, random_input};
use downbeat::input::dice::Dice;
use downbeat::{AnyTarget, Runner};
use downbeat_targets::TARGETS;

/// Once the committed inputs have taken this many steps, no more are added. They are in the order
/// of their checksums, so they are a random choice. If the environment has this variable, as in the
/// tests of the night, all are taken.
const COMMITTED_STEPS: u64 = 100_000;
const WHOLE_CORPORA: &str = "DOWNBEAT_WHOLE_CORPORA";

/// Once the random and the generated inputs have taken this many steps, no more are added.
const GENERATED_STEPS: u64 = 40_000;

/// Inputs of the committed corpus, random bytes, and generated inputs.
fn inputs(target: &dyn AnyTarget) -> Vec<Vec<u8>> {
    let mut runner = target.runner();
    let takes_all = std::env::var_os(WHOLE_CORPORA).is_some();
    let mut steps = 0;
    let mut inputs = corpora::committed(target);
    inputs.retain(|input| {
        let is_taken = takes_all || steps < COMMITTED_STEPS;
        if is_taken {
            steps += runner.run(input).expect("the input passes").tally().steps;
        }
        is_taken
    });
    steps = 0;
    for number in 0..100 {
        let mut generated = Vec::new();
        target.generate(Profile::Swarm, 7, number, Length::Short, &mut generated);
        let random = (number % 2 == 0).then(|| random_input(400, 1, number / 2));
        for input in [Some(generated), random].into_iter().flatten() {
            steps += runner.run(&input).expect("the input passes").tally().steps;
            inputs.push(input);
        }
        if steps > GENERATED_STEPS {
            break;
        }
    }
    inputs
}

fn digest(runner: &mut dyn Runner, input: &[u8]) -> u64 {
    let verdict = runner.judge(input, false);
    assert_eq!(verdict.failure, None);
    verdict.run.digest()
}

#[test]
fn every_way_to_run_an_input_equals_a_run_in_a_new_world() {
    for target in TARGETS {
        drivers::prepare(**target);
        let inputs = inputs(**target);
        let (mut used, mut opened) = (target.runner(), target.runner());
        let mut expected = Vec::new();
        for input in &inputs {
            let mut new = target.runner();
            let run = new.run(input).expect("the input passes");
            let (fresh, states) = (run.digest(), run.tally().states);
            let shown = || target.show(input);
            assert_eq!(digest(used.as_mut(), input), fresh, "in a used world: {}", shown());
            opened.open(input);
            let run = opened.run(input).expect("the input passed before");
            assert_eq!(run.digest(), fresh, "opened in advance: {}", shown());
            // In the order in which the program for AFL++ calls them.
            drivers::open(**target, input);
            assert_eq!(drivers::execute(**target, input), states, "by a driver: {}", shown());
            libfuzzer::execute(**target, input);
            expected.push(fresh);
        }
        // In any order, and twice in the same world.
        let mut random = Random::new(1, 0);
        for _ in 0..inputs.len() / 2 {
            let pick = random.below(inputs.len() as u64) as usize;
            for _ in 0..2 {
                assert_eq!(digest(used.as_mut(), &inputs[pick]), expected[pick]);
            }
        }
    }
}

#[test]
fn the_literal_and_the_plain_form_of_a_history_do_the_same() {
    for target in TARGETS {
        let mut runner = target.runner();
        for input in inputs(**target) {
            let run = runner.judge(&input, true).run;
            let (symbolic, steps) = (run.digest(), run.tally().steps);
            let (mut literal, mut plain) = (target.show_settings(&input), String::new());
            // If a world does not explain its operations, only its redirections are used to shrink
            // inputs.
            let mut is_plain = run.explanation().iter().any(|explained| !explained.did.is_empty());
            // A crash or a fault takes random decisions, which depend on the operation (its luck).
            // The plain form has other operations, so its runs may differ.
            if target.name().starts_with("tree") {
                let is_lucky =
                    |text: &str| ["crash", "fault"].iter().any(|it| text.starts_with(it));
                is_plain &= !run.explanation().iter().any(|other| is_lucky(&other.operation));
            }
            for explained in run.explanation() {
                literal.push_str(&explained.operation);
                literal.push('\n');
                let plainly = explained.plainly().unwrap_or(vec![&explained.operation]);
                plain.push_str(&plainly.join("\n"));
                plain.push('\n');
            }
            let encoded = target.encode(&literal).expect("an explained run is a text");
            assert_eq!(digest(runner.as_mut(), &encoded), symbolic, "{literal}");
            if is_plain {
                let plain = target.show_settings(&input) + &plain;
                let encoded = target.encode(&plain).expect("an explained run is a text");
                let verdict = runner.judge(&encoded, false);
                assert_eq!(verdict.failure, None);
                let tally = verdict.run.tally();
                assert_eq!((tally.steps, tally.redirected), (steps, 0), "{plain}");
            }
        }
    }
}
