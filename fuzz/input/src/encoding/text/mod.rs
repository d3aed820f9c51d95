//! The text form of an input: settings, then one operation on each line.
//!
//! ```text
//! # downbeat cache_map, encoding 2
//! mix even
//! keys identity
//! geometry ways=2 sets=1 stash=4 scope=4
//! upsert 0x11
//! get @near:+1          # a remark
//! ```
//!
//! The text of an input parses back to the same input. Settings that a text leaves out have their
//! plainest value. A `#` begins a remark, which may contain any character; the rest of the text is
//! printable ASCII, spaces and tabs. A title of this form before the first operation is checked: a
//! text of another target, or of a later encoding, is refused. A new version of the encoding
//! changes bytes and no words, so a text of an earlier encoding has the same meaning.
//!
//! Errors have the line and column; the caller adds the name of the file.

mod lines;
mod parse;
mod print;
mod words;

pub use parse::parse;
pub use print::{line, print, print_settings};
pub use words::{Word, Words};

/// Why a text is not an input, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
    /// What is wrong, in one line.
    pub message: String,
}

impl std::fmt::Display for TextError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for TextError {}
