//! What chance decides in a disk: a hash of a schedule, of how many I/Os there were since it was set, and
//! of the place that asks.
//!
//! - There is no stream: an operation of the world that is left out changes the chance of no other, as
//!   long as the world sets a schedule of its own for each.
//!
//! What this does not do: it knows nothing of what it decides.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// A hash whose bits are all good.
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

/// Who asks. The numbers are part of what an input means.
#[derive(Clone, Copy)]
pub(super) enum Site {
    /// Which operation completes.
    Order = 1,
    /// How a crash treats sectors in general.
    Crash,
    /// What becomes of a sector in a crash.
    Fate,
    /// Where a sector is torn.
    Tear,
    /// Whether a write in flight was done.
    InFlight,
    /// What is damaged in a span.
    Damage,
    /// Where a misdirected write goes.
    Victim,
    /// Which sectors a failed write reaches.
    Partial,
}

/// The chance of a disk.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chance {
    schedule: u64,
    ios: u64,
}

impl Chance {
    pub(super) fn set_schedule(&mut self, schedule: u64) {
        *self = Self { schedule, ios: 0 };
    }

    /// An I/O completes: what is asked from here on is about it.
    pub(super) fn next_io(&mut self) {
        self.ios += 1;
    }

    /// What chance says of `what` at a place.
    #[inline]
    pub(super) fn at(&self, site: Site, what: u64) -> u64 {
        mix(&[self.schedule, self.ios, site as u64, what])
    }
}
