//! What merges take and give.
//!
//! - A stream is in the order of the merge's direction. Once it has ended it stays so, until the merge is
//!   started or reset.
//!
//! What this does not do: it does not say which stream is newer; each merge does.

use crate::record::Record;

/// Streams of records, numbered from 0. The number is the precedence.
pub trait Streams {
    /// What they give.
    type Record: Record;

    /// How many there are.
    fn count(&self) -> usize;

    /// The key of the record that [`Streams::pop`] gives next. Asked again without a pop, it is the same one,
    /// but that a stream which was not ready may have become so.
    fn peek(&mut self, stream: usize) -> StreamHead<<Self::Record as Record>::Key>;

    /// Takes the record whose key the latest [`Streams::peek`] of this stream gave. Called after such a peek
    /// only.
    fn pop(&mut self, stream: usize) -> Self::Record;
}

/// What a stream, or a merge of them, has next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamHead<K> {
    /// A record with this key.
    Key(K),
    /// Nothing any more.
    Ended,
    /// That is not known yet: ask again later.
    NotReady,
}

/// What a merge gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Popped<R> {
    /// The next record.
    Record(R),
    /// Nothing any more.
    Ended,
    /// That is not known yet: ask again later.
    NotReady,
}

/// A stream does not know yet what it has next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotReady;

impl<K> StreamHead<K> {
    /// The key; `None` if the stream has ended.
    ///
    /// # Errors
    ///
    /// If it is not ready.
    pub fn ready(self) -> Result<Option<K>, NotReady> {
        match self {
            Self::Key(key) => Ok(Some(key)),
            Self::Ended => Ok(None),
            Self::NotReady => Err(NotReady),
        }
    }
}
