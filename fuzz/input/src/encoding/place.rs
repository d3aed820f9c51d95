//! A place in a sequence: an index, or a distance from the end.
//!
//! ```text
//! byte         place
//!   0          the end
//!   1 ..=  63  index 0 to 62
//!  64 ..=  95  1 to 32 before the end
//!  96 ..= 127  index 63 to 4,158; five bits here, seven in the byte that follows
//! ```
//!
//! Which place an argument means depends only on the length of the sequence: an index beyond the
//! end wraps around, and a distance beyond the front means the front.

use super::argument::Argument;
use super::bytes::{ArgumentBytes, Arguments};
use super::number::smaller;
use super::text::{TextError, Words};
use crate::dice::Dice;

const INDEX: u8 = 1;
const BEFORE_END: u8 = 64;
const FAR: u8 = 96;

const BEFORE_END_MAX: u16 = 32;
const NEAR_INDEXES: u16 = (BEFORE_END - INDEX) as u16;
const INDEXES: u16 = NEAR_INDEXES + (32 << 7);

/// A place in a sequence; the end by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This many elements before the end; 0 is the end.
    BeforeEnd(u8),
    /// This index.
    Index(u16),
}

impl Place {
    /// Returns the index of this place among `count` places, the last of which is the end. The
    /// result is below `count`.
    ///
    /// # Panics
    ///
    /// If `count` is 0.
    #[inline]
    #[must_use]
    pub fn of(self, count: u32) -> u32 {
        assert!(count > 0, "model: there must be a place");
        match self {
            Place::BeforeEnd(distance) => (count - 1).saturating_sub(u32::from(distance)),
            Place::Index(index) => u32::from(index) % count,
        }
    }

    /// The place with this number among all places that an argument can mean.
    fn numbered(number: u16) -> Self {
        match number.checked_sub(BEFORE_END_MAX + 1) {
            Some(index) => Place::Index(index),
            None => Place::BeforeEnd(number as u8),
        }
    }

    fn number(self) -> u16 {
        match self {
            Place::BeforeEnd(distance) => u16::from(distance),
            Place::Index(index) => BEFORE_END_MAX + 1 + index,
        }
    }

    const NUMBERS: u16 = BEFORE_END_MAX + 1 + INDEXES;
}

impl Argument for Place {
    #[inline]
    fn decode(arguments: &mut Arguments<'_>) -> Self {
        match arguments.next_byte() {
            0 => Place::BeforeEnd(0),
            byte @ INDEX..BEFORE_END => Place::Index(u16::from(byte - INDEX)),
            byte @ BEFORE_END..FAR => Place::BeforeEnd(byte - BEFORE_END + 1),
            byte => {
                let high = u16::from(byte - FAR) << 7;
                Place::Index(NEAR_INDEXES + (high | u16::from(arguments.next_byte())))
            }
        }
    }

    fn encode(self, bytes: &mut ArgumentBytes) {
        match self {
            Place::BeforeEnd(0) => bytes.push(0),
            Place::BeforeEnd(distance) => bytes.push(BEFORE_END + distance - 1),
            Place::Index(index) => match index.checked_sub(NEAR_INDEXES) {
                None => bytes.push(INDEX + index as u8),
                Some(far) => {
                    bytes.push(FAR + (far >> 7) as u8);
                    bytes.push((far & 0x7f) as u8);
                }
            },
        }
    }

    fn draw<D: Dice>(dice: &mut D) -> Self {
        match dice.below(8) {
            0 => Place::BeforeEnd(0),
            1 => Place::BeforeEnd(dice.below(1 + u64::from(BEFORE_END_MAX)) as u8),
            2 => Place::Index(0),
            // All octaves are equally likely.
            _ => {
                let octave = dice.below(11);
                Place::Index(dice.below(1 << octave) as u16)
            }
        }
    }

    fn nudge<D: Dice>(self, dice: &mut D) -> Self {
        let number = match dice.below(4) {
            0 => return Place::draw(dice),
            1 => self.number() + Self::NUMBERS - 1,
            _ => self.number() + 1,
        };
        Place::numbered(number % Self::NUMBERS)
    }

    /// In order: the end, index 0, one before the end, index 1, and so on.
    fn complexity(self) -> u128 {
        match self {
            Place::BeforeEnd(0) => 0,
            Place::BeforeEnd(distance) => 1 + 2 * u128::from(distance),
            Place::Index(index) => 2 + 2 * u128::from(index),
        }
    }

    fn simpler(self, out: &mut Vec<Self>) {
        let (index, distance) = match self {
            Place::BeforeEnd(0) => return,
            Place::BeforeEnd(distance) => (u64::from(distance), u64::from(distance)),
            Place::Index(index) => (u64::from(index), u64::from(BEFORE_END_MAX).min(index.into())),
        };
        let mut places = vec![Place::BeforeEnd(0)];
        places.extend(smaller(index).map(|index| Place::Index(index as u16)));
        places.extend(smaller(distance).map(|distance| Place::BeforeEnd(distance as u8)));
        places.retain(|other| other.complexity() < self.complexity());
        places.sort_by_key(|place| place.complexity());
        places.dedup();
        out.extend(places);
    }

    fn print(self, name: &str, out: &mut String) {
        let text = match self {
            Place::BeforeEnd(0) => format!(" {name}=end"),
            Place::BeforeEnd(distance) => format!(" {name}=end-{distance}"),
            Place::Index(index) => format!(" {name}={index}"),
        };
        out.push_str(&text);
    }

    fn takes(name: &str) -> String {
        format!("{name}=<place>")
    }

    fn parse(name: &str, words: &mut Words<'_>) -> Result<Self, TextError> {
        let Some(word) = words.take_named(name) else {
            return Ok(Place::BeforeEnd(0));
        };
        let place = match word.text.strip_prefix("end") {
            Some("") => Some(Place::BeforeEnd(0)),
            Some(rest) => rest
                .strip_prefix('-')
                .and_then(|distance| distance.parse::<u8>().ok())
                .filter(|distance| u16::from(*distance) <= BEFORE_END_MAX)
                .map(Place::BeforeEnd),
            None => {
                let index = word.text.parse::<u16>().ok().filter(|index| *index < INDEXES);
                index.map(Place::Index)
            }
        };
        place.ok_or_else(|| {
            word.error(format!(
                "{name} must be an index up to {}, end, or end-1 to end-{BEFORE_END_MAX}",
                INDEXES - 1
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_encoded_and_decoded() {
        for number in 0..Place::NUMBERS {
            let place = Place::numbered(number);
            assert_eq!(place.number(), number);
            let mut bytes = ArgumentBytes::new();
            place.encode(&mut bytes);
            let mut arguments = Arguments::new(bytes.without_trailing_zeros());
            assert_eq!(Place::decode(&mut arguments), place);
        }
    }

    #[test]
    fn a_place_is_within_the_sequence() {
        let of = |count: u32| {
            [Place::BeforeEnd(0), Place::BeforeEnd(2), Place::Index(0), Place::Index(4)]
                .map(|place| place.of(count))
        };
        assert_eq!(of(10), [9, 7, 0, 4]);
        assert_eq!(of(3), [2, 0, 0, 1]);
        assert_eq!(of(1), [0, 0, 0, 0]);
    }
}
