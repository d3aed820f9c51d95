//! The dictionary of a target: operations and short sequences of operations, as words that byte
//! mutators insert into inputs. It is made from the table of operations alone, in the syntax of
//! libFuzzer and AFL++.
//!
//! Invariants: a word consists of whole canonical operations, so it means these operations wherever
//! it is inserted after the header. A word has at most 64 bytes, which is the limit of libFuzzer.
//! No two words have the same bytes.
//!
//! The dictionary has no words for settings: a setting is identified by its position in the header,
//! and a mutator inserts a word at any position.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::input::dice::{Dice, KeyProfile};
use crate::input::encoding::text::line;
use crate::input::encoding::{
    Arguments, Edge, EdgeKind, Family, Key, Landmark, Operation, TableEnd, encode_operation,
};

/// The maximum length of a word in bytes.
pub const WORD_BYTES_MAX: usize = 64;

/// The maximum number of words. With more, each word is used rarely, and AFL++ does not try every
/// word: this is its `MAX_DET_EXTRAS`.
pub const WORDS_MAX: usize = 256;

/// The keys for every kind that takes a key: hot keys, the key written 64 writes ago, the neighbour
/// of the key used last, and both ends of the key's width.
const KEYS: [Key; 6] = [
    Key::Hot { index: 0 },
    Key::Hot { index: 1 },
    Key::Gap { class: 20 },
    Key::Near { index: 0 },
    Key::Extreme { index: 0 },
    Key::Extreme { index: 1 },
];

/// The landmarks for kinds whose keys may be landmarks.
const LANDMARKS: [Landmark; 2] = [
    Landmark::Table(TableEnd { is_last: false, level: 0, table: 0 }),
    Landmark::Edge(Edge { kind: EdgeKind::Live, number: 7, distance: 0 }),
];

/// A word of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The name: letters, digits and underscores.
    pub name: String,
    /// The bytes that are inserted.
    pub bytes: Vec<u8>,
}

/// Returns the words for a table of operations.
#[must_use]
pub fn words<O: Operation>() -> Vec<Word> {
    let mut words = Vec::new();
    for kind in 0..O::KINDS.len() {
        words.push(Word::new(O::KINDS[kind].name, &[bare::<O>(kind)]));
        let variants = variants::<O>(kind).into_iter();
        words.extend(variants.map(|operation| Word::new(&line(&operation), &[operation])));
    }
    let mut known = BTreeSet::new();
    let mut is_new =
        |word: &Word| word.bytes.len() <= WORD_BYTES_MAX && known.insert(word.bytes.clone());
    words.retain(&mut is_new);
    let mut snippets = snippets::<O>();
    snippets.retain(&mut is_new);
    // If there is no room for all sequences, some of each kind are kept.
    let (room, count) = (WORDS_MAX.saturating_sub(words.len()), snippets.len());
    let mut place = 0;
    snippets.retain(|_| {
        place += 1;
        count <= room || place * room / count > (place - 1) * room / count
    });
    words.extend(snippets);
    words
}

/// Returns the text of a dictionary file.
#[must_use]
pub fn print(target: &str, words: &[Word]) -> String {
    let mut text = format!(
        "# The operations of {target}, and some that belong together, for libFuzzer, AFL++ and honggfuzz.\n\
         # Made by `cargo downbeat dictionary {target} --write`; never edited by hand. Settings are not\n\
         # here: they are known by their place in the input, and a word lands anywhere.\n"
    );
    for Word { name, bytes } in words {
        let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        writeln!(text, "{name}=\"{escaped}\"").expect("a string takes any text");
    }
    text
}

impl Word {
    /// Creates the word of `operations`, named after `text`.
    fn new<O: Operation>(text: &str, operations: &[O]) -> Self {
        let text = text.replace('-', " minus ");
        let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let mut bytes = Vec::new();
        operations.iter().for_each(|operation| encode_operation(operation, &mut bytes));
        Word { name: parts.join("_"), bytes }
    }
}

/// Returns the operation of this kind with default arguments.
fn bare<O: Operation>(kind: usize) -> O {
    O::decode(kind, &mut Arguments::new(&[]))
}

/// Returns a kind with each of the typical keys, and with the last choice for each other argument.
fn variants<O: Operation>(kind: usize) -> Vec<O> {
    let plain = bare::<O>(kind);
    let mut all = Vec::new();
    if plain.key().is_some() {
        all.extend(KEYS.map(|key| plain.with_key(key)));
        // Without landmarks these equal the plain operation, and are dropped as duplicates.
        all.extend(LANDMARKS.map(|landmark| plain.with_landmark(landmark)));
    }
    let mut questions = Script { last: None, asked: 0 };
    O::draw(kind, &mut questions);
    for last in 0..questions.asked {
        let operation = O::draw(kind, &mut Script { last: Some(last), asked: 0 });
        // This is the default key: the key written last.
        all.push(operation.with_key(Key::Gap { class: 0 }));
    }
    all
}

/// Returns short sequences of operations: a scope around a write or a removal; and a run, a removal
/// or a write, then a change of structure, then a read of what was written.
fn snippets<O: Operation>() -> Vec<Word> {
    let of = |family: Family| {
        let kinds = O::KINDS.iter().enumerate().filter(move |(_, kind)| kind.family == family);
        kinds.map(|(number, _)| number)
    };
    let written = Key::Hot { index: 0 };
    let mut snippets = Vec::new();
    let mut add = |kinds: [usize; 3]| {
        let [first, second, third] = kinds.map(|kind| O::KINDS[kind].name);
        // Each gets the same key, because by default a write would use the key of an earlier write.
        let operations = kinds.map(|kind| bare::<O>(kind).with_key(written));
        snippets.push(Word::new(&format!("{first} then {second} then {third}"), &operations));
    };
    for first in of(Family::Scope) {
        for last in of(Family::Scope).filter(|last| *last != first) {
            let changes = of(Family::Write).take(1).chain(of(Family::Remove).take(1));
            changes.for_each(|change| add([first, change, last]));
        }
    }
    for change in of(Family::Run).chain(of(Family::Remove)).chain(of(Family::Write)) {
        for structure in of(Family::Structure) {
            of(Family::Read).take(1).for_each(|read| add([change, structure, read]));
        }
    }
    snippets
}

/// Dice that return 0, except for one question, which gets the last choice.
struct Script {
    /// The number of the question that gets the last choice, from 0; `None` if no question does.
    last: Option<u32>,
    /// The number of questions so far.
    asked: u32,
}

impl Dice for Script {
    fn next(&mut self) -> u64 {
        let chosen = self.last == Some(self.asked);
        self.asked += 1;
        if chosen { u64::MAX } else { 0 }
    }

    fn profile(&self) -> &KeyProfile {
        const { &KeyProfile { hot: 1, hot_keys: 1, gap: 0, cold: 0, near: 0, extreme: 0, landmark: 0 } }
    }
}
