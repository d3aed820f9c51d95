//! How much of a device may be wrong at once.
//!
//! - The unit is a copy of the superblock, or a block. A unit is *unsound* if it holds damage, or anything
//!   written since the world last said that what is on the device is settled: then nothing is owed to
//!   it yet.
//! - A fault that hits units is let through if no zone has more unsound units then, the hit ones
//!   included, than its limit.
//!
//! What this does not do: faults that only say no (a read, write or flush that fails) leave nothing
//! wrong behind, and are not its business.

use downbeat_lsm::storage::{Layout, Span, Zone};

use super::addresses::Addresses;
use super::image::Image;

/// The most units of a zone that may be unsound at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultLimits {
    /// Copies of the superblock: those there are, less those that opening needs.
    pub superblock: usize,
    /// Blocks.
    pub grid: usize,
}

impl FaultLimits {
    /// Nothing may be wrong.
    pub const NONE: Self = Self { superblock: 0, grid: 0 };

    /// Everything may: then an error is right, and wrong data never is.
    pub const BEYOND: Self = Self { superblock: usize::MAX, grid: usize::MAX };

    fn of(&self, zone: Zone) -> usize {
        match zone {
            Zone::Superblock => self.superblock,
            Zone::Grid => self.grid,
        }
    }
}

/// What is written as a whole: a copy of the superblock by number, or a block by address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// A copy of the superblock.
    Copy(usize),
    /// A block.
    Block(u64),
}

impl Unit {
    /// The unit in which a byte lies; none in the padding between the zones.
    #[must_use]
    #[inline]
    pub fn at(layout: &Layout, offset: u64) -> Option<Self> {
        match layout.zone(offset) {
            Zone::Superblock => {
                Some(Self::Copy((offset / layout.superblock_copy_size() as u64) as usize))
            }
            Zone::Grid => layout.address(offset).map(Self::Block),
        }
    }

    /// Where it lies.
    #[must_use]
    #[inline]
    pub fn span(self, layout: &Layout) -> Span {
        match self {
            Self::Copy(copy) => layout.superblock_copy(copy),
            Self::Block(address) => layout.block(address),
        }
    }

    /// Its zone.
    #[must_use]
    #[inline]
    pub fn zone(self) -> Zone {
        match self {
            Self::Copy(_) => Zone::Superblock,
            Self::Block(_) => Zone::Grid,
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Copy(copy) => format!("copy {copy}"),
            Self::Block(address) => format!("block {address}"),
        }
    }
}

/// What is unsound, apart from damage; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Unsettled {
    copies: Addresses,
    blocks: Addresses,
}

impl Unsettled {
    #[inline]
    pub(super) fn insert(&mut self, unit: Unit) {
        match unit {
            Unit::Copy(copy) => self.copies.insert(copy as u64),
            Unit::Block(address) => self.blocks.insert(address),
        }
    }

    pub(super) fn clear(&mut self) {
        self.copies.clear();
        self.blocks.clear();
    }

    /// Whether the limits let a fault hit these units.
    pub(super) fn lets(
        &self,
        limits: FaultLimits,
        hit: &[Unit],
        image: &Image,
        layout: &Layout,
    ) -> bool {
        hit.iter().all(|unit| {
            let zone = unit.zone();
            limits.of(zone) == usize::MAX || self.count(zone, hit, image, layout) <= limits.of(zone)
        })
    }

    /// How many units of a zone are unsound, or hit.
    fn count(&self, zone: Zone, hit: &[Unit], image: &Image, layout: &Layout) -> usize {
        let unsettled = match zone {
            Zone::Superblock => self.copies.iter().count(),
            Zone::Grid => self.blocks.iter().count(),
        };
        let damaged = image.damages().iter();
        let damaged = damaged.filter_map(|(sector, _)| Unit::at(layout, image.offset_of(*sector)));
        let others = damaged.chain(hit.iter().copied());
        let others = others.filter(|unit| unit.zone() == zone && !self.contains(*unit));
        // There are few: each is counted where it comes first.
        let first = others
            .clone()
            .enumerate()
            .filter(|(index, unit)| !others.clone().take(*index).any(|other| other == *unit));
        unsettled + first.count()
    }

    fn contains(&self, unit: Unit) -> bool {
        match unit {
            Unit::Copy(copy) => self.copies.contains(copy as u64),
            Unit::Block(address) => self.blocks.contains(address),
        }
    }
}
