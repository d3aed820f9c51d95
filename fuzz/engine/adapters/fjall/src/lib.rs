//! fjall 3: key spaces over lsm-tree, with a journal.
//!
//! A batch is atomic, over key spaces too, and `persist` makes what was written durable:
//! <https://docs.rs/fjall/latest/fjall/struct.Database.html>. A key may not be empty.

use std::ops::RangeInclusive;
use std::path::Path;

use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Write};
use fjall::config::BlockSizePolicy;
use fjall::{
    Database, Guard, Iter, Keyspace, KeyspaceCreateOptions, KvSeparationOptions, PersistMode,
    Readable, Snapshot,
};

pub struct Adapter {
    space: Keyspace,
    database: Database,
    options: KeyspaceCreateOptions,
}

fn read(scan: &Scan<'_>, pairs: Iter) -> Result<Vec<Pair>> {
    scan.read(pairs.map(Guard::into_inner))
}

impl Engine for Adapter {
    const KEY_LENGTHS: RangeInclusive<usize> = 1..=512;
    const DURABILITY: Option<Durability> = Some(Durability {
        after: &[Call::Sync],
        said: "https://docs.rs/fjall/latest/fjall/struct.Database.html#method.persist",
    });
    /// The method that flushes and waits is for tests: it waits for ever for a worker that saw an
    /// error.
    const REPORTS_ERRORS: bool = false;
    type Snapshot = Snapshot;

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let mut builder = Database::builder(directory).worker_threads(1);
        if let Some(bytes) = settings.cache_size {
            builder = builder.cache_size(bytes.into());
        }
        let mut options = KeyspaceCreateOptions::default();
        if let Some(bytes) = settings.block_size {
            options = options.data_block_size_policy(BlockSizePolicy::all(bytes));
        }
        if let Some(bytes) = settings.memtable_size {
            options = options.max_memtable_size(bytes.into());
        }
        let separated = settings.separate_from;
        let separated =
            separated.map(|from| KvSeparationOptions::default().separation_threshold(from));
        let options = options.with_kv_separation(separated);
        let database = builder.open()?;
        let space = database.keyspace("0", || options.clone())?;
        Ok(Adapter { space, database, options })
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        let mut writes = self.database.batch();
        for write in batch {
            match write {
                Write::Put(key, value) => writes.insert(&self.space, *key, *value),
                Write::Remove(key) => writes.remove(&self.space, *key),
            }
        }
        Ok(writes.commit()?)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.space.get(key)?.map(|value| value.to_vec()))
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(scan, self.space.range::<&[u8], _>(scan.bounds()))
    }

    fn prefix(&mut self, prefix: &[u8], scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(scan, self.space.prefix(prefix))
    }

    fn count(&mut self) -> Result<u64> {
        Ok(self.space.len()? as u64)
    }

    fn clear(&mut self) -> Result<()> {
        Ok(self.space.clear()?)
    }

    fn sync(&mut self) -> Result<()> {
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(self.space.rotate_memtable_and_wait()?)
    }

    fn compact(&mut self) -> Result<()> {
        Ok(self.space.major_compact()?)
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        Ok(self.database.snapshot())
    }

    fn get_at(&mut self, snapshot: &Snapshot, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(snapshot.get(&self.space, key)?.map(|value| value.to_vec()))
    }

    fn scan_at(&mut self, snapshot: &Snapshot, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(scan, snapshot.range::<&[u8], _>(&self.space, scan.bounds()))
    }

    fn select(&mut self, space: u32) -> Result<()> {
        self.space = self.database.keyspace(&space.to_string(), || self.options.clone())?;
        Ok(())
    }

    fn delete(&mut self, space: u32) -> Result<()> {
        let name = space.to_string();
        let deleted = self.database.keyspace(&name, || self.options.clone())?;
        Ok(self.database.delete_keyspace(deleted)?)
    }
}
