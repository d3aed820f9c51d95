//! Keys of a target that has tables: a [`Key`], or a [`Landmark`].
//!
//! Invariants:
//!
//! * The bytes of a key are those of a [`Key`]. The classes of landmarks are reserved in a [`Key`],
//!   where they mean hot keys.
//! * A resolved key is a literal.
//!
//! Landmarks are not part of [`Key`] because a fuzzer of a target without tables would then keep
//! inputs that differ only in bytes that mean the same: in `cache_map` that doubled the corpus, and
//! its inputs took a quarter more steps.

use super::argument::Argument;
use super::bytes::{ArgumentBytes, Arguments};
use super::key::{self, Key};
use super::landmark::Landmark;
use super::text::{TextError, Words};
use crate::dice::Dice;
use crate::keys::{Ends, Keys};

/// A key, or a landmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeKey {
    /// A key as in any target.
    Key(Key),
    /// The end of a table or block, or a live key; if there is none, one of the hot keys.
    Landmark(Landmark),
}

impl TreeKey {
    /// The key itself, after it was resolved.
    ///
    /// # Panics
    ///
    /// If the key is a symbol.
    #[inline]
    #[must_use]
    pub fn literal(self) -> u64 {
        match self {
            TreeKey::Key(key) => key.literal(),
            TreeKey::Landmark(landmark) => panic!("encoding: {landmark} was not resolved"),
        }
    }
}

impl Argument for TreeKey {
    #[inline]
    fn decode(arguments: &mut Arguments<'_>) -> Self {
        match Landmark::decode(arguments) {
            Some(landmark) => TreeKey::Landmark(landmark),
            None => TreeKey::Key(Key::decode(arguments)),
        }
    }

    fn encode(self, bytes: &mut ArgumentBytes) {
        match self {
            TreeKey::Key(key) => key.encode(bytes),
            TreeKey::Landmark(landmark) => landmark.encode(bytes),
        }
    }

    #[inline]
    fn resolve(self, keys: &mut Keys, ends: Ends<'_>) -> Self {
        TreeKey::Key(Key::Literal(match self {
            TreeKey::Key(key) => keys.resolve(key),
            TreeKey::Landmark(landmark) => keys.resolve_landmark(landmark, ends),
        }))
    }

    fn draw<D: Dice>(dice: &mut D) -> Self {
        let profile = *dice.profile();
        let landmark = u64::from(profile.landmark);
        if landmark > 0 && dice.below(u64::from(profile.total()) + landmark) < landmark {
            TreeKey::Landmark(Landmark::draw(dice))
        } else {
            TreeKey::Key(Key::draw(dice))
        }
    }

    fn nudge<D: Dice>(self, dice: &mut D) -> Self {
        if dice.below(4) == 0 {
            return TreeKey::draw(dice);
        }
        match self {
            TreeKey::Key(key) => TreeKey::Key(key.neighbour(dice)),
            TreeKey::Landmark(landmark) => TreeKey::Landmark(landmark.neighbour(dice)),
        }
    }

    fn complexity(self) -> u128 {
        match self {
            TreeKey::Key(key) => key.complexity(),
            TreeKey::Landmark(landmark) => key::symbol(5, landmark.complexity()),
        }
    }

    fn simpler(self, out: &mut Vec<Self>) {
        let mut keys = Vec::new();
        match self {
            TreeKey::Key(key) => key.simpler(&mut keys),
            TreeKey::Landmark(_) => Key::Literal(u64::MAX).simpler(&mut keys),
        }
        out.extend(keys.into_iter().map(TreeKey::Key));
        if let TreeKey::Landmark(landmark) = self {
            out.extend(landmark.simpler().into_iter().map(TreeKey::Landmark));
        }
    }

    fn key(self) -> Option<Key> {
        match self {
            TreeKey::Key(key) => Some(key),
            TreeKey::Landmark(_) => None,
        }
    }

    fn with_key(self, key: Key) -> Self {
        TreeKey::Key(key)
    }

    fn with_landmark(self, landmark: Landmark) -> Self {
        TreeKey::Landmark(landmark)
    }

    fn print(self, name: &str, out: &mut String) {
        match self {
            TreeKey::Key(key) => key.print(name, out),
            TreeKey::Landmark(landmark) => out.push_str(&format!(" @{landmark}")),
        }
    }

    fn takes(name: &str) -> String {
        format!("<{name}>")
    }

    fn parse(_name: &str, words: &mut Words<'_>) -> Result<Self, TextError> {
        let Some(word) = words.take_plain() else {
            return Ok(TreeKey::Key(Key::Gap { class: 0 }));
        };
        let landmark = word.text.strip_prefix('@').and_then(Landmark::parse);
        let key = || Key::parse_word(&word).map(TreeKey::Key);
        landmark.map(TreeKey::Landmark).or_else(key).ok_or_else(|| {
            let last = ", @extreme:max, @first:level=0,table=0, @live:0..13 or @block_last:0+1";
            word.error(Key::refusal(&word, last))
        })
    }
}
