//! The operations of an input, decoded one at a time without allocation.

use std::marker::PhantomData;

use arbitrary::Unstructured;

use super::setting;
use crate::encoding::bytes::Arguments;
use crate::encoding::header::Header;
use crate::encoding::operation::Operation;
use crate::encoding::{HEADER_BYTES, SLOTS, TAG, VERSION};

/// An iterator over the operations of an input, which decodes them from its bytes.
#[derive(Debug)]
pub struct Operations<'a, O> {
    header: Header,
    stream: Unstructured<'a>,
    mix: &'static [u8; SLOTS],
    version: u32,
    operation: PhantomData<O>,
}

impl<'a, O: Operation> Operations<'a, O> {
    /// Decodes `bytes`, any bytes of any length.
    #[inline]
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Operations::of_version(bytes, VERSION)
    }

    /// Decodes `bytes`, which are in version `version` of the encoding.
    ///
    /// # Panics
    ///
    /// If there is no such version.
    #[inline]
    #[must_use]
    pub fn of_version(bytes: &'a [u8], version: u32) -> Self {
        assert!((1..=VERSION).contains(&version), "encoding: no version {version}");
        let mut stream = Unstructured::new(bytes);
        let bytes = stream.bytes(HEADER_BYTES.min(stream.len())).unwrap_or(&[]);
        let header = Header::decode(O::SETTINGS, bytes);
        Operations {
            header,
            stream,
            mix: &O::MIXES[header.index(setting::MIX)],
            version,
            operation: PhantomData,
        }
    }

    /// The settings.
    #[inline]
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }
}

impl<O: Operation> Iterator for Operations<'_, O> {
    type Item = O;

    #[inline]
    fn next(&mut self) -> Option<O> {
        let rest = self.stream.peek_bytes(self.stream.len()).unwrap_or(&[]);
        let start = rest.iter().position(|byte| *byte >= TAG)?;
        let slot = usize::from(rest[start] - TAG);
        let behind = &rest[start + 1..];
        let len = behind.iter().position(|byte| *byte >= TAG).unwrap_or(behind.len());
        self.stream.bytes(start + 1 + len).expect("the bytes were peeked at");
        let mut arguments = Arguments::of_version(&behind[..len], self.version);
        Some(O::decode(usize::from(self.mix[slot]), &mut arguments))
    }
}
