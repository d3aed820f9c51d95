//! canopydb: a B+ tree with transactions and a log.
//!
//! Transactions are serializable, several key spaces take part in one, and ranges are those of
//! `BTreeMap`: <https://docs.rs/canopydb>.

use std::path::Path;

use canopydb::{Database, ReadTransaction, Transaction, Tree, WriteTransaction};
use downbeat_engine::engine::{Answer, run, steps_of};
use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Step, Write};

pub struct Adapter {
    database: Database,
    space: u32,
}

impl Adapter {
    fn tree<'tx>(&self, transaction: &'tx WriteTransaction) -> Result<Tree<'tx>> {
        Ok(transaction.get_or_create_tree(&self.space.to_le_bytes())?)
    }

    fn change(
        &self,
        change: impl FnOnce(&mut Tree<'_>) -> std::result::Result<(), canopydb::Error>,
    ) -> Result<()> {
        let transaction = self.database.begin_write()?;
        change(&mut self.tree(&transaction)?)?;
        transaction.commit()?;
        Ok(())
    }

    /// Reads the selected tree; nothing, if it does not exist.
    fn read<T: Default>(
        &self,
        transaction: &Transaction,
        read: impl FnOnce(&Tree<'_>) -> Result<T>,
    ) -> Result<T> {
        match transaction.get_tree(&self.space.to_le_bytes())? {
            Some(tree) => read(&tree),
            None => Ok(T::default()),
        }
    }
}

fn get(tree: &Tree<'_>, key: &[u8]) -> Result<Option<Vec<u8>>> {
    Ok(tree.get(key)?.map(|value| value.to_vec()))
}

fn read(tree: &Tree<'_>, scan: &Scan<'_>) -> Result<Vec<Pair>> {
    scan.read(tree.range::<&[u8]>(scan.bounds())?)
}

fn write(tree: &mut Tree<'_>, write: &Write<'_>) -> Result<()> {
    match write {
        Write::Put(key, value) => tree.insert(key, value)?,
        Write::Remove(key) => drop(tree.delete(key)?),
    }
    Ok(())
}

impl Engine for Adapter {
    const INVERTED_SCANS: bool = false;
    const COMPACTS_ALONE: bool = true;
    const DURABILITY: Option<Durability> = Some(Durability {
        after: &[Call::Sync],
        said: "https://docs.rs/canopydb/latest/canopydb/struct.Database.html#method.sync",
    });
    type Snapshot = ReadTransaction;

    fn open(directory: &Path, _settings: &Settings) -> Result<Self> {
        Ok(Adapter { database: Database::new(directory)?, space: 0 })
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.transact(&steps_of(batch), true).map(drop)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.read(&*self.database.begin_read()?, |tree| get(tree, key))
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        self.read(&*self.database.begin_read()?, |tree| read(tree, scan))
    }

    fn prefix(&mut self, prefix: &[u8], scan: &Scan<'_>) -> Result<Vec<Pair>> {
        self.read(&*self.database.begin_read()?, |tree| scan.read(tree.prefix(&prefix)?))
    }

    fn count(&mut self) -> Result<u64> {
        self.read(&*self.database.begin_read()?, |tree| Ok(tree.len()))
    }

    fn clear(&mut self) -> Result<()> {
        self.change(|tree| tree.clear())
    }

    fn remove_range(&mut self, range: &Scan<'_>) -> Result<()> {
        self.change(|tree| tree.delete_range::<&[u8]>(range.bounds()))
    }

    fn transact(&mut self, steps: &[Step<'_>], commit: bool) -> Result<Vec<Answer>> {
        let transaction = self.database.begin_write()?;
        let mut tree = self.tree(&transaction)?;
        let answers = run(&mut tree, steps, write, get, read)?;
        drop(tree);
        match commit {
            true => transaction.commit().map(|_| ())?,
            false => transaction.rollback()?,
        }
        Ok(answers)
    }

    fn snapshot(&mut self) -> Result<ReadTransaction> {
        Ok(self.database.begin_read()?)
    }

    fn get_at(&mut self, snapshot: &ReadTransaction, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.read(snapshot, |tree| get(tree, key))
    }

    fn scan_at(&mut self, snapshot: &ReadTransaction, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        self.read(snapshot, |tree| read(tree, scan))
    }

    fn sync(&mut self) -> Result<()> {
        Ok(self.database.sync()?)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(self.database.checkpoint()?)
    }

    fn compact(&mut self) -> Result<()> {
        Ok(self.database.compact()?)
    }

    fn select(&mut self, space: u32) -> Result<()> {
        self.space = space;
        Ok(())
    }

    fn delete(&mut self, space: u32) -> Result<()> {
        let transaction = self.database.begin_write()?;
        transaction.delete_tree(&space.to_le_bytes())?;
        transaction.commit()?;
        Ok(())
    }
}
