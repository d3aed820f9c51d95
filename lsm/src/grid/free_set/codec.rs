//! The encoding of a set of blocks on disk: runs of equal words, and literal words.
//!
//! ```text
//! stream    [ marker ][ literal ] .. [ marker ][ literal ] ..      words of 64 bits, little-endian
//!
//! marker    bit   0         the value of every bit in the run
//!           bits  1 ..= 31  the number of words in the run
//!           bits 32 ..= 63  the number of literals that follow: words neither 0 nor all ones
//!
//! set       bit b of word w is the block of address 64 w + b + 1
//! ```
//!
//! - A set has exactly one stream. Each run is as long as possible, and then the sequence of
//!   literals is as long as possible. A run of 0 words has bit 0 and is only in the first marker.
//!   Zeros at the end are not stored, so that the empty set is the empty stream. The stream does
//!   not contain the number of blocks.
//! - A stream is stored in pieces, which a reader concatenates. Each piece is a whole number of
//!   words. The stream ends where the last piece ends.
//! - Decoding takes time proportional to the number of words of the set, whatever the markers
//!   contain.
//! - The stream has no checksum, but the blocks that contain it do. Decoding returns a
//!   [`Reason::Meaning`] if the stream is invalid although these checksums match.
//!
//! The format is EWAH by Lemire, Kaser and Aouiche, "Sorting improves word-aligned bitmap indexes"
//! (2010), with words of 64 bits, and made canonical.

use super::block_set::WORD_BITS;
use super::options::FreeSetOptions;
use crate::block::Reason;

const WORD_SIZE: usize = size_of::<u64>();

const RUN_BITS: u32 = 31;
const LITERAL_BITS: u32 = 32;

// One marker is enough for the longest run and the literals after it.
const _: () = assert!(FreeSetOptions::BLOCK_COUNT_MAX / (WORD_BITS as u64) < 1 << RUN_BITS);
const _: () = assert!(1 + RUN_BITS + LITERAL_BITS == u64::BITS);

/// The errors of a stream.
pub(super) const NOT_WHOLE_WORDS: Reason =
    Reason::Meaning("an encoded set of blocks is not whole words");
pub(super) const TRUNCATED: Reason = Reason::Meaning("an encoded set of blocks ends too early");
pub(super) const NOT_CANONICAL: Reason =
    Reason::Meaning("an encoded set of blocks is not in its canonical form");
pub(super) const BEYOND_LAST: Reason =
    Reason::Meaning("an encoded set of blocks has a block beyond the last");

/// Returns the maximum size in bytes of the stream of `word_count` words.
pub(super) fn encoded_size_max(word_count: usize) -> usize {
    // Each marker except the first has a run, and so represents at least one word.
    (word_count + 1) * WORD_SIZE
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Marker {
    bit: bool,
    run: u32,
    literals: u32,
}

impl Marker {
    fn word(self) -> u64 {
        u64::from(self.bit) | u64::from(self.run) << 1 | u64::from(self.literals) << (1 + RUN_BITS)
    }

    fn of(word: u64) -> Self {
        Self {
            bit: word & 1 == 1,
            run: (word >> 1) as u32 & ((1 << RUN_BITS) - 1),
            literals: (word >> (1 + RUN_BITS)) as u32,
        }
    }

    /// Returns whether an encoder writes this marker after `before`, or as the first marker if
    /// `before` is `None`.
    fn may_follow(self, before: Option<Self>) -> bool {
        match before {
            None => (self.run > 0 || !self.bit) && self != Self { bit: false, run: 0, literals: 0 },
            Some(before) => self.run > 0 && (before.literals > 0 || before.bit != self.bit),
        }
    }
}

fn is_uniform(word: u64) -> bool {
    word == 0 || word == u64::MAX
}

/// Encodes `words` into `pieces`, each of which is filled before the next. Returns the size of the
/// stream in bytes.
pub(super) fn encode<'a>(words: &[u64], pieces: impl Iterator<Item = &'a mut [u8]>) -> usize {
    let used = words.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
    let mut rest = &words[..used];
    let mut writer = Writer { pieces, piece: &mut [], size: 0 };
    while let Some(&first) = rest.first() {
        let is_run = is_uniform(first);
        let run = if is_run { rest.iter().take_while(|word| **word == first).count() } else { 0 };
        let behind = &rest[run..];
        let literals = behind.iter().take_while(|word| !is_uniform(**word)).count();
        let bit = is_run && first == u64::MAX;
        writer.put(Marker { bit, run: run as u32, literals: literals as u32 }.word());
        for literal in &behind[..literals] {
            writer.put(*literal);
        }
        rest = &behind[literals..];
    }
    writer.size
}

/// Decodes the stream in `pieces` into `words`, which must be zero. The last word may have only
/// bits that are set in `last_mask`. After an error the contents of `words` are undefined.
pub(super) fn decode<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    words: &mut [u64],
    last_mask: u64,
) -> Result<(), Reason> {
    let mut reader = Reader { pieces, piece: &[] };
    let mut rest = &mut *words;
    let mut before = None;
    while let Some(word) = reader.next()? {
        let marker = Marker::of(word);
        if !marker.may_follow(before) {
            return Err(NOT_CANONICAL);
        }
        if u64::from(marker.run) + u64::from(marker.literals) > rest.len() as u64 {
            return Err(BEYOND_LAST);
        }
        let (run, behind) = rest.split_at_mut(marker.run as usize);
        let (literals, behind) = behind.split_at_mut(marker.literals as usize);
        if marker.bit {
            run.fill(u64::MAX);
        }
        for literal in literals {
            *literal = reader.next()?.ok_or(TRUNCATED)?;
            if is_uniform(*literal) {
                return Err(NOT_CANONICAL);
            }
        }
        rest = behind;
        before = Some(marker);
    }
    if before.is_some_and(|last| last.literals == 0 && !last.bit) {
        return Err(NOT_CANONICAL);
    }
    if words.last().is_some_and(|last| last & !last_mask != 0) {
        return Err(BEYOND_LAST);
    }
    Ok(())
}

/// Writes words into pieces.
struct Writer<'a, I> {
    pieces: I,
    /// The rest of the current piece.
    piece: &'a mut [u8],
    size: usize,
}

impl<'a, I: Iterator<Item = &'a mut [u8]>> Writer<'a, I> {
    fn put(&mut self, word: u64) {
        if self.piece.is_empty() {
            let next = self.pieces.next();
            self.piece = next.expect("free_set: the pieces must have room for the encoded set");
        }
        let piece = std::mem::take(&mut self.piece);
        let size = piece.len();
        let Some((bytes, rest)) = piece.split_first_chunk_mut() else {
            panic!("free_set: a piece must be of whole words ({size} bytes are left)");
        };
        *bytes = word.to_le_bytes();
        self.piece = rest;
        self.size += WORD_SIZE;
    }
}

/// Reads words from pieces.
struct Reader<'a, I> {
    pieces: I,
    /// The rest of the current piece.
    piece: &'a [u8],
}

impl<'a, I: Iterator<Item = &'a [u8]>> Reader<'a, I> {
    fn next(&mut self) -> Result<Option<u64>, Reason> {
        while self.piece.is_empty() {
            let Some(piece) = self.pieces.next() else { return Ok(None) };
            self.piece = piece;
        }
        let Some((bytes, rest)) = self.piece.split_first_chunk() else {
            return Err(NOT_WHOLE_WORDS);
        };
        self.piece = rest;
        Ok(Some(u64::from_le_bytes(*bytes)))
    }
}

#[cfg(test)]
mod tests;
