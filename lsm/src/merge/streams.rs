//! The arguments and results of a merge.
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

    /// Takes the record whose key the last [`Streams::peek`] of this stream returned. Called only
    /// after such a peek.
    fn pop(&mut self, stream: usize) -> Self::Record;
}

/// The next element of a stream, or of a merge of streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamHead<K> {
    /// A record with this key.
    Key(K),
    /// Nothing: the end.
    Ended,
    /// Not known yet: ask again later.
    NotReady,
}

/// The result of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Popped<R> {
    /// The next record.
    Record(R),
    /// Nothing: the end.
    Ended,
    /// Not known yet: ask again later.
    NotReady,
}

/// It is not known yet which record of a stream is next.
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
