//! The mutator that AFL++ calls: whole histories, mutations and crossovers, as under libFuzzer.
//!
//! AFL++ runs its byte mutators after this mutator, so this mutator changes no bytes itself. Unlike
//! libFuzzer, AFL++ says which inputs are new to its queue.

use crate::AnyTarget;
use crate::generator::Random;
use crate::input::dice::Dice;
use crate::mutator::{Share, Way};
use crate::protocol::Part;

/// The mutator of a process of AFL++.
pub struct Mutator {
    target: &'static dyn AnyTarget,
    share: Share,
    /// Whether operations are mutated.
    moves: bool,
    random: Random,
    /// How the last input was made; `None` if no input of this stage was made yet.
    last: Option<Way>,
    /// Whether the last input was new.
    gained: bool,
    result: Vec<u8>,
}

impl Mutator {
    /// Creates a mutator for `target`. The inputs depend only on the calls and on `seed`.
    #[must_use]
    pub fn new(target: &'static dyn AnyTarget, seed: u64) -> Self {
        Mutator {
            target,
            share: Share::of_environment(),
            moves: Part::Mutator.is_in(),
            random: Random::new(seed, 3),
            last: None,
            gained: false,
            result: Vec::new(),
        }
    }

    /// Begins with another input of the queue. What AFL++ found since the last input of this
    /// mutator came from another mutator.
    pub fn begin(&mut self) {
        self.last = None;
        self.gained = false;
    }

    /// Learns that the last input was new.
    pub fn gain(&mut self) {
        self.gained = true;
    }

    /// Makes an input: draws a whole history, changes `bytes`, or joins `bytes` and `other`. The
    /// result has at most the bytes that the target allows, and is empty if there is nothing to
    /// run.
    pub fn make(&mut self, bytes: &[u8], other: &[u8]) -> &[u8] {
        if let Some(way) = self.last {
            self.share.learn(way, self.gained);
        }
        self.gained = false;
        let way = self.share.choose(self.random.next());
        self.last = Some(way);
        let (seed, room) = (self.random.next(), self.target.listing().budget.input_bytes);
        let joins = !other.is_empty() && self.random.below(2) == 0;
        match way {
            Way::Draw => self.target.draw(room, seed, &mut self.result),
            Way::Change if !self.moves => self.result.clear(),
            Way::Change if joins => self.target.cross(bytes, other, room, seed, &mut self.result),
            Way::Change => self.target.mutate(bytes, room, seed, &mut self.result),
        }
        &self.result
    }
}
