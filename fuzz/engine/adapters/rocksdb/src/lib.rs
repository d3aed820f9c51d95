//! RocksDB, by the C interface of the library that the system has: an LSM tree with a log.
//!
//! A batch is atomic, and `FlushWAL` with `sync` makes what was written durable:
//! <https://github.com/facebook/rocksdb/wiki/Basic-Operations>.

mod library;

use std::fs::File;
use std::ops::Bound;
use std::path::Path;

use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings};
use library::{Cursor, Database, Snapshot};

pub struct Adapter(Database);

fn read(mut cursor: Cursor, scan: &Scan<'_>) -> Result<Vec<Pair>> {
    let key = |bound| match bound {
        Bound::Included(key) | Bound::Excluded(key) => Some(key),
        Bound::Unbounded => None,
    };
    let (low, high) = scan.bounds();
    let back = scan.is_backward();
    let (from, excluded) = if back { (key(high), high) } else { (key(low), low) };
    if back {
        cursor.seek_back(from)
    } else {
        cursor.seek(from)
    }
    if let (Bound::Excluded(key), Some((first, _))) = (excluded, cursor.pair()?)
        && first == key
    {
        cursor.step(back);
    }
    let pairs = std::iter::from_fn(|| {
        let pair = cursor.pair().transpose()?;
        if pair.is_ok() {
            cursor.step(back);
        }
        Some(pair)
    });
    // Where the first pair is outside the range, so are all.
    let pairs = pairs.take_while(|pair| pair.as_ref().map_or(true, |(key, _)| scan.contains(key)));
    if back { scan.read_backward(pairs) } else { scan.read_forward(pairs) }
}

impl Engine for Adapter {
    const DURABILITY: Option<Durability> = Some(Durability {
        after: &[Call::Sync],
        said: "https://github.com/facebook/rocksdb/wiki/WAL-Performance#non-sync-mode",
    });
    /// Debian's library has assertions: `findings/rocksdb-error-assertion.md`.
    const REPORTS_ERRORS: bool = false;
    type Snapshot = Snapshot;

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let database = Database::open(&directory.join("data"), settings)?;
        // The folder in which the engine makes its own is the caller's to sync.
        File::open(directory)?.sync_all()?;
        Ok(Adapter(database))
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.0.write(batch)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.0.get(key, None)
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(self.0.cursor(None), scan)
    }

    fn walk(&mut self, key: &[u8], steps: &[bool]) -> Result<Vec<Pair>> {
        let mut cursor = self.0.cursor(None);
        cursor.seek(Some(key));
        let mut visited = Vec::new();
        for back in steps.iter().map(Some).chain([None]) {
            let Some(pair) = cursor.pair()? else { break };
            visited.push(pair);
            if let Some(back) = back {
                cursor.step(*back);
            }
        }
        Ok(visited)
    }

    fn sync(&mut self) -> Result<()> {
        self.0.sync()
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }

    fn compact(&mut self) -> Result<()> {
        self.0.compact();
        Ok(())
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        Ok(self.0.snapshot())
    }

    fn get_at(&mut self, snapshot: &Snapshot, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.0.get(key, Some(snapshot))
    }

    fn scan_at(&mut self, snapshot: &Snapshot, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(self.0.cursor(Some(snapshot)), scan)
    }
}
