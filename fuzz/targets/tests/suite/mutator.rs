//! Mutations of the inputs of every target.

use downbeat::generator::{Length, Profile};
use downbeat_targets::TARGETS;

const ROOM: usize = 512;

#[test]
fn a_mutated_input_is_canonical_and_within_its_size_and_deterministic() {
    for target in TARGETS {
        let (mut input, mut other) = (Vec::new(), Vec::new());
        let (mut out, mut again) = (Vec::new(), Vec::new());
        for seed in 0..2000 {
            target.generate(Profile::Swarm, 1, seed, Length::Short, &mut input);
            target.generate(Profile::Swarm, 2, seed, Length::Short, &mut other);
            // Any bytes are an input.
            input.truncate(seed as usize);
            let room = if seed % 2 == 0 { ROOM } else { seed as usize % 64 };
            target.mutate(&input, room, seed, &mut out);
            target.mutate(&input, room, seed, &mut again);
            assert_eq!(out, again);
            assert!(out.len() <= room, "{} bytes of {room}", out.len());
            if room == ROOM {
                assert_eq!(out, target.canonical(&out), "seed {seed}");
            }
            target.cross(&input, &other, room, seed, &mut out);
            target.cross(&input, &other, room, seed, &mut again);
            assert_eq!(out, again);
            assert!(out.len() <= room, "{} bytes of {room}", out.len());
        }
    }
}

#[test]
fn a_drawn_history_is_canonical_and_within_its_size_and_deterministic() {
    for target in TARGETS {
        let (mut out, mut again) = (Vec::new(), Vec::new());
        let mut operations = 0;
        for seed in 0..1000 {
            let room = if seed % 2 == 0 { ROOM } else { 1 + seed as usize % 64 };
            target.draw(room, seed, &mut out);
            target.draw(room, seed, &mut again);
            assert_eq!(out, again);
            assert!(!out.is_empty() && out.len() <= room, "{} bytes of {room}", out.len());
            if room == ROOM {
                assert_eq!(out, target.canonical(&out), "seed {seed}");
                operations += target.count_operations(&out);
            }
        }
        assert!(operations > 30 * 500, "{}: {operations} of 500 histories", target.name());
    }
}

#[test]
fn most_mutations_change_the_input_and_keep_most_of_its_operations() {
    for target in TARGETS {
        let (mut input, mut out) = (Vec::new(), Vec::new());
        let mut changed = 0;
        for seed in 0..1000 {
            target.generate(Profile::Swarm, 3, seed, Length::Short, &mut input);
            let input = target.canonical(&input);
            target.mutate(&input, 1 << 16, seed, &mut out);
            changed += usize::from(out != input);
            let (before, after) = (target.count_operations(&input), target.count_operations(&out));
            assert!(after > 0 || before < 64, "seed {seed}: {before} operations, then none");
        }
        assert!(changed > 900, "{}: {changed} of 1,000", target.name());
    }
}

#[test]
fn the_empty_input_grows() {
    for target in TARGETS {
        let mut out = Vec::new();
        let grown = (0..100).filter(|seed| {
            target.mutate(&[], 512, *seed, &mut out);
            target.count_operations(&out) > 0
        });
        assert!(grown.count() > 50, "{}", target.name());
    }
}
