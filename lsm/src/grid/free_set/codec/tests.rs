//! Tests of the exact bits of the encoding, and of invalid streams.

use super::*;

const ONES: u64 = u64::MAX;

fn marker(bit: bool, run: u32, literals: u32) -> u64 {
    Marker { bit, run, literals }.word()
}

/// Encodes `words` into pieces of `piece_size` bytes.
fn encoded(words: &[u64], piece_size: usize) -> Vec<u64> {
    let mut bytes = vec![0xee; encoded_size_max(words.len())];
    let size = encode(words, bytes.chunks_mut(piece_size));
    assert!(
        bytes[size..].iter().all(|byte| *byte == 0xee),
        "no byte after the returned size is written"
    );
    bytes[..size].chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect()
}

/// Decodes `stream` into `word_count` words, in pieces of `piece_size` bytes.
fn decoded(stream: &[u64], word_count: usize, piece_size: usize) -> Result<Vec<u64>, Reason> {
    let bytes: Vec<u8> = stream.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut words = vec![0; word_count];
    decode(bytes.chunks(piece_size), &mut words, ONES).map(|()| words)
}

#[test]
fn the_form_on_disk_never_changes() {
    let words = [0, 0, 0, 5, 6, ONES, ONES, 7, 0, ONES, 0, 0];
    let stream = [
        0x0000_0002_0000_0000 | 3 << 1,
        5,
        6,
        0x0000_0001_0000_0000 | 2 << 1 | 1,
        7,
        1 << 1,
        1 << 1 | 1,
    ];
    assert_eq!(encoded(&words, 1000), stream);
    let mut bytes = [0; 8];
    assert_eq!(encode(&[0x0102_0304_0506_0708; 0], [&mut bytes[..]].into_iter()), 0);
    let mut bytes = [0; 16];
    assert_eq!(encode(&[0x0102_0304_0506_0708], [&mut bytes[..]].into_iter()), 16);
    assert_eq!(bytes, [0, 0, 0, 0, 1, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn every_set_is_decoded_from_pieces_of_every_size() {
    // Every sequence of up to six words of four kinds.
    for length in 0..=6u32 {
        for number in 0..4usize.pow(length) {
            let word = |place: u32| [0, ONES, 1, 1 << 63][number >> (2 * place) & 3];
            let words: Vec<u64> = (0..length).map(word).collect();
            let stream = encoded(&words, 1000);
            assert!(8 * stream.len() <= encoded_size_max(words.len()));
            for piece_size in [8, 16, 24, 1000] {
                assert_eq!(encoded(&words, piece_size), stream);
                assert_eq!(decoded(&stream, words.len(), piece_size).as_ref(), Ok(&words));
            }
        }
    }
}

#[test]
fn a_stream_does_not_encode_the_number_of_words() {
    let stream = encoded(&[3, ONES, 0, 0, 0], 8);
    assert_eq!(stream, encoded(&[3, ONES], 8));
    assert_eq!(decoded(&stream, 2, 8), Ok(vec![3, ONES]));
    assert_eq!(decoded(&stream, 4, 8), Ok(vec![3, ONES, 0, 0]));
    assert_eq!(decoded(&stream, 1, 8), Err(BEYOND_LAST));
}

#[test]
fn a_set_has_one_canonical_stream_and_others_are_refused() {
    let refused: &[&[u64]] = &[
        // A marker that represents nothing.
        &[marker(false, 0, 0)],
        &[marker(false, 0, 1), 5, marker(false, 0, 0)],
        // An empty run with bit 1.
        &[marker(true, 0, 1), 5],
        // Literals in two parts.
        &[marker(false, 0, 1), 5, marker(false, 0, 1), 6],
        &[marker(true, 1, 0), marker(false, 0, 1), 6],
        // A run in two parts.
        &[marker(true, 1, 0), marker(true, 1, 0)],
        &[marker(false, 1, 0), marker(false, 1, 1), 5],
        // Uniform words as literals.
        &[marker(false, 0, 1), 0],
        &[marker(false, 0, 2), 5, ONES],
        // Zeros at the end.
        &[marker(false, 3, 0)],
        &[marker(true, 1, 0), marker(false, 1, 0)],
    ];
    for stream in refused {
        assert_eq!(decoded(stream, 8, 8), Err(NOT_CANONICAL), "{stream:x?}");
    }
}

#[test]
fn a_stream_that_ends_within_its_literals_is_refused() {
    assert_eq!(decoded(&[marker(false, 1, 2), 5], 8, 8), Err(TRUNCATED));
    assert_eq!(decoded(&[marker(false, 1, 2)], 8, 8), Err(TRUNCATED));
}

#[test]
fn counts_beyond_the_last_word_are_refused_at_once() {
    let most = u32::MAX >> 1;
    for (run, literals) in [(most, u32::MAX), (most, 0), (0, u32::MAX), (8, 1), (9, 0)] {
        assert_eq!(decoded(&[marker(run > 0, run, literals)], 8, 8), Err(BEYOND_LAST));
    }
}

#[test]
fn blocks_beyond_the_last_are_refused() {
    for (words, last_mask, expected) in [
        ([5, 7], 7, Ok(())),
        ([5, 15], 7, Err(BEYOND_LAST)),
        ([5, ONES], 7, Err(BEYOND_LAST)),
        ([5, ONES], ONES, Ok(())),
    ] {
        let bytes: Vec<u8> =
            encoded(&words, 8).iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(decode([&bytes[..]].into_iter(), &mut [0; 2], last_mask), expected);
    }
}

#[test]
fn pieces_that_are_not_whole_words_are_refused() {
    let bytes = encoded(&[5, 6], 8).iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    for split in [1, 7, 9, 20] {
        let (first, second) = bytes.split_at(split);
        let decoded = decode([first, second].into_iter(), &mut [0; 2], ONES);
        assert_eq!(decoded, Err(NOT_WHOLE_WORDS));
    }
    // Empty pieces are whole words.
    assert_eq!(decode([&[][..], &bytes, &[]].into_iter(), &mut [0; 2], ONES), Ok(()));
}

#[test]
#[should_panic(expected = "free_set: the pieces must have room for the encoded set")]
fn pieces_without_room_panic() {
    let _size = encode(&[5, 6], [&mut [0; 16][..]].into_iter());
}

#[test]
#[should_panic(expected = "free_set: a piece must be of whole words (4 bytes are left)")]
fn a_piece_that_is_not_whole_words_panics() {
    let _size = encode(&[5, 6], [&mut [0; 12][..]].into_iter());
}
