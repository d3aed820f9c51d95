//! The bare loops: the same calls on each engine as its adapter makes, without the trait.

use std::path::Path;

use downbeat_core_store::{Row, number, options};
use downbeat_engine::{Result, Settings};
use downbeat_lsm::storage::FileStorage;
use downbeat_lsm::store::{Batch, Store};
use lsm_tree::{AbstractTree, AnyTree, Config, Guard, SequenceNumberCounter};
use redb::{Database, ReadableDatabase, TableDefinition};

use crate::{Loop, TAKE};

const PAIRS: TableDefinition<'static, &'static [u8], &'static [u8]> = TableDefinition::new("a");

struct Redb(Database);

pub(crate) fn redb(folder: &Path) -> Result<Box<dyn Loop>> {
    Ok(Box::new(Redb(Database::create(folder.join("data"))?)))
}

impl Loop for Redb {
    fn write(&mut self, pairs: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
        let transaction = self.0.begin_write()?;
        {
            let mut table = transaction.open_table(PAIRS)?;
            for (key, value) in pairs {
                table.insert(&**key, &**value)?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn get(&mut self, key: &[u8]) -> Result<usize> {
        let table = self.0.begin_read()?.open_table(PAIRS)?;
        Ok(table.get(key)?.map_or(0, |value| usize::from(!value.value().is_empty())))
    }

    fn scan(&mut self, from: &[u8]) -> Result<usize> {
        let table = self.0.begin_read()?.open_table(PAIRS)?;
        let mut count = 0;
        for pair in table.range(from..)?.take(TAKE) {
            count += usize::from(!pair?.1.value().is_empty());
        }
        Ok(count)
    }
}

struct LsmTree {
    tree: AnyTree,
    next: SequenceNumberCounter,
    visible: SequenceNumberCounter,
}

pub(crate) fn lsm_tree(folder: &Path) -> Result<Box<dyn Loop>> {
    let (next, visible) = (SequenceNumberCounter::default(), SequenceNumberCounter::default());
    let tree = Config::new(folder.join("tree"), next.clone(), visible.clone()).open()?;
    Ok(Box::new(LsmTree { tree, next, visible }))
}

impl Loop for LsmTree {
    fn write(&mut self, pairs: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
        for (key, value) in pairs {
            let number = self.next.next();
            self.tree.insert(&**key, &**value, number);
            self.visible.fetch_max(number + 1);
        }
        Ok(())
    }

    fn get(&mut self, key: &[u8]) -> Result<usize> {
        Ok(self.tree.get(key, self.visible.get())?.map_or(0, |_| 1))
    }

    fn scan(&mut self, from: &[u8]) -> Result<usize> {
        let mut count = 0;
        for pair in self.tree.range(from.., self.visible.get(), None).take(TAKE) {
            count += usize::from(!pair.into_inner()?.1.is_empty());
        }
        Ok(count)
    }
}

struct Core(Store<Row, FileStorage>);

pub(crate) fn core(folder: &Path) -> Result<Box<dyn Loop>> {
    let options = options(&Settings::default());
    Ok(Box::new(Core(Store::create_file(&folder.join("store"), &options, 1)?)))
}

impl Loop for Core {
    fn write(&mut self, pairs: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
        let mut rows = Batch::new();
        pairs.iter().for_each(|(key, value)| rows.put(&Row::new(key, value)));
        Ok(self.0.write(&rows)?)
    }

    fn get(&mut self, key: &[u8]) -> Result<usize> {
        Ok(self.0.get(number(key))?.map_or(0, |_| 1))
    }

    fn scan(&mut self, from: &[u8]) -> Result<usize> {
        let mut count = 0;
        for row in self.0.range(number(from)..).take(TAKE) {
            row?;
            count += 1;
        }
        Ok(count)
    }
}
