//! The words of one line, each with its column.
//!
//! Each argument takes its own word: plain words in order, `name=value` words by name. A word that
//! is left over is an error.

use super::TextError;
use super::lines::{check, column};

/// A word of a line.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// The word. If it has the form `name=value` and was taken by its name: only the value.
    pub text: &'a str,
    /// The line, from 1.
    pub line: usize,
    /// The column of its first character, in characters, from 1.
    pub column: usize,
}

impl Word<'_> {
    /// An error at this word.
    #[must_use]
    pub fn error(&self, message: String) -> TextError {
        TextError { line: self.line, column: self.column, message }
    }
}

/// The words of a line that are not taken yet.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    words: Vec<Word<'a>>,
}

impl<'a> Words<'a> {
    /// The words of `text`, which is line number `line`, up to a remark.
    ///
    /// # Errors
    ///
    /// The first character that no word can have.
    pub fn new(text: &'a str, line: usize) -> Result<Self, TextError> {
        let before_remark = text.split('#').next().unwrap_or("");
        check(text, before_remark, line)?;
        let words = before_remark.split_ascii_whitespace();
        let words = words.map(|word| Word { text: word, line, column: column(text, word) });
        Ok(Words { words: words.collect() })
    }

    /// The first word that is not taken.
    #[must_use]
    pub fn first(&self) -> Option<Word<'a>> {
        self.words.first().copied()
    }

    /// Takes the first plain word: one without `=`, or a symbol, which may contain `=`.
    pub fn take_plain(&mut self) -> Option<Word<'a>> {
        let at = self
            .words
            .iter()
            .position(|word| word.text.starts_with('@') || !word.text.contains('='))?;
        Some(self.words.remove(at))
    }

    /// Takes the value of `name=value`.
    pub fn take_named(&mut self, name: &str) -> Option<Word<'a>> {
        let value_of = |word: &Word<'a>| word.text.strip_prefix(name)?.strip_prefix('=');
        let at = self.words.iter().position(|word| value_of(word).is_some())?;
        let word = self.words.remove(at);
        let text = value_of(&word)?;
        Some(Word { text, column: word.column + name.chars().count() + 1, ..word })
    }

    /// Refuses words that are left over in a line that begins with `name` and takes `takes`.
    ///
    /// # Errors
    ///
    /// The first such word.
    pub fn end(&self, name: &str, takes: &dyn Fn() -> String) -> Result<(), TextError> {
        let Some(word) = self.words.first() else { return Ok(()) };
        let takes = takes();
        let takes = if takes.is_empty() { "no arguments" } else { takes.as_str() };
        Err(word.error(format!("\"{name}\" takes no \"{}\"; it takes {takes}", word.text)))
    }
}
