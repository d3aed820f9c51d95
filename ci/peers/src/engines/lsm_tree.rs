//! lsm-tree, which is flushed and compacted here, in the thread of the caller.

use std::path::Path;
use std::sync::Arc;

use ::lsm_tree::compaction::Leveled;
use ::lsm_tree::{AbstractTree, AnyTree, Cache, Config, Guard, SequenceNumberCounter};
use anyhow::Result;

use crate::engine::{CACHE, Engine, MEMTABLE};
use crate::records::Shaped;

pub(crate) struct LsmTree {
    tree: AnyTree,
    next: SequenceNumberCounter,
    visible: SequenceNumberCounter,
    strategy: Arc<Leveled>,
}

impl<R: Shaped> Engine<R> for LsmTree {
    fn create(directory: &Path, _records: u64) -> Result<Self> {
        let (next, visible) = (SequenceNumberCounter::default(), SequenceNumberCounter::default());
        let tree = Config::new(directory, next.clone(), visible.clone())
            .use_cache(Arc::new(Cache::with_capacity_bytes(CACHE)))
            .open()?;
        Ok(LsmTree { tree, next, visible, strategy: Arc::new(Leveled::default()) })
    }

    fn put(&mut self, batch: &[R]) -> Result<()> {
        let number = self.next.next();
        let mut size = 0;
        for record in batch {
            let key = R::key_bytes(record.key());
            (_, size) = self.tree.insert(key.as_ref(), record.value(), number);
        }
        self.visible.fetch_max(number + 1);
        if size >= MEMTABLE {
            self.tree.flush_active_memtable(0)?;
            self.tree.compact(Arc::clone(&self.strategy) as _, self.visible.get())?;
        }
        Ok(())
    }

    fn get(&mut self, key: R::Key) -> Result<bool> {
        Ok(self.tree.get(R::key_bytes(key), self.visible.get())?.is_some())
    }

    fn scan(&mut self, from: R::Key, count: usize) -> Result<usize> {
        let mut found = 0;
        let pairs = self.tree.range(R::key_bytes(from).., self.visible.get(), None);
        for pair in pairs.take(count) {
            pair.into_inner()?;
            found += 1;
        }
        Ok(found)
    }

    fn finish(&mut self) -> Result<()> {
        self.tree.flush_active_memtable(0)?;
        self.tree.compact(Arc::clone(&self.strategy) as _, self.visible.get())?;
        Ok(())
    }
}
