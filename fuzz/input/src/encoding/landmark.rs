//! Keys that the world knows: the ends of tables and blocks, and live keys. They make ranges that
//! begin or end where a table, a block or a record does.
//!
//! Invariants:
//!
//! * Every class of landmarks, followed by any argument byte, decodes to an end of a table, which
//!   encodes to the same bytes.
//! * An [`Edge`] is encoded as a literal of two bytes whose second byte is zero. No canonical input
//!   has such a literal, because a key below 128 is a literal of one byte.
//! * If a level has fewer tables than the number says, the number wraps around. If there is no such
//!   table or record, the key is a hot one.
//!
//! The world knows which key a landmark is ([`crate::keys::Ends`]).

use super::bytes::{ArgumentBytes, Arguments};
use super::key::{LANDMARK, TWO_BYTES};
use super::number::smaller;
use crate::dice::Dice;

/// Levels that have landmarks.
const LEVELS: u8 = 7;
/// How many tables of a level can be named.
const TABLES: u8 = 128;

/// Number of classes of landmarks: both ends of a table, for each level.
pub(super) const CLASSES: u8 = 2 * LEVELS;

/// A key that the world knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landmark {
    /// An end of a table of a level.
    Table(TableEnd),
    /// A live key or an end of a block, or a key next to it.
    Edge(Edge),
}

/// An end of a table of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableEnd {
    /// Whether this is the table's last key, rather than its first.
    pub is_last: bool,
    /// The level, below 7.
    pub level: u8,
    /// The table's place in its level, in the order of the keys; below 128.
    pub table: u8,
}

impl Landmark {
    /// Which hot key the landmark is if there is no such table or record.
    pub(crate) fn class(self) -> u8 {
        match self {
            Landmark::Table(end) => end.class(),
            Landmark::Edge(edge) => edge.number,
        }
    }

    /// Takes a landmark, if the next bytes are one.
    #[inline]
    pub(super) fn decode(arguments: &mut Arguments<'_>) -> Option<Self> {
        TableEnd::decode(arguments)
            .map(Landmark::Table)
            .or_else(|| Edge::decode(arguments).map(Landmark::Edge))
    }

    /// Writes bytes that decode to the landmark.
    pub(super) fn encode(self, bytes: &mut ArgumentBytes) {
        match self {
            Landmark::Table(end) => end.encode(bytes),
            Landmark::Edge(edge) => edge.encode(bytes),
        }
    }

    /// Draws a landmark.
    #[must_use]
    pub fn draw<D: Dice>(dice: &mut D) -> Self {
        if dice.below(2) == 0 {
            Landmark::Table(TableEnd::draw(dice))
        } else {
            Landmark::Edge(Edge::numbered(dice.below(u64::from(EDGES)) as u8))
        }
    }

    /// A landmark that differs a little.
    pub(super) fn neighbour<D: Dice>(self, dice: &mut D) -> Self {
        match self {
            Landmark::Table(end) => Landmark::Table(end.neighbour(dice)),
            Landmark::Edge(edge) => Landmark::Edge(edge.neighbour(dice)),
        }
    }

    /// Its complexity among landmarks.
    pub(super) fn complexity(self) -> u16 {
        match self {
            Landmark::Table(end) => end.complexity(),
            Landmark::Edge(edge) => u16::from(CLASSES) << 8 | u16::from(edge.code()),
        }
    }

    /// Simpler landmarks, the simplest first.
    pub(super) fn simpler(self) -> Vec<Self> {
        match self {
            Landmark::Table(end) => end.simpler().map(Landmark::Table).collect(),
            Landmark::Edge(edge) => {
                let codes = smaller(u64::from(edge.code()));
                codes.map(|code| Landmark::Edge(Edge::numbered(code as u8))).collect()
            }
        }
    }

    /// The landmark that `symbol` means, which is given without its `@`.
    pub(super) fn parse(symbol: &str) -> Option<Self> {
        let end = TableEnd::parse(symbol).map(Landmark::Table);
        end.or_else(|| Edge::parse(symbol).map(Landmark::Edge))
    }
}

impl std::fmt::Display for Landmark {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Landmark::Table(end) => end.fmt(formatter),
            Landmark::Edge(edge) => edge.fmt(formatter),
        }
    }
}

impl TableEnd {
    /// The number of its class among the classes of landmarks, below [`CLASSES`].
    fn class(self) -> u8 {
        2 * self.level + u8::from(self.is_last)
    }

    /// Takes the class and the table of a landmark, if the next byte is a class of landmarks.
    #[inline]
    fn decode(arguments: &mut Arguments<'_>) -> Option<Self> {
        let class = arguments.peek().checked_sub(LANDMARK).filter(|class| *class < CLASSES)?;
        arguments.next_byte();
        let table = arguments.next_byte();
        Some(TableEnd { is_last: class % 2 == 1, level: class / 2, table })
    }

    /// Writes bytes that decode to the landmark.
    fn encode(self, bytes: &mut ArgumentBytes) {
        bytes.push(LANDMARK + self.class());
        bytes.push(self.table);
    }

    /// Draws a landmark. Upper levels are more likely, because they more often exist.
    fn draw<D: Dice>(dice: &mut D) -> Self {
        let levels = 1 + dice.below(u64::from(LEVELS));
        TableEnd {
            level: dice.below(levels) as u8,
            is_last: dice.below(2) == 1,
            table: dice.below(u64::from(TABLES)) as u8,
        }
    }

    /// A landmark that differs in the table, the level or the end.
    fn neighbour<D: Dice>(self, dice: &mut D) -> Self {
        match dice.below(4) {
            0 => TableEnd { is_last: !self.is_last, ..self },
            1 => TableEnd { level: (self.level + 1) % LEVELS, ..self },
            2 => TableEnd { table: (self.table + 1) % TABLES, ..self },
            _ => TableEnd { table: (self.table + TABLES - 1) % TABLES, ..self },
        }
    }

    /// Its complexity among landmarks.
    fn complexity(self) -> u16 {
        u16::from(self.class()) << 8 | u16::from(self.table)
    }

    /// Simpler landmarks, the simplest first.
    fn simpler(self) -> impl Iterator<Item = Self> {
        let levels = 0..self.level;
        let tables = smaller(u64::from(self.table)).map(|table| table as u8);
        let first = self.is_last.then_some(TableEnd { is_last: false, ..self });
        let upper = levels.map(move |level| TableEnd { level, ..self });
        first.into_iter().chain(upper).chain(tables.map(move |table| TableEnd { table, ..self }))
    }

    /// The landmark that `symbol` means, which is given without its `@`.
    fn parse(symbol: &str) -> Option<Self> {
        let (end, place) = symbol.split_once(':')?;
        let is_last = match end {
            "first" => false,
            "last" => true,
            _ => return None,
        };
        let (level, table) = place.strip_prefix("level=")?.split_once(",table=")?;
        let below = |number: &str, bound: u8| number.parse().ok().filter(|number| *number < bound);
        Some(TableEnd { is_last, level: below(level, LEVELS)?, table: below(table, TABLES)? })
    }
}

impl std::fmt::Display for TableEnd {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = if self.is_last { "last" } else { "first" };
        write!(formatter, "{end}:level={},table={}", self.level, self.table)
    }
}

/// How many live keys, and how many blocks, can be named.
pub const PLACES: u8 = 14;

/// The number of edges: three kinds, each with three distances.
const EDGES: u8 = 3 * PLACES * 3;

/// What an edge is next to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// A live key.
    Live,
    /// The first key of a value block.
    BlockFirst,
    /// The last key of a value block.
    BlockLast,
}

impl EdgeKind {
    const ALL: [EdgeKind; 3] = [EdgeKind::Live, EdgeKind::BlockFirst, EdgeKind::BlockLast];

    fn name(self) -> &'static str {
        match self {
            EdgeKind::Live => "live",
            EdgeKind::BlockFirst => "block_first",
            EdgeKind::BlockLast => "block_last",
        }
    }
}

/// A live key or an end of a value block, or a key next to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// What the edge is next to.
    pub kind: EdgeKind,
    /// Which of [`PLACES`] places, evenly spread over all that there are.
    pub number: u8,
    /// The distance: -1, 0 or 1.
    pub distance: i8,
}

impl Edge {
    /// The place among `count` that the edge means; `None` if `count` is 0.
    #[must_use]
    pub fn place(self, count: usize) -> Option<usize> {
        (count > 0).then(|| usize::from(self.number) * count / usize::from(PLACES))
    }

    fn numbered(code: u8) -> Self {
        let kind = EdgeKind::ALL[usize::from(code / (3 * PLACES))];
        let distance = [0, 1, -1][usize::from(code % 3)];
        Edge { kind, number: code / 3 % PLACES, distance }
    }

    fn code(self) -> u8 {
        let distance = if self.distance < 0 { 2 } else { self.distance as u8 };
        (self.kind as u8 * PLACES + self.number) * 3 + distance
    }

    #[inline]
    fn decode(arguments: &mut Arguments<'_>) -> Option<Self> {
        if arguments.peek() != TWO_BYTES {
            return None;
        }
        let mut ahead = *arguments;
        let [_, code, end] = [(); 3].map(|()| ahead.next_byte());
        (code < EDGES && end == 0).then(|| {
            *arguments = ahead;
            Edge::numbered(code)
        })
    }

    fn encode(self, bytes: &mut ArgumentBytes) {
        [TWO_BYTES, self.code(), 0].into_iter().for_each(|byte| bytes.push(byte));
    }

    fn neighbour<D: Dice>(self, dice: &mut D) -> Self {
        let step = [1, 3, EDGES - 1, EDGES - 3, 3 * PLACES][dice.below(5) as usize];
        let code = u16::from(self.code()) + u16::from(step);
        Edge::numbered((code % u16::from(EDGES)) as u8)
    }

    fn parse(symbol: &str) -> Option<Self> {
        let (name, place) = symbol.split_once(':')?;
        let kind = EdgeKind::ALL.into_iter().find(|kind| kind.name() == name)?;
        let (number, distance) = match (place.strip_suffix("+1"), place.strip_suffix("-1")) {
            (Some(number), _) => (number, 1),
            (None, Some(number)) => (number, -1),
            (None, None) => (place, 0),
        };
        let number = number.parse().ok().filter(|number| *number < PLACES)?;
        Some(Edge { kind, number, distance })
    }
}

impl std::fmt::Display for Edge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Edge { kind, number, distance } = self;
        write!(formatter, "{}:{number}", kind.name())?;
        if *distance == 0 { Ok(()) } else { write!(formatter, "{distance:+}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge_is_encoded_decoded_printed_and_parsed() {
        for code in 0..EDGES {
            let edge = Edge::numbered(code);
            assert_eq!(edge.code(), code);
            assert_eq!(Edge::parse(&edge.to_string()), Some(edge));
            let mut bytes = ArgumentBytes::new();
            edge.encode(&mut bytes);
            let mut arguments = Arguments::new(bytes.without_trailing_zeros());
            assert_eq!(Landmark::decode(&mut arguments), Some(Landmark::Edge(edge)));
        }
    }

    #[test]
    fn a_literal_of_two_bytes_is_no_edge_if_its_second_byte_is_not_zero() {
        assert_eq!(Landmark::decode(&mut Arguments::new(&[TWO_BYTES, 5, 1])), None);
        assert_eq!(Landmark::decode(&mut Arguments::new(&[TWO_BYTES, EDGES, 0])), None);
        assert_eq!(Landmark::decode(&mut Arguments::new(&[TWO_BYTES - 1, 5])), None);
    }

    #[test]
    fn edges_are_spread_over_all_places() {
        let place = |number, count| Edge { kind: EdgeKind::Live, number, distance: 0 }.place(count);
        assert_eq!(
            [place(0, 0), place(0, 28), place(1, 28), place(13, 28)],
            [None, Some(0), Some(2), Some(26)]
        );
        assert_eq!(place(13, 1), Some(0));
    }
}
