//! Inputs: a header and operations, from bytes and back.
//!
//! [`Operations`] decodes one operation at a time and allocates nothing; drivers run inputs with
//! it. [`Input`] holds all operations, for callers that print or change them.

mod operations;
pub mod setting;

pub use operations::Operations;

use arbitrary::{Arbitrary, Unstructured};

use super::TAG;
use super::bytes::ArgumentBytes;
use super::header::Header;
use super::operation::Operation;

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
        Input::of(Operations::new(bytes))
    }

    /// Decodes any bytes that are in version `version` of the encoding.
    ///
    /// # Panics
    ///
    /// If there is no such version.
    #[must_use]
    pub fn decode_version(bytes: &[u8], version: u32) -> Self {
        Input::of(Operations::of_version(bytes, version))
    }

    fn of(operations: Operations<'_, O>) -> Self {
        Input { header: *operations.header(), operations: operations.collect() }
    }

    /// The canonical bytes. An input without operations has no trailing zeros.
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

/// Takes all bytes and never fails: any bytes are an input.
impl<'a, O: Operation> Arbitrary<'a> for Input<O> {
    fn arbitrary(unstructured: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let bytes = unstructured.bytes(unstructured.len())?;
        Ok(Input::decode(bytes))
    }
}
