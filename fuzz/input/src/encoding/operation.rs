//! The interface of an operation to the encodings, the generator, the mutators and the shrinker.

use super::SLOTS;
use super::bytes::{ArgumentBytes, Arguments};
use super::key::Key;
use super::kind::Kind;
use super::landmark::Landmark;
use super::setting::Setting;
use super::text::{TextError, Words};
use crate::dice::Dice;
use crate::keys::{Ends, Keys};

/// One decoded operation of a target, which is one line of text.
pub trait Operation: Copy + PartialEq + std::fmt::Debug + 'static {
    /// The version of the encoding since which the bytes of an input of this target have their
    /// present meaning.
    const SINCE: u32 = 1;

    /// The settings of the target; the common ones come first.
    const SETTINGS: &'static [Setting];

    /// Every kind, in the order of the numbers.
    const KINDS: &'static [Kind];

    /// For each mix, the kind of each slot.
    const MIXES: &'static [[u8; SLOTS]];

    /// The number of the operation's kind.
    fn kind(&self) -> usize;

    /// Decodes an operation of kind number `kind`.
    ///
    /// # Panics
    ///
    /// If there is no such kind.
    fn decode(kind: usize, arguments: &mut Arguments<'_>) -> Self;

    /// Writes the arguments.
    fn encode(&self, bytes: &mut ArgumentBytes);

    /// The same operation with literal keys. `ends` returns the keys at the ends of tables.
    #[must_use]
    fn resolve(&self, keys: &mut Keys, ends: Ends<'_>) -> Self;

    /// Draws an operation of kind number `kind`.
    ///
    /// # Panics
    ///
    /// If there is no such kind.
    fn draw<D: Dice>(kind: usize, dice: &mut D) -> Self;

    /// The same operation with one argument changed a little. Without arguments, the operation
    /// itself.
    #[must_use]
    fn nudge<D: Dice>(&self, dice: &mut D) -> Self;

    /// How complex the arguments are to read: the sum of their complexities.
    fn complexity(&self) -> u128;

    /// Appends to `out` the same operation with one argument simpler: for each argument in turn,
    /// the simplest value first.
    fn simpler(&self, out: &mut Vec<Self>);

    /// The same operation with `map` applied to each of its keys.
    #[must_use]
    fn map_keys(&self, map: &mut dyn FnMut(Key) -> Key) -> Self;

    /// The operation's key; if it has several, the first.
    fn key(&self) -> Option<Key>;

    /// The same operation with `key` in place of each key.
    #[must_use]
    fn with_key(&self, key: Key) -> Self;

    /// The same operation with `landmark` in place of each key that may be a landmark.
    #[must_use]
    fn with_landmark(&self, landmark: Landmark) -> Self;

    /// Prints the arguments, each after a space.
    fn print(&self, out: &mut String);

    /// Returns the form of the arguments of kind number `kind` in a line of text, in order, with
    /// placeholders for the values; empty without arguments.
    ///
    /// # Panics
    ///
    /// If there is no such kind.
    fn takes(kind: usize) -> String;

    /// Parses the arguments of an operation of kind number `kind` from a line.
    ///
    /// # Errors
    ///
    /// The first malformed argument.
    ///
    /// # Panics
    ///
    /// If there is no such kind.
    fn parse(kind: usize, words: &mut Words<'_>) -> Result<Self, TextError>;
}
