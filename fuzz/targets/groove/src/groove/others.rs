//! Opens the store with other types of ticks.

use downbeat_lsm::forest::{Forest, StoreError};
use downbeat_lsm::groove::{Groove, Object};

use super::events::Late;
use super::kept::Thing;
use super::tested::Tested;
use downbeat::check::fail;
use downbeat::disk::SimulatedDisk;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::{Attempts, Cause};

mod with_an_optional_index {
    downbeat_lsm::object! {
        /// A tick whose index leaves the tag 0 out.
        pub(super) struct Tick {
            pub(super) timestamp: u64 => timestamp,
            pub(super) tag: u32 => optional,
            pub(super) text: u32,
        }
    }
}

mod with_another_order {
    downbeat_lsm::object! {
        /// A tick with the same fields in another order.
        pub(super) struct Tick {
            pub(super) timestamp: u64 => timestamp,
            pub(super) text: u32,
            pub(super) tag: u32 => index,
        }
    }
}

mod with_a_derived_index {
    downbeat_lsm::object! {
        /// A tick with a derived index.
        pub(super) struct Tick {
            pub(super) timestamp: u64 => timestamp,
            pub(super) tag: u32 => index,
            pub(super) text: u32,
        }

        derived {
            mark: u32 => |tick| Some(tick.text / 2),
        }
    }
}

impl Tested {
    /// Opens the store with each of the other types, which it must refuse. The caller then opens it
    /// with a new object.
    pub(super) fn refuses_others(&mut self, run: &mut Run) -> Checked {
        self.refuses::<with_an_optional_index::Tick>(run)?;
        self.refuses::<with_another_order::Tick>(run)?;
        self.refuses::<with_a_derived_index::Tick>(run)
    }

    /// Checks that the store does not open with ticks of type `O`.
    fn refuses<O: Object>(&mut self, run: &mut Run) -> Checked {
        if self.store.is_down() {
            return Ok(());
        }
        run.step();
        let empty = SimulatedDisk::new(*self.store.disk().layout());
        let mut disk = std::mem::replace(self.store.disk(), empty);
        disk.restart();
        let mut attempts = Attempts::new(&disk);
        attempts.begin(&disk);
        let options = self.store.options.clone();
        let mut other: Forest<(Groove<Thing>, Groove<O>), SimulatedDisk> =
            Forest::new(disk, &options.forest, &options.trees).expect("the same options");
        let opened = other.open_again();
        let disk = other.into_storage();
        let cause = opened.err().map_or(Cause::None, |error| attempts.cause(&error, &disk));
        let is_refused = opened == Err(StoreError::OtherOptions);
        *self.store.disk() = disk;
        Late::OtherRefused.count_if(is_refused, run);
        if is_refused || cause != Cause::None {
            return Ok(());
        }
        Err(fail("store-refuses-other-types", StoreError::OtherOptions, format!("{opened:?}"))
            .saying("a store opens with another type of objects, or fails for another reason"))
    }
}
