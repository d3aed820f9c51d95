//! The header of an input: a byte for each setting, which is an index into a short list of choices.
//!
//! Invariants:
//!
//! * Index 0 is the plainest choice, so the empty input is the plainest run.
//! * A byte below the number of choices is the index; larger bytes wrap around. Lists only grow, so
//!   a canonical header keeps its meaning when a list grows.

use super::HEADER_BYTES;
use super::setting::{Choices, Setting};

/// The settings of an input: the chosen index for each setting of a target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Header {
    chosen: [u8; HEADER_BYTES],
}

impl Header {
    /// A header with the plainest choice of every setting.
    pub const PLAIN: Header = Header { chosen: [0; HEADER_BYTES] };

    /// Reads a header. Missing bytes are zero; bytes without a setting are ignored.
    ///
    /// # Panics
    ///
    /// If a target has more settings than the header has bytes, or a setting has no choices.
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

    /// The chosen index of setting number `setting`.
    #[inline]
    #[must_use]
    pub fn index(&self, setting: usize) -> usize {
        usize::from(self.chosen[setting])
    }

    /// The chosen number of setting number `setting`.
    ///
    /// # Panics
    ///
    /// If the choices are words.
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
