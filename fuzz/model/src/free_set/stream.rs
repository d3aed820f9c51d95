//! A set of blocks as a stream of words, by the book: groups of words of one sort, put side by side.
//!
//! ```text
//! stream    [ marker ][ literal ] .. [ marker ][ literal ] ..
//! marker    bit 0: the bit of the run; bits 1 to 31: words of the run; bits 32 to 63: literals behind it
//! ```
//!
//! What it does not do: say what is wrong with a stream. A stream is that of a set, or of none.

use super::Block;
use crate::mutation::{Mutation, is_on};

/// What a word is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Zeros,
    Ones,
    Literal,
}

fn sort(word: u64) -> Sort {
    match word {
        0 => Sort::Zeros,
        u64::MAX => Sort::Ones,
        _ => Sort::Literal,
    }
}

/// The words of a set: bit b of word w is member 64 w + b.
fn words(members: impl ExactSizeIterator<Item = bool>) -> Vec<u64> {
    let mut words = vec![0; members.len().div_ceil(64)];
    for (place, is_member) in members.enumerate() {
        words[place / 64] |= u64::from(is_member) << (place % 64);
    }
    words
}

/// The stream of a set of this many members, each in it or not.
#[must_use]
pub fn encode(members: impl ExactSizeIterator<Item = bool>) -> Vec<u64> {
    let mut words = words(members);
    while words.last() == Some(&0) && !is_on(Mutation::FreeSetStoresZeros) {
        words.pop();
    }
    of_words(&words)
}

fn of_words(words: &[u64]) -> Vec<u64> {
    let mut stream = Vec::new();
    // The place of the marker that has no literals yet.
    let mut open = None;
    for group in words.chunk_by(|a, b| sort(*a) == sort(*b)) {
        let length = group.len() as u64;
        match sort(group[0]) {
            Sort::Literal => {
                let marker = open.take().unwrap_or_else(|| {
                    stream.push(0);
                    stream.len() - 1
                });
                stream[marker] += length << 32;
                stream.extend_from_slice(group);
            }
            sort => {
                open = Some(stream.len());
                stream.push(length << 1 | u64::from(sort == Sort::Ones));
            }
        }
    }
    stream
}

/// The set, of `count` members, whose stream this is: the only one that it may be. `None` if there is none.
#[must_use]
pub fn decode(stream: &[u64], count: usize) -> Option<Vec<bool>> {
    let mut words: Vec<u64> = Vec::new();
    let mut rest = stream.iter().copied();
    while let Some(marker) = rest.next() {
        let run = (marker >> 1 & 0x7fff_ffff) as usize;
        let literals = (marker >> 32) as usize;
        if words.len() + run + literals > count.div_ceil(64) {
            return None;
        }
        words.extend(std::iter::repeat_n(if marker & 1 == 1 { u64::MAX } else { 0 }, run));
        for _ in 0..literals {
            words.push(rest.next()?);
        }
    }
    let is_member =
        |place: usize| words.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1);
    let members: Vec<bool> = (0..count).map(is_member).collect();
    // Who says the same twice, or more than there is, says it in other words.
    (encode(members.iter().copied()) == stream).then_some(members)
}

/// The blocks, of `count`, that these streams and blocks of theirs say. `None` if they contradict each other, or
/// are none.
#[must_use]
pub fn open(
    acquired: &[u64],
    released: &[u64],
    trailers: &[u64],
    count: u64,
) -> Option<Vec<Block>> {
    let acquired = decode(acquired, count as usize)?;
    let released = decode(released, count as usize)?;
    let mut blocks = Vec::with_capacity(acquired.len());
    for (acquired, released) in acquired.into_iter().zip(released) {
        blocks.push(match (acquired, released) {
            (false, false) => Block::Free,
            (true, false) => Block::Acquired,
            (true, true) => Block::Released,
            (false, true) => return None,
        });
    }
    for address in trailers {
        let block = blocks.get_mut(address.checked_sub(1)? as usize)?;
        if *block != Block::Free {
            return None;
        }
        *block = Block::Staged;
    }
    Some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_literals_are_said_in_turn() {
        let members = |place: usize| place < 128 || place == 130 || (256..320).contains(&place);
        let stream = encode((0..500).map(members));
        assert_eq!(stream, [1 << 32 | 2 << 1 | 1, 4, 1 << 1, 1 << 1 | 1]);
        let decoded = decode(&stream, 500).expect("it was encoded");
        assert!(decoded.into_iter().eq((0..500).map(members)));
    }

    #[test]
    fn what_could_be_said_otherwise_is_no_set() {
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
        assert_eq!(decode(&[], 2), Some(vec![false, false]));
    }
}
