//! LMDB, with a transaction for each batch. Its cache is that of the system.

use std::ops::Bound;
use std::path::Path;

use anyhow::Result;
use heed::types::Bytes;
use heed::{Database, Env, EnvFlags, EnvOpenOptions};

use crate::engine::Engine;
use crate::records::Shaped;

pub(crate) struct Lmdb {
    environment: Env,
    database: Database<Bytes, Bytes>,
}

impl<R: Shaped> Engine<R> for Lmdb {
    fn create(directory: &Path, records: u64) -> Result<Self> {
        let size = (records * size_of::<R>() as u64 * 8).max(1 << 30);
        let mut options = EnvOpenOptions::new();
        options.map_size(size.next_multiple_of(1 << 20) as usize);
        // SAFETY: no other process opens the files, and the flag only puts off what makes them
        // durable.
        let environment = unsafe { options.flags(EnvFlags::NO_SYNC).open(directory)? };
        let mut transaction = environment.write_txn()?;
        let database = environment.create_database(&mut transaction, None)?;
        transaction.commit()?;
        Ok(Lmdb { environment, database })
    }

    fn put(&mut self, batch: &[R]) -> Result<()> {
        let mut transaction = self.environment.write_txn()?;
        for record in batch {
            let key = R::key_bytes(record.key());
            self.database.put(&mut transaction, key.as_ref(), record.value())?;
        }
        Ok(transaction.commit()?)
    }

    fn get(&mut self, key: R::Key) -> Result<bool> {
        let transaction = self.environment.read_txn()?;
        Ok(self.database.get(&transaction, R::key_bytes(key).as_ref())?.is_some())
    }

    fn scan(&mut self, from: R::Key, count: usize) -> Result<usize> {
        let transaction = self.environment.read_txn()?;
        let mut found = 0;
        let from = R::key_bytes(from);
        let range = (Bound::Included(from.as_ref()), Bound::Unbounded);
        for pair in self.database.range(&transaction, &range)?.take(count) {
            pair?;
            found += 1;
        }
        Ok(found)
    }

    fn finish(&mut self) -> Result<()> {
        Ok(self.environment.force_sync()?)
    }
}
