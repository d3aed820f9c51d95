//! Mixes: how often each kind of operation is among the slots of a tag byte.

use super::kind::Kind;
use super::{SLOTS, SLOTS_EXACT};

/// The mixes by name: the choices of the setting `mix`. New ones are added at the end.
pub const MIX_NAMES: [&str; MIX_COUNT] =
    ["even", "writes", "reads", "removes", "scopes", "structure", "runs", "singles"];

const MIX_COUNT: usize = 8;

/// The factor by which each mix multiplies the weight of each family, in the order of
/// [`Family`](super::Family).
const MIX_FACTORS: [[u32; 6]; MIX_COUNT] = [
    [4, 4, 4, 4, 4, 4],
    [12, 2, 2, 4, 2, 2],
    [4, 12, 2, 4, 2, 2],
    [6, 3, 14, 4, 3, 2],
    [4, 3, 4, 3, 14, 2],
    [4, 4, 3, 4, 3, 14],
    [3, 3, 3, 14, 4, 4],
    [4, 4, 4, 0, 4, 4],
];

/// The kind of each slot in each mix: the exact slots first, then the slots that are dealt by
/// weight.
///
/// # Panics
///
/// At compile time, if the numbers of the kinds are not 0, 1, 2 and so on, or there are more than
/// [`SLOTS_EXACT`].
#[must_use]
pub const fn deal_slots(kinds: &[Kind]) -> [[u8; SLOTS]; MIX_COUNT] {
    assert!(!kinds.is_empty() && kinds.len() <= SLOTS_EXACT);
    let mut mixes = [[0; SLOTS]; MIX_COUNT];
    let mut mix = 0;
    while mix < MIX_COUNT {
        let mut total = 0;
        let mut kind = 0;
        while kind < kinds.len() {
            assert!(kinds[kind].number as usize == kind, "kinds are in the order of their numbers");
            assert!(kinds[kind].name.is_ascii(), "the names of kinds are ASCII");
            mixes[mix][kind] = kind as u8;
            total += weight(&kinds[kind], mix);
            kind += 1;
        }
        assert!(total > 0);
        // Each slot goes to the kind whose share of the total contains the middle of the slot.
        let dealt = SLOTS - SLOTS_EXACT;
        let mut slot = 0;
        while slot < dealt {
            let mut point = (2 * slot as u32 + 1) * total / (2 * dealt as u32);
            let mut kind = 0;
            while point >= weight(&kinds[kind], mix) {
                point -= weight(&kinds[kind], mix);
                kind += 1;
            }
            mixes[mix][SLOTS_EXACT + slot] = kind as u8;
            slot += 1;
        }
        // Exact slots without a kind get the kinds of weighted slots at even distances.
        let mut slot = kinds.len();
        while slot < SLOTS_EXACT {
            mixes[mix][slot] = mixes[mix][SLOTS_EXACT + slot * dealt / SLOTS_EXACT];
            slot += 1;
        }
        mix += 1;
    }
    mixes
}

const fn weight(kind: &Kind, mix: usize) -> u32 {
    kind.weight as u32 * MIX_FACTORS[mix][kind.family as usize]
}
