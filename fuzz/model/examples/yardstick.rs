//! A fixed amount of work. The scripts of `ci/hold` run it to distinguish a slow program from a
//! busy machine.
//!
//! The work is a history of upserts, lookups, removals and short scans on a `BTreeMap` of 32,768
//! keys or fewer, with a hash for each operation. Like a target's work, it takes branches and
//! touches memory. It uses only the standard library, so no change to this repository changes its
//! speed.

use std::collections::BTreeMap;

/// Operations of a run, which takes about one CPU second.
const OPERATIONS: u64 = 8_000_000;

/// Keys are below this number.
const KEYS: u64 = 1 << 15;

/// Mixes the bits of a word, as SplitMix64 does.
fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn main() {
    let mut map = BTreeMap::new();
    let mut digest = 0;
    for number in 0..OPERATIONS {
        let random = mix(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let key = (random >> 32) % KEYS;
        let answer = match random % 8 {
            0..3 => map.insert(key, random),
            3..5 => map.get(&key).copied(),
            5..7 => map.remove(&key),
            _ => map.range(key..).take(8).map(|(_, value)| *value).reduce(u64::wrapping_add),
        };
        digest = mix(digest ^ answer.unwrap_or(number));
    }
    println!("operations {OPERATIONS} digest {digest:016x}");
}
