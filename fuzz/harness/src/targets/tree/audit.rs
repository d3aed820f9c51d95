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
    /// The blocks in use, for one account.
    used: Vec<u64>,
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
        let Self { store, tables, .. } = self;
        let AuditedTables { tables, used } = tables;
        used.clear();
        for ((index, _), values) in &*tables {
            used.push(*index);
            used.extend_from_slice(values);
        }
        used.extend(store.manifest_log().block_addresses());
        used.sort_unstable();
        if let Some(twice) = used.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(wrong(
                "account-of-blocks-is-exact",
                "a block is used twice",
                "once",
                &twice[0].to_string(),
            ));
        }
        // So many are in use, and each of them is: so no other is.
        let free_set = store.grid().free_set();
        let unused = used.iter().find(|address| free_set.state(**address) != BlockState::Acquired);
        if let Some(address) = unused {
            return Err(wrong(
                "account-of-blocks-is-exact",
                "a block that something is in is not in use",
                "acquired",
                &format!("block {address}: {:?}", free_set.state(*address)),
            ));
        }
        let in_use =
            free_set.acquired_count() - free_set.released_count() - free_set.staged_count();
        if in_use != used.len() as u64 {
            return Err(wrong(
                "account-of-blocks-is-exact",
                "blocks are in use for nothing",
                &format!("{} in use", used.len()),
                &in_use.to_string(),
            ));
        }
        used.extend_from_slice(store.grid().trailer_blocks());
        let disk = store.grid_mut().storage_mut();
        disk.settle();
        disk.unprotect_all();
        for address in &*used {
            disk.protect(*address);
        }
        self.audit_log(run)
    }

    /// The log, read back, gives the tables that there are.
    fn audit_log(&mut self, run: &mut Run) -> Result<(), Divergence> {
        run.step();
        let references = self.store.superblock().working().state().manifest;
        let Self { store, log_book, expected, .. } = self;
        expected.clear();
        for (number, level) in store.tree().manifest().levels().iter().enumerate() {
            let tables = level.tables(Visibility::Any, Direction::Ascending, None);
            expected.extend(tables.map(|it| (number as u64, it.table.address, it.table.checksum)));
        }
        expected.sort_unstable();
        let grid = store.grid();
        let read = log_book.read::<R::Key>(grid.storage().image(), grid.layout(), &references);
        let found = read.map_err(|what| {
            wrong("log-replays", "the log cannot be read back", "the tables", &what)
        })?;
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
