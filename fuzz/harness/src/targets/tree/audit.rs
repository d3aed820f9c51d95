//! What a store has on its disk, block by block.

use std::collections::BTreeMap;

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::collections::Direction;
use downbeat_lsm::grid::free_set::BlockState;
use downbeat_lsm::grid::{BlockHandle, Caching, ReadOutcome};
use downbeat_lsm::manifest::{TableInfo, Visibility};
use downbeat_lsm::table::TableVerification;

use super::reads::wrong;
use super::tested::Tested;
use crate::failure::Divergence;
use crate::run::Run;
use crate::targets::records::Versioned;

/// Value blocks of tables, by the address of the index and its checksum.
#[derive(Debug, Default)]
pub(super) struct AuditedTables {
    tables: BTreeMap<(u64, u128), Vec<u64>>,
}

impl AuditedTables {
    pub(super) fn clear(&mut self) {
        self.tables.clear();
    }
}

impl<R: Versioned> Tested<R> {
    /// The tables of each level are disjoint, and those that are new hold what is said of them.
    pub(super) fn audit_tables(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let levels = self.store.tree().manifest().levels().len();
        let mut known = std::mem::take(&mut self.tables.tables);
        let mut now = BTreeMap::new();
        for level in 0..levels {
            let mut before: Option<R::Key> = None;
            for table in self.tables_of(level) {
                let (key_min, key_max) = (table.key_min, table.key_max);
                if before.is_some_and(|before| before >= key_min) {
                    return Err(wrong(
                        "levels-are-disjoint",
                        "two tables of a level overlap",
                        "tables one behind the other",
                        &format!("level {level}: {before:?}, then {key_min:?}"),
                    ));
                }
                before = Some(key_max);
                let name = (table.address, table.checksum);
                let values = match known.remove(&name) {
                    Some(values) => values,
                    None => self.audit_table(&table, run)?,
                };
                now.insert(name, values);
            }
        }
        self.tables.tables = now;
        Ok(())
    }

    fn tables_of(&self, level: usize) -> Vec<TableInfo<R::Key>> {
        let level = &self.store.tree().manifest().levels()[level];
        level
            .tables(Visibility::Any, Direction::Ascending, None)
            .map(|found| *found.table)
            .collect()
    }

    /// Reads all of a table. Returns its value blocks.
    fn audit_table(
        &mut self,
        table: &TableInfo<R::Key>,
        run: &mut Run,
    ) -> Result<Vec<u64>, Divergence> {
        run.step();
        let layout = *self.store.tree().layout();
        let verification = TableVerification::new(&layout, self.store.tree().id(), table);
        let refused = |what: String| {
            wrong(
                "tables-hold-what-is-said",
                "a table is not what the manifest says",
                "a table",
                &what,
            )
        };
        let index = self.read(verification.reference()).map_err(refused)?;
        let view = verification.index_block(index.contents(), index.body());
        let view = view.map_err(|error| refused(error.to_string()))?;
        let mut blocks = Vec::with_capacity(view.value_block_count());
        for number in 0..view.value_block_count() {
            let entry = view.entry(number);
            let values = self.read(entry.reference).map_err(refused)?;
            verification
                .value_block::<R>(number, &entry, values.contents(), values.body())
                .map_err(|error| refused(error.to_string()))?;
            blocks.push(entry.reference.address);
        }
        Ok(blocks)
    }

    fn read(&mut self, reference: BlockReference) -> Result<BlockHandle, String> {
        let mut ticket = match self.store.grid_mut().read(reference, Caching::Bypass) {
            ReadOutcome::Ready(block) => return Ok(block),
            ReadOutcome::Pending(ticket) => ticket,
        };
        loop {
            ticket = match self.store.grid_mut().take_read(ticket) {
                Ok(answer) => return answer.map_err(|error| error.to_string()),
                Err(ticket) => ticket,
            };
            if !self.store.step() {
                self.store.grid_mut().forget_read(ticket);
                return Err("the device completes nothing".to_owned());
            }
        }
    }

    /// Every block is in use for something, once; the log says which tables there are; nothing that the checkpoint
    /// refers to may be written from now on.
    pub(super) fn audit_checkpoint(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let mut used: BTreeMap<u64, &'static str> = BTreeMap::new();
        let mut twice = None;
        let tables = self.tables.tables.iter().flat_map(|((index, _), values)| {
            std::iter::once((*index, "an index")).chain(values.iter().map(|it| (*it, "records")))
        });
        let log = self.store.manifest_log().block_addresses().map(|address| (address, "the log"));
        for (address, what) in tables.chain(log) {
            if used.insert(address, what).is_some() {
                twice = Some(address);
            }
        }
        if let Some(address) = twice {
            return Err(wrong(
                "account-of-blocks-is-exact",
                "a block is used twice",
                "once",
                &address.to_string(),
            ));
        }
        let free_set = self.store.grid().free_set();
        for address in 1..=self.store.grid().layout().block_count() {
            let state = free_set.state(address);
            let is_used = used.contains_key(&address);
            let right =
                if is_used { state == BlockState::Acquired } else { state != BlockState::Acquired };
            if !right {
                return Err(wrong(
                    "account-of-blocks-is-exact",
                    "a block is in use for nothing, or used and not in use",
                    used.get(&address).unwrap_or(&"nothing"),
                    &format!("block {address}: {state:?}"),
                ));
            }
        }
        let trailers = self.store.grid().trailer_blocks().to_vec();
        let disk = self.store.grid_mut().storage_mut();
        disk.settle();
        disk.unprotect_all();
        for address in used.keys().chain(&trailers) {
            disk.protect(*address);
        }
        self.audit_log(run)
    }

    /// The log, read back, gives the tables that there are.
    fn audit_log(&mut self, run: &mut Run) -> Result<(), Divergence> {
        run.step();
        let references = self.store.superblock().working().state().manifest;
        let mut found: Vec<(u64, u64, u128)> = Vec::new();
        self.second_log.reset();
        let log = &mut self.second_log;
        let opened = log.open(self.store.grid_mut(), &references, |entry| {
            let table = entry.table::<R::Key>()?;
            found.push((u64::from(entry.level()), table.address, table.checksum));
            Ok(())
        });
        if let Err(error) = opened {
            return Err(wrong(
                "log-replays",
                "the log cannot be read back",
                "the tables",
                &error.to_string(),
            ));
        }
        found.sort_unstable();
        let mut expected = Vec::new();
        for level in 0..self.store.tree().manifest().levels().len() {
            for table in self.tables_of(level) {
                expected.push((level as u64, table.address, table.checksum));
            }
        }
        expected.sort_unstable();
        if found == expected {
            return Ok(());
        }
        Err(wrong(
            "log-replays",
            "the log gives other tables than there are",
            &format!("{expected:?}"),
            &format!("{found:?}"),
        ))
    }
}
