//! The types of the arguments of operations.
//!
//! Invariants:
//!
//! * Every sequence of seven-bit bytes, even an empty one, decodes to a value; a missing byte is
//!   zero.
//! * `decode` of the bytes that `encode` writes for a value returns this value.

use super::bytes::{ArgumentBytes, Arguments};
use super::key::Key;
use super::landmark::Landmark;
use super::text::{TextError, Words};
use crate::dice::Dice;
use crate::keys::{Ends, Keys};

/// The type of one argument of an operation.
pub trait Argument: Copy + PartialEq + std::fmt::Debug {
    /// Reads the argument, and only its own bytes.
    fn decode(arguments: &mut Arguments<'_>) -> Self;

    /// Writes bytes that decode to `self`.
    fn encode(self, bytes: &mut ArgumentBytes);

    /// Returns the argument with every symbol replaced by its present literal.
    #[must_use]
    fn resolve(self, _keys: &mut Keys, _ends: Ends<'_>) -> Self {
        self
    }

    /// Draws a value, as the seeded generator does.
    fn draw<D: Dice>(dice: &mut D) -> Self;

    /// A value similar to this one: usually a neighbour, sometimes any other.
    #[must_use]
    fn nudge<D: Dice>(self, dice: &mut D) -> Self;

    /// How complex the value is to read; lower is simpler. It orders the values of a type, and an
    /// operation adds up the complexities of its arguments.
    fn complexity(self) -> u128;

    /// Appends simpler values to `out`, the simplest first: the values worth trying, not all.
    fn simpler(self, out: &mut Vec<Self>);

    /// The key, if the argument is one.
    fn key(self) -> Option<Key> {
        None
    }

    /// `key`, if the argument is a key; otherwise the argument itself.
    #[must_use]
    fn with_key(self, _key: Key) -> Self {
        self
    }

    /// `landmark`, if the argument may be one; otherwise the argument itself.
    #[must_use]
    fn with_landmark(self, _landmark: Landmark) -> Self {
        self
    }

    /// Prints a space and the argument. `name` is its name in the operation.
    fn print(self, name: &str, out: &mut String);

    /// Returns the form of the argument in a line of text, with a placeholder for the value. `name`
    /// is its name in the operation.
    fn takes(name: &str) -> String;

    /// Takes the argument from the words of a line.
    ///
    /// # Errors
    ///
    /// The word that is not a value of this type, with its column.
    fn parse(name: &str, words: &mut Words<'_>) -> Result<Self, TextError>;
}

/// Calls `take` with each simpler value of an argument.
pub fn each_simpler<A: Argument>(argument: A, mut take: impl FnMut(A)) {
    let mut values = Vec::new();
    argument.simpler(&mut values);
    for value in values {
        debug_assert!(value.complexity() < argument.complexity(), "{value:?} for {argument:?}");
        take(value);
    }
}

/// Nudges the argument if `pick` is zero, and decrements `pick`. If it is called for each argument
/// of an operation in turn, only argument number `pick` changes.
pub fn nudge_when_picked<A: Argument, D: Dice>(argument: A, pick: &mut u64, dice: &mut D) -> A {
    let picked = *pick == 0;
    *pick = pick.wrapping_sub(1);
    if picked { argument.nudge(dice) } else { argument }
}
