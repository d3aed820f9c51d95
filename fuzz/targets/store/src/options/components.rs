//! Judges the options of each part of a store. If they are valid and the part takes little memory,
//! also uses the part.

use std::hash::BuildHasherDefault;

use downbeat_lsm::collections::{
    CacheMap, CacheMapOptions, CacheOptions, Cached, NodePool, NodePoolOptions, SegmentedArray,
    SegmentedArrayOptions, SetAssociativeCache,
};
use downbeat_lsm::grid::GridOptions;
use downbeat_lsm::grid::free_set::{FreeSet, FreeSetOptions};
use downbeat_lsm::manifest::{ManifestLevel, ManifestLevelOptions, TableInfo};
use downbeat_lsm::manifest_log::ManifestLogOptions;
use downbeat_lsm::record::Record;
use downbeat_lsm::request_log::RequestLogOptions;
use downbeat_lsm::storage::{Layout, LayoutOptions};
use downbeat_lsm::table::memory::{MemoryTableOptions, MutableTable};
use downbeat_lsm::table::{TableLayout, TableOptions};
use downbeat_lsm::tree::TreeOptions;

use super::events::Event;
use super::requests::requests;
use super::states;
use super::stores::ways;
use super::world::{Judged, compare, count_part};
use downbeat::check::{equal, holds};
use downbeat::input::version::Version;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::options::judge::{self, Log};
use downbeat_model::options::{Field, Number, Operation, Operation::*};

/// A part with more items than this is judged, but not used.
pub(super) const ITEMS_MAX: u64 = 1 << 12;

/// An item of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item {
    key: u64,
    value: u64,
}

impl Item {
    fn new(key: u64) -> Self {
        Item { key, value: !key }
    }
}

impl Cached for Item {
    type Key = u64;

    fn key(&self) -> u64 {
        self.key
    }
}

type Hash = BuildHasherDefault<std::hash::DefaultHasher>;

impl<R: Versioned> Judged<R> {
    /// Judges the options of the part that the operation names.
    pub(super) fn part(&self, operation: &Operation, run: &mut Run) -> Checked {
        let (number, valid) = match *operation {
            Operation::Layout { sector, block, copies, blocks } => {
                (0, layout([sector, block, copies, blocks].map(Number::get), run)?)
            }
            Operation::FreeSet { blocks, shard, reservations } => {
                let options = FreeSetOptions {
                    block_count: blocks.get(),
                    shard_size: shard.get() as u32,
                    reservation_count_max: reservations.get() as u32,
                };
                (1, free_set(options, run)?)
            }
            Cache { ways: count, sets } => {
                let (count, sets) = (count.get().max(2), sets.get() as u32);
                (2, cache(count, sets, run)?)
            }
            Operation::CacheMap { ways, sets, stash, scope } => {
                let [sets, stash, scope] = [sets, stash, scope].map(|number| number.get() as u32);
                (3, cache_map(ways.get(), sets, stash, scope, run)?)
            }
            Nodes { size, count } => (4, nodes(size.get(), count.get() as u32, run)?),
            Array { count, size } => (5, array(count.get() as u32, size.get(), run)?),
            Level { tables, size } => {
                let (tables, size) = (tables.get() as u32, size.get());
                let options = ManifestLevelOptions { table_count_max: tables };
                let due = judge::list(
                    "table_count_max",
                    tables,
                    size,
                    size_of::<TableInfo<R::Key>>() as u64,
                );
                let got = ManifestLevel::<R::Key>::validate(options, size as usize);
                let valid = compare(&due, got, run)?;
                if valid && u64::from(tables) <= ITEMS_MAX {
                    Event::PartUsed.count(run);
                    let level = ManifestLevel::<R::Key>::new(options, size as usize);
                    holds("valid-parts-work", level.is_ok())
                        .show(|| ("a level", "an error"))
                        .or("a level with valid options cannot be made")?;
                }
                (6, valid)
            }
            Operation::Log { trees, id, levels, growth, tables, extra } => {
                let block = self.numbers.get(Field::BlockSize);
                let options = ManifestLogOptions {
                    tree_count: trees.get() as u16,
                    tree_id_max: id.get() as u16,
                    level_count: levels.get() as u8,
                    growth_factor: growth.get() as u32,
                    table_count_max: tables.get() as u32,
                    compact_extra_blocks: extra.get() as u32,
                };
                (7, log(&options, block, run)?)
            }
            Table { block, record, key, values } => {
                let numbers = [block, record, key, values].map(Number::get);
                (8, table(numbers, run)?)
            }
            Memory { values, beats } => {
                let options = MemoryTableOptions {
                    value_count_max: values.get() as u32,
                    beats_per_bar: beats.get() as u32,
                };
                (9, memory::<R>(options, run)?)
            }
            Grid { ways: count, sets, private, reads, writes, reservations } => {
                let cache = (count.get().max(2), sets.get() as u32);
                let numbers =
                    [private, reads, writes, reservations].map(|number| number.get() as u32);
                let options = GridOptions {
                    cache: CacheOptions { ways: ways(cache.0), sets: cache.1 },
                    private_blocks: numbers[0],
                    reads_in_flight_max: numbers[1],
                    writes_in_flight_max: numbers[2],
                    reservation_count_max: numbers[3],
                    discard: true,
                };
                (10, compare(&judge::grid(cache, numbers), options.validate(), run)?)
            }
            Tree { id, batch, bar, growth, levels, ahead } => {
                let numbers =
                    [id, batch, bar, growth, levels, ahead].map(|number| number.get() as u32);
                (11, tree(numbers, run)?)
            }
            Requests { size, count, sector, less } => {
                let options = RequestLogOptions {
                    request_size_max: size.get() as u32,
                    requests_max: count.get() as u32,
                };
                (12, requests(options, sector.get(), less.get(), run)?)
            }
            _ => unreachable!("options: an operation on no part"),
        };
        run.state(states::Part, 2 * number + usize::from(valid));
        count_part(valid, run);
        Ok(())
    }
}

fn layout([sector, block, copies, blocks]: [u64; 4], run: &mut Run) -> Checked<bool> {
    let options = LayoutOptions {
        sector_size: sector as usize,
        block_size: block as usize,
        superblock_copies: copies as usize,
        block_count: blocks,
    };
    let got = Layout::new(options);
    let valid = compare(&judge::layout(sector, block, copies, blocks), got.map(drop), run)?;
    if let (true, Ok(layout)) = (valid, got) {
        // The last block ends where the device ends, and all structures are aligned.
        let last = layout.block(blocks);
        equal("device-ends-with-its-last-block", layout.size(), last.end())
            .or("the last block does not end where the device ends")?;
        let copies_end = layout.superblock_copy(copies as usize - 1).end();
        let is_aligned = layout.grid_offset().is_multiple_of(block)
            && layout.grid_offset() >= copies_end
            && layout.grid_offset() - copies_end < block
            && layout.address(last.offset) == Some(blocks)
            && layout.address(layout.size()).is_none();
        holds("layout-is-aligned", is_aligned)
            .show(|| ("aligned zones", format!("{layout:?}")))
            .or("the zones of a device are not where the format says")?;
    }
    Ok(valid)
}

fn free_set(options: FreeSetOptions, run: &mut Run) -> Checked<bool> {
    let FreeSetOptions { block_count, shard_size, reservation_count_max } = options;
    let due = judge::free_set(block_count, shard_size, reservation_count_max);
    let valid = compare(&due, options.validate(), run)?;
    if !valid || block_count > ITEMS_MAX || u64::from(reservation_count_max) > ITEMS_MAX {
        return Ok(valid);
    }
    Event::PartUsed.count(run);
    let set = FreeSet::new(options).ok();
    let has = set.map(|set| (set.block_count(), set.acquired_count()));
    holds("valid-parts-work", has == Some((block_count, 0)))
        .show(|| (format!("{:?}", (block_count, 0)), format!("{has:?}")))
        .or("a free set with valid options has other blocks")?;
    Ok(valid)
}

fn cache(count: u32, sets: u32, run: &mut Run) -> Checked<bool> {
    let options = CacheOptions { ways: ways(count), sets };
    let valid = compare(&judge::cache(count, sets), options.validate(), run)?;
    if valid && u64::from(count) * u64::from(sets) <= ITEMS_MAX {
        Event::PartUsed.count(run);
        let made = SetAssociativeCache::<Item, Hash>::new(options, Hash::default());
        let found = made.ok().map(|mut cache| {
            cache.upsert(&Item::new(5));
            (cache.get(5).copied(), cache.capacity() as u64)
        });
        let slots = u64::from(count) * u64::from(sets);
        holds("valid-parts-work", found == Some((Some(Item::new(5)), slots)))
            .show(|| (format!("{slots} slots with an item"), format!("{found:?}")))
            .or("a cache with valid options does not hold an item")?;
    }
    Ok(valid)
}

fn cache_map(count: u32, sets: u32, stash: u32, scope: u32, run: &mut Run) -> Checked<bool> {
    let cache = (count > 0).then(|| CacheOptions { ways: ways(count), sets });
    let options = CacheMapOptions { cache, stash_capacity: stash, scope_capacity: scope };
    let valid = compare(&judge::cache_map(count, sets, stash, scope), options.validate(), run)?;
    let slots = u64::from(count) * u64::from(sets);
    if !valid || [slots, stash.into(), scope.into()].iter().any(|items| *items > ITEMS_MAX) {
        return Ok(valid);
    }
    Event::PartUsed.count(run);
    let made = CacheMap::<Item, Hash>::new(options, Hash::default());
    let found = made.ok().map(|mut map| {
        // The stash has room for all of these items, even if the cache keeps none of them.
        (0..stash.into()).for_each(|key| map.upsert(&Item::new(key)));
        (0..stash.into()).all(|key| map.get(key) == Some(&Item::new(key)))
    });
    holds("valid-parts-work", found == Some(true))
        .show(|| (format!("{stash} items"), format!("{found:?}")))
        .or("a cache map with valid options does not hold as many items as its stash")?;
    Ok(valid)
}

fn nodes(size: u64, count: u32, run: &mut Run) -> Checked<bool> {
    let options = NodePoolOptions { node_size: size as usize, node_count: count };
    let valid = compare(&judge::nodes(size, count), options.validate(), run)?;
    if valid && size * u64::from(count) <= 64 * ITEMS_MAX {
        Event::PartUsed.count(run);
        let fewer = NodePoolOptions { node_count: count.div_ceil(2), ..options };
        let taken = NodePool::new(options).ok().and_then(|mut pool| {
            let first = take_all(&mut pool);
            pool.renew(fewer).ok()?;
            Some((first, take_all(&mut pool)))
        });
        let due = (count, fewer.node_count);
        holds("valid-parts-work", taken == Some(due))
            .show(|| (format!("{due:?} nodes"), format!("{taken:?}")))
            .or("a pool with valid options has other nodes, at first or when it is renewed")?;
    }
    Ok(valid)
}

/// Acquires all nodes of a pool, and releases them. Returns how many there are.
fn take_all(pool: &mut NodePool) -> u32 {
    let nodes: Vec<_> = (0..pool.free_count()).map(|_| pool.acquire()).collect();
    let taken = pool.acquired_count();
    nodes.into_iter().for_each(|node| pool.release(node));
    taken
}

fn array(count: u32, size: u64, run: &mut Run) -> Checked<bool> {
    let options = SegmentedArrayOptions { element_count_max: count };
    let due = judge::list("element_count_max", count, size, 8);
    let got = options.validate_nodes::<u64>(size as usize);
    let valid = compare(&due, got, run)?;
    if !valid || u64::from(count) > ITEMS_MAX || size > 64 * ITEMS_MAX {
        return Ok(valid);
    }
    Event::PartUsed.count(run);
    let made = SegmentedArray::<u64>::new(options, size as usize).ok().and_then(|array| {
        let nodes = array.node_count_max();
        let pool = NodePoolOptions { node_size: size as usize, node_count: nodes };
        Some((array, NodePool::new(pool).ok()?))
    });
    let found = made.map(|(mut array, mut pool)| {
        // Inserting at the front splits the first node as often as possible.
        (0..count).for_each(|element| array.insert(&mut pool, 0, &[u64::from(element)]));
        let all = (0..count).all(|place| array.get(place) == Some(&u64::from(count - 1 - place)));
        array.clear(&mut pool);
        all
    });
    holds("valid-parts-work", found == Some(true))
        .show(|| (format!("{count} elements"), format!("{found:?}")))
        .or("an array with valid options does not hold its elements")?;
    Ok(valid)
}

fn log(options: &ManifestLogOptions, block: u64, run: &mut Run) -> Checked<bool> {
    let ManifestLogOptions {
        tree_count,
        tree_id_max,
        level_count,
        growth_factor,
        table_count_max,
        compact_extra_blocks,
    } = *options;
    let judged = Log {
        trees: tree_count,
        id: tree_id_max,
        levels: level_count,
        growth: growth_factor,
        tables: table_count_max,
        extra: compact_extra_blocks,
        block,
    };
    let got = options.pace(block as usize);
    let valid = compare(&judged.judge(), got.map(drop), run)?;
    if let (true, Ok(pace)) = (valid, got) {
        holds("pace-keeps-up", pace.compact_blocks_max() > pace.append_blocks())
            .show(|| (format!("more than {}", pace.append_blocks()), pace.compact_blocks_max()))
            .or("a log is compacted more slowly than it is filled")?;
        holds("log-has-room-for-its-tables", pace.blocks_limit() >= pace.full_blocks())
            .show(|| (pace.full_blocks(), pace.blocks_limit()))
            .or("the limit of a log is below what its tables take")?;
    }
    Ok(valid)
}

fn table([block, record, key, values]: [u64; 4], run: &mut Run) -> Checked<bool> {
    let values = values as u32;
    let options = TableOptions {
        block_size: block as usize,
        record_size: record as usize,
        key_size: key as usize,
        value_count_max: values,
    };
    let got = TableLayout::new(options);
    let valid = compare(&judge::table(block, record, key, values), got.map(drop), run)?;
    if let (true, Ok(layout)) = (valid, got) {
        let room = (block - 64) / record;
        let blocks = u64::from(values).div_ceil(room);
        let due = [room, blocks, room * blocks, 64 + blocks * (24 + 2 * key)];
        let has = [
            u64::from(layout.block_value_count_max()),
            u64::from(layout.value_block_count_max()),
            u64::from(layout.value_count_max_on_disk()),
            layout.index_block_size() as u64,
        ];
        holds("table-equals-format", due == has && has[3] <= block)
            .show(|| (format!("{due:?}"), format!("{has:?}")))
            .or("the sizes of a table are not those of the format")?;
    }
    Ok(valid)
}

fn memory<R: Versioned>(options: MemoryTableOptions, run: &mut Run) -> Checked<bool> {
    let MemoryTableOptions { value_count_max, beats_per_bar } = options;
    let valid = compare(&judge::memory(value_count_max, beats_per_bar), options.validate(), run)?;
    if valid && u64::from(value_count_max) <= ITEMS_MAX {
        Event::PartUsed.count(run);
        let found = MutableTable::<R>::new(options).ok().map(|mut table| {
            for key in 0..u64::from(value_count_max) {
                table.put(&R::of(Version { key, stamp: key, removed: false }));
            }
            table.view().get(R::wide(0)).map(Record::key)
        });
        holds("valid-parts-work", found == Some(Some(R::wide(0))))
            .show(|| (format!("{value_count_max} records"), format!("{found:?}")))
            .or("a memtable with valid options does not hold its records")?;
    }
    Ok(valid)
}

fn tree(numbers: [u32; 6], run: &mut Run) -> Checked<bool> {
    let mut numbers = numbers;
    numbers[0] &= 0xffff;
    let [id, batch, bar, growth, levels, ahead] = numbers;
    let options = TreeOptions {
        id: id as u16,
        name: "records",
        beat_value_count_max: batch,
        beats_per_bar: bar,
        growth_factor: growth,
        level_count: levels,
        read_ahead: ahead,
    };
    compare(&judge::tree(numbers), options.validate(), run)
}
