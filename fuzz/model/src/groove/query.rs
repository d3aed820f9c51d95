//! The conditions that the operations of the target name.

use downbeat_input::table_number;

use super::thing::{KINDS, MARKS, OWNERS};
use super::{Condition, Thing};

table_number! {
    /// How the terms of a condition are joined, by number: see [`Shape::join`].
    pub Shape: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
}

table_number! {
    /// A condition on one field or derived index, by number: the remainder by 8 chooses which, and
    /// the quotient the value.
    pub Term: u32 = {
        let mut numbers = [0; 64];
        let mut number = 0;
        while number < 64 {
            numbers[number] = number as u32;
            number += 1;
        }
        numbers
    }
}

impl Shape {
    /// Joins up to three conditions.
    #[must_use]
    pub fn join(self, [first, second, third]: [Condition; 3]) -> Condition {
        let or = |one, other| Condition::Or(Box::new(one), Box::new(other));
        let and = |one, other| Condition::And(Box::new(one), Box::new(other));
        let and_not = |one, other| Condition::AndNot(Box::new(one), Box::new(other));
        match self.get() {
            0 => first,
            1 => or(first, second),
            2 => and(first, second),
            3 => and_not(first, second),
            4 => and(and(first, second), third),
            5 => or(or(first, second), third),
            6 => and(or(first, second), third),
            7 => or(and(first, second), third),
            8 => and_not(or(first, second), third),
            9 => and_not(and(first, second), third),
            10 => and_not(first, or(second, third)),
            _ => and(first, and_not(second, third)),
        }
    }
}

impl Term {
    /// The condition. Some terms name a value of the thing `near`.
    #[must_use]
    pub fn condition(self, near: Option<&Thing>) -> Condition {
        let (field, choice) = (self.get() % 8, (self.get() / 8) as usize);
        let near = |value: fn(&Thing) -> u128| near.map_or(77, value);
        match field {
            0 => {
                let kind = KINDS.get(choice).map(|kind| u128::from(*kind));
                Condition::Equals(Thing::KIND, kind.unwrap_or_else(|| near(|it| it.kind.into())))
            }
            1 => {
                let owner = OWNERS.get(choice).copied();
                Condition::Equals(Thing::OWNER, owner.unwrap_or_else(|| near(|it| it.owner)))
            }
            2 => {
                // Things without a mark have 0, which is seldom named.
                let mark = MARKS[1..].get(choice).map(|mark| u128::from(*mark));
                let near = near(|it| it.mark.into());
                let near = if choice == 2 { near } else { near.max(7) };
                Condition::Equals(Thing::MARK, mark.unwrap_or(near))
            }
            3 => Condition::Equals(Thing::FLAG, [1, 2, 1, 2, 10, 11, 12, 13][choice]),
            4 => match choice {
                0..=3 => Condition::Equals(Thing::CODE, near(|it| it.code.into())),
                4..=6 => Condition::Equals(Thing::ID, near(|it| it.id)),
                _ => Condition::Equals(Thing::TEXT, near(|it| it.text.into())),
            },
            5 => {
                let max = u128::from(u64::MAX);
                let near = near(|it| it.kind.into());
                if choice == 7 && near % 2 == 1 {
                    return Condition::Within(Thing::OWNER, 0, u128::MAX);
                }
                let (from, to) = [
                    (1, 2),
                    (0, 1),
                    (near.saturating_sub(1), near.saturating_add(1).min(max)),
                    (near, near),
                    (2, 1),
                    (max - 1, max),
                    (0, 2),
                    (0, max),
                ][choice];
                Condition::Within(Thing::KIND, from, to)
            }
            6 => {
                let near = near(|it| it.rank().map_or(0, u128::from));
                match choice {
                    0..=4 => Condition::Equals(Thing::RANK, [0, 1, 2, 3, near][choice]),
                    5 => Condition::Within(Thing::RANK, 0, 1),
                    6 => Condition::Within(Thing::RANK, 1, 3),
                    _ => Condition::Within(Thing::RANK, near, near + 1),
                }
            }
            _ => {
                let (from, to) =
                    [(1, 2), (1, 3), (10, 12), (9, 11), (2, 2), (3, 1), (1, 4), (0, 2)][choice];
                Condition::Within(if choice % 2 == 0 { Thing::FLAG } else { Thing::MARK }, from, to)
            }
        }
    }
}
