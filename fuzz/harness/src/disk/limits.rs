//! The limits on simultaneous faults: how much of a device may be wrong at once.
//!
//! - A unit is a copy of the superblock or a block. A unit is *unsound* if it is damaged, or if it
//!   was written since the world last settled the device, because the store has not acknowledged it
//!   yet.
//! - A fault is allowed if afterwards no zone that it hits has more unsound units than its limit.
//!   The units that the fault hits are unsound from then on.
//!
//! The limits do not apply to faults that only return an error (a failed read, write or flush),
//! because they leave no damage.

use downbeat_lsm::storage::{Layout, Span, Zone};

use super::addresses::Addresses;
use super::image::Image;

/// The maximum number of unsound units in each zone. A unit is unsound if it is damaged, or if it
/// was written since the world last settled the device
/// ([`SimulatedDisk::settle`](super::SimulatedDisk::settle)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultLimits {
    /// Copies of the superblock. A store withstands this many: the number of copies minus the
    /// number that opening needs.
    pub superblock: usize,
    /// Blocks.
    pub grid: usize,
}

impl FaultLimits {
    /// No unit may be unsound.
    pub const NONE: Self = Self { superblock: 0, grid: 0 };

    /// Every unit may be unsound. The store may then return errors, but never wrong data.
    pub const BEYOND: Self = Self { superblock: usize::MAX, grid: usize::MAX };

    fn of(&self, zone: Zone) -> usize {
        match zone {
            Zone::Superblock => self.superblock,
            Zone::Grid => self.grid,
        }
    }
}

/// A unit of the device: a copy of the superblock by number, or a block by address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// A copy of the superblock.
    Copy(usize),
    /// A block.
    Block(u64),
}

impl Unit {
    /// Returns the unit that contains the byte at `offset`; `None` in the padding between the
    /// zones.
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

    /// Greater than the number of every copy. A block is numbered by its address plus this number.
    const COPIES: u64 = 64;

    /// Returns the number of the unit, which no other unit has.
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Copy(copy) => copy as u64,
            Self::Block(address) => Self::COPIES + address,
        }
    }

    /// Returns the span of the unit.
    #[must_use]
    #[inline]
    pub fn span(self, layout: &Layout) -> Span {
        match self {
            Self::Copy(copy) => layout.superblock_copy(copy),
            Self::Block(address) => layout.block(address),
        }
    }

    /// Returns the zone of the unit.
    #[must_use]
    #[inline]
    pub fn zone(self) -> Zone {
        match self {
            Self::Copy(_) => Zone::Superblock,
            Self::Block(_) => Zone::Grid,
        }
    }

    /// Describes the unit.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Copy(copy) => format!("copy {copy}"),
            Self::Block(address) => format!("block {address}"),
        }
    }
}

/// The units that are unsound because they were written; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Unsettled {
    units: Addresses,
}

impl Unsettled {
    #[inline]
    pub(super) fn insert(&mut self, unit: Unit) {
        self.units.insert(unit.number());
    }

    pub(super) fn contains(&self, unit: Unit) -> bool {
        self.units.contains(unit.number())
    }

    pub(super) fn clear(&mut self) {
        self.units.clear();
    }

    /// Returns whether the limits allow a fault that hits these units.
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

    /// Returns the number of units of a zone that are unsound or hit.
    fn count(&self, zone: Zone, hit: &[Unit], image: &Image, layout: &Layout) -> usize {
        let in_zone = |number: &u64| (*number < Unit::COPIES) == (zone == Zone::Superblock);
        let unsettled = self.units.iter().filter(in_zone).count();
        let damaged = image.damages().iter();
        let damaged = damaged.filter_map(|(sector, _)| Unit::at(layout, image.offset_of(*sector)));
        let others = damaged.chain(hit.iter().copied());
        let others =
            others.filter(|unit| unit.zone() == zone && !self.units.contains(unit.number()));
        // There are few units, so duplicates are found by a linear search.
        let first = others
            .clone()
            .enumerate()
            .filter(|(index, unit)| !others.clone().take(*index).any(|other| other == *unit));
        unsettled + first.count()
    }
}
