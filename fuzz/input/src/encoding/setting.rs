//! Settings of a target, their choices, and the rows that declare them.

/// One setting. The header byte at its place in the target's list chooses its value.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The word that begins its line of text; settings of one line are neighbours in the list.
    pub line: &'static str,
    /// Its name in that line; empty if the line holds only this value.
    pub name: &'static str,
    /// The values that can be chosen.
    pub choices: Choices,
}

impl Setting {
    /// Returns the form of the setting in a line of text, with a placeholder for the value.
    #[must_use]
    pub fn takes(&self) -> String {
        let value = match self.choices {
            Choices::Numbers(_) | Choices::Byte => "<number>",
            Choices::Words(_) => "<word>",
        };
        if self.name.is_empty() { value.to_owned() } else { format!("{}={value}", self.name) }
    }
}

/// The values of a setting: all different, from 1 to 256 of them.
#[derive(Clone, Copy, Debug)]
pub enum Choices {
    /// Numbers.
    Numbers(&'static [u32]),
    /// Words.
    Words(&'static [&'static str]),
    /// Any number from 0 to 255, such as a seed: the choices differ, but their order means nothing.
    Byte,
}

impl Choices {
    /// The number of choices.
    #[must_use]
    pub const fn count(&self) -> usize {
        match self {
            Choices::Numbers(numbers) => numbers.len(),
            Choices::Words(words) => words.len(),
            Choices::Byte => 256,
        }
    }

    /// The choice at `index` as text.
    #[must_use]
    pub fn print(&self, index: usize) -> String {
        match self {
            Choices::Numbers(numbers) => numbers[index].to_string(),
            Choices::Words(words) => words[index].to_owned(),
            Choices::Byte => index.to_string(),
        }
    }

    /// The index of the choice that prints as `text`.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<usize> {
        match self {
            Choices::Numbers(numbers) => {
                let number = text.parse::<u32>().ok()?;
                numbers.iter().position(|choice| *choice == number)
            }
            Choices::Words(words) => words.iter().position(|choice| *choice == text),
            Choices::Byte => text.parse::<u8>().ok().map(usize::from),
        }
    }

    /// All choices, for a message.
    #[must_use]
    pub fn list(&self) -> String {
        if let Choices::Byte = self {
            return "0 to 255".to_owned();
        }
        let choices: Vec<String> = (0..self.count()).map(|index| self.print(index)).collect();
        choices.join(", ")
    }
}

/// Expands the rows of settings in [`operations!`](crate::operations): for each, a constant that is
/// its place in the target's list, and its [`Setting`].
#[doc(hidden)]
#[macro_export]
macro_rules! setting_rows {
    (constants from $place:expr;) => {};
    (constants from $place:expr; $(#[$about:meta])* $NAME:ident $($rest:tt)*) => {
        $(#[$about])*
        #[allow(dead_code, reason = "a world need not read each of its settings")]
        pub const $NAME: usize = $place;
        $crate::setting_rows! { constants from $NAME + 1; $($rest)* }
    };
    (setting $line:literal $($name:literal)? = $Choices:ident $(($values:expr))?) => {
        $crate::encoding::Setting {
            line: $line,
            name: concat!("" $(, $name)?),
            choices: $crate::encoding::Choices::$Choices $(($values))?,
        }
    };
}
