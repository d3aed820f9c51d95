//! The generator's profiles make the histories that their names promise, for every target.

use std::collections::BTreeSet;

use downbeat::AnyTarget;
use downbeat::generator::{Length, Profile};
use downbeat::input::encoding::{Input, Key};
use downbeat_model::cache_map::Operation;
use downbeat_targets::{TARGETS, find_target};

fn make(target: &dyn AnyTarget, profile: Profile, number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    target.generate(profile, 1, number, Length::Short, &mut bytes);
    bytes
}

fn cache_map() -> &'static dyn AnyTarget {
    find_target("cache_map").expect("a target")
}

/// The first inputs of a profile on the cache map, decoded.
fn operations(profile: Profile) -> Vec<Vec<Operation>> {
    let target = cache_map();
    let inputs = (0..64).map(|number| make(target, profile, number));
    inputs.map(|input| Input::<Operation>::decode(&input).operations).collect()
}

fn upserted(operation: &Operation) -> Option<u64> {
    match operation {
        Operation::Upsert { key: Key::Literal(key) } => Some(*key),
        _ => None,
    }
}

#[test]
fn inputs_of_every_profile_are_canonical_differ_and_pass() {
    for target in TARGETS {
        let mut runner = target.runner();
        let mut all = BTreeSet::new();
        for profile in Profile::ALL {
            for number in 0..20 {
                let input = make(**target, profile, number);
                assert_eq!(target.canonical(&input), input, "{}", profile.name());
                let failure = runner.judge(&input, false).failure;
                assert_eq!(failure, None, "{}\n{}", profile.name(), target.show(&input));
                assert!(all.insert(input), "{} {number} repeats an input", profile.name());
            }
        }
    }
}

#[test]
fn sequential_writes_ascend_and_reverse_writes_descend() {
    for (profile, step) in [(Profile::Sequential, 1), (Profile::Reverse, u64::MAX)] {
        for operations in operations(profile) {
            // Operations on runs of keys continue the same order, so their first keys count, too.
            let keys: Vec<u64> = operations
                .iter()
                .filter_map(|operation| match operation {
                    Operation::UpsertRun { key: Key::Literal(key), .. }
                    | Operation::GetRun { key: Key::Literal(key), .. }
                    | Operation::RemoveRun { key: Key::Literal(key), .. }
                    | Operation::Fill { key: Key::Literal(key), .. } => Some(*key),
                    operation => upserted(operation),
                })
                .collect();
            assert!(keys.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(step)), "{keys:x?}");
        }
    }
}

#[test]
fn a_refill_removes_every_key_that_it_wrote_before_it_writes_them_again() {
    let mut refilled = 0;
    for operations in operations(Profile::Refill) {
        let (mut live, mut first) = (BTreeSet::new(), None);
        for operation in operations {
            if let Some(key) = upserted(&operation) {
                assert!(live.insert(key), "{key:#x} is written again before it is removed");
                refilled += u32::from(first == Some(key));
                first = first.or(Some(key));
            } else if let Operation::Remove { key: Key::Literal(key) } = operation {
                assert!(live.remove(&key), "{key:#x} was not written");
            }
        }
    }
    assert!(refilled > 16, "{refilled} times");
}

#[test]
fn ping_pong_comes_back_to_its_first_key_after_the_same_number_of_writes() {
    let mut periods = BTreeSet::new();
    for operations in operations(Profile::PingPong) {
        let keys: Vec<u64> = operations.iter().filter_map(upserted).collect();
        if let Some(period) = keys.iter().skip(1).position(|key| *key == keys[0]) {
            let period = period + 1;
            assert!(keys.iter().skip(period).zip(&keys).all(|(again, key)| again == key));
            periods.insert(period);
        }
    }
    assert!(periods.len() > 8, "{periods:?}");
}

#[test]
fn tiny_makes_every_history_of_its_length_once() {
    let target = cache_map();
    // Eight kinds take a key, each with two keys, and six kinds take none.
    let operations = 2 * 8 + 6u64;
    let count = target.count_inputs(Profile::Tiny).expect("the profile has finitely many inputs");
    assert_eq!(count, (0..=3).map(|length| operations.pow(length)).sum::<u64>());
    let all: BTreeSet<Vec<u8>> =
        (0..count).map(|number| make(target, Profile::Tiny, number)).collect();
    assert_eq!(all.len() as u64, count, "no history twice");
    assert_eq!(make(target, Profile::Tiny, count), make(target, Profile::Tiny, 0));
    let header = target.show_settings(&make(target, Profile::Tiny, 1));
    assert!(header.contains("ways=2 sets=1 stash=4 scope=1"), "{header}");
}
