//! The same input gives the same digest: twice in a used world, in a new world, in any order, and
//! with its symbolic keys replaced by the literal ones.

use crate::corpora;
use downbeat::generator::{Length, Profile, Random};
use downbeat::input::dice::Dice;
use downbeat::{AnyTarget, Runner};
use downbeat_targets::TARGETS;

/// The committed corpus, and as many generated inputs.
fn inputs(target: &dyn AnyTarget) -> Vec<Vec<u8>> {
    let mut inputs = corpora::committed(target);
    for number in 0..300 {
        let mut bytes = Vec::new();
        target.generate(Profile::Swarm, 7, number, Length::Short, &mut bytes);
        inputs.push(bytes);
    }
    inputs
}

fn digest(runner: &mut dyn Runner, input: &[u8]) -> u64 {
    let verdict = runner.judge(input, false);
    assert_eq!(verdict.failure, None);
    verdict.run.digest()
}

#[test]
fn a_used_world_equals_a_new_world_in_any_order_of_inputs() {
    for target in TARGETS {
        let inputs = inputs(**target);
        let mut used = target.runner();
        let expected: Vec<u64> = inputs
            .iter()
            .map(|input| {
                let fresh = digest(target.runner().as_mut(), input);
                assert_eq!(digest(used.as_mut(), input), fresh, "{}", target.show(input));
                assert_eq!(digest(used.as_mut(), input), fresh, "the second time");
                fresh
            })
            .collect();
        let mut random = Random::new(1, 0);
        for _ in 0..2 * inputs.len() {
            let pick = random.below(inputs.len() as u64) as usize;
            assert_eq!(digest(used.as_mut(), &inputs[pick]), expected[pick]);
        }
    }
}

#[test]
fn literal_keys_give_the_same_history_as_symbolic_keys() {
    for target in TARGETS {
        for input in inputs(**target) {
            let mut runner = target.runner();
            let verdict = runner.judge(&input, true);
            let symbolic = verdict.run.digest();
            let mut text = target.show_settings(&input);
            for explained in verdict.run.explanation() {
                text.push_str(&explained.operation);
                text.push('\n');
            }
            let literal = target.encode(&text).expect("an explained run is a text");
            assert_eq!(digest(runner.as_mut(), &literal), symbolic, "{text}");
        }
    }
}

#[test]
fn the_plain_form_of_a_history_does_the_same_without_redirections() {
    for target in TARGETS {
        for input in inputs(**target) {
            let mut runner = target.runner();
            let run = runner.judge(&input, true).run;
            // If a world does not explain its operations, only its redirections are used to shrink
            // inputs.
            if run.explanation().iter().all(|explained| explained.did.is_empty()) {
                continue;
            }
            // What a crash or a fault leaves depends on the luck of the operation, and the plain form
            // has other operations.
            let is_lucky = |text: &str| text.starts_with("crash") || text.starts_with("fault");
            if run.explanation().iter().any(|explained| is_lucky(&explained.operation)) {
                continue;
            }
            let steps = run.tally().steps;
            let mut text = target.show_settings(&input);
            for explained in run.explanation() {
                let plainly = explained.plainly().unwrap_or(vec![&explained.operation]);
                text.push_str(&plainly.join("\n"));
                text.push('\n');
            }
            let plain = target.encode(&text).expect("an explained run is a text");
            let verdict = runner.judge(&plain, false);
            assert_eq!(verdict.failure, None);
            let tally = verdict.run.tally();
            assert_eq!((tally.steps, tally.redirected), (steps, 0), "{text}");
        }
    }
}
