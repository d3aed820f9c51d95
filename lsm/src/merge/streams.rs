//! What a merge takes and returns.
//!
//! - A stream is in the order of the merge's direction. A stream that has ended stays so until the
//!   merge is started or reset.

use crate::record::Record;

/// Streams of records, numbered from 0. The number is the precedence.
pub trait Streams {
    /// The records of the streams.
    type Record: Record;

    /// The number of streams.
    fn count(&self) -> usize;

    /// The key of the record that [`Streams::pop`] returns next. It is the same until the next pop,
    /// except that a stream that was not ready may become ready.
    fn peek(&mut self, stream: usize) -> StreamHead<<Self::Record as Record>::Key>;

    /// Takes the record whose key the last [`Streams::peek`] of this stream returned. It is called
    /// after such a peek only.
    fn pop(&mut self, stream: usize) -> Self::Record;
}

/// What a stream, or a merge of them, has next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamHead<K> {
    /// A record with this key.
    Key(K),
    /// Nothing: the end.
    Ended,
    /// Not known yet: ask again later.
    NotReady,
}

/// What a merge returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Popped<R> {
    /// The next record.
    Record(R),
    /// Nothing: the end.
    Ended,
    /// Not known yet: ask again later.
    NotReady,
}

/// A stream does not know yet what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotReady;

impl<K> StreamHead<K> {
    /// The key; `None` if the stream has ended.
    ///
    /// # Errors
    ///
    /// Returns an error if the stream is not ready.
    pub fn ready(self) -> Result<Option<K>, NotReady> {
        match self {
            Self::Key(key) => Ok(Some(key)),
            Self::Ended => Ok(None),
            Self::NotReady => Err(NotReady),
        }
    }
}
