//! The two types of objects, in the core and in the model.

use downbeat_lsm::groove::{self, FieldValue, Groove, Object, ObjectKey};

use super::tested::{Side, Sides};
use downbeat_model::groove as model;
use downbeat_model::groove::{Condition, Stored};

downbeat_lsm::object! {
    /// An object with a field of each kind, and a derived index.
    pub struct Thing {
        pub owner: u128 => index,
        pub id: u128 => primary,
        pub timestamp: u64 => timestamp,
        pub code: u64 => unique,
        pub kind: u64 => index,
        pub mark: u32 => optional,
        pub flag: u16 => optional,
        pub text: u16,
    }

    derived {
        /// The kind of a thing with an even flag, but at most 3.
        rank: u16 => |thing| (thing.flag % 2 == 0).then(|| thing.kind.min(3) as u16),
    }
}

downbeat_lsm::object! {
    /// An object whose primary key is its timestamp.
    pub struct Tick {
        pub timestamp: u64 => timestamp,
        pub tag: u32 => index,
        pub text: u32,
    }
}

/// The grooves of the store.
pub(super) type Grooves = (Groove<Thing>, Groove<Tick>);

/// A key by which an object is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Primary(u128),
    Timestamp(u64),
    Code(u64),
}

/// An object of a groove, with a model.
pub(super) trait Kept: Object {
    type Model: Stored;

    /// Whether the primary key is the timestamp.
    const PRIMARY_IS_TIMESTAMP: bool;

    fn of(model: &Self::Model) -> Self;

    fn model(&self) -> Self::Model;

    fn groove(grooves: &mut Grooves) -> &mut Groove<Self>;

    fn side(sides: &mut Sides) -> &mut Side<Self::Model>;

    fn object_key(name: Name) -> ObjectKey<Self>;

    /// Converts a condition on one field, which it names by its number.
    fn simple(condition: &Condition) -> groove::Condition<Self>;

    fn condition(condition: &Condition) -> groove::Condition<Self> {
        match condition {
            Condition::Equals(..) | Condition::Within(..) => Self::simple(condition),
            Condition::Or(one, other) => Self::condition(one).or(Self::condition(other)),
            Condition::And(one, other) => Self::condition(one).and(Self::condition(other)),
            Condition::AndNot(one, other) => Self::condition(one).and_not(Self::condition(other)),
        }
    }
}

/// Converts a condition on one field to a condition on `field`.
fn on<O: Object, V: FieldValue + TryFrom<u128>>(
    field: groove::Field<O, V>,
    condition: &Condition,
) -> groove::Condition<O> {
    let value = |number: u128| {
        let Ok(value) = V::try_from(number) else {
            panic!("groove: {number} must be a value of the field")
        };
        value
    };
    match condition {
        Condition::Equals(_, number) => field.equals(value(*number)),
        Condition::Within(_, min, max) => field.within(value(*min), value(*max)),
        other => unreachable!("groove: {other:?} names no field"),
    }
}

/// The field that a condition names.
fn field_of(condition: &Condition) -> usize {
    match condition {
        Condition::Equals(field, _) | Condition::Within(field, ..) => *field,
        other => unreachable!("groove: {other:?} names no field"),
    }
}

impl Kept for Thing {
    type Model = model::Thing;

    const PRIMARY_IS_TIMESTAMP: bool = false;

    fn of(model: &model::Thing) -> Self {
        let model::Thing { owner, id, timestamp, code, kind, mark, flag, text } = *model;
        Self { owner, id, timestamp, code, kind, mark, flag, text }
    }

    fn model(&self) -> model::Thing {
        let Self { owner, id, timestamp, code, kind, mark, flag, text } = *self;
        model::Thing { owner, id, timestamp, code, kind, mark, flag, text }
    }

    fn groove(grooves: &mut Grooves) -> &mut Groove<Self> {
        &mut grooves.0
    }

    fn side(sides: &mut Sides) -> &mut Side<model::Thing> {
        &mut sides.things
    }

    fn object_key(name: Name) -> ObjectKey<Self> {
        match name {
            Name::Primary(id) => ObjectKey::primary(id),
            Name::Timestamp(timestamp) => ObjectKey::timestamp(timestamp),
            Name::Code(code) => ObjectKey::unique(Self::code, code),
        }
    }

    fn simple(condition: &Condition) -> groove::Condition<Self> {
        match field_of(condition) {
            model::Thing::OWNER => on(Self::owner, condition),
            model::Thing::ID => on(Self::id, condition),
            model::Thing::TIMESTAMP => on(Self::timestamp, condition),
            model::Thing::CODE => on(Self::code, condition),
            model::Thing::KIND => on(Self::kind, condition),
            model::Thing::MARK => on(Self::mark, condition),
            model::Thing::FLAG => on(Self::flag, condition),
            model::Thing::RANK => on(Self::rank, condition),
            _ => on(Self::text, condition),
        }
    }
}

impl Kept for Tick {
    type Model = model::Tick;

    const PRIMARY_IS_TIMESTAMP: bool = true;

    fn of(model: &model::Tick) -> Self {
        let model::Tick { timestamp, tag, text } = *model;
        Self { timestamp, tag, text }
    }

    fn model(&self) -> model::Tick {
        let Self { timestamp, tag, text } = *self;
        model::Tick { timestamp, tag, text }
    }

    fn groove(grooves: &mut Grooves) -> &mut Groove<Self> {
        &mut grooves.1
    }

    fn side(sides: &mut Sides) -> &mut Side<model::Tick> {
        &mut sides.ticks
    }

    fn object_key(name: Name) -> ObjectKey<Self> {
        match name {
            Name::Primary(primary) => ObjectKey::primary(primary),
            Name::Timestamp(timestamp) => ObjectKey::timestamp(timestamp),
            Name::Code(code) => unreachable!("groove: a tick has no code ({code})"),
        }
    }

    fn simple(condition: &Condition) -> groove::Condition<Self> {
        on(Self::tag, condition)
    }
}
