//! rusty-leveldb: LevelDB in Rust.
//!
//! It is an ordered map, and a batch is atomic: <https://docs.rs/rusty-leveldb>. The type of its
//! snapshots is private, so an adapter cannot hold one. It syncs nothing, so a history has no
//! crash: `findings/rusty-leveldb-no-sync.md`.

use std::ops::{Bound, RangeInclusive};
use std::path::Path;

use downbeat_engine::{Batch, Engine, Pair, Result, Scan, Settings, Write};
use rusty_leveldb::{DB, DBIterator, LdbIterator, Options, WriteBatch};

pub struct Adapter(DB);

fn pair(cursor: &DBIterator) -> Option<Pair> {
    cursor.current().map(|(key, value)| (key.to_vec(), value.to_vec()))
}

/// Reads a range with a cursor, forwards.
fn read(mut cursor: DBIterator, scan: &Scan<'_>) -> Result<Vec<Pair>> {
    match scan.bounds().0 {
        Bound::Included(low) | Bound::Excluded(low) => cursor.seek(low),
        Bound::Unbounded => cursor.seek_to_first(),
    }
    let next = || {
        let found = pair(&cursor);
        cursor.advance();
        found
    };
    let above = |key: &[u8]| match scan.bounds().1 {
        Bound::Included(high) => key > high,
        Bound::Excluded(high) => key >= high,
        Bound::Unbounded => false,
    };
    let pairs = std::iter::from_fn(next).take_while(|(key, _)| !above(key));
    scan.read_forward(pairs.filter(|(key, _)| scan.contains(key)).map(Ok::<_, std::fmt::Error>))
}

impl Engine for Adapter {
    /// A table with an empty key cannot be written: `findings/rusty-leveldb-empty-key.md`.
    const KEY_LENGTHS: RangeInclusive<usize> = 1..=512;
    type Snapshot = ();

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let mut options = Options::default();
        if let Some(bytes) = settings.block_size {
            options.block_size = bytes as usize;
        }
        if let Some(bytes) = settings.memtable_size {
            options.write_buffer_size = bytes as usize;
        }
        if let Some(bytes) = settings.cache_size {
            // The cache must have room for a block.
            options.block_cache_capacity_bytes = bytes.max(1 << 20) as usize;
        }
        Ok(Adapter(DB::open(directory.join("data"), options)?))
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        let mut writes = WriteBatch::default();
        for write in batch {
            match write {
                Write::Put(key, value) => writes.put(key, value),
                Write::Remove(key) => writes.delete(key),
            }
        }
        Ok(self.0.write(writes, false)?)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.0.get(key).map(|value| value.to_vec()))
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(self.0.new_iter()?, scan)
    }

    fn walk(&mut self, key: &[u8], steps: &[bool]) -> Result<Vec<Pair>> {
        let mut cursor = self.0.new_iter()?;
        cursor.seek(key);
        let mut visited: Vec<Pair> = pair(&cursor).into_iter().collect();
        for back in steps {
            let moved = cursor.valid() && if *back { cursor.prev() } else { cursor.advance() };
            match pair(&cursor) {
                Some(pair) if moved => visited.push(pair),
                _ => break,
            }
        }
        Ok(visited)
    }

    fn sync(&mut self) -> Result<()> {
        Ok(self.0.flush()?)
    }

    fn compact(&mut self) -> Result<()> {
        Ok(self.0.compact_range(&[], &[0xff; 520])?)
    }

    fn close(mut self) -> Result<()> {
        Ok(self.0.close()?)
    }
}
