//! A set of blocks as a stream of words, encoded in the simplest way: groups of words of one kind,
//! one after the other.
//!
//! ```text
//! stream    [ marker ][ literal ] .. [ marker ][ literal ] ..
//! marker    bit 0: the bit of the run; bits 1 to 31: its words; bits 32 to 63: literals after it
//! ```
//!
//! The decoder does not say what is wrong with an invalid stream.

use crate::mutation::{Mutation, is_on};
use crate::store::Use;

/// The kind of a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Zeros,
    Ones,
    Literal,
}

fn kind(word: u64) -> Kind {
    match word {
        0 => Kind::Zeros,
        u64::MAX => Kind::Ones,
        _ => Kind::Literal,
    }
}

/// The words of a set: bit `b` of word `w` is member `64 w + b`.
fn words(members: impl ExactSizeIterator<Item = bool>) -> Vec<u64> {
    let mut words = Vec::with_capacity(members.len().div_ceil(64));
    let (mut word, mut bit) = (0, 0);
    for is_member in members {
        word |= u64::from(is_member) << bit;
        bit += 1;
        if bit == 64 {
            words.push(word);
            (word, bit) = (0, 0);
        }
    }
    if bit > 0 {
        words.push(word);
    }
    words
}

/// The stream of a set; `members` yields for each block whether it is in the set.
#[must_use]
pub fn encode(members: impl ExactSizeIterator<Item = bool>) -> Vec<u64> {
    let words = words(members);
    if is_on(Mutation::FreeSetStoresZeros) { of_words(&words) } else { of_words(stored(&words)) }
}

/// All words without the zeros at the end.
fn stored(words: &[u64]) -> &[u64] {
    let last = words.iter().rposition(|word| *word != 0);
    &words[..last.map_or(0, |last| last + 1)]
}

fn of_words(words: &[u64]) -> Vec<u64> {
    let mut stream = Vec::new();
    // The place of the marker that has no literals yet.
    let mut open = None;
    for group in words.chunk_by(|a, b| kind(*a) == kind(*b)) {
        let length = group.len() as u64;
        match kind(group[0]) {
            Kind::Literal => {
                let marker = open.take().unwrap_or_else(|| {
                    stream.push(0);
                    stream.len() - 1
                });
                stream[marker] += length << 32;
                stream.extend_from_slice(group);
            }
            kind => {
                open = Some(stream.len());
                stream.push(length << 1 | u64::from(kind == Kind::Ones));
            }
        }
    }
    stream
}

/// The words of the set of `count` blocks that `stream` encodes; `None` if the stream is invalid.
/// Only the canonical stream of a set is valid.
#[must_use]
pub fn decode(stream: &[u64], count: usize) -> Option<Vec<u64>> {
    let word_count = count.div_ceil(64);
    let mut words: Vec<u64> = Vec::with_capacity(word_count);
    let mut rest = stream;
    while let Some((marker, after)) = rest.split_first() {
        let run = (marker >> 1 & 0x7fff_ffff) as usize;
        let literals = (marker >> 32) as usize;
        if words.len() + run + literals > word_count || literals > after.len() {
            return None;
        }
        words.resize(words.len() + run, if marker & 1 == 1 { u64::MAX } else { 0 });
        let (literals, after) = after.split_at(literals);
        words.extend_from_slice(literals);
        rest = after;
    }
    // Only the canonical stream of these words is valid.
    if of_words(stored(&words)) != stream {
        return None;
    }
    words.resize(word_count, 0);
    let beyond =
        words.last().is_some_and(|last| !count.is_multiple_of(64) && last >> (count % 64) != 0);
    (!beyond).then_some(words)
}

/// The use of each of `count` blocks, according to the streams of the acquired and released sets
/// and the blocks that held them. `None` if they contradict each other, or do not encode sets.
#[must_use]
pub fn open(acquired: &[u64], released: &[u64], trailers: &[u64], count: u64) -> Option<Vec<Use>> {
    let acquired = decode(acquired, count as usize)?;
    let released = decode(released, count as usize)?;
    if acquired.iter().zip(&released).any(|(acquired, released)| released & !acquired != 0) {
        return None;
    }
    let is_in = |words: &[u64], place: usize| words[place / 64] >> (place % 64) & 1;
    let uses = [Use::Free, Use::Acquired, Use::Released];
    let block = |place| uses[(is_in(&acquired, place) + is_in(&released, place)) as usize];
    let mut blocks: Vec<Use> = (0..count as usize).map(block).collect();
    for address in trailers {
        let block = blocks.get_mut(address.checked_sub(1)? as usize)?;
        if *block != Use::Free {
            return None;
        }
        *block = Use::Staged;
    }
    Some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_literals_alternate() {
        let members = |place: usize| place < 128 || place == 130 || (256..320).contains(&place);
        let stream = encode((0..500).map(members));
        assert_eq!(stream, [1 << 32 | 2 << 1 | 1, 4, 1 << 1, 1 << 1 | 1]);
        let decoded = decode(&stream, 500).expect("the stream is an encoded set");
        assert_eq!(decoded, words((0..500).map(members)));
    }

    #[test]
    fn a_stream_that_is_not_canonical_is_no_set() {
        for stream in [
            &[0][..],
            &[2],
            &[3, 3],
            &[1 << 32, 5, 1 << 32, 6],
            &[1 << 32 | 1, 5],
            &[2 << 32, 5],
            &[1 << 32, u64::MAX],
            &[u64::MAX],
        ] {
            assert_eq!(decode(stream, 300), None, "{stream:x?}");
        }
        assert_eq!(decode(&[1 << 32, 1 << 4], 4), None);
        assert_eq!(decode(&[], 2), Some(vec![0]));
    }
}
