//! The words of one line, each with its column.
//!
//! Arguments take what is theirs: plain words in order, `name=value` words by name; what nobody
//! took is an error.

use super::TextError;

/// A word of a line.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// The word; of `name=value` the value alone, once it is taken.
    pub text: &'a str,
    /// The line, from 1.
    pub line: usize,
    /// The column of its first character, from 1.
    pub column: usize,
}

impl Word<'_> {
    /// An error at this word.
    #[must_use]
    pub fn error(&self, message: String) -> TextError {
        TextError { line: self.line, column: self.column, message }
    }
}

/// The words of a line that nobody took yet.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    words: Vec<Word<'a>>,
}

impl<'a> Words<'a> {
    /// The words of `text`, which is line number `line`, up to a remark.
    #[must_use]
    pub fn new(text: &'a str, line: usize) -> Self {
        let text = text.split('#').next().unwrap_or("");
        let words = text.split_whitespace().map(|word| {
            let bytes = word.as_ptr() as usize - text.as_ptr() as usize;
            Word { text: word, line, column: text[..bytes].chars().count() + 1 }
        });
        Words { words: words.collect() }
    }

    /// The first plain word (one without `=`, or a symbol, whose `=` are its own), taken.
    pub fn take_plain(&mut self) -> Option<Word<'a>> {
        let at = self
            .words
            .iter()
            .position(|word| word.text.starts_with('@') || !word.text.contains('='))?;
        Some(self.words.remove(at))
    }

    /// The value of `name=value`, taken.
    pub fn take_named(&mut self, name: &str) -> Option<Word<'a>> {
        let value_of = |word: &Word<'a>| word.text.strip_prefix(name)?.strip_prefix('=');
        let at = self.words.iter().position(|word| value_of(word).is_some())?;
        let word = self.words.remove(at);
        let text = value_of(&word)?;
        Some(Word { text, column: word.column + name.chars().count() + 1, ..word })
    }

    /// Refuses words that nobody took.
    ///
    /// # Errors
    ///
    /// The first such word.
    pub fn end(&self, of: &str) -> Result<(), TextError> {
        match self.words.first() {
            Some(word) => Err(word.error(format!("\"{of}\" takes no \"{}\"", word.text))),
            None => Ok(()),
        }
    }
}
