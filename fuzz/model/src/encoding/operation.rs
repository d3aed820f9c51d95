//! Operations: the kinds of a target, as one table, and the macro that writes it.
//!
//! Invariants:
//!
//! * A kind's number is its place in the table; the table only grows.
//! * Kind 0 is the one that builds state; the seeded generator never leaves it out.

use super::argument::{ArgumentBytes, Arguments};
use super::header::Setting;
use super::key::Key;
use super::landmark::Landmark;
use super::text::{TextError, Words};
use super::{SLOTS, SLOTS_EXACT};
use crate::dice::Dice;
use crate::keys::{Ends, Keys};

/// One decoded operation of a target: one line of text.
pub trait Operation: Copy + PartialEq + std::fmt::Debug + 'static {
    /// The settings of the target, the common ones first.
    const SETTINGS: &'static [Setting];

    /// Every kind, by number.
    const KINDS: &'static [Kind];

    /// For each mix, the kind of each slot.
    const MIXES: &'static [[u8; SLOTS]];

    /// The number of its kind.
    fn kind(&self) -> usize;

    /// The operation of kind number `kind` with these arguments.
    ///
    /// # Panics
    ///
    /// If there is no such kind.
    fn decode(kind: usize, arguments: &mut Arguments<'_>) -> Self;

    /// Writes its arguments.
    fn encode(&self, bytes: &mut ArgumentBytes);

    /// The same operation with literal keys; `ends` knows where tables start and stop.
    #[must_use]
    fn resolve(&self, keys: &mut Keys, ends: Ends<'_>) -> Self;

    /// Draws the arguments for an operation of kind number `kind`.
    ///
    /// # Panics
    ///
    /// If there is no such kind.
    fn draw<D: Dice>(kind: usize, dice: &mut D) -> Self;

    /// The same operation with one argument, any of them, changed a little; itself without arguments.
    #[must_use]
    fn nudge<D: Dice>(&self, dice: &mut D) -> Self;

    /// How much there is to read in its arguments: the sum of theirs.
    fn complexity(&self) -> u128;

    /// Appends to `out` the same operation with one argument simpler: for each argument in turn, the
    /// simplest first.
    fn simpler(&self, out: &mut Vec<Self>);

    /// The same operation with `map` applied to each of its keys.
    #[must_use]
    fn map_keys(&self, map: &mut dyn FnMut(Key) -> Key) -> Self;

    /// Its key; of several, the first.
    fn key(&self) -> Option<Key>;

    /// The same operation with `key` for each of its keys.
    #[must_use]
    fn with_key(&self, key: Key) -> Self;

    /// The same operation with `landmark` for each of its keys that may be one.
    #[must_use]
    fn with_landmark(&self, landmark: Landmark) -> Self;

    /// Prints its arguments, each behind a space.
    fn print(&self, out: &mut String);

    /// The operation of kind number `kind` with the arguments that a line gives.
    ///
    /// # Errors
    ///
    /// The first argument that is malformed.
    ///
    /// # Panics
    ///
    /// If there is no such kind.
    fn parse(kind: usize, words: &mut Words<'_>) -> Result<Self, TextError>;
}

/// One kind of operation.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its number and exact slot.
    pub number: u8,
    /// The word that starts its line.
    pub name: &'static str,
    /// What it is for, to the mixes.
    pub family: Family,
    /// Its share of the weighted slots in the even mix, against the others' weights.
    pub weight: u8,
}

/// What a kind of operation is for. A mix weighs families against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Writes one record.
    Write,
    /// Reads.
    Read,
    /// Removes one record.
    Remove,
    /// Many of the above in one operation.
    Run,
    /// Opens or closes a scope.
    Scope,
    /// Changes the structure: compacts, moves, checkpoints, resets.
    Structure,
}

/// The mixes by name. The choices of the setting `mix`; append-only.
pub const MIX_NAMES: [&str; MIX_COUNT] =
    ["even", "writes", "reads", "removes", "scopes", "structure", "runs", "singles"];

const MIX_COUNT: usize = 8;

/// How much a mix multiplies the weight of each family, in the order of [`Family`].
const MIX_FACTORS: [[u32; 6]; MIX_COUNT] = [
    [4, 4, 4, 4, 4, 4],
    [12, 2, 2, 4, 2, 2],
    [4, 12, 2, 4, 2, 2],
    [6, 3, 14, 4, 3, 2],
    [4, 3, 4, 3, 14, 2],
    [4, 4, 3, 4, 3, 14],
    [3, 3, 3, 14, 4, 4],
    [4, 4, 4, 0, 4, 4],
];

/// The kind of each slot in each mix: exact slots first, the rest dealt by weight.
///
/// # Panics
///
/// At compile time, if the table of kinds breaks its invariants.
#[must_use]
pub const fn deal_slots(kinds: &[Kind]) -> [[u8; SLOTS]; MIX_COUNT] {
    assert!(!kinds.is_empty() && kinds.len() <= SLOTS_EXACT);
    let mut mixes = [[0; SLOTS]; MIX_COUNT];
    let mut mix = 0;
    while mix < MIX_COUNT {
        let mut total = 0;
        let mut kind = 0;
        while kind < kinds.len() {
            assert!(kinds[kind].number as usize == kind, "kinds stand in the order of numbers");
            mixes[mix][kind] = kind as u8;
            total += weight(&kinds[kind], mix);
            kind += 1;
        }
        assert!(total > 0);
        // Slot after slot goes to the kind whose share of the total the slot's middle falls in.
        let dealt = SLOTS - SLOTS_EXACT;
        let mut slot = 0;
        while slot < dealt {
            let mut point = (2 * slot as u32 + 1) * total / (2 * dealt as u32);
            let mut kind = 0;
            while point >= weight(&kinds[kind], mix) {
                point -= weight(&kinds[kind], mix);
                kind += 1;
            }
            mixes[mix][SLOTS_EXACT + slot] = kind as u8;
            slot += 1;
        }
        // Exact slots without a kind yet are spread over the weighted ones.
        let mut slot = kinds.len();
        while slot < SLOTS_EXACT {
            mixes[mix][slot] = mixes[mix][SLOTS_EXACT + slot * dealt / SLOTS_EXACT];
            slot += 1;
        }
        mix += 1;
    }
    mixes
}

const fn weight(kind: &Kind, mix: usize) -> u32 {
    kind.weight as u32 * MIX_FACTORS[mix][kind.family as usize]
}

/// Declares the operations of a target, behind its own settings (those that every target has come
/// before them).
///
/// Each row: its documentation, its number, the word that starts its line of text, family, weight,
/// and the variant with its arguments. The rows say all that the encodings, the generator and the
/// dictionary know.
#[macro_export]
macro_rules! operations {
    (
        settings [$($setting:expr),* $(,)?];
        $(#[$meta:meta])*
        pub enum $Name:ident {
            $(
                $(#[$about:meta])+
                $number:literal $text:literal $family:ident $weight:literal
                    => $Variant:ident $({ $($field:ident: $Type:ty),+ })?
            ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum $Name {
            $(
                $(#[$about])+
                $Variant $({ $(
                    #[expect(missing_docs, reason = "the variant's documentation names them")]
                    $field: $Type
                ),+ })?
            ),+
        }

        impl $crate::encoding::Operation for $Name {
            const SETTINGS: &'static [$crate::encoding::Setting] = &[
                $crate::encoding::input::setting::COMMON[0],
                $crate::encoding::input::setting::COMMON[1],
                $crate::encoding::input::setting::COMMON[2],
                $($setting),*
            ];

            const KINDS: &'static [$crate::encoding::Kind] = &[
                $($crate::encoding::Kind {
                    number: $number,
                    name: $text,
                    family: $crate::encoding::Family::$family,
                    weight: $weight,
                }),+
            ];

            const MIXES: &'static [[u8; $crate::encoding::SLOTS]] =
                &$crate::encoding::operation::deal_slots(Self::KINDS);

            #[inline]
            fn kind(&self) -> usize {
                match self {
                    $($Name::$Variant $({ $($field: _),+ })? => $number),+
                }
            }

            #[inline]
            fn decode(kind: usize, arguments: &mut $crate::encoding::Arguments<'_>) -> Self {
                let _ = &arguments;
                match kind {
                    $($number => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::decode(arguments)),+
                    })?,)+
                    _ => panic!("encoding: no operation kind {kind}"),
                }
            }

            fn encode(&self, bytes: &mut $crate::encoding::ArgumentBytes) {
                let _ = &bytes;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        $($($crate::encoding::Argument::encode($field, bytes);)+)?
                    })+
                }
            }

            #[inline]
            fn resolve(&self, keys: &mut $crate::keys::Keys, ends: $crate::keys::Ends<'_>) -> Self {
                let _ = (&keys, ends);
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::resolve($field, keys, ends)),+
                    })?,)+
                }
            }

            fn draw<D: $crate::dice::Dice>(kind: usize, dice: &mut D) -> Self {
                let _ = &dice;
                match kind {
                    $($number => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::draw(dice)),+
                    })?,)+
                    _ => panic!("encoding: no operation kind {kind}"),
                }
            }

            fn nudge<D: $crate::dice::Dice>(&self, dice: &mut D) -> Self {
                let _ = &dice;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        $(let mut pick = $crate::dice::Dice::below(
                            dice,
                            [$(stringify!($field)),+].len() as u64,
                        );)?
                        $Name::$Variant $({
                            $($field: $crate::encoding::argument::nudge_when_picked(
                                $field, &mut pick, dice,
                            )),+
                        })?
                    })+
                }
            }

            fn complexity(&self) -> u128 {
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        0 $($(+ $crate::encoding::Argument::complexity($field))+)?
                    })+
                }
            }

            // An enumeration of one kind is always that kind.
            #[allow(irrefutable_let_patterns, reason = "right for more kinds than one")]
            fn simpler(&self, out: &mut Vec<Self>) {
                let _ = &out;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        $($($crate::encoding::argument::each_simpler($field, |value| {
                            let mut simpler = *self;
                            if let $Name::$Variant { $field: place, .. } = &mut simpler {
                                *place = value;
                            }
                            out.push(simpler);
                        });)+)?
                    })+
                }
            }

            fn map_keys(
                &self,
                map: &mut dyn FnMut($crate::encoding::Key) -> $crate::encoding::Key,
            ) -> Self {
                let _ = &map;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => $Name::$Variant $({
                        $($field: match $crate::encoding::Argument::key($field) {
                            Some(key) => $crate::encoding::Argument::with_key($field, map(key)),
                            None => $field,
                        }),+
                    })?,)+
                }
            }

            fn key(&self) -> Option<$crate::encoding::Key> {
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        None $($(.or_else(|| $crate::encoding::Argument::key($field)))+)?
                    })+
                }
            }

            fn with_key(&self, key: $crate::encoding::Key) -> Self {
                let _ = &key;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::with_key($field, key)),+
                    })?,)+
                }
            }

            fn with_landmark(&self, landmark: $crate::encoding::Landmark) -> Self {
                let _ = &landmark;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::with_landmark($field, landmark)),+
                    })?,)+
                }
            }

            fn print(&self, out: &mut String) {
                let _ = &out;
                match *self {
                    $($Name::$Variant $({ $($field),+ })? => {
                        $($($crate::encoding::Argument::print($field, stringify!($field), out);)+)?
                    })+
                }
            }

            fn parse(
                kind: usize,
                words: &mut $crate::encoding::text::Words<'_>,
            ) -> Result<Self, $crate::encoding::TextError> {
                let _ = &words;
                Ok(match kind {
                    $($number => $Name::$Variant $({
                        $($field: $crate::encoding::Argument::parse(stringify!($field), words)?),+
                    })?,)+
                    _ => panic!("encoding: no operation kind {kind}"),
                })
            }
        }
    };
}
