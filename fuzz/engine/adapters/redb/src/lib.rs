//! redb: a B-tree that copies on write.
//!
//! A commit with `Durability::Immediate` is durable when it returns, and a transaction is isolated
//! from all others: <https://docs.rs/redb/latest/redb/enum.Durability.html>.

use std::fs::File;
use std::path::Path;

use downbeat_engine::engine::{Answer, run, steps_of};
use downbeat_engine::{
    Batch, Call, Durability, Engine, NotOffered, Pair, Result, Scan, Settings, Step, Write,
};
use redb::{
    AccessGuard, Database, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    Savepoint, Table, TableDefinition,
};

type Bytes = &'static [u8];

/// The tables that are key spaces.
const SPACES: [TableDefinition<'static, Bytes, Bytes>; 3] =
    [TableDefinition::new("a"), TableDefinition::new("b"), TableDefinition::new("c")];

pub struct Adapter {
    kept: Option<Savepoint>,
    space: TableDefinition<'static, Bytes, Bytes>,
    database: Database,
}

fn owned((key, value): (AccessGuard<'_, Bytes>, AccessGuard<'_, Bytes>)) -> Pair {
    (key.value().to_vec(), value.value().to_vec())
}

fn get(table: &impl ReadableTable<Bytes, Bytes>, key: &[u8]) -> Result<Option<Vec<u8>>> {
    Ok(table.get(key)?.map(|value| value.value().to_vec()))
}

fn read(table: &impl ReadableTable<Bytes, Bytes>, scan: &Scan<'_>) -> Result<Vec<Pair>> {
    scan.read(table.range::<&[u8]>(scan.bounds())?.map(|pair| pair.map(owned)))
}

fn write(table: &mut Table<'_, Bytes, Bytes>, write: &Write<'_>) -> Result<()> {
    match write {
        Write::Put(key, value) => table.insert(*key, *value)?.map(drop),
        Write::Remove(key) => table.remove(*key)?.map(drop),
    };
    Ok(())
}

impl Engine for Adapter {
    const COMPACTS_ALONE: bool = true;
    const DURABILITY: Option<Durability> = Some(Durability {
        after: &[Call::Write, Call::Close],
        said: "https://docs.rs/redb/latest/redb/enum.Durability.html#variant.Immediate",
    });
    type Snapshot = ReadTransaction;

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let mut builder = Database::builder();
        settings.cache_size.map(|bytes| builder.set_cache_size(bytes as usize));
        let database = builder.create(directory.join("data"))?;
        // The name of the file is not in the file, so its directory is the caller's to sync.
        File::open(directory)?.sync_all()?;
        let mut adapter = Adapter { kept: None, space: SPACES[0], database };
        // A table that was never written cannot be read.
        for space in SPACES {
            adapter.space = space;
            adapter.apply(&[])?;
        }
        adapter.select(0)?;
        Ok(adapter)
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.transact(&steps_of(batch), true).map(drop)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let snapshot = self.snapshot()?;
        self.get_at(&snapshot, key)
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        let snapshot = self.snapshot()?;
        self.scan_at(&snapshot, scan)
    }

    fn snapshot(&mut self) -> Result<ReadTransaction> {
        Ok(self.database.begin_read()?)
    }

    fn get_at(&mut self, snapshot: &ReadTransaction, key: &[u8]) -> Result<Option<Vec<u8>>> {
        get(&snapshot.open_table(self.space)?, key)
    }

    fn scan_at(&mut self, snapshot: &ReadTransaction, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(&snapshot.open_table(self.space)?, scan)
    }

    fn count(&mut self) -> Result<u64> {
        Ok(self.snapshot()?.open_table(self.space)?.len()?)
    }

    fn end(&mut self, last: bool) -> Result<Option<Pair>> {
        let table = self.snapshot()?.open_table(self.space)?;
        Ok(if last { table.last()?.map(owned) } else { table.first()?.map(owned) })
    }

    fn remove_range(&mut self, range: &Scan<'_>) -> Result<()> {
        let transaction = self.database.begin_write()?;
        transaction.open_table(self.space)?.retain_in::<&[u8], _>(range.bounds(), |_, _| false)?;
        Ok(transaction.commit()?)
    }

    fn transact(&mut self, steps: &[Step<'_>], commit: bool) -> Result<Vec<Answer>> {
        let mut transaction = self.database.begin_write()?;
        let mut answers = Vec::new();
        for (restores, part) in steps.split(|step| matches!(step, Step::Restore)).enumerate() {
            if restores > 0 {
                transaction.restore_savepoint(self.kept.as_ref().ok_or(NotOffered)?)?;
            }
            let mut table = transaction.open_table(self.space)?;
            answers.extend(run(&mut table, part, write, get, read)?);
        }
        if commit {
            transaction.commit()?
        } else {
            transaction.abort()?
        }
        Ok(answers)
    }

    fn savepoint(&mut self) -> Result<()> {
        let transaction = self.database.begin_write()?;
        self.kept = Some(transaction.ephemeral_savepoint()?);
        Ok(transaction.abort()?)
    }

    fn select(&mut self, space: u32) -> Result<()> {
        self.space = SPACES[space as usize];
        Ok(())
    }

    fn delete(&mut self, space: u32) -> Result<()> {
        let transaction = self.database.begin_write()?;
        transaction.delete_table(SPACES[space as usize])?;
        transaction.open_table(SPACES[space as usize])?;
        Ok(transaction.commit()?)
    }

    /// A savepoint forbids compaction.
    fn compact(&mut self) -> Result<()> {
        if self.kept.is_none() {
            self.database.compact()?;
        }
        Ok(())
    }

    fn check(&mut self) -> Result<()> {
        let whole = self.kept.is_some() || self.database.check_integrity()?;
        if whole { Ok(()) } else { Err("check_integrity() repaired the file".into()) }
    }
}
