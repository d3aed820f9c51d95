//! Checks the disk of the store block by block, by the documentation of the file format, and
//! compares it with what the core has in memory. An audit follows each checkpoint and each opening.
//!
//! - The superblock and the manifest log are those of the core, and the log has the tables of all
//!   trees.
//! - The blocks of each table have the keys and the records that its entry names.
//! - Every block in use belongs to exactly one table or to the log. The blocks of the checkpoint's
//!   free set are in use on the disk only.
//! - From then on, a write to a block of the checkpoint is a finding.
//!
//! Bytes are read as if no sector were damaged. A block that a crash lost, although its flush had
//! been reported, is not compared.

use std::collections::BTreeMap;

use downbeat_lsm::forest::Trees;
use downbeat_lsm::grid::free_set::BlockState;
use downbeat_lsm::groove::Object;

use super::tested::Tested;
use super::trees::{NARROW, Part, Set, Tick, WIDE};
use crate::store::Options;
use downbeat::check::{fail, holds};
use downbeat::disk::{SimulatedDisk, Unit};
use downbeat::input::version::Usage;
use downbeat::{Checked, Run};
use downbeat_model::format::bytes::{Key, number, record_key, wide};
use downbeat_model::format::{
    At, Entry, Fault, Reference, Root, Sizes, Table, Wrong, index, sizes, values,
};
use downbeat_storage_targets::book::{Book, LogBook};

/// Computes the key of a record from its bytes.
type KeyOf = fn(&[u8]) -> Key;

/// The blocks and tables that were read.
#[derive(Debug)]
pub(super) struct Audit {
    book: Book,
    log: LogBook,
    /// How the key of a record is computed, by the number of the tree.
    keys: BTreeMap<u16, KeyOf>,
    /// Tables that were read as a whole, by the address of their index.
    tables: BTreeMap<u64, ReadTable>,
    /// A buffer for the blocks in use.
    used: Vec<u64>,
}

/// A table that was read as a whole.
#[derive(Debug)]
struct ReadTable {
    tree: u16,
    /// The table without its level.
    content: Table,
    /// The addresses of the value blocks.
    values: Vec<u64>,
}

/// Bit 63 of a timestamp marks a tombstone.
const TIMESTAMP: u64 = u64::MAX >> 1;

fn at_start(bytes: &[u8]) -> Key {
    record_key(bytes, 0, 8)
}

fn wide_at_start(bytes: &[u8]) -> Key {
    record_key(bytes, 0, 16)
}

/// The key of a part or a tick: the timestamp.
fn of_part(bytes: &[u8]) -> Key {
    (0, u128::from(number(bytes, 8, 8) & TIMESTAMP))
}

fn of_tick(bytes: &[u8]) -> Key {
    (0, u128::from(number(bytes, 0, 8) & TIMESTAMP))
}

/// The key of an entry of an index: the value, then the timestamp. The timestamp comes first.
fn of_index(bytes: &[u8]) -> Key {
    let mask = u128::from(u64::MAX) << 64 | u128::from(TIMESTAMP);
    (0, wide(bytes, 0) & mask)
}

/// The checksum of the fields of an object, by their kinds and sizes.
fn fields<O: Object>(fields: &[(u64, u64)]) -> u64 {
    let named =
        fields.iter().zip(O::FIELDS).map(|((kind, size), field)| (*kind, *size, field.name));
    sizes::fields(&named.collect::<Vec<_>>())
}

impl Audit {
    pub(super) fn new(options: &Options<Set>) -> Self {
        let (narrow, parts, wide, ticks) = &options.trees;
        let forest = &options.forest;
        let of = |tree: u16, record: usize, key: usize, usage: Usage| Sizes {
            sector: forest.layout.sector_size,
            block: forest.layout.block_size,
            copies: forest.layout.superblock_copies,
            blocks: forest.layout.block_count,
            record,
            key,
            tree,
            usage,
            batch: 0,
            bar: narrow.beats_per_bar,
            growth: 0,
            levels: 0,
            interval: forest.checkpoint_interval,
            extra: forest.manifest_compact_extra_blocks,
        };
        let part = Sizes {
            batch: parts.batch_objects_max,
            growth: parts.growth_factor,
            levels: parts.level_count,
            ..of(parts.tree_id, 32, 8, Usage::General)
        };
        let tick = Sizes {
            batch: ticks.batch_objects_max,
            growth: ticks.growth_factor,
            levels: ticks.level_count,
            ..of(ticks.tree_id, 16, 8, Usage::General)
        };
        // The trees of the fields follow the object tree. An update removes an entry and puts one.
        let field = |object: &Sizes, nth: u16, key: usize, usage: Usage| Sizes {
            tree: object.tree + nth,
            record: 16,
            key,
            usage,
            batch: 2 * object.batch,
            ..*object
        };
        let plain = |options: &downbeat_lsm::tree::TreeOptions, record: usize, key: usize| Sizes {
            batch: options.beat_value_count_max,
            growth: options.growth_factor,
            levels: options.level_count,
            ..of(options.id, record, key, Usage::General)
        };
        let name = |field: usize| Part::FIELDS[field].name;
        // The kind and the size of each field, in the order of their declaration.
        let part_fields = fields::<Part>(&[(2, 8), (1, 8), (4, 8), (5, 4), (0, 4)]);
        let tick_fields = fields::<Tick>(&[(1, 8), (4, 4), (0, 4)]);
        let all: [(Sizes, u64, &str, KeyOf); 8] = [
            (plain(narrow, 16, 8), 0, NARROW, at_start),
            (part, part_fields, Part::NAME, of_part),
            (field(&part, 1, 8, Usage::General), 0, name(0), at_start),
            (field(&part, 2, 16, Usage::Index), 0, name(2), of_index),
            (field(&part, 3, 16, Usage::Index), 0, name(3), of_index),
            (plain(wide, 32, 16), 0, WIDE, wide_at_start),
            (tick, tick_fields, Tick::NAME, of_tick),
            (field(&tick, 1, 16, Usage::Index), 0, Tick::FIELDS[1].name, of_index),
        ];
        Self {
            book: Book::of_trees(&all.map(|(sizes, fields, name, _)| (sizes, fields, name))),
            log: LogBook::default(),
            keys: all.iter().map(|(sizes, .., key)| (sizes.tree, *key)).collect(),
            tables: BTreeMap::new(),
            used: Vec::new(),
        }
    }

    /// Forgets everything that was read.
    pub(super) fn clear(&mut self) {
        self.log.clear();
        self.tables.clear();
    }

    /// Reads a whole table, and checks that it is what its entry in the log says. Returns the
    /// addresses of its value blocks.
    fn read_table(
        &mut self,
        disk: &SimulatedDisk,
        tree: u16,
        table: &Table,
    ) -> Result<Vec<u64>, Wrong> {
        let Self { book, keys, .. } = self;
        let wrong = |at: Reference| move |fault| Wrong { fault, at: At::Block(at.address) };
        let unknown = || wrong(table.index)(Fault::EntryUnknown);
        let sizes = *book.sizes_of(tree).ok_or_else(unknown)?;
        let key_of = *keys.get(&tree).ok_or_else(unknown)?;
        let block = book.block(disk.image(), table.index).map_err(wrong(table.index))?;
        let elements = index::read(block, &sizes, table).map_err(wrong(table.index))?;
        for (place, element) in elements.iter().enumerate() {
            let wrong = wrong(element.reference);
            let block = book.block(disk.image(), element.reference).map_err(&wrong)?;
            values::check_of(block, &sizes, element, key_of).map_err(&wrong)?;
            values::check_merge(block, &sizes, table, place).map_err(&wrong)?;
        }
        Ok(elements.iter().map(|element| element.reference.address).collect())
    }
}

/// The entries of all tables that the core has.
fn tables_of_core(set: &mut Set) -> Vec<Entry> {
    let mut tables = Vec::new();
    let set: &mut dyn Trees<SimulatedDisk> = set;
    for place in 0..set.count() {
        set.tree(place).for_each_table(&mut |entry| tables.push(Entry::read(entry.bytes())));
    }
    tables.into_iter().map(|entry| entry.expect("an entry of the core is well-formed")).collect()
}

impl Tested {
    /// Checks the store immediately after a checkpoint was acknowledged.
    pub(super) fn audit_checkpoint(&mut self, run: &mut Run) -> Checked {
        run.step();
        let root = self.audit_superblock()?;
        self.audit_log(&root)?;
        let complete = self.audit_tables()?;
        self.audit_blocks(complete)
    }

    /// Checks a store that was just opened. Reads all blocks again.
    pub(super) fn audit_opened(&mut self, run: &mut Run) -> Checked {
        self.audit.clear();
        if self.store.is_down() { Ok(()) } else { self.audit_checkpoint(run) }
    }

    /// Checks that the superblock on the disk is the core's, and returns it.
    fn audit_superblock(&mut self) -> Checked<Root> {
        let Self { store, audit, .. } = self;
        let root = audit.book.root(store.forest.grid().storage().image()).map_err(|wrong| {
            fail("superblock-is-written", "a superblock that opens", wrong)
                .saying("the superblock of a checkpoint cannot be opened")
        })?;
        let working = store.forest.superblock().working();
        let expected = (working.checksum(), working.sequence(), working.state().beat);
        holds("superblock-is-written", expected == (root.checksum, root.sequence, root.beat))
            .show(|| (format!("{working:?}"), format!("{root:?}")))
            .or("the disk has another superblock than the core")?;
        Ok(root)
    }

    /// Checks that the log on the disk has exactly the tables of all trees.
    fn audit_log(&mut self, root: &Root) -> Checked {
        const CHECK: &str = "log-replays";
        let Self { store, audit: Audit { book, log, .. }, .. } = self;
        let refused = |error| fail(CHECK, "the tables", error).saying("the log cannot be read");
        let image = store.forest.grid().storage().image();
        let count = log.read(image, book, root).map_err(refused)?.len();
        let tables = tables_of_core(store.forest.trees_and_grid().0);
        for entry in &tables {
            let expected = (entry.tree, entry.table);
            let got = log.table(entry.table.index.address);
            holds(CHECK, got == Some(&expected))
                .show(|| (format!("{expected:?}"), format!("{got:?}")))
                .or("the log has another table than the manifest")?;
        }
        holds(CHECK, count == tables.len())
            .show(|| (format!("{} tables", tables.len()), format!("{count} tables")))
            .or("the log has tables that the manifest does not have")
    }

    /// Reads the tables of the log that were not read before. Returns whether all could be read.
    fn audit_tables(&mut self) -> Checked<bool> {
        let Self { store, audit, .. } = self;
        let disk = store.forest.grid().storage();
        let tables = audit.log.tables().to_vec();
        let mut complete = true;
        for (tree, table) in &tables {
            let content = Table { level: 0, ..*table };
            let known = audit.tables.get(&table.index.address);
            if known.is_some_and(|known| (known.tree, known.content) == (*tree, content)) {
                continue;
            }
            audit.tables.remove(&table.index.address);
            match audit.read_table(disk, *tree, table) {
                Ok(values) => {
                    let read = ReadTable { tree: *tree, content, values };
                    audit.tables.insert(table.index.address, read);
                }
                Err(Wrong { at: At::Block(address), .. })
                    if disk.is_forgotten(Unit::Block(address)) =>
                {
                    complete = false;
                }
                Err(wrong) => {
                    return Err(fail("tables-hold-what-is-said", "a table", wrong)
                        .saying("a table is not what the manifest says"));
                }
            }
        }
        let log = &audit.log;
        audit.tables.retain(|address, _| log.table(*address).is_some());
        Ok(complete)
    }

    /// Checks that exactly the blocks of the tables and of the log are in use, and each once.
    fn audit_blocks(&mut self, complete: bool) -> Checked {
        const CHECK: &str = "account-of-blocks-is-exact";
        let Self { store, audit: Audit { log, tables, used, .. }, .. } = self;
        used.clear();
        used.extend(log.tables().iter().map(|(_, table)| table.index.address));
        used.extend(tables.values().flat_map(|table| &table.values));
        used.extend(store.forest.manifest_log().block_addresses());
        used.sort_unstable();
        if let Some(twice) = used.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(fail(CHECK, "once", twice[0]).saying("a block is used twice"));
        }
        let free_set = store.forest.grid().free_set();
        let mut in_use = free_set.in_use().filter(|(_, state)| *state == BlockState::Acquired);
        for address in &*used {
            let got = if complete {
                in_use.next()
            } else {
                in_use.find(|(acquired, _)| acquired >= address)
            };
            holds(CHECK, got.is_some_and(|(acquired, _)| acquired == *address))
                .show(|| (format!("block {address}"), format!("{got:?}")))
                .or("the next block in use is not the next one that the store refers to")?;
        }
        let more = if complete { in_use.next() } else { None };
        holds(CHECK, more.is_none())
            .show(|| ("no more blocks", format!("{more:?}")))
            .or("a block is in use to which the store does not refer")?;
        drop(in_use);
        used.extend_from_slice(store.forest.grid().trailer_blocks());
        let disk = store.disk();
        disk.settle();
        disk.unprotect_all();
        for address in &*used {
            disk.protect(*address);
        }
        Ok(())
    }
}
