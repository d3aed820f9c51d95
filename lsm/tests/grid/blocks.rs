//! Free sets in the states that tests start from, and their encoded sets.

use downbeat_lsm::block::Reason;
use downbeat_lsm::grid::free_set::{FreeSet, FreeSetOptions};

/// The part of a checkpoint that stores a free set.
#[derive(Clone, Default)]
pub(crate) struct Encoded {
    pub(crate) acquired: Vec<u8>,
    pub(crate) released: Vec<u8>,
    pub(crate) trailers: Vec<u64>,
}

pub(crate) fn options(block_count: u64) -> FreeSetOptions {
    FreeSetOptions { block_count, shard_size: 64, reservation_count_max: 4 }
}

/// A set that is not open.
pub(crate) fn closed(block_count: u64) -> FreeSet {
    FreeSet::new(options(block_count)).expect("the options are valid")
}

/// The set of a new store, before its first checkpoint.
pub(crate) fn empty(block_count: u64) -> FreeSet {
    let mut free_set = closed(block_count);
    open(&mut free_set, &Encoded::default()).expect("empty sets are valid");
    free_set.mark_checkpoint_durable();
    free_set
}

/// The set of a new store, with the first `acquired` blocks acquired.
pub(crate) fn filled(block_count: u64, acquired: u64) -> FreeSet {
    let mut free_set = empty(block_count);
    let addresses = acquire(&mut free_set, acquired);
    assert!(addresses.into_iter().eq(1..=acquired));
    free_set
}

/// Reserves and acquires blocks, and forfeits the rest.
pub(crate) fn acquire(free_set: &mut FreeSet, count: u64) -> Vec<u64> {
    let mut reservation = free_set.reserve(count).expect("enough blocks are free");
    let addresses: Vec<u64> = std::iter::from_fn(|| free_set.acquire(&mut reservation)).collect();
    assert_eq!(addresses.len() as u64, count);
    free_set.forfeit(reservation);
    addresses
}

pub(crate) fn release(free_set: &mut FreeSet, addresses: impl IntoIterator<Item = u64>) {
    addresses.into_iter().for_each(|address| free_set.release(address));
}

pub(crate) fn encode(free_set: &FreeSet) -> Encoded {
    let bytes = || vec![0; free_set.options().encoded_size_max()];
    let (mut acquired, mut released) = (bytes(), bytes());
    let size = free_set.encode_acquired([&mut acquired[..]]);
    acquired.truncate(size);
    let size = free_set.encode_released([&mut released[..]]);
    released.truncate(size);
    Encoded { acquired, released, trailers: Vec::new() }
}

pub(crate) fn open(free_set: &mut FreeSet, encoded: &Encoded) -> Result<(), Reason> {
    let Encoded { acquired, released, trailers } = encoded;
    free_set.open([&acquired[..]], [&released[..]], trailers.iter().copied())
}

/// A checkpoint as the grid makes it, not durable yet: the encoded sets, and blocks for them.
pub(crate) fn checkpoint(free_set: &mut FreeSet, trailers: u64) -> Encoded {
    let mut encoded = encode(free_set);
    if trailers > 0 {
        encoded.trailers = acquire(free_set, trailers);
    }
    free_set.mark_checkpoint_not_durable();
    release(free_set, encoded.trailers.iter().copied());
    encoded
}

/// The bytes of these words.
pub(crate) fn bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
