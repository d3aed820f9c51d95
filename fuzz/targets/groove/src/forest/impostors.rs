//! Openings of the store as another one: under other names, with other trees or records, with other
//! sizes. Each is refused with its reason, and leaves the disk unchanged.
//!
//! If a fault can hit the opening, or the disk is damaged, another error may come first.

use downbeat_lsm::block::{Corruption, Place, Reason};
use downbeat_lsm::forest::{Forest, ForestOptions, InvalidStore, StoreError, TreeSet, Trees};
use downbeat_lsm::groove::Groove;
use downbeat_lsm::storage::Span;
use downbeat_lsm::superblock::SuperblockError;
use downbeat_lsm::tree::{Tree, TreeOptions};

use super::events::Event;
use super::states;
use super::tested::Tested;
use super::trees::{NARROW, Narrow, Part, Tick, WIDE, Wide};
use crate::store::reopen;
use downbeat::check::{holds, same};
use downbeat::disk::{FaultLimits, SimulatedDisk};
use downbeat::records::Index32;
use downbeat::{Checked, Run};

downbeat_lsm::object! {
    /// A tick under another name.
    pub struct Tock {
        pub timestamp: u64 => timestamp,
        pub tag: u32 => index,
        pub text: u32,
    }
}

/// Opens a disk as a store of other trees. Returns the disk, and the error.
fn open_as<T: TreeSet + Trees<SimulatedDisk>>(
    disk: SimulatedDisk,
    forest: &ForestOptions,
    trees: &T::Options,
) -> (SimulatedDisk, Option<StoreError>) {
    if let Err(error) = forest.validate(&T::shapes(trees)) {
        return (disk, Some(StoreError::Invalid(error)));
    }
    let mut forest =
        Forest::<T, _>::new(disk, forest, trees).expect("a store of valid options is made");
    let error = forest.open_again().err();
    (forest.into_storage(), error)
}

/// The bytes of a disk at some places.
fn bytes(disk: &SimulatedDisk, spans: &[Span]) -> Vec<Vec<u8>> {
    let read = |span: &Span| {
        let mut bytes = vec![0; span.length];
        disk.image().read_undamaged(span.offset, &mut bytes);
        bytes
    };
    spans.iter().map(read).collect()
}

impl Tested {
    /// Tries to open the store as another one. Then opens it again.
    pub(super) fn impostor(&mut self, how: u32, run: &mut Run) -> Checked {
        run.step();
        let spans = self.spans();
        let empty = SimulatedDisk::new(*self.store.disk().layout());
        let mut disk = std::mem::replace(self.store.disk(), empty);
        disk.restart();
        let is_sound = !disk.is_down()
            && disk.armed().is_empty()
            && disk.limits() != FaultLimits::BEYOND
            && disk.image().damages().is_empty();
        let before = bytes(&disk, &spans);
        let (disk, expected, got) = self.open_as_number(how, disk);
        let after = bytes(&disk, &spans);
        *self.store.disk() = disk;
        run.remark(|| got.map_or("opened".to_owned(), |error| error.to_string()));
        holds("impostor-is-refused", if is_sound { got == Some(expected) } else { got.is_some() })
            .show(|| (format!("{expected:?}"), format!("{got:?}")))
            .or("a store opens as another one, or is refused for another reason")?;
        if is_sound {
            Event::Impostor.count(run);
            run.state(states::Impostors, how as usize);
            let changed = before.iter().zip(&after).position(|(one, other)| one != other);
            same("refusal-changes-nothing", None, changed)
                .or("a store that was not opened changed a block or the superblock")?;
        }
        // The present object has lost its disk for a while, so a new one takes its place.
        self.store.next.get_or_insert_with(|| self.store.options.clone());
        reopen(self, run)
    }

    /// The places of the copies of the superblock, and of all blocks in use.
    fn spans(&self) -> Vec<Span> {
        let grid = self.store.forest.grid();
        let layout = grid.layout();
        let copies = (0..layout.superblock_copies()).map(|copy| layout.superblock_copy(copy));
        copies.chain(grid.free_set().in_use().map(|(address, _)| layout.block(address))).collect()
    }

    /// Opens the disk in one of sixteen ways. Returns the disk, the error that is due, and the
    /// error.
    fn open_as_number(
        &self,
        how: u32,
        disk: SimulatedDisk,
    ) -> (SimulatedDisk, StoreError, Option<StoreError>) {
        type Sets = super::trees::Set;
        let mut forest = self.store.options.forest;
        let (mut narrow, parts, mut wide, mut ticks) = self.store.options.trees;
        let mut due = StoreError::OtherOptions;
        let (disk, got) = match how {
            4 => {
                type Fewer = (Tree<Narrow>, Groove<Part>, Tree<Wide>);
                open_as::<Fewer>(disk, &forest, &(narrow, parts, wide))
            }
            5 => {
                type More = (Tree<Narrow>, Groove<Part>, Tree<Wide>, Groove<Tick>, Tree<Narrow>);
                let more = TreeOptions { id: 101, name: "more", ..narrow };
                open_as::<More>(disk, &forest, &(narrow, parts, wide, ticks, more))
            }
            6 => {
                type Moved = (Tree<Narrow>, Groove<Tick>, Tree<Wide>, Groove<Part>);
                open_as::<Moved>(disk, &forest, &(narrow, ticks, wide, parts))
            }
            7 => {
                type OtherUsage = (Tree<Narrow>, Groove<Part>, Tree<Index32>, Groove<Tick>);
                open_as::<OtherUsage>(disk, &forest, &(narrow, parts, wide, ticks))
            }
            8 => {
                type OtherSize = (Tree<Narrow>, Groove<Part>, Tree<Narrow>, Groove<Tick>);
                open_as::<OtherSize>(disk, &forest, &(narrow, parts, wide, ticks))
            }
            13 => {
                type OtherObject = (Tree<Narrow>, Groove<Part>, Tree<Wide>, Groove<Tock>);
                open_as::<OtherObject>(disk, &forest, &(narrow, parts, wide, ticks))
            }
            14 => open_as::<Tree<Narrow>>(disk, &forest, &narrow),
            _ => {
                match how {
                    0 => narrow.name = "narrows",
                    1 => {
                        let stored = forest.layout.block_count;
                        forest.layout.block_count -= 1;
                        let block_count = stored - 1;
                        due = StoreError::FewerBlocks { block_count, stored };
                    }
                    2 => (narrow.name, wide.name) = (WIDE, NARROW),
                    3 => (narrow.id, wide.id) = (wide.id, narrow.id),
                    9 => wide.beat_value_count_max -= 1,
                    10 => ticks.growth_factor ^= 1,
                    11 => {
                        forest.layout.block_size *= 2;
                        forest.layout.block_count /= 4;
                        let reason = Reason::Layout;
                        let corruption = Corruption { place: Place::Superblock, reason };
                        due = StoreError::Superblock(SuperblockError::Corruption(corruption));
                    }
                    12 => forest.manifest_compact_extra_blocks += 1,
                    _ => {
                        wide.id = narrow.id;
                        due = StoreError::Invalid(InvalidStore::SameTree { id: narrow.id });
                    }
                }
                open_as::<Sets>(disk, &forest, &(narrow, parts, wide, ticks))
            }
        };
        (disk, due, got)
    }
}
