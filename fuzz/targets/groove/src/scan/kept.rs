//! The rows, in the core and in the model.

use downbeat_lsm::groove::{self, Field, FieldValue, Groove};

use downbeat_model::scan as model;
use downbeat_model::scan::Condition;

downbeat_lsm::object! {
    /// An object with four indexes.
    pub struct Row {
        pub wide: u128 => index,
        pub text: u128,
        pub timestamp: u64 => timestamp,
        pub rare: u64 => index,
        pub common: u32 => index,
        pub mark: u32 => optional,
        pub stamp: u64,
    }
}

/// The trees of the store.
pub(super) type Rows = Groove<Row>;

impl Row {
    pub(super) fn of(model: &model::Row) -> Self {
        let model::Row { wide, text, timestamp, rare, common, mark, stamp } = *model;
        Self { wide, text, timestamp, rare, common, mark, stamp }
    }

    pub(super) fn model(&self) -> model::Row {
        let Self { wide, text, timestamp, rare, common, mark, stamp } = *self;
        model::Row { wide, text, timestamp, rare, common, mark, stamp }
    }
}

/// A condition, in the core.
pub(super) fn condition(model: &Condition) -> groove::Condition<Row> {
    match model {
        Condition::Equals(field, _) | Condition::Within(field, ..) => match *field {
            model::Row::WIDE => on(Row::wide, model),
            model::Row::RARE => on(Row::rare, model),
            model::Row::COMMON => on(Row::common, model),
            model::Row::MARK => on(Row::mark, model),
            _ => on(Row::text, model),
        },
        Condition::Or(one, other) => condition(one).or(condition(other)),
        Condition::And(one, other) => condition(one).and(condition(other)),
        Condition::AndNot(one, other) => condition(one).and_not(condition(other)),
    }
}

/// The condition on one field.
fn on<V: FieldValue + TryFrom<u128>>(
    field: Field<Row, V>,
    condition: &Condition,
) -> groove::Condition<Row> {
    let value = |number: u128| {
        let Ok(value) = V::try_from(number) else { panic!("scan: {number} is no such value") };
        value
    };
    match condition {
        Condition::Equals(_, number) => field.equals(value(*number)),
        Condition::Within(_, min, max) => field.within(value(*min), value(*max)),
        other => unreachable!("scan: {other:?} names no field"),
    }
}
