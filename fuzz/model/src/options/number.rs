//! Numbers at and near the limits of options: a base plus a small offset.
//!
//! ```text
//! byte         number
//!   0 ..= 109  a base with one of the first five offsets
//! 110 ..= 127  one of the other three offsets; the base is in the byte that follows
//! ```
//!
//! In version 1 of the encoding, every number took two bytes, the base and the offset, spread over
//! seven bits each.

use downbeat_input::dice::Dice;
use downbeat_input::encoding::text::{TextError, Words};
use downbeat_input::encoding::{Argument, ArgumentBytes, Arguments};

/// The limits of options, and numbers that overflow when they are multiplied.
const BASES: [u64; 22] = [
    0,
    2,
    4,
    8,
    16,
    32,
    64,
    128,
    256,
    512,
    1 << 10,
    1 << 12,
    1 << 16,
    1 << 20,
    1 << 24,
    1 << 28,
    1 << 29,
    1 << 30,
    1 << 31,
    1 << 32,
    1 << 63,
    u64::MAX,
];

/// The offsets that are added to a base. The first ones are encoded together with the base.
const OFFSETS: [i64; 8] = [0, 1, -1, 2, -2, 3, 7, -7];

/// The number of offsets that are encoded together with the base.
const NEAR: usize = 5;

/// The first byte of a number with another offset.
const FAR: usize = BASES.len() * NEAR;

/// The number of bytes that mean the same offset.
const FAR_BYTES: usize = (128 - FAR) / (OFFSETS.len() - NEAR);

// A base and a near offset fit in a byte, and the other offsets share the rest evenly.
const _: () = assert!(FAR + FAR_BYTES * (OFFSETS.len() - NEAR) == 128);

/// The first version of the encoding in which a number takes one byte.
const ONE_BYTE: u32 = 2;

/// A number at or near a limit; 0 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    base: u8,
    offset: u8,
}

impl Number {
    const COUNT: usize = BASES.len() * OFFSETS.len();

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        let Number { base, offset } = self;
        BASES[usize::from(base)].wrapping_add_signed(OFFSETS[usize::from(offset)])
    }

    fn at(place: usize) -> Self {
        let place = place % Self::COUNT;
        Number { base: (place / OFFSETS.len()) as u8, offset: (place % OFFSETS.len()) as u8 }
    }

    fn place(self) -> usize {
        usize::from(self.base) * OFFSETS.len() + usize::from(self.offset)
    }
}

impl Argument for Number {
    fn decode(arguments: &mut Arguments<'_>) -> Self {
        let version = arguments.version();
        let mut spread = |count: usize| (usize::from(arguments.next_byte()) * count) >> 7;
        let (base, offset) = if version < ONE_BYTE {
            (spread(BASES.len()), spread(OFFSETS.len()))
        } else {
            let byte = spread(128);
            match byte.checked_sub(FAR) {
                None => (byte / NEAR, byte % NEAR),
                Some(far) => (spread(BASES.len()), NEAR + far / FAR_BYTES),
            }
        };
        Number { base: base as u8, offset: offset as u8 }
    }

    fn encode(self, bytes: &mut ArgumentBytes) {
        let (base, offset) = (usize::from(self.base), usize::from(self.offset));
        match offset.checked_sub(NEAR) {
            None => bytes.push((base * NEAR + offset) as u8),
            Some(far) => {
                bytes.push((FAR + far * FAR_BYTES) as u8);
                bytes.push((base << 7).div_ceil(BASES.len()) as u8);
            }
        }
    }

    fn draw<D: Dice>(dice: &mut D) -> Self {
        Number::at(dice.below(Self::COUNT as u64) as usize)
    }

    fn nudge<D: Dice>(self, dice: &mut D) -> Self {
        match dice.below(4) {
            0 => Number::draw(dice),
            1 => Number::at(self.place() + 1),
            2 => Number::at(self.place() + Self::COUNT - 1),
            _ => Number { offset: dice.below(OFFSETS.len() as u64) as u8, ..self },
        }
    }

    fn complexity(self) -> u128 {
        self.place() as u128
    }

    fn simpler(self, out: &mut Vec<Self>) {
        out.extend((0..self.place()).map(Number::at));
    }

    fn print(self, name: &str, out: &mut String) {
        let (base, offset) = (BASES[usize::from(self.base)], OFFSETS[usize::from(self.offset)]);
        let offset = if offset == 0 { String::new() } else { format!("{offset:+}") };
        out.push_str(&format!(" {name}={base}{offset}"));
    }

    fn takes(name: &str) -> String {
        format!("{name}=<number>")
    }

    fn parse(name: &str, words: &mut Words<'_>) -> Result<Self, TextError> {
        let Some(word) = words.take_named(name) else { return Ok(Number::at(0)) };
        let all = (0..Self::COUNT).map(Number::at);
        let found = all.into_iter().find(|number| {
            let mut text = String::new();
            number.print(name, &mut text);
            text.split_once('=').is_some_and(|(_, text)| text == word.text)
        });
        found.ok_or_else(|| {
            word.error(format!(
                "{name} must be one of {BASES:?}, with one of {OFFSETS:?} added, as in 16 or 16-1"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_encoded_and_decoded() {
        for place in 0..Number::COUNT {
            let number = Number::at(place);
            assert_eq!(number.place(), place);
            let mut bytes = ArgumentBytes::new();
            number.encode(&mut bytes);
            let mut arguments = Arguments::new(bytes.without_trailing_zeros());
            assert_eq!(Number::decode(&mut arguments), number);
        }
    }

    #[test]
    fn numbers_are_at_limits() {
        let numbers: Vec<u64> = (0..Number::COUNT).map(|place| Number::at(place).get()).collect();
        for limit in [1 << 16, 1 << 28, 1 << 31] {
            assert!([limit - 1, limit, limit + 1].iter().all(|number| numbers.contains(number)));
        }
        assert!(numbers.contains(&0) && numbers.contains(&u64::MAX));
    }
}
