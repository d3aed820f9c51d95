//! Downbeat's store, with options for production, blocks of 64 KiB, and a checkpoint of each
//! memtable.

use std::path::Path;

use anyhow::{Result, ensure};
use downbeat_lsm::storage::FileStorage;
use downbeat_lsm::store::{Store, StoreOptions};

use crate::engine::{CACHE, Engine, MEMTABLE};
use crate::records::Shaped;

const BLOCK: usize = 1 << 16;

/// The bytes of the device for each byte of data. The file takes only the space that was written.
const ROOM: u64 = 8;

pub(crate) struct Downbeat<R: Shaped>(Store<R, FileStorage>);

impl<R: Shaped> Engine<R> for Downbeat<R> {
    fn create(directory: &Path, records: u64) -> Result<Self> {
        let data = records * size_of::<R>() as u64;
        let blocks = (ROOM * data).max(1 << 30).div_ceil(BLOCK as u64);
        let mut options = StoreOptions::production_of::<R>(BLOCK, blocks);
        options.cache.sets = (CACHE / (BLOCK * options.cache.ways.count()) as u64) as u32;
        // Blocks that are replaced become free at a checkpoint.
        options.checkpoint_interval = 1;
        let tree = &mut options.tree;
        tree.beat_value_count_max =
            (MEMTABLE / size_of::<R>() as u64 / u64::from(tree.beats_per_bar)) as u32;
        ensure!(u64::from(tree.value_count_max()) * size_of::<R>() as u64 == MEMTABLE);
        Ok(Downbeat(Store::create_file(&directory.join("store"), &options, 1)?))
    }

    fn put(&mut self, batch: &[R]) -> Result<()> {
        Ok(batch.iter().try_for_each(|record| self.0.put(record))?)
    }

    fn get(&mut self, key: R::Key) -> Result<bool> {
        Ok(self.0.get(key)?.is_some())
    }

    fn scan(&mut self, from: R::Key, count: usize) -> Result<usize> {
        let mut found = 0;
        for record in self.0.range(from..).take(count) {
            record?;
            found += 1;
        }
        Ok(found)
    }

    fn finish(&mut self) -> Result<()> {
        self.0.checkpoint()?;
        Ok(())
    }
}
