//! Keys at the ends of tables. They make ranges that begin or end where a table does.
//!
//! Invariants:
//!
//! * Every class of landmarks, followed by any argument byte, decodes to a landmark, which encodes
//!   to the same bytes.
//! * If a level has fewer tables than the number says, the number wraps around. If it has none, the
//!   key is a hot one.
//!
//! The world knows which key a landmark is ([`crate::keys::Ends`]).

use super::bytes::{ArgumentBytes, Arguments};
use super::key::LANDMARK;
use super::number::smaller;
use crate::dice::Dice;

/// Levels that have landmarks.
const LEVELS: u8 = 7;
/// How many tables of a level can be named.
const TABLES: u8 = 128;

/// Number of classes of landmarks: both ends of a table, for each level.
pub(super) const CLASSES: u8 = 2 * LEVELS;

/// An end of a table of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landmark {
    /// Whether this is the table's last key, rather than its first.
    pub is_last: bool,
    /// The level, below 7.
    pub level: u8,
    /// The table's place in its level, in the order of the keys; below 128.
    pub table: u8,
}

impl Landmark {
    /// The number of its class among the classes of landmarks, below [`CLASSES`].
    pub(crate) fn class(self) -> u8 {
        2 * self.level + u8::from(self.is_last)
    }

    /// Takes the class and the table of a landmark, if the next byte is a class of landmarks.
    #[inline]
    pub(super) fn decode(arguments: &mut Arguments<'_>) -> Option<Self> {
        let class = arguments.peek().checked_sub(LANDMARK).filter(|class| *class < CLASSES)?;
        arguments.next_byte();
        let table = arguments.next_byte();
        Some(Landmark { is_last: class % 2 == 1, level: class / 2, table })
    }

    /// Writes bytes that decode to the landmark.
    pub(super) fn encode(self, bytes: &mut ArgumentBytes) {
        bytes.push(LANDMARK + self.class());
        bytes.push(self.table);
    }

    /// Draws a landmark. Upper levels are more likely, because they more often exist.
    pub(super) fn draw<D: Dice>(dice: &mut D) -> Self {
        let levels = 1 + dice.below(u64::from(LEVELS));
        Landmark {
            level: dice.below(levels) as u8,
            is_last: dice.below(2) == 1,
            table: dice.below(u64::from(TABLES)) as u8,
        }
    }

    /// A landmark that differs in the table, the level or the end.
    pub(super) fn neighbour<D: Dice>(self, dice: &mut D) -> Self {
        match dice.below(4) {
            0 => Landmark { is_last: !self.is_last, ..self },
            1 => Landmark { level: (self.level + 1) % LEVELS, ..self },
            2 => Landmark { table: (self.table + 1) % TABLES, ..self },
            _ => Landmark { table: (self.table + TABLES - 1) % TABLES, ..self },
        }
    }

    /// Its complexity among landmarks.
    pub(super) fn complexity(self) -> u16 {
        u16::from(self.class()) << 8 | u16::from(self.table)
    }

    /// Simpler landmarks, the simplest first.
    pub(super) fn simpler(self) -> impl Iterator<Item = Self> {
        let levels = 0..self.level;
        let tables = smaller(u64::from(self.table)).map(|table| table as u8);
        let first = self.is_last.then_some(Landmark { is_last: false, ..self });
        let upper = levels.map(move |level| Landmark { level, ..self });
        first.into_iter().chain(upper).chain(tables.map(move |table| Landmark { table, ..self }))
    }

    /// The landmark that `symbol` means, which is given without its `@`.
    pub(super) fn parse(symbol: &str) -> Option<Self> {
        let (end, place) = symbol.split_once(':')?;
        let is_last = match end {
            "first" => false,
            "last" => true,
            _ => return None,
        };
        let (level, table) = place.strip_prefix("level=")?.split_once(",table=")?;
        let below = |number: &str, bound: u8| number.parse().ok().filter(|number| *number < bound);
        Some(Landmark { is_last, level: below(level, LEVELS)?, table: below(table, TABLES)? })
    }
}

impl std::fmt::Display for Landmark {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = if self.is_last { "last" } else { "first" };
        write!(formatter, "{end}:level={},table={}", self.level, self.table)
    }
}
