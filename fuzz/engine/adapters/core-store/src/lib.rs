//! The store of the core, with records that have strings of bytes for keys and values.
//!
//! A batch is atomic, and a checkpoint makes what was written durable; there is no log. A key has
//! up to 31 bytes, and a value up to 222.

mod row;

use std::ops::{Bound, RangeInclusive};
use std::path::Path;

use downbeat_engine::engine::{Answer, run};
use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Step, Write};
use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::storage::FileStorage;
use downbeat_lsm::store::{self, Store, StoreError, StoreOptions};

pub use row::{Row, number};

use row::{KEY, VALUE};

/// The options of a store.
pub fn options(settings: &Settings) -> StoreOptions {
    // With blocks of this size or more, a beat has room for every batch.
    let block = settings.block_size.unwrap_or(1 << 14).max(1 << 14) as usize;
    let mut options = StoreOptions::production_of::<Row>(block, (32 << 20) / block as u64);
    options.cache.sets = 4;
    options.checkpoint_interval = 1;
    options.tree.beat_value_count_max = 128;
    options
}

type Rows = Store<Row, FileStorage>;

pub struct Adapter(Rows);

fn read(store: &mut Rows, scan: &Scan<'_>) -> Result<Vec<Pair>> {
    let bound = |bound: Bound<&[u8]>| bound.map(number);
    let rows = store.range((bound(scan.bounds().0), bound(scan.bounds().1)));
    let pair = |row: std::result::Result<Row, StoreError>| row.map(|row| row.pair());
    if scan.is_backward() {
        return scan.read_backward(rows.rev().map(pair));
    }
    scan.read_forward(rows.map(pair))
}

impl Engine for Adapter {
    const KEY_LENGTHS: RangeInclusive<usize> = 0..=KEY;
    const VALUE_LENGTHS: RangeInclusive<usize> = 0..=VALUE;
    const DURABILITY: Option<Durability> =
        Some(Durability { after: &[Call::Sync, Call::Close], said: "lsm/src/store/mod.rs" });
    type Snapshot = ();

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let options = options(settings);
        let path = directory.join("store");
        let store = match path.exists() {
            true => Store::open_file(&path, &options)?,
            false => Store::create_file(&path, &options, 1)?,
        };
        Ok(Adapter(store))
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        let mut rows = store::Batch::new();
        for write in batch {
            match write {
                Write::Put(key, value) => rows.put(&Row::new(key, value)),
                Write::Remove(key) => rows.remove(number(key)),
            }
        }
        Ok(self.0.write(&rows)?)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.0.get(number(key))?.map(|row| row.pair().1))
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(&mut self.0, scan)
    }

    fn transact(&mut self, steps: &[Step<'_>], commit: bool) -> Result<Vec<Answer>> {
        // No beat may begin in a scope.
        self.0.beat()?;
        self.0.scope_open();
        let mut store = std::cell::RefCell::new(&mut self.0);
        let write = |store: &mut std::cell::RefCell<&mut Rows>, write: &Write<'_>| match write {
            Write::Put(key, value) => Ok(store.get_mut().put(&Row::new(key, value))?),
            Write::Remove(key) => Ok(store.get_mut().remove(number(key))?),
        };
        let answers = run(
            &mut store,
            steps,
            write,
            |store, key| Ok(store.borrow_mut().get(number(key))?.map(|row| row.pair().1)),
            |store, scan| read(&mut store.borrow_mut(), scan),
        );
        self.0.scope_close(match commit {
            true => ScopeOutcome::Persist,
            false => ScopeOutcome::Discard,
        });
        answers
    }

    fn sync(&mut self) -> Result<()> {
        self.0.checkpoint()?;
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.0.beat()?;
        Ok(())
    }

    fn check(&mut self) -> Result<()> {
        let verification = self.0.verify()?;
        if verification.is_clean() { Ok(()) } else { Err(format!("{verification:?}").into()) }
    }

    fn close(mut self) -> Result<()> {
        self.sync()
    }
}
