//! The profiles of the generator keep their meaning for years.

use crate::toy::Toy;
use downbeat::generator::{Length, Profile};
use downbeat::{AnyTarget, Entry, corpus};

fn make(target: &dyn AnyTarget, profile: Profile, number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    target.generate(profile, 1, number, Length::Short, &mut bytes);
    bytes
}

/// Hashes of the first 64 inputs of each profile, for the operations of the toy.
const GOLDEN: [(&str, &str); 12] = [
    ("swarm", "26330cf8c861cf73bb4f5944c9beb6b1"),
    ("sequential", "4d272311b33c8cde34a846bd48ea59e4"),
    ("reverse", "dc752d02d75d2476da0dec9f89a63c55"),
    ("hot-cold", "290d2791a73018e84465bbaca0284d33"),
    ("gaps", "5823e9eae7cf6918e196cd4046851c58"),
    ("reads", "b19a6ef552b3caef2875c6133c94e800"),
    ("removes", "8d4bb8757e729e99f110effbd84a261c"),
    ("refill", "844f6d95e98c8c161cce9ccd6b04195c"),
    ("ping-pong", "ca5250aa64461c0e2024e7b619ff6bfb"),
    ("scopes", "5923ae6fff9daad109df9c1e14d0474c"),
    ("structure", "9afda52c0e03bb601c08be26db50b00d"),
    ("tiny", "0ecf6189aed0f1b5232c1de850383b7d"),
];

#[test]
fn a_seed_of_a_profile_always_gives_the_same_input() {
    let target = &Entry::<Toy<true>>::ROW;
    let hash = |profile| {
        let inputs: Vec<u8> = (0..64).flat_map(|number| make(target, profile, number)).collect();
        (Profile::name(profile), corpus::name(&inputs))
    };
    let hashes = Profile::ALL.map(hash);
    let hashes = hashes.each_ref().map(|(name, hash)| (*name, hash.as_str()));
    assert_eq!(hashes, GOLDEN);
}
