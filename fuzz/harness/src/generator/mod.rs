//! The generator: inputs from a seed.
//!
//! Input number `n` of seed `s` is a pure function of both, so a driver can name an input by its
//! number and make it again without the inputs before it. An input is built from operations, with
//! the encoder that all other code uses, so every generated input is a valid corpus file.
//!
//! The seeded driver uses [`Profile::Swarm`]. Each other [`Profile`] makes histories of a kind that
//! swarms rarely produce. A new corpus starts with inputs of the profiles.
//!
//! Invariants: the random number generator, its arithmetic and the inputs of every profile never
//! change. Golden tests check this.
//!
//! The generator does not learn from runs; coverage-guided drivers do.

mod exhaustive;
mod plan;
mod profile;
mod random;
mod swarm;

pub use crate::protocol::profile::Profile;
pub use random::{Random, random_input};
pub use swarm::Swarm;

use crate::input::dice::Dice;
use crate::input::encoding::{Header, Operation, encode_operation};

/// The length of generated inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// 4 to 255 operations, for inputs that are kept in files.
    Short,
    /// 4 to 32,767 operations. One input in 64 has 512 or more. Only generated inputs are this
    /// long.
    Long,
}

impl Length {
    /// Draws a number of operations: first its octave (the power of two below it), then the number
    /// within the octave.
    fn draw(self, random: &mut Random) -> u64 {
        let octave = match self {
            Length::Short => 2 + random.below(6),
            Length::Long if random.below(64) == 0 => 9 + random.below(6),
            Length::Long => 2 + random.below(7),
        };
        (1 << octave) + random.below(1 << octave)
    }
}

/// Replaces `bytes` by input number `number` of seed `seed` and `profile`.
///
/// [`Profile::Tiny`] enumerates its inputs, and starts again after the last. It ignores the seed
/// and the length.
pub fn generate<O: Operation>(
    profile: Profile,
    seed: u64,
    number: u64,
    length: Length,
    bytes: &mut Vec<u8>,
) {
    if profile == Profile::Tiny {
        return exhaustive::Histories::<O>::new().write(number, bytes);
    }
    // Different profiles draw different numbers from the same seed.
    let mut random = Random::new(seed, number ^ (profile as u64) << 48);
    let header = draw_header(O::SETTINGS, &mut random);
    bytes.clear();
    bytes.extend_from_slice(&header.encode());
    let count = length.draw(&mut random);
    if profile == Profile::Swarm {
        let swarm = Swarm::draw(O::KINDS, &mut random);
        random.set_profile(*swarm.keys());
        for _ in 0..count {
            let kind = swarm.pick(&mut random);
            encode_operation(&O::draw(kind, &mut random), bytes);
        }
        return;
    }
    let mut plan = profile::plan(profile, &mut random);
    random.set_profile(*plan.keys());
    for _ in 0..count {
        let (kind, key) = plan.next(O::KINDS, &mut random);
        let operation = O::draw(kind, &mut random);
        let operation = key.map_or(operation, |key| operation.with_key(key));
        encode_operation(&operation, bytes);
    }
}

/// Returns the number of inputs of a profile; `None` if it is unlimited.
#[must_use]
pub fn count_inputs<O: Operation>(profile: Profile) -> Option<u64> {
    match profile {
        Profile::Tiny => Some(exhaustive::Histories::<O>::new().count()),
        _ => None,
    }
}

/// Draws an index of `weights`, with a probability proportional to its weight. `None` if all
/// weights are 0.
pub(crate) fn weighted(
    weights: impl Iterator<Item = u64> + Clone,
    dice: &mut impl Dice,
) -> Option<usize> {
    let total = weights.clone().sum();
    let mut point = if total == 0 { return None } else { dice.below(total) };
    weights.into_iter().position(|weight| {
        let hit = point < weight;
        point = point.wrapping_sub(weight);
        hit
    })
}

/// Draws a header. Half of the time a setting has its plainest choice, otherwise a random choice.
fn draw_header(settings: &[crate::input::encoding::Setting], random: &mut Random) -> Header {
    let mut header = Header::PLAIN;
    for (index, setting) in settings.iter().enumerate() {
        if random.below(2) == 0 {
            let choice = random.below(setting.choices.count() as u64);
            header.choose(settings, index, choice as usize);
        }
    }
    header
}
