//! The part of a checkpoint that a free set writes: the encoded sets of acquired and of released
//! blocks, and the addresses of the blocks that store them.

use downbeat_lsm::block::Reason;
use downbeat_lsm::grid::free_set::FreeSet;

use downbeat_model::free_set::stream;
use downbeat_model::store::Use;

/// Both encoded sets, and the addresses of the blocks that store them.
#[derive(Clone, Debug, Default)]
pub(super) struct Encoded {
    pub(super) acquired: Vec<u8>,
    pub(super) released: Vec<u8>,
    pub(super) trailers: Vec<u64>,
}

/// The words of a stream; `None` if its length is not a multiple of a word.
fn words(bytes: &[u8]) -> Option<Vec<u64>> {
    let (words, rest) = bytes.as_chunks();
    rest.is_empty().then(|| words.iter().map(|word| u64::from_le_bytes(*word)).collect())
}

fn bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

impl Encoded {
    /// Encodes both sets of a free set, in pieces of `piece` bytes.
    pub(super) fn of(set: &FreeSet, piece: usize) -> Self {
        let size_max = set.options().encoded_size_max();
        let (mut acquired, mut released) = (vec![0; size_max], vec![0; size_max]);
        let size = set.encode_acquired(acquired.chunks_mut(piece));
        acquired.truncate(size);
        let size = set.encode_released(released.chunks_mut(piece));
        released.truncate(size);
        Encoded { acquired, released, trailers: Vec::new() }
    }

    /// Encodes both sets from the model's states of the blocks. The staged blocks are those that
    /// store the encoded sets.
    pub(super) fn by_the_book(blocks: &[Use]) -> Self {
        // The blocks after the last used one would be zero bits, which are not stored.
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

    /// Decodes the sets with the model, for a store of `count` blocks; `None` if they are invalid.
    pub(super) fn blocks(&self, count: u64) -> Option<Vec<Use>> {
        let (acquired, released) = (words(&self.acquired)?, words(&self.released)?);
        stream::open(&acquired, &released, &self.trailers, count)
    }

    /// Opens a free set from the encoded sets, in pieces of `piece` bytes.
    pub(super) fn open(&self, set: &mut FreeSet, piece: usize) -> Result<(), Reason> {
        let pieces = (self.acquired.chunks(piece), self.released.chunks(piece));
        set.open(pieces.0, pieces.1, self.trailers.iter().copied())
    }

    /// The number of blocks that the encoded sets fill, with `body` bytes in each block.
    pub(super) fn trailer_count(&self, body: usize) -> u64 {
        (self.acquired.len().div_ceil(body) + self.released.len().div_ceil(body)) as u64
    }
}
