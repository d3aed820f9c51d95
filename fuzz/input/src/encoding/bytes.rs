//! The bytes of an operation's arguments, for reading and for writing.
//!
//! Each byte has seven bits. Missing bytes read as zeros, so trailing zeros are not written.

use super::VERSION;

/// Reads the bytes between a tag and the next tag. After the last byte, it reads zeros.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    bytes: &'a [u8],
    version: u32,
}

impl<'a> Arguments<'a> {
    /// Reads from `bytes`, all below 0x80.
    #[inline]
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Arguments::of_version(bytes, VERSION)
    }

    /// Reads from `bytes`, all below 0x80, which are in version `version` of the encoding.
    #[inline]
    #[must_use]
    pub(super) fn of_version(bytes: &'a [u8], version: u32) -> Self {
        Arguments { bytes, version }
    }

    /// Returns the version of the encoding that the bytes are in. An argument whose bytes had
    /// another meaning before a version asks for it.
    #[inline]
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns the next byte, 0 to 127, without taking it.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.bytes.first().copied().unwrap_or(0)
    }

    /// Takes the next byte, 0 to 127.
    #[inline]
    pub fn next_byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                *first
            }
            None => 0,
        }
    }
}

/// The bytes of an operation's arguments, as they are written.
#[derive(Clone, Copy, Debug)]
pub struct ArgumentBytes {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl ArgumentBytes {
    /// The maximum number of bytes that the arguments of an operation take.
    pub const MAX: usize = 40;

    /// No bytes.
    #[must_use]
    pub fn new() -> Self {
        ArgumentBytes { bytes: [0; Self::MAX], len: 0 }
    }

    /// Appends a byte.
    ///
    /// # Panics
    ///
    /// If the byte is above 127, or there are more than [`Self::MAX`] bytes.
    pub fn push(&mut self, byte: u8) {
        assert!(byte < super::TAG, "encoding: an argument byte has seven bits");
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    /// The bytes up to the last one that is not zero.
    #[must_use]
    pub fn without_trailing_zeros(&self) -> &[u8] {
        let bytes = &self.bytes[..self.len];
        let len = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        &bytes[..len]
    }
}

impl Default for ArgumentBytes {
    fn default() -> Self {
        Self::new()
    }
}
