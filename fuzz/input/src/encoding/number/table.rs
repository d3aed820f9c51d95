//! Arguments that are entries of a table.

/// Returns the indexes of the entries whose complexity is below `than`, the simplest first.
/// `complexities` yields that of each entry. All tables share this function, because sorting is
/// slow to compile.
#[doc(hidden)]
pub fn simpler_entries(complexities: &mut dyn Iterator<Item = u128>, than: u128) -> Vec<u8> {
    let all = complexities.zip(0..);
    let mut simpler: Vec<(u128, u8)> = all.filter(|(complexity, _)| *complexity < than).collect();
    simpler.sort_unstable();
    simpler.into_iter().map(|(_, index)| index).collect()
}

/// Declares an argument that is an entry of a table. A missing argument means entry 0. The entries
/// must differ. A table may grow only with a new version of the encoding.
///
/// All entries are equally likely to be drawn. With `seldom 1 in N`, only one in N of the others is
/// kept, and the rest become entry 0.
#[macro_export]
macro_rules! table_number {
    ($(#[$meta:meta])* pub $Name:ident: $Value:ty = $table:expr $(, seldom 1 in $many:literal)?) => {
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

            /// The entry that is `value`, if there is one.
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
                // At most `127 * len / 128`: the index is within the table.
                $Name { index: ((byte * Self::TABLE.len()) >> 7) as u8 }
            }

            fn encode(self, bytes: &mut $crate::encoding::ArgumentBytes) {
                let byte = (usize::from(self.index) << 7).div_ceil(Self::TABLE.len());
                bytes.push(u8::try_from(byte).expect("an index is below the table's length"));
            }

            fn draw<D: $crate::dice::Dice>(dice: &mut D) -> Self {
                let index = dice.below(Self::TABLE.len() as u64) as u8;
                $(
                    if index > 0 && dice.below($many) > 0 {
                        return $Name { index: 0 };
                    }
                )?
                $Name { index }
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

            /// Values near zero are simpler; a positive value is simpler than its negative.
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

            fn takes(name: &str) -> String {
                format!("{name}=<number>")
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
                    word.error(format!("{name} must be one of {}", known.join(", ")))
                })
            }
        }
    };
}
