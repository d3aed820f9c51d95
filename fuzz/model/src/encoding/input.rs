//! Whole inputs: bytes to header and operations, and back.
//!
//! [`Operations`] decodes one operation at a time and allocates nothing: drivers run inputs with
//! it. [`Input`] holds them all, for those who print or change them.

use arbitrary::{Arbitrary, Unstructured};
use std::marker::PhantomData;

use super::argument::{ArgumentBytes, Arguments};
use super::header::Header;
use super::operation::Operation;
use super::{HEADER_BYTES, SLOTS, TAG};

/// The settings that every target has, at the same place in its list of settings.
pub mod setting {
    use super::super::header::{Choices, Setting};
    use super::super::operation::MIX_NAMES;
    use crate::keys::MAPPING_NAMES;

    /// Which kinds of operations the weighted slots favour.
    pub const MIX: usize = 0;
    /// How hot and cold keys are spread over the width of a key.
    pub const KEYS: usize = 1;
    /// How many of the hot keys there are; the others are these again.
    pub const HOT: usize = 2;
    /// The first setting of a target's own.
    pub const FIRST_OWN: usize = 3;

    /// The settings of every target, in their places: a target's list starts with them.
    pub const COMMON: [Setting; FIRST_OWN] = [
        Setting { line: "mix", name: "", choices: Choices::Words(&MIX_NAMES) },
        Setting { line: "keys", name: "", choices: Choices::Words(&MAPPING_NAMES) },
        Setting { line: "keys", name: "hot", choices: Choices::Numbers(&HOT_COUNTS) },
    ];

    /// Few hot keys meet each other soon; many fill what is small.
    pub const HOT_COUNTS: [u32; 6] = [8, 2, 4, 16, 24, 40];
}

/// The operations of an input, decoded one by one from its bytes.
#[derive(Debug)]
pub struct Operations<'a, O> {
    header: Header,
    stream: Unstructured<'a>,
    mix: &'static [u8; SLOTS],
    operation: PhantomData<O>,
}

impl<'a, O: Operation> Operations<'a, O> {
    /// Decodes `bytes`, any bytes of any length.
    #[inline]
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut stream = Unstructured::new(bytes);
        let bytes = stream.bytes(HEADER_BYTES.min(stream.len())).unwrap_or(&[]);
        let header = Header::decode(O::SETTINGS, bytes);
        Operations {
            header,
            stream,
            mix: &O::MIXES[header.index(setting::MIX)],
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
        self.stream.bytes(start + 1 + len).expect("no more than there are");
        Some(O::decode(usize::from(self.mix[slot]), &mut Arguments::new(&behind[..len])))
    }
}

/// Appends the canonical bytes of one operation to an input.
pub fn encode_operation<O: Operation>(operation: &O, bytes: &mut Vec<u8>) {
    let mut arguments = ArgumentBytes::new();
    operation.encode(&mut arguments);
    bytes.push(TAG | operation.kind() as u8);
    bytes.extend_from_slice(arguments.without_trailing_zeros());
}

/// An input with all its operations at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Input<O> {
    /// The settings.
    pub header: Header,
    /// The operations, in order.
    pub operations: Vec<O>,
}

impl<O: Operation> Input<O> {
    /// Decodes any bytes.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let operations = Operations::new(bytes);
        Input { header: *operations.header(), operations: operations.collect() }
    }

    /// The canonical bytes: an input without operations is without its trailing zeros, too.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.header.encode().to_vec();
        if self.operations.is_empty() {
            bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
        }
        for operation in &self.operations {
            encode_operation(operation, &mut bytes);
        }
        bytes
    }
}

/// Takes all the bytes that there are, and never fails: any bytes are an input.
impl<'a, O: Operation> Arbitrary<'a> for Input<O> {
    fn arbitrary(unstructured: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let bytes = unstructured.bytes(unstructured.len())?;
        Ok(Input::decode(bytes))
    }
}
