//! lsm-tree 1, which differs from lsm-tree 3 in its interface and its code.
//!
//! It has no log, so the adapter flushes before it closes the tree, and counts sequence numbers:
//! <https://docs.rs/lsm-tree/1.0.2/lsm_tree/>. A key may not be empty.

use std::ops::RangeInclusive;
use std::path::Path;

use downbeat_engine::{Batch, Engine, Pair, Result, Scan, Settings, Write};
use lsm_tree_1::{Config, Snapshot, Tree};

pub struct Adapter {
    tree: Tree,
    next: u64,
}

impl Engine for Adapter {
    const KEY_LENGTHS: RangeInclusive<usize> = 1..=512;
    type Snapshot = Snapshot;

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let mut config = Config::new(directory.join("tree"));
        if let Some(bytes) = settings.block_size {
            config = config.block_size(bytes.max(1024));
        }
        let tree = config.open()?;
        let next = tree.get_lsn().map_or(0, |number| number + 1);
        Ok(Adapter { tree, next })
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        for write in batch {
            match write {
                Write::Put(key, value) => self.tree.insert(key, value, self.next),
                Write::Remove(key) => self.tree.remove(key, self.next),
            };
            self.next += 1;
        }
        Ok(())
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.tree.get(key)?.map(|value| value.to_vec()))
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        scan.read(self.tree.range::<&[u8], _>(scan.bounds()))
    }

    fn prefix(&mut self, prefix: &[u8], scan: &Scan<'_>) -> Result<Vec<Pair>> {
        scan.read(self.tree.prefix(prefix))
    }

    fn count(&mut self) -> Result<u64> {
        Ok(self.tree.len()? as u64)
    }

    fn end(&mut self, last: bool) -> Result<Option<Pair>> {
        let pair = if last { self.tree.last_key_value()? } else { self.tree.first_key_value()? };
        Ok(pair.map(|(key, value)| (key.to_vec(), value.to_vec())))
    }

    fn flush(&mut self) -> Result<()> {
        self.tree.flush_active_memtable()?;
        Ok(())
    }

    fn compact(&mut self) -> Result<()> {
        Ok(self.tree.major_compact(64 << 20)?)
    }

    fn close(mut self) -> Result<()> {
        self.flush()
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        Ok(self.tree.snapshot(self.next))
    }

    fn get_at(&mut self, snapshot: &Snapshot, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(snapshot.get(key)?.map(|value| value.to_vec()))
    }

    fn scan_at(&mut self, snapshot: &Snapshot, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        scan.read(snapshot.range::<&[u8], _>(scan.bounds()))
    }
}
