//! What the encodings, the generator, the mutators and the shrinker know of an operation.

use super::SLOTS;
use super::bytes::{ArgumentBytes, Arguments};
use super::key::Key;
use super::kind::Kind;
use super::landmark::Landmark;
use super::setting::Setting;
use super::text::{TextError, Words};
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

    /// The arguments of operations of kind number `kind` as a line of text has them, in order, with
    /// placeholders for the values; empty without arguments.
    ///
    /// # Panics
    ///
    /// If there is no such kind.
    fn takes(kind: usize) -> String;

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
