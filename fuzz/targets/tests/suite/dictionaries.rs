//! The committed dictionaries equal what the tables of operations generate, and every word consists
//! of operations.

use std::collections::BTreeSet;

use crate::corpora;
use downbeat::dictionary::{WORD_BYTES_MAX, WORDS_MAX};
use downbeat::input::encoding::{HEADER_BYTES, TAG};
use downbeat_targets::TARGETS;

/// Names and bytes of a dictionary's words.
fn words(text: &str) -> Vec<(String, Vec<u8>)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let words = lines.map(|line| {
        let (name, word) = line.split_once('=').expect("name=word");
        let word = word.strip_prefix('"').and_then(|word| word.strip_suffix('"'));
        let bytes = word.expect("a word in quotes").split("\\x").skip(1);
        let bytes = bytes.map(|digits| u8::from_str_radix(digits, 16).expect("two digits"));
        (name.to_owned(), bytes.collect())
    });
    words.collect()
}

#[test]
fn each_committed_dictionary_is_derived_from_the_table_of_operations() {
    for target in TARGETS {
        let path = corpora::project().dictionary(target.name());
        let committed = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = target.name();
        // The whole texts would hide the command.
        assert!(
            committed == target.dictionary(),
            "{} is not what the table of operations gives: run `cargo downbeat dictionary {name} --write`",
            path.display(),
        );
    }
}

#[test]
fn every_word_consists_of_whole_canonical_operations() {
    for target in TARGETS {
        let words = words(&target.dictionary());
        assert!(words.len() <= WORDS_MAX, "{}: {} words", target.name(), words.len());
        let different: BTreeSet<&Vec<u8>> = words.iter().map(|(_, bytes)| bytes).collect();
        assert_eq!(different.len(), words.len(), "{}: no word twice", target.name());
        for (name, bytes) in &words {
            assert!((1..=WORD_BYTES_MAX).contains(&bytes.len()), "{name}");
            let input = [&[0; HEADER_BYTES], bytes.as_slice()].concat();
            assert_eq!(target.canonical(&input), input, "{name}");
            let operations = bytes.iter().filter(|byte| **byte >= TAG).count();
            assert_eq!(target.count_operations(&input), operations, "{name}");
        }
    }
}

#[test]
fn every_kind_has_its_own_word() {
    for target in TARGETS {
        let words = words(&target.dictionary());
        for (number, name) in target.facts().kinds.into_iter().enumerate() {
            let word = (name, vec![TAG | number as u8]);
            assert!(words.contains(&word), "{}: {}", target.name(), word.0);
        }
    }
}
