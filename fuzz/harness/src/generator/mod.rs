//! Inputs from a seed.
//!
//! Input number `n` of seed `s` is a pure function of both: drivers can name an input by its
//! number, and any one can be made again without those before it. An input is made of operations,
//! through the encoder that everything else uses, so whatever a generator finds is a corpus file.
//!
//! [`generate`] is swarm testing, which is what the seeded driver runs. [`Profile`] names other ways
//! to make inputs, each for a kind of history that swarms are slow to reach; corpora start from them.
//!
//! Invariants: the source of randomness and its arithmetic are pinned, and so are the inputs of every
//! profile (golden tests say so).
//!
//! What it does not do: learn from what inputs do; that is what coverage-guided drivers are for.

mod exhaustive;
mod plan;
mod profile;
mod random;
mod swarm;

pub use crate::protocol::profile::Profile;
pub use random::{Random, random_input};
pub use swarm::Swarm;

use crate::model::dice::Dice;
use crate::model::encoding::{Header, Operation, encode_operation};

/// How long inputs get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// As inputs in files are: 4 to 256 operations.
    Short,
    /// As only a generator can afford: up to 32,768 operations, one input in 64 above 512.
    Long,
}

impl Length {
    /// Draws a number of operations, each octave as likely as the next.
    fn draw(self, random: &mut Random) -> u64 {
        let octave = match self {
            Length::Short => 2 + random.below(6),
            Length::Long if random.below(64) == 0 => 9 + random.below(6),
            Length::Long => 2 + random.below(7),
        };
        (1 << octave) + random.below(1 << octave)
    }
}

/// Makes input number `number` of seed `seed` in `bytes`, whose content goes.
pub fn generate<O: Operation>(seed: u64, number: u64, length: Length, bytes: &mut Vec<u8>) {
    let mut random = Random::new(seed, number);
    let header = draw_header(O::SETTINGS, &mut random);
    let count = length.draw(&mut random);
    let swarm = Swarm::draw(O::KINDS, &mut random);
    random.set_profile(*swarm.keys());
    bytes.clear();
    bytes.extend_from_slice(&header.encode());
    for _ in 0..count {
        let kind = swarm.pick(&mut random);
        encode_operation(&O::draw(kind, &mut random), bytes);
    }
}

/// Makes input number `number` of seed `seed` by `profile` in `bytes`, whose content goes.
///
/// The inputs of [`Profile::Tiny`] are numbered, and start again behind the last one; seed and length
/// mean nothing to it.
pub fn generate_profile<O: Operation>(
    profile: Profile,
    seed: u64,
    number: u64,
    length: Length,
    bytes: &mut Vec<u8>,
) {
    match profile {
        Profile::Swarm => return generate::<O>(seed, number, length, bytes),
        Profile::Tiny => return exhaustive::Histories::<O>::new().write(number, bytes),
        _ => {}
    }
    // Profiles of one seed have nothing in common.
    let mut random = Random::new(seed, number ^ (profile as u64) << 48);
    let header = draw_header(O::SETTINGS, &mut random);
    let count = length.draw(&mut random);
    let mut plan = profile::plan(profile, &mut random);
    random.set_profile(*plan.keys());
    bytes.clear();
    bytes.extend_from_slice(&header.encode());
    for _ in 0..count {
        let (kind, key) = plan.next(O::KINDS, &mut random);
        let operation = O::draw(kind, &mut random);
        let operation = key.map_or(operation, |key| operation.with_key(key));
        encode_operation(&operation, bytes);
    }
}

/// How many inputs a profile has; `None` if they do not end.
#[must_use]
pub fn count_inputs<O: Operation>(profile: Profile) -> Option<u64> {
    match profile {
        Profile::Tiny => Some(exhaustive::Histories::<O>::new().count()),
        _ => None,
    }
}

/// Half of the settings at their plainest, the others at any choice.
fn draw_header(settings: &[crate::model::encoding::Setting], random: &mut Random) -> Header {
    let mut header = Header::PLAIN;
    for (index, setting) in settings.iter().enumerate() {
        if random.below(2) == 0 {
            let choice = random.below(setting.choices.count() as u64);
            header.choose(settings, index, choice as usize);
        }
    }
    header
}
