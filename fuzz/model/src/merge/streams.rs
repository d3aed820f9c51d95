//! The streams that a merge reads.

use super::STREAMS_LARGE;
use downbeat_input::version::Version;

/// A record of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The version.
    pub version: Version,
    /// The number of the stream that contains the version.
    pub stream: usize,
}

/// The records of all streams, with each key at most once in a stream: in the order of keys, and
/// those of a key in the order of streams.
#[derive(Clone, Debug)]
pub struct Streams {
    count: usize,
    records: Vec<Record>,
}

impl Streams {
    /// `count` empty streams.
    ///
    /// # Panics
    ///
    /// If there are more than [`STREAMS_LARGE`].
    #[must_use]
    pub fn new(count: usize) -> Self {
        assert!(count <= STREAMS_LARGE, "model: no more streams than {STREAMS_LARGE}");
        Streams { count, records: Vec::new() }
    }

    /// Resets to `count` empty streams.
    pub fn reset(&mut self, count: usize) {
        self.count = count;
        self.records.clear();
    }

    /// How many streams there are.
    #[inline]
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many streams have records.
    #[must_use]
    pub fn filled(&self) -> usize {
        let mut streams = [0_u64; STREAMS_LARGE.div_ceil(64)];
        for record in &self.records {
            streams[record.stream / 64] |= 1 << (record.stream % 64);
        }
        streams.iter().map(|streams| streams.count_ones() as usize).sum()
    }

    /// The records of all streams, in the order of keys and streams.
    #[inline]
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The records of each key, ascending.
    pub fn by_key(&self) -> impl DoubleEndedIterator<Item = &[Record]> {
        self.records.chunk_by(|one, other| one.version.key == other.version.key)
    }

    /// Puts a version into a stream. It replaces the stream's version of the same key.
    pub fn put(&mut self, stream: usize, version: Version) {
        let record = Record { version, stream };
        let place = (version.key, stream);
        match self.records.binary_search_by_key(&place, |other| (other.version.key, other.stream)) {
            Ok(place) => self.records[place] = record,
            Err(place) => self.records.insert(place, record),
        }
    }

    /// Empties a stream. Returns whether it held anything.
    pub fn empty(&mut self, stream: usize) -> bool {
        let before = self.records.len();
        self.records.retain(|record| record.stream != stream);
        self.records.len() < before
    }

    /// Makes puts and removals of each key alternate, from the first stream on, as an index
    /// promises. The first record of each key stays as it is.
    pub fn alternate(&mut self) {
        for records in self.records.chunk_by_mut(|one, other| one.version.key == other.version.key)
        {
            let mut removed = records[0].version.removed;
            for record in records {
                record.version.removed = removed;
                removed = !removed;
            }
        }
    }
}
