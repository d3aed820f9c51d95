//! What a checkpoint keeps of a free set: bytes, and where they lie.

use downbeat_lsm::block::Reason;
use downbeat_lsm::grid::free_set::FreeSet;

use downbeat::model::free_set::stream;
use downbeat::model::store::Use;

/// Both sets, encoded, and the blocks that hold them.
#[derive(Clone, Debug, Default)]
pub(super) struct Encoded {
    pub(super) acquired: Vec<u8>,
    pub(super) released: Vec<u8>,
    pub(super) trailers: Vec<u64>,
}

/// The words of a stream; `None` if they are not whole.
fn words(bytes: &[u8]) -> Option<Vec<u64>> {
    let (words, rest) = bytes.as_chunks();
    rest.is_empty().then(|| words.iter().map(|word| u64::from_le_bytes(*word)).collect())
}

fn bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

impl Encoded {
    /// Both sets of a free set, in pieces of so many bytes.
    pub(super) fn of(set: &FreeSet, piece: usize) -> Self {
        let size_max = set.options().encoded_size_max();
        let (mut acquired, mut released) = (vec![0; size_max], vec![0; size_max]);
        let size = set.encode_acquired(acquired.chunks_mut(piece));
        acquired.truncate(size);
        let size = set.encode_released(released.chunks_mut(piece));
        released.truncate(size);
        Encoded { acquired, released, trailers: Vec::new() }
    }

    /// Both sets as the model makes them of what blocks are. Staged blocks are those that hold
    /// them.
    pub(super) fn by_the_book(blocks: &[Use]) -> Self {
        // The rest is zeros, which are not stored.
        let used = blocks.iter().rposition(|block| *block != Use::Free);
        let blocks = &blocks[..used.map_or(0, |last| last + 1)];
        let is_acquired = |block: &Use| matches!(block, Use::Acquired | Use::Released);
        let staged = (1..).zip(blocks).filter(|(_, block)| **block == Use::Staged);
        Encoded {
            acquired: bytes(&stream::encode(blocks.iter().map(is_acquired))),
            released: bytes(&stream::encode(blocks.iter().map(|block| *block == Use::Released))),
            trailers: staged.map(|(address, _)| address).collect(),
        }
    }

    /// What the model makes of them, in a store of so many blocks; `None` if nothing.
    pub(super) fn blocks(&self, count: u64) -> Option<Vec<Use>> {
        let (acquired, released) = (words(&self.acquired)?, words(&self.released)?);
        stream::open(&acquired, &released, &self.trailers, count)
    }

    /// Opens a free set from them, in pieces of so many bytes.
    pub(super) fn open(&self, set: &mut FreeSet, piece: usize) -> Result<(), Reason> {
        let pieces = (self.acquired.chunks(piece), self.released.chunks(piece));
        set.open(pieces.0, pieces.1, self.trailers.iter().copied())
    }

    /// How many blocks hold them, of so many bytes of a set each.
    pub(super) fn trailer_count(&self, body: usize) -> u64 {
        (self.acquired.len().div_ceil(body) + self.released.len().div_ceil(body)) as u64
    }
}
