//! Judges the options of a store. If they are valid and the store takes little memory, also uses
//! the store.

use std::collections::BTreeMap;

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::record::Usage;
use downbeat_lsm::storage::{LayoutOptions, MemoryStorage, Storage as _};
use downbeat_lsm::store::{InvalidStore, Store, StoreError, StoreOptions};
use downbeat_lsm::tree::TreeOptions;

use super::blame::{Blames, NAMES};
use super::events::Event;
use super::measured::measured;
use super::states;
use super::world::{Judged, compare};
use downbeat::check::{equal, fail, holds};
use downbeat::input::version::Version;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::options::{Field, StoreNumbers};
use downbeat_storage_targets::store::full::{
    Full, check_full, check_goes_on, full, is_far_from_full,
};

/// A store is used only if its memory and its device together take at most this number of bytes.
const MEMORY_MAX: u64 = 1 << 20;

/// Every key that is put is below this number.
const KEYS: u64 = 40;

pub(super) fn options(numbers: &StoreNumbers) -> StoreOptions {
    let short = |field| numbers.short(field);
    StoreOptions {
        layout: LayoutOptions {
            sector_size: numbers.get(Field::SectorSize) as usize,
            block_size: numbers.get(Field::BlockSize) as usize,
            superblock_copies: numbers.get(Field::Copies) as usize,
            block_count: numbers.get(Field::Blocks),
        },
        tree: TreeOptions {
            id: numbers.get(Field::Id) as u16,
            name: "records",
            beat_value_count_max: short(Field::Batch),
            beats_per_bar: short(Field::Bar),
            growth_factor: short(Field::Growth),
            level_count: short(Field::Levels),
            read_ahead: short(Field::Ahead),
        },
        checkpoint_interval: short(Field::Interval),
        manifest_compact_extra_blocks: short(Field::Extra),
        manifest_node_size: numbers.get(Field::NodeSize) as usize,
        cache: CacheOptions { ways: ways(short(Field::Ways)), sets: short(Field::Sets) },
        reads_in_flight_max: short(Field::Reads),
        writes_in_flight_max: short(Field::Writes),
        lookups_max: short(Field::Lookups),
        scans_max: short(Field::Scans),
        discard: true,
    }
}

pub(super) fn ways(number: u32) -> Ways {
    match number {
        2 => Ways::Two,
        4 => Ways::Four,
        _ => Ways::Sixteen,
    }
}

type Opened<R> = Store<R, MemoryStorage>;

impl<R: Versioned> Judged<R> {
    /// Changes these options, and judges all options of the store. If they are invalid, undoes the
    /// change. Returns whether they are valid.
    pub(super) fn change(&mut self, changes: &[(Field, u64)], run: &mut Run) -> Checked<bool> {
        let before = self.numbers;
        for (field, number) in changes {
            self.numbers.set(*field, *number);
        }
        let due = self.numbers.judge();
        let got = options(&self.numbers).validate::<R>();
        if let Err(error) = &got {
            let option = error.option();
            if let Some(place) = NAMES.iter().position(|name| *name == option) {
                run.state(states::Store, place);
            }
        }
        let valid = compare(&due, got, run)?;
        if valid {
            Event::StoreAccepted.count(run);
            let size = options(&self.numbers).device_size();
            holds("device-size-equals-format", size == Ok(self.numbers.device_size()))
                .show(|| (self.numbers.device_size(), format!("{size:?}")))
                .or("the size of a device is not that of the format")?;
            let memory_size = options(&self.numbers).memory_size::<R>();
            let due = self.numbers.memory_size();
            holds("memory-size-equals-documentation", memory_size == Ok(due))
                .show(|| (due, format!("{memory_size:?}")))
                .or("the options add up to other bytes of memory than the documentation says")?;
            let (due_reserve, got) =
                (self.numbers.has_reserve(), options(&self.numbers).has_reserve::<R>());
            holds("reserve-is-told", got == Ok(due_reserve))
                .show(|| (due_reserve, format!("{got:?}")))
                .or("options have a reserve although the device is too small for it, or the reverse")?;
            run.state(states::Memory, (due.ilog2() as usize).saturating_sub(16) / 2);
        } else {
            Event::StoreRefused.count(run);
            self.numbers = before;
        }
        Ok(valid)
    }

    /// Whether a store takes little enough memory to be used.
    fn is_small(&self, run: &mut Run) -> bool {
        let numbers = &self.numbers;
        let is_small = numbers.memory_size().saturating_add(numbers.device_size()) <= MEMORY_MAX;
        Event::StoreLarge.count_if(!is_small, run);
        is_small
    }

    fn memory(&self) -> MemoryStorage {
        MemoryStorage::new(
            (self.numbers.device_size() as usize)
                .next_multiple_of(self.numbers.get(Field::SectorSize) as usize),
            self.numbers.get(Field::SectorSize) as usize,
        )
    }

    /// Formats the store, puts and removes records, takes a checkpoint, and opens the store again.
    pub(super) fn use_store(&mut self, count: u32, run: &mut Run) -> Checked {
        if !self.is_small(run) {
            return Ok(());
        }
        Event::StoreUsed.count(run);
        let options = options(&self.numbers);
        let device = self.memory();
        let (store, formatted) = measured(|| Opened::<R>::format(device, &options, 7));
        let mut store = store.map_err(|error| works("formatted", error))?;
        self.check_memory(formatted.bytes_max, formatted.bytes_current)?;
        let mut records = BTreeMap::new();
        let mut full = false;
        for number in 0..u64::from(count) {
            let key = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
            let key = key % KEYS;
            run.step();
            let removes = match R::USAGE {
                Usage::General => number % 5 == 4,
                Usage::SecondaryIndex => records.contains_key(&key),
            };
            let version = Version { key, stamp: number + 1, removed: false };
            let wrote =
                if removes { store.remove(R::wide(key)) } else { store.put(&R::of(version)) };
            if let Err(error) = wrote {
                refused(&store, &self.numbers, number + 1, error, run)?;
                full = true;
                break;
            }
            if removes {
                records.remove(&key);
            } else {
                records.insert(key, R::of(version));
            }
        }
        if full {
            return Ok(());
        }
        read(&mut store, &records, run)?;
        // A checkpoint may run many beats: a bar has up to 1,024. A beat without work is quick.
        let (checkpoint, taken) = measured(|| store.checkpoint());
        let held = formatted.bytes_current.max(0) as u64;
        self.check_memory(held + taken.bytes_max, formatted.bytes_current)?;
        if let Err(error) = checkpoint {
            return refused(&store, &self.numbers, u64::from(count), error, run);
        }
        let mut store = Opened::<R>::open(store.into_storage(), &options)
            .map_err(|error| works("opened", error))?;
        read(&mut store, &records, run)
    }

    /// Compares the memory of a store with what its options add up to. `most` is the peak in bytes.
    /// `held` is the number of bytes that the empty store holds.
    fn check_memory(&self, most: u64, held: i64) -> Checked {
        let due = self.numbers.memory_size();
        holds("memory-is-within-options", most <= due)
            .show(|| (format!("{due} bytes or less"), most))
            .or("a store takes more memory than its options add up to")?;
        // The sum includes 64 KiB that do not depend on the options.
        holds("memory-size-is-near", due <= 4 * held.max(0) as u64 + (1 << 16))
            .show(|| (format!("{due} bytes, or a quarter"), held))
            .or("the options of a store add up to far more memory than it takes")
    }

    /// Makes a store on a device that lacks `less` bytes and has sectors of `sector` bytes, if a
    /// sector can have this size. Checks that the store is refused if the device does not fit.
    pub(super) fn device(&mut self, less: u64, sector: u64, run: &mut Run) -> Checked {
        if !self.is_small(run) {
            return Ok(());
        }
        let own = self.numbers.get(Field::SectorSize);
        let sector = if (64..=1 << 16).contains(&sector) { sector } else { own };
        let needed = self.numbers.device_size();
        let size = needed.saturating_sub(less.min(needed)).next_multiple_of(sector);
        let device = MemoryStorage::new(size as usize, sector as usize);
        let is_right = size >= needed && sector == own;
        let got = Opened::<R>::format(device, &options(&self.numbers), 7).map(drop);
        let invalid = StoreError::Invalid(InvalidStore::Device { size, needed });
        let expected = if is_right { Ok(()) } else { Err(invalid) };
        Event::DeviceRefused.count_if(!is_right, run);
        holds("device-is-judged", got == expected)
            .show(|| (format!("{expected:?}"), format!("{got:?}")))
            .or("a device is refused that fits, or accepted although it does not fit")
    }

    /// Formats the store on a device of exactly its size, and opens it with another number of
    /// blocks. It must grow, or be refused and stay as it is.
    fn open_with_blocks(&mut self, after: &StoreNumbers, run: &mut Run) -> Checked {
        let before = self.numbers;
        let (stored, block_count) = (before.get(Field::Blocks), after.get(Field::Blocks));
        let (store, kept) = with_record::<R>(self.memory(), &before, run)?;
        let due = if block_count < stored {
            Err(StoreError::FewerBlocks { block_count, stored })
        } else if !after.may_grow_from(stored) {
            Err(StoreError::TooFewMoreBlocks { block_count, stored })
        } else {
            Ok(())
        };
        let device = store.into_storage();
        let mut store = Opened::<R>::new(device, &options(after))
            .map_err(|error| works("made", StoreError::Invalid(error)))?;
        let got = store.open_again();
        holds("blocks-are-added", got == due)
            .show(|| (format!("{due:?}"), format!("{got:?}")))
            .or("a store with more blocks does not open, or one with fewer blocks does")?;
        let most = if due.is_ok() { after } else { &before };
        let size = store.grid().storage().size();
        let needed = most.device_size().next_multiple_of(before.get(Field::SectorSize));
        holds("blocks-are-added", size == needed)
            .show(|| (needed, size))
            .or("a device has another size than the store that was opened on it, or refused")?;
        if due.is_err() {
            Event::BlocksRefused.count(run);
            store.renew(&options(&before)).map_err(|it| works("made", StoreError::Invalid(it)))?;
            store.open_again().map_err(|error| works("opened", error))?;
        }
        let found = store.get(R::wide(3)).map_err(|error| works("read", error))?;
        holds("record-is-found", found == kept)
            .show(|| (format!("{kept:?}"), format!("{found:?}")))
            .or("a store that was opened with more blocks has other records")?;
        Event::MoreBlocks.count_if(due.is_ok() && block_count > stored, run);
        names(&store, &before)?;
        match store.checkpoint() {
            Ok(_) => names(&store, most),
            Err(error) => refused(&store, &before, 1, error, run),
        }
    }

    /// Formats the store, and opens it with another value of an option.
    pub(super) fn open_other(&mut self, field: Field, number: u64, run: &mut Run) -> Checked {
        let before = self.numbers;
        if !self.is_small(run) || !self.change(&[(field, number)], run)? {
            return Ok(());
        }
        let after = self.numbers;
        if !self.is_small(run) {
            self.numbers = before;
            return Ok(());
        }
        if field == Field::Blocks {
            self.numbers = before;
            return self.open_with_blocks(&after, run);
        }
        if before.device_size() > after.device_size() {
            self.numbers = before;
            return Ok(());
        }
        // The device has the size that the new options need, which is enough for both.
        let device = self.memory();
        self.numbers = before;
        if before.get(Field::SectorSize) != after.get(Field::SectorSize) {
            return Ok(());
        }
        let (store, kept) = with_record::<R>(device, &before, run)?;
        let got = Opened::<R>::open(store.into_storage(), &options(&after));
        let is_other = field.is_on_disk() && before != after;
        match got {
            Ok(mut store) if !is_other => {
                Event::SameOptions.count(run);
                let found = store.get(R::wide(3)).map_err(|error| works("read", error))?;
                holds("record-is-found", found == kept)
                    .show(|| (format!("{kept:?}"), format!("{found:?}")))
                    .or("a store that was opened with other sizes of memory has other records")?;
                names(&store, &before)?;
                match store.checkpoint() {
                    Ok(_) => names(&store, &after),
                    Err(error) => refused(&store, &before, 1, error, run),
                }
            }
            Ok(_) => Err(fail("other-options-are-refused", "an error", "an opened store")
                .saying("a store is opened with other options than it was formatted with")),
            Err(error) => {
                // The superblock has the number of its copies and the size of the blocks.
                let in_superblock = matches!(field, Field::Copies | Field::BlockSize);
                let is_due = match error {
                    StoreError::OtherOptions => is_other,
                    StoreError::Superblock(_) => is_other && in_superblock,
                    _ => false,
                };
                if !is_due {
                    return Err(works("opened", error));
                }
                Event::OtherOptions.count(run);
                Ok(())
            }
        }
    }
}

/// A store that was formatted on a device, with a record of key 3 in its last checkpoint. `None` if
/// the store was full before the checkpoint.
fn with_record<R: Versioned>(
    device: MemoryStorage,
    numbers: &StoreNumbers,
    run: &mut Run,
) -> Checked<(Opened<R>, Option<R>)> {
    let formatted = Opened::<R>::format(device, &options(numbers), 7);
    let mut store = formatted.map_err(|error| works("formatted", error))?;
    let record = R::of(Version { key: 3, stamp: 9, removed: false });
    store.put(&record).map_err(|error| works("written to", error))?;
    if let Err(error) = store.checkpoint() {
        refused(&store, numbers, 1, error, run)?;
        return Ok((store, None));
    }
    Ok((store, Some(record)))
}

/// Checks that the last checkpoint of a store names these options, and that the store decides by
/// them whether it has a reserve.
fn names<R: Versioned>(store: &Opened<R>, numbers: &StoreNumbers) -> Checked {
    let got = store.superblock().working().state().options;
    let due = (numbers.get(Field::Blocks), numbers.short(Field::Interval));
    holds("checkpoint-names-its-options", due == (got.block_count, got.checkpoint_interval))
        .show(|| (format!("{due:?}"), format!("{got:?}")))
        .or("a checkpoint names another number of blocks or another interval than it was taken with")?;
    equal("reserve-is-told", numbers.has_reserve(), store.has_reserve())
        .or("a store does not decide about its reserve by the blocks of its last checkpoint")
}

/// Reads all records, in both directions, and gets each key.
fn read<R: Versioned>(store: &mut Opened<R>, records: &BTreeMap<u64, R>, run: &mut Run) -> Checked {
    for descending in [false, true] {
        let range = store.range(..);
        let got: Result<Vec<R>, StoreError> =
            if descending { range.rev().collect() } else { range.collect() };
        let mut got = got.map_err(|error| works("read", error))?;
        if descending {
            got.reverse();
        }
        holds("scan-equals-model", got.iter().eq(records.values()))
            .show(|| (records.len(), got.len()))
            .or("a scan gives other records than were put")?;
        run.result(got.len() as u64);
    }
    // The present keys, and a few that may be absent.
    let keys: Vec<u64> = records.keys().copied().chain(0..4).collect();
    for key in keys {
        let got = store.get(R::wide(key)).map_err(|error| works("read", error))?;
        run.read(got.is_some());
        holds("get-equals-model", got.as_ref() == records.get(&key))
            .show(|| (format!("{:?}", records.get(&key)), format!("{got:?}")))
            .or("a get finds another record than was put")?;
    }
    Ok(())
}

/// Checks that a write failed because the store is full, and that `writes` puts and removals in
/// this store can fill it.
fn refused<R: Versioned>(
    store: &Opened<R>,
    numbers: &StoreNumbers,
    writes: u64,
    error: StoreError,
    run: &mut Run,
) -> Checked {
    if error == StoreError::Full {
        Event::StoreFull.count(run);
        let is_full = !is_far_from_full(store, 0) && !store.may_gain_room();
        return holds("full-is-full", is_full)
            .show(|| ("a write", error))
            .or("a store refuses a write that has room, or could make room");
    }
    let StoreError::ReadOnly(beat) = &error else { return Err(works("written to", error)) };
    let Some(full) = full(beat) else { return Err(works("written to", error)) };
    Event::StoreFull.count(run);
    let can_be = match full {
        Full::Tree => numbers.can_fill_tree(writes),
        Full::Device => numbers.can_fill_device(store.beat_number()),
    };
    holds("full-can-be", can_be)
        .show(|| (format!("room for {writes} writes"), error))
        .or("a store is reported as full after too few writes")?;
    check_goes_on(store, full)?;
    check_full(store, full)
}

/// The finding that a store with valid options does not work.
fn works(what: &str, error: StoreError) -> downbeat::Divergence {
    fail("valid-options-work", format!("a store that is {what}"), error)
        .saying("a store with valid options does not work")
}
