//! The header: one byte a setting, each an index into a short list of choices.
//!
//! Invariants:
//!
//! * Index 0 is the plainest choice, so the empty input is the plainest run.
//! * A byte below the number of choices is its own index; larger bytes wrap. Lists only grow, so a
//!   canonical header keeps its meaning when one does.
//!
//! What it does not do: say what a setting means; a target's list of settings does.

use super::HEADER_BYTES;

/// One setting: the byte of its own index in the target's list chooses it.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The line of text that it stands in; settings of one line are neighbours.
    pub line: &'static str,
    /// Its name in that line; empty where the line holds this one value alone.
    pub name: &'static str,
    /// What can be chosen.
    pub choices: Choices,
}

/// What a setting can be; all different, at least one, at most 256.
#[derive(Clone, Copy, Debug)]
pub enum Choices {
    /// Numbers, printed as such.
    Numbers(&'static [u32]),
    /// Words.
    Words(&'static [&'static str]),
    /// Any number from 0 to 255: what matters is that it differs.
    Byte,
}

impl Choices {
    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        match self {
            Choices::Numbers(numbers) => numbers.len(),
            Choices::Words(words) => words.len(),
            Choices::Byte => 256,
        }
    }

    /// The choice of index `index` as text.
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

    /// All of them, for a message.
    #[must_use]
    pub fn list(&self) -> String {
        if let Choices::Byte = self {
            return "0 to 255".to_owned();
        }
        let choices: Vec<String> = (0..self.count()).map(|index| self.print(index)).collect();
        choices.join(", ")
    }
}

/// The settings that an input chose: an index for each of a target's settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Header {
    chosen: [u8; HEADER_BYTES],
}

impl Header {
    /// Every setting at its plainest choice.
    pub const PLAIN: Header = Header { chosen: [0; HEADER_BYTES] };

    /// Reads a header; bytes that `bytes` lacks are zero, bytes without a setting are ignored.
    ///
    /// # Panics
    ///
    /// If a target has more settings than the header has bytes, or a setting without a choice.
    #[inline]
    #[must_use]
    pub fn decode(settings: &[Setting], bytes: &[u8]) -> Self {
        let mut header = Header::PLAIN;
        for (index, setting) in settings.iter().enumerate() {
            let byte = usize::from(bytes.get(index).copied().unwrap_or(0));
            header.choose(settings, index, byte % setting.choices.count());
        }
        header
    }

    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        self.chosen
    }

    /// The index that setting number `setting` chose.
    #[inline]
    #[must_use]
    pub fn index(&self, setting: usize) -> usize {
        usize::from(self.chosen[setting])
    }

    /// The number that setting number `setting` chose.
    ///
    /// # Panics
    ///
    /// If the setting is one of words.
    #[inline]
    #[must_use]
    pub fn number(&self, settings: &[Setting], setting: usize) -> u32 {
        match settings[setting].choices {
            Choices::Numbers(numbers) => numbers[self.index(setting)],
            Choices::Byte => u32::from(self.chosen[setting]),
            Choices::Words(_) => panic!("encoding: setting {setting} is a word, not a number"),
        }
    }

    /// Chooses `index` for setting number `setting`.
    ///
    /// # Panics
    ///
    /// If there is no such setting or choice.
    #[inline]
    pub fn choose(&mut self, settings: &[Setting], setting: usize, index: usize) {
        assert!(index < settings[setting].choices.count(), "encoding: no such choice");
        self.chosen[setting] = u8::try_from(index).expect("a list has at most 256 choices");
    }
}

impl std::fmt::Debug for Header {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Header({:?})", self.chosen)
    }
}
