//! The bytes of a key.
//!
//! An input names a key by a number, so a key can relate to the keys used before it. A *form*,
//! which the header chooses, turns the number into bytes. Two numbers may be the same key.
//!
//! In the form `mixed`, eight numbers in a row are eight keys with the same *stem*: the bytes of
//! the number divided by eight, the highest first, without leading zeros.
//!
//! ```text
//! number % 8   key
//!     0        the stem; empty for the number 0
//!     1        the stem and 0x00
//!     2        the stem and 0xff
//!     3        the stem and 0x00 0x00
//!     4        the stem and eight times 0xff
//!     5        the stem, filled up with 0x00 to 16, 64, 255, 256 or 512 bytes
//!     6        a prefix of 30 bytes that all such keys share, and the stem
//!     7        eight bytes: the stem with zeros before it
//! ```

use std::ops::RangeInclusive;

/// The maximum length of a key in bytes.
pub const LONGEST: usize = 512;

/// The forms by name: the choices of the setting `form`. New ones are added at the end.
pub(crate) const FORM_NAMES: [&str; 5] = ["mixed", "plain", "short", "prefixed", "long"];

/// The lengths to which long keys are filled up.
const LENGTHS: [usize; 5] = [16, 64, 255, 256, LONGEST];

/// How numbers become keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Keys of all kinds, close to each other.
    Mixed,
    /// The eight bytes of the number, the highest first.
    Plain,
    /// One byte.
    Short,
    /// A long shared prefix, then two bytes.
    Prefixed,
    /// 16 to 512 bytes.
    Long,
}

impl Form {
    /// Every form, in the order of their names.
    pub(crate) const ALL: [Form; 5] =
        [Form::Mixed, Form::Plain, Form::Short, Form::Prefixed, Form::Long];

    /// The bytes of the key with this number. `lengths` are the lengths that the engine allows.
    #[must_use]
    pub fn key(self, number: u64, lengths: &RangeInclusive<usize>) -> Vec<u8> {
        let mut key = match self {
            Form::Mixed => mixed(number),
            Form::Plain => number.to_be_bytes().to_vec(),
            Form::Short => vec![number as u8],
            Form::Prefixed => prefixed(&(number as u16).to_be_bytes()),
            Form::Long => filled(number.to_be_bytes().to_vec(), number),
        };
        let length = key.len().clamp(*lengths.start(), *lengths.end());
        key.resize(length, 0);
        key
    }
}

fn mixed(number: u64) -> Vec<u8> {
    let bytes = (number / 8).to_be_bytes();
    let stem = &bytes[(number / 8).leading_zeros() as usize / 8..];
    let followed = |end: &[u8]| [stem, end].concat();
    match number % 8 {
        0 => stem.to_vec(),
        1 => followed(&[0]),
        2 => followed(&[0xff]),
        3 => followed(&[0, 0]),
        4 => followed(&[0xff; 8]),
        5 => filled(stem.to_vec(), number / 8),
        6 => prefixed(stem),
        _ => bytes.to_vec(),
    }
}

fn prefixed(end: &[u8]) -> Vec<u8> {
    [&[b'p'; 30], end].concat()
}

fn filled(mut key: Vec<u8>, number: u64) -> Vec<u8> {
    key.resize(LENGTHS[(number % LENGTHS.len() as u64) as usize], 0);
    key
}

/// A key for a reader: text where it is text, and runs of a byte counted.
#[must_use]
pub fn show(key: &[u8]) -> String {
    const RUN: usize = 6;
    let mut out = String::from("\"");
    for run in key.chunk_by(|one, other| one == other) {
        let byte = run[0].escape_ascii().to_string();
        match run.len() {
            0..RUN => out.push_str(&byte.repeat(run.len())),
            count => out.push_str(&format!("{byte}({count} times)")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_a_key_and_the_same_key_with_a_zero() {
        let any = 0..=LONGEST;
        assert_eq!(Form::Mixed.key(0, &any), b"");
        assert_eq!(Form::Mixed.key(8, &any), [1]);
        assert_eq!(Form::Mixed.key(9, &any), [1, 0]);
        assert_eq!(Form::Mixed.key(10, &any), [1, 0xff]);
        assert_eq!(Form::Mixed.key(0x102 * 8 + 1, &any), [1, 2, 0]);
        assert_eq!(Form::Mixed.key(12, &any).len(), 9);
        assert_eq!(Form::Mixed.key(15, &any), [0, 0, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn keys_have_the_lengths_that_the_engine_allows() {
        for form in Form::ALL {
            for number in (0..64).chain([u64::MAX - 2, u64::MAX]) {
                let length = form.key(number, &(1..=100)).len();
                assert!((1..=100).contains(&length), "{form:?} {number}");
            }
        }
    }

    #[test]
    fn a_key_is_shown_with_its_runs_counted() {
        assert_eq!(show(&[1, 0, 0]), r#""\x01\x00\x00""#);
        assert_eq!(show(&[b'a'; 30]), r#""a(30 times)""#);
        assert_eq!(show(b""), r#""""#);
    }
}
