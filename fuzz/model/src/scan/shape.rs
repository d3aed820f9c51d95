//! How the conditions of a query are joined.

use downbeat_input::table_number;

use super::Condition;

/// Expressions in postfix notation: `.` is the next condition, `|` is or, `&` is and, and `-` is
/// and not. New ones are added at the end, up to 64.
const SHAPES: [&str; 32] = [
    ".",
    "..|",
    "..&",
    "..-",
    "..&.|",
    "..|.&",
    "..|.-",
    "..&.-",
    "...|-",
    "...&-",
    "...-&",
    "...-|",
    "..|.|",
    "..&.&",
    "..-.-",
    "..|..|&",
    "..&..&|",
    "..|..|-",
    "..&..&-",
    "..-..-|",
    "..-..-&",
    "..|..&-",
    "..&..|&",
    "..|..|&.-",
    "..&..&|.&",
    "..|.&..-|",
    "..|..|..|&&",
    "..&..&..&||",
    "..|..|&..|-",
    "..-..-..-||",
    "..|.|..|.|&",
    "..|.&..|.&-",
];

table_number! {
    /// An expression, by number.
    pub Shape: u32 = {
        let mut numbers = [0; SHAPES.len()];
        let mut number = 0;
        while number < SHAPES.len() {
            numbers[number] = number as u32;
            number += 1;
        }
        numbers
    }
}

impl Shape {
    /// The number of expressions.
    pub const COUNT: usize = SHAPES.len();

    /// Joins conditions. Those that the expression does not use are left out; if there are too few,
    /// they are used again from the first on.
    ///
    /// # Panics
    ///
    /// If there is no condition.
    #[must_use]
    pub fn join(self, conditions: &[Condition]) -> Condition {
        let mut next = conditions.iter().cycle();
        let mut stack: Vec<Condition> = Vec::new();
        for sign in SHAPES[self.get() as usize].chars() {
            if sign == '.' {
                stack.push(next.next().expect("model: a query has a condition").clone());
                continue;
            }
            let other = stack.pop().expect("model: a sign joins two conditions");
            let one = stack.pop().expect("model: a sign joins two conditions");
            let (one, other) = (Box::new(one), Box::new(other));
            stack.push(match sign {
                '|' => Condition::Or(one, other),
                '&' => Condition::And(one, other),
                _ => Condition::AndNot(one, other),
            });
        }
        stack.pop().expect("model: an expression has a result")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_joins_up_to_six_conditions_into_one() {
        for shape in SHAPES {
            let conditions = shape.chars().filter(|sign| *sign == '.').count();
            let signs = shape.len() - conditions;
            assert!((1..=6).contains(&conditions) && signs + 1 == conditions, "{shape}");
        }
    }

    #[test]
    fn an_expression_names_its_conditions_in_order() {
        let of = |value| Condition::Equals(0, value);
        let shape = Shape::find(5).expect("there are more than five expressions");
        let or = Condition::Or(Box::new(of(1)), Box::new(of(2)));
        let expected = Condition::And(Box::new(or), Box::new(of(3)));
        assert_eq!(shape.join(&[of(1), of(2), of(3)]), expected);
    }
}
