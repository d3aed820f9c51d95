//! fjall, with one thread for flushes and compactions.

use std::path::Path;

use ::fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use anyhow::Result;

use crate::engine::{CACHE, Engine, MEMTABLE};
use crate::records::Shaped;

pub(crate) struct Fjall {
    database: Database,
    space: Keyspace,
}

impl<R: Shaped> Engine<R> for Fjall {
    fn create(directory: &Path, _records: u64) -> Result<Self> {
        let database = Database::builder(directory).cache_size(CACHE).worker_threads(1).open()?;
        let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE);
        let space = database.keyspace("records", options)?;
        Ok(Fjall { database, space })
    }

    fn put(&mut self, batch: &[R]) -> Result<()> {
        let mut writes = self.database.batch();
        for record in batch {
            writes.insert(&self.space, R::key_bytes(record.key()).as_ref(), record.value());
        }
        Ok(writes.commit()?)
    }

    fn get(&mut self, key: R::Key) -> Result<bool> {
        Ok(self.space.get(R::key_bytes(key))?.is_some())
    }

    fn scan(&mut self, from: R::Key, count: usize) -> Result<usize> {
        let mut found = 0;
        for pair in self.space.range(R::key_bytes(from)..).take(count) {
            pair.into_inner()?;
            found += 1;
        }
        Ok(found)
    }

    fn finish(&mut self) -> Result<()> {
        self.space.rotate_memtable_and_wait()?;
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }
}
