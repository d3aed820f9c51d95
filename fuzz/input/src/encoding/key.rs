//! Keys by class: how a key relates to the history, rather than which number it is.
//!
//! ```text
//! class byte   key
//!   0 ..=  39  gap: the key written g writes ago, g on a logarithmic scale (0 to 1792)
//!  40 ..=  79  hot: one of a set of 40
//!  80 ..=  87  near: the key used last, less 4 to plus 4
//!  88 ..=  95  extreme: 0, 1, the largest, powers of two
//!  96 ..= 103  cold: one of 1,024; three bits here, seven in the byte that follows
//! 104 ..= 117  a landmark, where the target has tables ([`super::TreeKey`]); else hot
//! 118 ..= 127  literal, of 1 to 10 bytes that follow, the lowest first; of 2 bytes with a second
//!              byte of 0, a landmark, where the target has tables
//! ```
//!
//! Gaps on a logarithmic scale make two versions of a key meet at every depth of a tree. If keys
//! are drawn evenly from hot and cold keys instead, 98 % of overwrites stay within one memtable.
//!
//! A key has 64 bits here. A target with wider keys maps them one to one over its width.
//!
//! A literal is the key itself; every other class depends on the history and on the header's key
//! mapping. A missing key is the key written last.

use super::argument::Argument;
use super::bytes::{ArgumentBytes, Arguments};
use super::landmark;
use super::number::{log_scale, smaller};
use super::text::{TextError, Word, Words};
use crate::dice::Dice;
use crate::keys::{Ends, Keys};

const GAP: u8 = 0;
const HOT: u8 = 40;
const NEAR: u8 = 80;
const EXTREME: u8 = 88;
const COLD: u8 = 96;
/// The first class of landmarks.
pub(super) const LANDMARK: u8 = 104;
const LITERAL: u8 = LANDMARK + landmark::CLASSES;
/// The class of literals of two bytes.
pub(super) const TWO_BYTES: u8 = LITERAL + 1;

/// Number of gap classes, and of hot keys.
pub(crate) const CLASSES: u8 = 40;
/// Number of cold keys.
const COLD_KEYS: u16 = 1024;

/// The distances that a `near` key has from the key used last.
const DISTANCES: [i8; 8] = [1, -1, 2, -2, 3, -3, 4, -4];

/// The extreme keys and their names.
const EXTREMES: [(&str, u64); 8] = [
    ("0", 0),
    ("max", u64::MAX),
    ("1", 1),
    ("max-1", u64::MAX - 1),
    ("2^32", 1 << 32),
    ("2^32-1", (1 << 32) - 1),
    ("2^63", 1 << 63),
    ("2^63-1", (1 << 63) - 1),
];

/// A key as an input names it. It is made by decoding, parsing or drawing, so every key has bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The key written `log_scale(class)` writes ago.
    Gap {
        /// Below 40.
        class: u8,
    },
    /// One of the hot keys.
    Hot {
        /// Below 40.
        index: u8,
    },
    /// A neighbour of the key used last.
    Near {
        /// The index of the distance, below 8.
        index: u8,
    },
    /// An extreme of the key's width.
    Extreme {
        /// Below 8.
        index: u8,
    },
    /// One of the cold keys.
    Cold {
        /// Below 1,024.
        index: u16,
    },
    /// The key itself.
    Literal(u64),
}

impl Key {
    /// The key itself, after it was resolved.
    ///
    /// # Panics
    ///
    /// If the key is a symbol.
    #[inline]
    #[must_use]
    pub fn literal(self) -> u64 {
        match self {
            Key::Literal(key) => key,
            Key::Gap { .. }
            | Key::Hot { .. }
            | Key::Near { .. }
            | Key::Extreme { .. }
            | Key::Cold { .. } => panic!("encoding: {self:?} was not resolved"),
        }
    }

    /// The extreme key number `index`.
    #[must_use]
    pub(crate) fn extreme(index: u8) -> u64 {
        EXTREMES[usize::from(index)].1
    }

    /// The distance number `index`.
    #[must_use]
    pub(crate) fn distance(index: u8) -> i64 {
        i64::from(DISTANCES[usize::from(index)])
    }

    /// The next or previous key of its class, wrapping around; a literal may also have one bit
    /// flipped.
    pub(super) fn neighbour<D: Dice>(self, dice: &mut D) -> Self {
        let up = dice.below(2) == 0;
        let turn = |index: u16, count: u16| (index + if up { 1 } else { count - 1 }) % count;
        let turn_byte = |index: u8, count: u8| turn(u16::from(index), u16::from(count)) as u8;
        match self {
            Key::Gap { class } => Key::Gap { class: turn_byte(class, CLASSES) },
            Key::Hot { index } => Key::Hot { index: turn_byte(index, CLASSES) },
            Key::Near { index } => Key::Near { index: turn_byte(index, 8) },
            Key::Extreme { index } => Key::Extreme { index: turn_byte(index, 8) },
            Key::Cold { index } => Key::Cold { index: turn(index, COLD_KEYS) },
            Key::Literal(key) => Key::Literal(match dice.below(3) {
                0 => key.wrapping_add(1),
                1 => key.wrapping_sub(1),
                _ => key ^ 1 << dice.below(64),
            }),
        }
    }

    /// The key that a word means.
    pub(super) fn parse_word(word: &Word<'_>) -> Option<Key> {
        match (word.text.strip_prefix('@'), word.text.strip_prefix("0x")) {
            (Some(symbol), _) => Key::parse_symbol(symbol),
            (None, Some(digits)) => u64::from_str_radix(digits, 16).ok().map(Key::Literal),
            (None, None) => word.text.parse().ok().map(Key::Literal),
        }
    }

    /// The message for a word that is not a key; `last` ends the list of what a key can be.
    pub(super) fn refusal(word: &Word<'_>, last: &str) -> String {
        format!(
            "\"{}\" is not a key; write 0x11, 17, @gap:G (G of 0 to 7, 8, 10, 12, 14, 16, 20, ..., 1792), \
             @hot:0..39, @cold:0..1023, @near:-4..+4{last}",
            word.text
        )
    }

    fn parse_symbol(symbol: &str) -> Option<Key> {
        let (class, value) = symbol.split_once(':')?;
        let below = |count: u8| value.parse::<u8>().ok().filter(|index| *index < count);
        match class {
            "gap" => {
                let gap = value.parse::<u32>().ok()?;
                (0..CLASSES).find(|class| log_scale(*class) == gap).map(|class| Key::Gap { class })
            }
            "hot" => below(CLASSES).map(|index| Key::Hot { index }),
            "near" => {
                let distance = value.parse::<i8>().ok()?;
                (0..8)
                    .find(|i| DISTANCES[usize::from(*i)] == distance)
                    .map(|index| Key::Near { index })
            }
            "extreme" => (0..8)
                .find(|i| EXTREMES[usize::from(*i)].0 == value)
                .map(|index| Key::Extreme { index }),
            "cold" => {
                let index = value.parse::<u16>().ok()?;
                (index < COLD_KEYS).then_some(Key::Cold { index })
            }
            _ => None,
        }
    }
}

/// The complexity of symbol `index` of a class, which is more than that of any literal.
pub(super) fn symbol(class: u8, index: u16) -> u128 {
    u128::from(u64::MAX) + 1 + (u128::from(class) << 16) + u128::from(index)
}

impl Argument for Key {
    #[inline]
    fn decode(arguments: &mut Arguments<'_>) -> Self {
        match arguments.next_byte() {
            class @ GAP..HOT => Key::Gap { class },
            class @ HOT..NEAR => Key::Hot { index: class - HOT },
            class @ NEAR..EXTREME => Key::Near { index: class - NEAR },
            class @ EXTREME..COLD => Key::Extreme { index: class - EXTREME },
            class @ COLD..LANDMARK => {
                let high = u16::from(class - COLD) << 7;
                Key::Cold { index: high | u16::from(arguments.next_byte()) }
            }
            class @ LANDMARK..LITERAL => Key::Hot { index: class - LANDMARK },
            class => {
                let mut key = 0;
                for group in 0..=class - LITERAL {
                    // Only the lowest bit of the tenth byte fits.
                    key |= u64::from(arguments.next_byte()) << (7 * group);
                }
                Key::Literal(key)
            }
        }
    }

    fn encode(self, bytes: &mut ArgumentBytes) {
        match self {
            Key::Gap { class } => bytes.push(class),
            Key::Hot { index } => bytes.push(HOT + index),
            Key::Near { index } => bytes.push(NEAR + index),
            Key::Extreme { index } => bytes.push(EXTREME + index),
            Key::Cold { index } => {
                bytes.push(COLD + (index >> 7) as u8);
                bytes.push((index & 0x7f) as u8);
            }
            Key::Literal(key) => {
                let groups = (64 - key.leading_zeros()).div_ceil(7).max(1) as u8;
                bytes.push(LITERAL + groups - 1);
                for group in 0..groups {
                    bytes.push((key >> (7 * group)) as u8 & 0x7f);
                }
            }
        }
    }

    #[inline]
    fn resolve(self, keys: &mut Keys, _ends: Ends<'_>) -> Self {
        Key::Literal(keys.resolve(self))
    }

    fn draw<D: Dice>(dice: &mut D) -> Self {
        let profile = *dice.profile();
        let mut pick = dice.below(u64::from(profile.total()));
        let mut chosen = |weight: u8| {
            let hit = pick < u64::from(weight);
            pick = pick.wrapping_sub(u64::from(weight));
            hit
        };
        if chosen(profile.hot) {
            Key::Hot { index: dice.below(u64::from(profile.hot_keys)) as u8 }
        } else if chosen(profile.gap) {
            Key::Gap { class: dice.below(u64::from(CLASSES)) as u8 }
        } else if chosen(profile.cold) {
            Key::Cold { index: dice.below(u64::from(COLD_KEYS)) as u16 }
        } else if chosen(profile.near) {
            Key::Near { index: dice.below(8) as u8 }
        } else {
            Key::Extreme { index: dice.below(8) as u8 }
        }
    }

    fn nudge<D: Dice>(self, dice: &mut D) -> Self {
        if dice.below(4) == 0 {
            return Key::draw(dice);
        }
        self.neighbour(dice)
    }

    /// A literal is simpler than a symbol: it means the same everywhere.
    fn complexity(self) -> u128 {
        match self {
            Key::Literal(key) => u128::from(key),
            Key::Extreme { index } => symbol(0, index.into()),
            Key::Hot { index } => symbol(1, index.into()),
            Key::Cold { index } => symbol(2, index),
            Key::Near { index } => symbol(3, index.into()),
            Key::Gap { class } => symbol(4, class.into()),
        }
    }

    fn simpler(self, out: &mut Vec<Self>) {
        let below = |index: u8| smaller(u64::from(index)).map(|index| index as u8);
        let literal = if let Key::Literal(key) = self { key } else { u64::MAX };
        out.extend(smaller(literal).map(Key::Literal));
        match self {
            Key::Literal(_) => {}
            Key::Extreme { index } => out.extend(below(index).map(|index| Key::Extreme { index })),
            Key::Hot { index } => out.extend(below(index).map(|index| Key::Hot { index })),
            Key::Cold { index } => {
                out.extend(smaller(index.into()).map(|index| Key::Cold { index: index as u16 }));
            }
            Key::Near { index } => out.extend(below(index).map(|index| Key::Near { index })),
            Key::Gap { class } => out.extend(below(class).map(|class| Key::Gap { class })),
        }
    }

    fn key(self) -> Option<Key> {
        Some(self)
    }

    fn with_key(self, key: Key) -> Self {
        key
    }

    fn print(self, _name: &str, out: &mut String) {
        let text = match self {
            Key::Gap { class } => format!(" @gap:{}", log_scale(class)),
            Key::Hot { index } => format!(" @hot:{index}"),
            Key::Near { index } => format!(" @near:{:+}", Key::distance(index)),
            Key::Extreme { index } => format!(" @extreme:{}", EXTREMES[usize::from(index)].0),
            Key::Cold { index } => format!(" @cold:{index}"),
            Key::Literal(key) => format!(" {key:#x}"),
        };
        out.push_str(&text);
    }

    fn takes(name: &str) -> String {
        format!("<{name}>")
    }

    fn parse(_name: &str, words: &mut Words<'_>) -> Result<Self, TextError> {
        let Some(word) = words.take_plain() else { return Ok(Key::Gap { class: 0 }) };
        Key::parse_word(&word).ok_or_else(|| word.error(Key::refusal(&word, " or @extreme:max")))
    }
}
