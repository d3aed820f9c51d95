//! The random number generator: xoshiro256++.
//!
//! The generator is that of `rand`. Splitmix64 derives its state from the seed and the number of
//! the input. The derivation is here, so that a new version of `rand` does not change the meaning
//! of a seed. A golden test checks the numbers.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use crate::input::dice::{Dice, KeyProfile};

/// The random numbers of an input.
#[derive(Clone, Debug)]
pub struct Random {
    generator: Xoshiro256PlusPlus,
    profile: KeyProfile,
}

impl Random {
    /// Creates the generator of the input `number` of the seed `seed`. Until a profile is set, it
    /// picks a single key.
    #[must_use]
    pub fn new(seed: u64, number: u64) -> Self {
        let mut state = seed ^ split_mix(&mut number.wrapping_add(1));
        let mut bytes = [0; 32];
        for word in bytes.chunks_exact_mut(8) {
            word.copy_from_slice(&split_mix(&mut state).to_le_bytes());
        }
        let profile =
            KeyProfile { hot: 1, hot_keys: 1, gap: 0, cold: 0, near: 0, extreme: 0, landmark: 0 };
        Random { generator: Xoshiro256PlusPlus::from_seed(bytes), profile }
    }

    /// Sets the profile by which keys are picked from now on.
    pub fn set_profile(&mut self, profile: KeyProfile) {
        self.profile = profile;
    }
}

impl Dice for Random {
    #[inline]
    fn next(&mut self) -> u64 {
        self.generator.next_u64()
    }

    #[inline]
    fn profile(&self) -> &KeyProfile {
        &self.profile
    }
}

/// Returns the input `number` of the seed `seed`: `bytes` uniformly random bytes.
#[must_use]
pub fn random_input(bytes: usize, seed: u64, number: u64) -> Vec<u8> {
    let mut random = Random::new(seed, number);
    (0..bytes).map(|_| random.next() as u8).collect()
}

/// Splitmix64 (Steele, Lea and Flood, 2014): advances `state` and hashes it.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
