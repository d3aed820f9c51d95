//! Numbers of a logarithmic scale: small ones exact, large ones coarse.
//!
//! One argument byte is spread evenly over a table whose entries grow exponentially, so that a byte
//! flipped moves a count by a step, and long runs are drawn as often as short ones.
//!
//! What it does not do: hold any number; text that names another one is told the nearest two.

/// The number of class `class`: 0 to 8 as they are, then four steps an octave (10, 12, 14, 16, 20,
/// 24, ...).
#[inline]
#[must_use]
pub const fn log_scale(class: u8) -> u32 {
    if class < 8 { class as u32 } else { (4 + class as u32 % 4) << (class / 4 - 1) }
}

/// Numbers below `number` that are worth trying in its place, rising: the smallest, then those that
/// halve the distance, so that a bound somewhere below is found by halving again.
pub fn smaller(number: u64) -> impl Iterator<Item = u64> {
    const SMALLEST: u64 = 16;
    let halving = (1..u64::BITS).map(move |shift| number >> shift).take_while(|left| *left > 0);
    let halving = halving.map(move |left| number - left).filter(|smaller| *smaller >= SMALLEST);
    (0..number.min(SMALLEST)).chain(halving)
}

/// The entries of a table that are simpler than so much, by index, the simplest first. `complexities` are those of
/// all entries. Once for all tables: sorting is much to compile.
#[doc(hidden)]
pub fn simpler_entries(complexities: &mut dyn Iterator<Item = u128>, than: u128) -> Vec<u8> {
    let all = complexities.zip(0..);
    let mut simpler: Vec<(u128, u8)> = all.filter(|(complexity, _)| *complexity < than).collect();
    simpler.sort_unstable();
    simpler.into_iter().map(|(_, index)| index).collect()
}

/// Declares an argument that is a number of a table; entry 0 is what a missing argument means.
/// The entries must differ; a table grows at its end only with a new version of the encoding.
#[macro_export]
macro_rules! table_number {
    ($(#[$meta:meta])* pub $Name:ident: $Value:ty = $table:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $Name {
            index: u8,
        }

        impl $Name {
            /// Every value, the default first.
            pub const TABLE: &'static [$Value] = &$table;

            /// The value.
            #[inline]
            #[must_use]
            pub const fn get(self) -> $Value {
                Self::TABLE[self.index as usize]
            }

            /// The entry of the table that is `value`, if there is one.
            #[must_use]
            pub fn find(value: $Value) -> Option<Self> {
                let index = Self::TABLE.iter().position(|entry| *entry == value)?;
                Some($Name { index: u8::try_from(index).expect("a table is short") })
            }
        }

        impl $crate::encoding::Argument for $Name {
            #[inline]
            fn decode(arguments: &mut $crate::encoding::Arguments<'_>) -> Self {
                let byte = usize::from(arguments.next_byte());
                // At most 127 * 128 / 128: the index is within the table.
                $Name { index: ((byte * Self::TABLE.len()) >> 7) as u8 }
            }

            fn encode(self, bytes: &mut $crate::encoding::ArgumentBytes) {
                let byte = (usize::from(self.index) << 7).div_ceil(Self::TABLE.len());
                bytes.push(u8::try_from(byte).expect("an index is below the table's length"));
            }

            fn draw<D: $crate::dice::Dice>(dice: &mut D) -> Self {
                $Name { index: dice.below(Self::TABLE.len() as u64) as u8 }
            }

            fn nudge<D: $crate::dice::Dice>(self, dice: &mut D) -> Self {
                let len = Self::TABLE.len() as u64;
                let index = match $crate::dice::Dice::below(dice, 4) {
                    0 => $crate::dice::Dice::below(dice, len),
                    1 => (u64::from(self.index) + len - 1) % len,
                    _ => (u64::from(self.index) + 1) % len,
                };
                $Name { index: index as u8 }
            }

            /// The nearer to zero the simpler, positive before negative.
            fn complexity(self) -> u128 {
                let value = i128::from(self.get());
                2 * value.unsigned_abs() + u128::from(value < 0)
            }

            fn simpler(self, out: &mut Vec<Self>) {
                let all = (0..Self::TABLE.len()).map(|index| $Name { index: index as u8 });
                let simpler = $crate::encoding::number::simpler_entries(
                    &mut all.map(|entry| entry.complexity()),
                    self.complexity(),
                );
                out.extend(simpler.into_iter().map(|index| $Name { index }));
            }

            fn print(self, name: &str, out: &mut String) {
                out.push_str(&format!(" {name}={}", self.get()));
            }

            fn parse(
                name: &str,
                words: &mut $crate::encoding::text::Words<'_>,
            ) -> Result<Self, $crate::encoding::TextError> {
                let Some(word) = words.take_named(name) else {
                    return Ok($Name { index: 0 });
                };
                let value = word.text.parse::<$Value>().ok().and_then(Self::find);
                value.ok_or_else(|| {
                    let mut known: Vec<$Value> = Self::TABLE.to_vec();
                    known.sort_unstable();
                    let known: Vec<String> = known.iter().map(ToString::to_string).collect();
                    word.error(format!("{name} is one of {}", known.join(", ")))
                })
            }
        }
    };
}

table_number! {
    /// How many times a run repeats: 1 to 64, exponentially spread; 8 when missing.
    pub Count: u32 = [8, 1, 2, 3, 4, 5, 6, 7, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64]
}

table_number! {
    /// What a run adds to the key at each step, wrapping; 1 when missing.
    pub Stride: i64 = [1, 2, 3, -1, 16, 256, 0x1_0000_0000, -0x61c8_8646_80b5_83eb]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{Argument, ArgumentBytes, Arguments};

    #[test]
    fn the_logarithmic_scale_rises_and_has_four_steps_an_octave() {
        let scale: Vec<u32> = (0..24).map(log_scale).collect();
        assert!(scale.is_sorted_by(|a, b| a < b), "{scale:?}");
        assert_eq!(&scale[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14]);
        assert_eq!(log_scale(20), 64);
    }

    #[test]
    fn smaller_numbers_rise_to_the_number_before() {
        assert_eq!(smaller(0).count(), 0);
        assert_eq!(smaller(3).collect::<Vec<_>>(), [0, 1, 2]);
        for number in [17, 1000, u64::MAX] {
            let all: Vec<u64> = smaller(number).collect();
            assert!(all.is_sorted_by(|a, b| a < b), "{all:?}");
            assert_eq!((all[0], all.last()), (0, Some(&(number - 1))));
        }
    }

    #[test]
    fn the_simplest_value_of_a_table_is_the_nearest_to_zero() {
        let simpler = |value: i64| {
            let mut out = Vec::new();
            Stride::find(value).expect("an entry").simpler(&mut out);
            out.into_iter().map(Stride::get).collect::<Vec<_>>()
        };
        assert!(simpler(1).is_empty());
        assert_eq!(simpler(16), [1, -1, 2, 3]);
    }

    #[test]
    fn every_byte_is_a_count_and_every_count_has_a_byte() {
        for byte in 0..128 {
            let count = Count::decode(&mut Arguments::new(&[byte]));
            let mut bytes = ArgumentBytes::new();
            count.encode(&mut bytes);
            let written = bytes.without_trailing_zeros();
            assert_eq!(Count::decode(&mut Arguments::new(written)), count);
        }
        let reached: std::collections::BTreeSet<u32> =
            (0..128).map(|byte| Count::decode(&mut Arguments::new(&[byte])).get()).collect();
        assert_eq!(reached.len(), Count::TABLE.len());
    }
}
