//! Chooses the superblock that opens, by the number of copies that contain it, and checks it.
//!
//! The copies are given as slices, in the order of their places. A copy that cannot be read is an
//! empty slice.

use super::block::Reference;
use super::bytes::{are_zero, number, wide};
use super::checksum::checksum;
use super::sizes::{SUPERBLOCK, Sizes};
use super::wrong::{At, Fault, Wrong};

/// The version of the superblock.
const VERSION: u64 = 2;
/// The largest valid sequence, and the largest valid beat.
const NUMBER_MAX: u64 = 1 << 62;

/// A chain of blocks that holds an encoded set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The last block of the chain.
    pub last: Reference,
    /// The size of the encoded set in bytes.
    pub size: u64,
}

/// A superblock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    /// The checksum of the superblock.
    pub checksum: u128,
    /// The number of checkpoints, including the formatting.
    pub sequence: u64,
    /// The last beat that the checkpoint contains.
    pub beat: u64,
    /// The acquired and the released set.
    pub sets: [Chain; 2],
    /// The oldest and the newest block of the manifest log.
    pub log: [Reference; 2],
    /// The number of blocks of the manifest log.
    pub log_blocks: u32,
    /// The number of bars from the checkpoint to the next.
    pub interval: u32,
    /// The number of blocks of the store.
    pub blocks: u64,
}

/// The copies of the superblock on a device.
#[must_use]
pub fn copies<'a>(image: &'a [u8], sizes: &Sizes) -> Vec<&'a [u8]> {
    let copy = |number| &image[sizes.copy(number)..][..sizes.copy_size()];
    (0..sizes.copies).map(copy).collect()
}

/// Chooses the superblock that opens for a store of one tree, and checks it.
///
/// # Errors
///
/// If no superblock opens.
pub fn choose(copies: &[&[u8]], sizes: &Sizes) -> Result<Root, Wrong> {
    choose_of(copies, sizes, sizes.identity())
}

/// Chooses the superblock that opens for a store, and checks it. `identity` is the lower half of
/// the identity of the store.
///
/// # Errors
///
/// If no superblock opens.
pub fn choose_of(copies: &[&[u8]], sizes: &Sizes, identity: u64) -> Result<Root, Wrong> {
    let chosen = choose_copy(copies).and_then(|chosen| check(chosen, sizes, identity));
    chosen.map_err(|fault| Wrong { fault, at: At::Superblock })
}

/// Chooses the superblock that enough copies contain, and returns its bytes. Checks neither its
/// sizes nor its references.
///
/// # Errors
///
/// If no superblock can be chosen.
pub fn choose_copy<'a>(copies: &[&'a [u8]]) -> Result<&'a [u8], Fault> {
    let valid: Vec<&[u8]> = valid(copies).collect();
    let holders = |one: &[u8]| valid.iter().filter(|other| wide(other, 0) == wide(one, 0)).count();
    let mut chosen: Vec<&[u8]> = Vec::new();
    for copy in &valid {
        let is_new = chosen.iter().all(|other| wide(other, 0) != wide(copy, 0));
        if is_new && holders(copy) >= copies.len() / 2 {
            chosen.push(copy);
        }
    }
    if chosen.iter().any(|copy| number(copy, 32, 2) != VERSION) {
        return Err(Fault::SuperblockVersion);
    }
    chosen.sort_by_key(|copy| number(copy, 64, 8));
    match *chosen.as_slice() {
        [] if valid.is_empty() => Err(Fault::NotFormatted),
        [] => Err(Fault::QuorumLost),
        [one] => Ok(one),
        [older, newer, ..] => {
            let [first, second] = [older, newer].map(|copy| number(copy, 64, 8));
            if first == second {
                return Err(Fault::Fork);
            }
            if first + 1 != second || wide(newer, 80) != wide(older, 0) {
                return Err(Fault::NotConnected);
            }
            Ok(newer)
        }
    }
}

/// The number of valid copies that contain the superblock with this checksum.
#[must_use]
pub fn holders(copies: &[&[u8]], checksum: u128) -> usize {
    valid(copies).filter(|copy| wide(copy, 0) == checksum).count()
}

/// The superblocks in the valid copies.
fn valid<'a>(copies: &[&'a [u8]]) -> impl Iterator<Item = &'a [u8]> {
    copies.iter().enumerate().filter_map(|(place, copy)| read(place, copy))
}

/// The superblock in copy number `copy`, if the copy is valid.
fn read(copy: usize, bytes: &[u8]) -> Option<&[u8]> {
    let is_valid = bytes.len() >= SUPERBLOCK
        && wide(bytes, 0) == checksum(&bytes[32..SUPERBLOCK])
        && number(bytes, 16, 2) == copy as u64
        && are_zero(&bytes[18..32])
        && are_zero(&bytes[SUPERBLOCK..])
        && (number(bytes, 32, 2) != VERSION || number(bytes, 64, 8) != 0);
    is_valid.then_some(&bytes[..SUPERBLOCK])
}

/// Checks the chosen superblock.
fn check(bytes: &[u8], sizes: &Sizes, identity: u64) -> Result<Root, Fault> {
    let layout = [number(bytes, 34, 2), number(bytes, 36, 4), number(bytes, 40, 4)];
    if layout != [sizes.copies as u64, sizes.sector as u64, sizes.block as u64] {
        return Err(Fault::Layout);
    }
    if !are_zero(&bytes[44..48]) || !are_zero(&bytes[224..]) {
        return Err(Fault::SuperblockZeros);
    }
    let chain = |at: usize| Chain {
        last: Reference::at(bytes, at, at + 16),
        size: number(bytes, at + 24, 8),
    };
    let root = Root {
        checksum: wide(bytes, 0),
        sequence: number(bytes, 64, 8),
        beat: number(bytes, 72, 8),
        sets: [chain(96), chain(128)],
        log: [Reference::at(bytes, 160, 176), Reference::at(bytes, 184, 200)],
        log_blocks: number(bytes, 208, 4) as u32,
        interval: number(bytes, 212, 4) as u32,
        blocks: number(bytes, 216, 8),
    };
    if root.sequence > NUMBER_MAX {
        return Err(Fault::Sequence);
    }
    for Chain { last, size } in root.sets {
        let agrees = if size == 0 { last == Reference::NONE } else { last.address != 0 };
        if !agrees {
            return Err(Fault::SetEnds);
        }
    }
    let [oldest, newest] = root.log;
    let agrees = match root.log_blocks {
        0 => oldest == Reference::NONE && newest == Reference::NONE,
        1 => oldest == newest && oldest.address != 0,
        _ => oldest != newest && oldest.address != 0 && newest.address != 0,
    };
    if !agrees {
        return Err(Fault::LogEnds);
    }
    if number(bytes, 48, 8) != identity {
        return Err(Fault::OtherOptions);
    }
    if root.blocks == 0 || root.interval == 0 {
        return Err(Fault::NoBlocks);
    }
    if !sizes.may_grow(root.blocks, sizes.blocks) {
        return Err(Fault::OtherBlocks);
    }
    if root.beat > NUMBER_MAX {
        return Err(Fault::BeatTooLarge);
    }
    let refers = root.sets.iter().any(|chain| chain.size > 0) || root.log_blocks > 0;
    if root.beat == 0 && refers {
        return Err(Fault::BeatZero);
    }
    if root.beat != 0 && !(root.beat + 1).is_multiple_of(u64::from(sizes.bar)) {
        return Err(Fault::BeatWithinBar);
    }
    Ok(root)
}
