//! redb, with a transaction for each batch.

use std::path::Path;

use ::redb::{Database, Durability, ReadableDatabase, TableDefinition};
use anyhow::Result;

use crate::engine::{CACHE, Engine};
use crate::records::Shaped;

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("records");

pub(crate) struct Redb(Database);

impl Redb {
    fn write(
        &self,
        durability: Durability,
        records: impl Iterator<Item = impl Shaped>,
    ) -> Result<()> {
        let mut transaction = self.0.begin_write()?;
        transaction.set_durability(durability)?;
        let mut table = transaction.open_table(TABLE)?;
        for record in records {
            insert(&mut table, &record)?;
        }
        drop(table);
        Ok(transaction.commit()?)
    }
}

fn insert<R: Shaped>(table: &mut ::redb::Table<'_, &[u8], &[u8]>, record: &R) -> Result<()> {
    table.insert(R::key_bytes(record.key()).as_ref(), record.value())?;
    Ok(())
}

impl<R: Shaped> Engine<R> for Redb {
    fn create(directory: &Path, _records: u64) -> Result<Self> {
        let file = directory.join("redb");
        Ok(Redb(Database::builder().set_cache_size(CACHE as usize).create(file)?))
    }

    fn put(&mut self, batch: &[R]) -> Result<()> {
        self.write(Durability::None, batch.iter().copied())
    }

    fn get(&mut self, key: R::Key) -> Result<bool> {
        let table = self.0.begin_read()?.open_table(TABLE)?;
        Ok(table.get(R::key_bytes(key).as_ref())?.is_some())
    }

    fn scan(&mut self, from: R::Key, count: usize) -> Result<usize> {
        let table = self.0.begin_read()?.open_table(TABLE)?;
        let mut found = 0;
        for pair in table.range::<&[u8]>(R::key_bytes(from).as_ref()..)?.take(count) {
            pair?;
            found += 1;
        }
        Ok(found)
    }

    fn finish(&mut self) -> Result<()> {
        self.write(Durability::Immediate, std::iter::empty::<R>())
    }
}
