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
    ("swarm", "1eb1c51ce218afdd8462b2ba7436445c"),
    ("sequential", "3b147e4d32c7bb9e204c2fcd0c60c113"),
    ("reverse", "0435613c299d85881bd88fe793adb4f3"),
    ("hot-cold", "2e27f0d455d91b430f0b7892381a19bc"),
    ("gaps", "9152c2be1a706ff1a40433c98c429bf9"),
    ("reads", "5611a8ef1bfbe6e6e574fdd006efbc81"),
    ("removes", "eff0b2bbc807433a828ae27bf5dd3ce1"),
    ("refill", "dce0622a57067e8c91285d58581e4715"),
    ("ping-pong", "e2b6767179608ab4af11dc5dcc051a8b"),
    ("scopes", "fe88cf67cb7453d6a93f77fb69bf0a9e"),
    ("structure", "8c1729f80986d00d85d6cad4bee1a1c5"),
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
