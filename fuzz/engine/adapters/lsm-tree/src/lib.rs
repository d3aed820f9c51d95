//! lsm-tree 3: the tree below fjall.
//!
//! It has no log, so what was not flushed is lost when the tree is closed:
//! <https://docs.rs/lsm-tree/latest/lsm_tree/>. The adapter flushes before it closes the tree, and
//! counts sequence numbers as the documentation asks. A key may not be empty.

use std::fs::File;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::{Arc, Weak};

use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Write};
use lsm_tree::config::BlockSizePolicy;
use lsm_tree::{
    AbstractTree, AnyTree, Cache, Config, Guard, IterGuardImpl, KvSeparationOptions, SeqNo,
    SequenceNumberCounter,
};

pub struct Adapter {
    tree: AnyTree,
    next: SequenceNumberCounter,
    visible: SequenceNumberCounter,
    snapshots: Vec<Weak<SeqNo>>,
}

type Pairs = Box<dyn DoubleEndedIterator<Item = IterGuardImpl> + Send>;

fn read(scan: &Scan<'_>, pairs: Pairs) -> Result<Vec<Pair>> {
    scan.read(pairs.map(Guard::into_inner))
}

impl Adapter {
    /// Versions below this number are seen by no snapshot, if there are newer ones below it.
    fn threshold(&self) -> SeqNo {
        let alive = self.snapshots.iter().filter_map(Weak::upgrade);
        alive.map(|number| *number).min().unwrap_or(self.visible.get())
    }
}

impl Engine for Adapter {
    const KEY_LENGTHS: RangeInclusive<usize> = 1..=512;
    const DURABILITY: Option<Durability> = Some(Durability {
        after: &[Call::Flush, Call::Close],
        said: "https://docs.rs/lsm-tree/latest/lsm_tree/",
    });
    type Snapshot = Arc<SeqNo>;

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let (next, visible) = (SequenceNumberCounter::default(), SequenceNumberCounter::default());
        let mut config = Config::new(directory.join("tree"), next.clone(), visible.clone());
        if let Some(bytes) = settings.block_size {
            config = config.data_block_size_policy(BlockSizePolicy::all(bytes));
        }
        if let Some(bytes) = settings.cache_size {
            config = config.use_cache(Arc::new(Cache::with_capacity_bytes(bytes.into())));
        }
        let separated = settings.separate_from;
        let separated =
            separated.map(|from| KvSeparationOptions::default().separation_threshold(from));
        let tree = config.with_kv_separation(separated).open()?;
        // The folder in which the engine makes its own is the caller's to sync.
        File::open(directory)?.sync_all()?;
        let newest = tree.get_highest_seqno().map_or(0, |number| number + 1);
        next.set(newest);
        visible.set(newest);
        Ok(Adapter { tree, next, visible, snapshots: Vec::new() })
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        for write in batch {
            let number = self.next.next();
            match write {
                Write::Put(key, value) => self.tree.insert(*key, *value, number),
                Write::Remove(key) => self.tree.remove(*key, number),
            };
            self.visible.fetch_max(number + 1);
        }
        Ok(())
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.tree.get(key, self.visible.get())?.map(|value| value.to_vec()))
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(scan, self.tree.range::<&[u8], _>(scan.bounds(), self.visible.get(), None))
    }

    fn prefix(&mut self, prefix: &[u8], scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(scan, self.tree.prefix(prefix, self.visible.get(), None))
    }

    fn count(&mut self) -> Result<u64> {
        Ok(self.tree.len(self.visible.get(), None)? as u64)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(self.tree.flush_active_memtable(self.threshold())?)
    }

    fn compact(&mut self) -> Result<()> {
        Ok(self.tree.major_compact(64 << 20, self.threshold())?)
    }

    fn close(mut self) -> Result<()> {
        self.flush()
    }

    fn snapshot(&mut self) -> Result<Arc<SeqNo>> {
        let snapshot = Arc::new(self.visible.get());
        self.snapshots.push(Arc::downgrade(&snapshot));
        Ok(snapshot)
    }

    fn get_at(&mut self, snapshot: &Arc<SeqNo>, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.tree.get(key, **snapshot)?.map(|value| value.to_vec()))
    }

    fn scan_at(&mut self, snapshot: &Arc<SeqNo>, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(scan, self.tree.range::<&[u8], _>(scan.bounds(), **snapshot, None))
    }
}
