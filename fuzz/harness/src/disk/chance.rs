//! The random decisions of a disk: a hash of the schedule, the number of I/Os since the schedule
//! was set, and the site that asks.
//!
//! There is no stream of random numbers. If an operation of the world is removed, the decisions for
//! the others stay the same, as long as the world sets a schedule for each operation.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Hashes words. All bits of the result are well mixed.
#[inline]
pub(super) fn mix(words: &[u64]) -> u64 {
    let mut hasher = FxHasher::default();
    for word in words {
        hasher.write_u64(*word);
    }
    let mut mixed = hasher.finish();
    for _ in 0..2 {
        mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    mixed ^ (mixed >> 29)
}

/// The site that asks for a decision. The numbers are part of the meaning of an input.
#[derive(Clone, Copy)]
pub(super) enum Site {
    /// Which operation completes.
    Order = 1,
    /// Whether a crash treats all sectors alike.
    Crash,
    /// The fate of a sector in a crash.
    Fate,
    /// Where a sector is torn.
    Tear,
    /// Whether a write in flight took effect.
    InFlight,
    /// Which sector of a span is damaged, and how.
    Damage,
    /// Where a misdirected write goes.
    Victim,
    /// Which sectors a failed write changes.
    Partial,
    /// Whether a crash undoes a growth that is not durable.
    Growth,
    /// What is left of space that is given back.
    Discard,
}

/// The state behind the random decisions of a disk.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chance {
    schedule: u64,
    ios: u64,
}

impl Chance {
    pub(super) fn set_schedule(&mut self, schedule: u64) {
        *self = Self { schedule, ios: 0 };
    }

    /// Starts the decisions about the next I/O that completes.
    pub(super) fn next_io(&mut self) {
        self.ios += 1;
    }

    /// Returns the random number for `what` at `site`.
    #[inline]
    pub(super) fn at(&self, site: Site, what: u64) -> u64 {
        mix(&[self.schedule, self.ios, site as u64, what])
    }
}
