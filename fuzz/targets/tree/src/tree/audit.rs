//! What a store has on its disk, block by block.

use std::collections::BTreeMap;

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::collections::Direction;
use downbeat_lsm::grid::free_set::BlockState;
use downbeat_lsm::grid::{BlockHandle, Caching, ReadOutcome};
use downbeat_lsm::manifest::{TableInfo, Visibility};
use downbeat_lsm::table::TableVerification;

use super::events::Event;
use super::log_book::{Named, named};
use super::states;
use super::tested::Tested;
use downbeat::failure::Divergence;
use downbeat::records::Versioned;
use downbeat::run::Run;

/// Tables that were read whole, by the address of their index.
#[derive(Debug)]
pub(super) struct AuditedTables<K: Copy> {
    tables: BTreeMap<u64, Audited<K>>,
    /// Of the latest audit.
    number: u64,
    /// The blocks in use, for one account.
    used: Vec<u64>,
    /// Tables that had moved into the last level by the latest audit.
    moves: u64,
}

/// A table that was read whole.
#[derive(Debug)]
struct Audited<K: Copy> {
    named: Named<K>,
    values: Vec<u64>,
    tombstones: u64,
    /// The latest audit that found it.
    number: u64,
}

impl<K: Copy> Default for AuditedTables<K> {
    fn default() -> Self {
        Self { tables: BTreeMap::new(), number: 0, used: Vec::new(), moves: u64::MAX }
    }
}

impl<K: Copy> AuditedTables<K> {
    /// Whatever is there from now on, is there for the first time.
    pub(super) fn clear(&mut self) {
        self.tables.clear();
        self.moves = u64::MAX;
    }
}

impl<R: Versioned> Tested<R> {
    /// The tables of each level are disjoint, and those that are new hold what is said of them.
    pub(super) fn audit_tables(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let Self { store, tables, .. } = self;
        tables.number += 1;
        let mut new = Vec::new();
        for (number, level) in store.tree().manifest().levels().iter().enumerate() {
            let mut before: Option<R::Key> = None;
            for found in level.tables(Visibility::Any, Direction::Ascending, None) {
                let table = found.table;
                let (key_min, key_max) = (table.key_min, table.key_max);
                if before.is_some_and(|before| before >= key_min) {
                    return Err(Divergence::new(
                        "levels-are-disjoint",
                        "two tables of a level overlap",
                        "tables one behind the other",
                        format!("level {number}: {before:?}, then {key_min:?}"),
                    ));
                }
                before = Some(key_max);
                let name = named(number as u64, table);
                match tables.tables.get_mut(&{ table.address }) {
                    Some(known) if known.named.1 == name.1 => {
                        // It may have moved.
                        known.named = name;
                        known.number = tables.number;
                    }
                    _ => new.push((name, *table)),
                }
            }
        }
        let last_level = store.tree().manifest().levels().len() as u64 - 1;
        let mut tombstones = 0;
        for (name, table) in new {
            let audited = self.audit_table(name, &table, run)?;
            if name.0 == last_level {
                tombstones += audited.tombstones;
            } else if audited.tombstones > 0 {
                run.state(states::TombstoneKept, name.0 as usize);
            }
            self.tables.tables.insert(table.address, audited);
        }
        self.check_tombstones(last_level, tombstones)?;
        let AuditedTables { tables, number, .. } = &mut self.tables;
        tables.retain(|_, table| table.number == *number);
        Ok(())
    }

    /// A merge into the last level leaves no tombstones but those that were there.
    fn check_tombstones(&mut self, last_level: u64, new: u64) -> Result<(), Divergence> {
        let moves = self.store.tree().compactions().levels[last_level as usize].moves;
        let AuditedTables { tables, number, moves: before, .. } = &mut self.tables;
        // What was written to the level above and has moved since may have some.
        if std::mem::replace(before, moves) != moves {
            return Ok(());
        }
        let gone = tables.values().filter(|it| it.number != *number && it.named.0 == last_level);
        let gone: u64 = gone.map(|it| it.tombstones).sum();
        if new <= gone {
            return Ok(());
        }
        Err(Divergence::new(
            "tombstones-end-at-the-last-level",
            "a merge into the last level keeps tombstones",
            format!("{gone} or fewer, which were there"),
            new,
        ))
    }

    /// Reads all of a table.
    fn audit_table(
        &mut self,
        named: Named<R::Key>,
        table: &TableInfo<R::Key>,
        run: &mut Run,
    ) -> Result<Audited<R::Key>, Divergence> {
        run.step();
        let layout = *self.store.tree().layout();
        let verification = TableVerification::new(&layout, self.store.tree().id(), table);
        let refused = |what: String| {
            Divergence::new(
                "tables-hold-what-is-said",
                "a table is not what the manifest says",
                "a table",
                &what,
            )
        };
        let index = self.read(verification.reference()).map_err(refused)?;
        let view = verification.index_block(index.contents(), index.body());
        let view = view.map_err(|error| refused(error.to_string()))?;
        let mut values = Vec::with_capacity(view.value_block_count());
        let mut tombstones = 0;
        for number in 0..view.value_block_count() {
            let entry = view.entry(number);
            let read = self.read(entry.reference).map_err(refused)?;
            let block = verification
                .value_block::<R>(number, &entry, read.contents(), read.body())
                .map_err(|error| refused(error.to_string()))?;
            tombstones += block.records().iter().filter(|it| it.is_tombstone()).count() as u64;
            if block.records().len() == layout.block_value_count_max() as usize {
                Event::FullBlock.count(run);
            }
            values.push(entry.reference.address);
        }
        Ok(Audited { named, values, tombstones, number: self.tables.number })
    }

    fn read(&mut self, reference: BlockReference) -> Result<BlockHandle, String> {
        let mut ticket = match self.store.by_hand().grid_mut().read(reference, Caching::Bypass) {
            ReadOutcome::Ready(block) => return Ok(block),
            ReadOutcome::Pending(ticket) => ticket,
            ReadOutcome::Refused(error) => return Err(error.to_string()),
        };
        loop {
            ticket = match self.store.by_hand().grid_mut().take_read(ticket) {
                Ok(answer) => return answer.map_err(|error| error.to_string()),
                Err(ticket) => ticket,
            };
            if !self.store.by_hand().step() {
                self.store.by_hand().grid_mut().forget_read(ticket);
                return Err("the device completes nothing".to_owned());
            }
        }
    }

    /// Every block is in use for something, once; the log says which tables there are; nothing that the checkpoint
    /// refers to may be written from now on.
    pub(super) fn audit_checkpoint(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let Self { store, tables, .. } = self;
        let AuditedTables { tables, used, .. } = tables;
        used.clear();
        for (index, table) in &*tables {
            used.push(*index);
            used.extend_from_slice(&table.values);
        }
        used.extend(store.manifest_log().block_addresses());
        used.sort_unstable();
        if let Some(twice) = used.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Divergence::new(
                "account-of-blocks-is-exact",
                "a block is used twice",
                "once",
                twice[0],
            ));
        }
        // So many are in use, and each of them is: so no other is.
        let free_set = store.grid().free_set();
        let unused = used.iter().find(|address| free_set.state(**address) != BlockState::Acquired);
        if let Some(address) = unused {
            return Err(Divergence::new(
                "account-of-blocks-is-exact",
                "a block that something is in is not in use",
                "acquired",
                format!("block {address}: {:?}", free_set.state(*address)),
            ));
        }
        let in_use =
            free_set.acquired_count() - free_set.released_count() - free_set.staged_count();
        if in_use != used.len() as u64 {
            return Err(Divergence::new(
                "account-of-blocks-is-exact",
                "blocks are in use for nothing",
                format!("{} in use", used.len()),
                in_use,
            ));
        }
        used.extend_from_slice(store.grid().trailer_blocks());
        let disk = store.by_hand().grid_mut().storage_mut();
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
        let Self { store, log_book, .. } = self;
        let grid = store.grid();
        let read = log_book.read(grid.storage().image(), grid.layout(), &references);
        let refused = |what: String| {
            Divergence::new("log-replays", "the log cannot be read back", "the tables", &what)
        };
        let count = read.map_err(refused)?.len();
        let levels = store.tree().manifest().levels();
        // Tables that are disjoint, as was checked, are not the same: so many of them are all that the log may have.
        let mut expected = 0;
        for (number, level) in levels.iter().enumerate() {
            for found in level.tables(Visibility::Any, Direction::Ascending, None) {
                expected += 1;
                let table = named(number as u64, found.table);
                let got = log_book.table(found.table.address);
                if got != Some(&table) {
                    return Err(Divergence::new(
                        "log-replays",
                        "the log gives another table than there is",
                        format!("{table:?}"),
                        format!("{got:?}"),
                    ));
                }
            }
        }
        if count == expected {
            return Ok(());
        }
        Err(Divergence::new(
            "log-replays",
            "the log gives tables that there are not",
            format!("{expected} tables"),
            format!("{count} tables"),
        ))
    }
}
