//! An enumeration of all short histories over two keys in the smallest geometry. Histories are
//! numbered by length, shorter ones first. Histories of the same length are in lexicographic order
//! of their operations' numbers.
//!
//! The operations are all kinds with each of the two keys; their other arguments have the default
//! values. If an operation takes several keys, all of them are the same.
//!
//! Invariant: different numbers below the count give different histories.

use crate::input::encoding::{Arguments, Choices, Header, Input, Key, Operation, Setting};

/// The maximum number of histories. A length that would exceed it is left out, and so are all
/// longer histories.
const COUNT_MAX: u64 = 1 << 16;

/// The maximum number of operations of a history.
const LENGTH_MAX: u32 = 4;

/// The histories of a target.
pub(super) struct Histories<O> {
    operations: Vec<O>,
    /// By length, from 0: the number of shorter histories. The last entry is the number of all
    /// histories.
    shorter: Vec<u64>,
}

impl<O: Operation> Histories<O> {
    pub(super) fn new() -> Self {
        let operations = operations::<O>();
        let mut shorter = vec![0, 1];
        for length in 1..=LENGTH_MAX {
            let longer = shorter[shorter.len() - 1] + (operations.len() as u64).pow(length);
            if longer > COUNT_MAX {
                break;
            }
            shorter.push(longer);
        }
        Histories { operations, shorter }
    }

    pub(super) fn count(&self) -> u64 {
        self.shorter[self.shorter.len() - 1]
    }

    /// Writes the history whose number is `number` modulo the count.
    pub(super) fn write(&self, number: u64, bytes: &mut Vec<u8>) {
        let number = number % self.count();
        let length = self.shorter.iter().rposition(|shorter| *shorter <= number);
        let length = length.expect("no history is shorter than the empty history");
        let mut rest = number - self.shorter[length];
        let mut operations = Vec::new();
        for _ in 0..length {
            operations.push(self.operations[(rest % self.operations.len() as u64) as usize]);
            rest /= self.operations.len() as u64;
        }
        operations.reverse();
        *bytes = Input { header: smallest(O::SETTINGS), operations }.encode();
    }
}

/// Returns a header with the smallest choice of each numeric setting and the plainest of all
/// others.
fn smallest(settings: &[Setting]) -> Header {
    let mut header = Header::PLAIN;
    for (setting, Setting { choices, .. }) in settings.iter().enumerate() {
        if let Choices::Numbers(numbers) = choices {
            let least = (0..numbers.len()).min_by_key(|index| numbers[*index]);
            header.choose(settings, setting, least.expect("a setting has a choice"));
        }
    }
    header
}

/// Returns every kind of operation, with each of two keys if it takes a key.
fn operations<O: Operation>() -> Vec<O> {
    let mut all = Vec::new();
    for kind in 0..O::KINDS.len() {
        let plain = O::decode(kind, &mut Arguments::new(&[]));
        match plain.key() {
            None => all.push(plain),
            Some(_) => all.extend([0, 1].map(|index| plain.with_key(Key::Hot { index }))),
        }
    }
    all
}
