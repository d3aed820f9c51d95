//! The conditions that the operations of the target name.

use downbeat_input::table_number;

use super::{Condition, Row, Stored};

table_number! {
    /// A condition on one field, by number: the field is the remainder by 4, and the quotient
    /// chooses the values.
    pub Term: u32 = {
        let mut numbers = [0; 48];
        let mut number = 0;
        while number < 48 {
            numbers[number] = number as u32;
            number += 1;
        }
        numbers
    }
}

impl Term {
    /// The condition. Some terms name a value of the row `near`.
    #[must_use]
    pub fn condition(self, near: Option<&Row>) -> Condition {
        let (field, choice) = (self.get() % 4, (self.get() / 4) as usize);
        let near = |field: usize| near.map_or(1, |row| row.value(field));
        let around = |field: usize, before: u128, after: u128| {
            let value = near(field);
            Condition::Within(field, value.saturating_sub(before), value + after)
        };
        match field {
            0 => match choice {
                0..=3 => Condition::Equals(Row::COMMON, choice as u128),
                4 => Condition::Within(Row::COMMON, 0, 1),
                5 => Condition::Within(Row::COMMON, 1, 3),
                6 => Condition::Within(Row::COMMON, 2, 1),
                7 => Condition::Within(Row::COMMON, 0, u128::from(u32::MAX)),
                _ => Condition::Equals(Row::COMMON, near(Row::COMMON)),
            },
            1 => match choice {
                0..=5 => Condition::Equals(Row::RARE, near(Row::RARE)),
                6 => around(Row::RARE, 1, 1),
                7 => around(Row::RARE, 0, 2),
                8 => around(Row::RARE, 0, 0),
                _ => Condition::Equals(Row::RARE, 10 * choice as u128),
            },
            2 => match choice {
                0..=4 => Condition::Equals(Row::MARK, 1 + choice as u128),
                5 => Condition::Within(Row::MARK, 1, 3),
                6 => Condition::Within(Row::MARK, 0, 2),
                7 => Condition::Equals(Row::MARK, 0),
                _ => Condition::Equals(Row::MARK, near(Row::MARK).max(1)),
            },
            _ => match choice {
                0..=2 => Condition::Equals(Row::WIDE, super::row::WIDES[choice]),
                3 => {
                    let from = super::row::WIDES[1];
                    Condition::Within(Row::WIDE, from, from + 2)
                }
                4 => Condition::Within(Row::WIDE, u128::MAX - 1, u128::MAX),
                5 => Condition::Equals(Row::TEXT, 1),
                _ => Condition::Equals(Row::WIDE, near(Row::WIDE)),
            },
        }
    }
}
