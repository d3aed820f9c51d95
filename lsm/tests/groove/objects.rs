//! The objects of these tests, and a forest of their grooves.

use downbeat_lsm::forest::{Forest, ForestOptions};
use downbeat_lsm::groove::{Groove, GrooveOptions};
use downbeat_lsm::object;
use downbeat_lsm::storage::MemoryStorage;

object! {
    /// An object with a field of each kind and a derived index.
    pub struct Order {
        pub timestamp: u64 => timestamp,
        pub state: u64 => index,
        pub id: u128 => primary,
        pub buyer: u128 => index,
        pub number: u64 => unique,
        pub tag: u32 => optional,
        pub note: u32,
    }

    derived {
        /// The buyer of an order with a tag.
        tagged: u128 => |order| (order.tag != 0).then_some(order.buyer),
    }
}

object! {
    /// An object whose primary key is its timestamp.
    pub struct Event {
        pub timestamp: u64 => timestamp,
        pub kind: u64 => index,
    }
}

pub(crate) type Shop = Forest<(Groove<Order>, Groove<Event>), MemoryStorage>;

pub(crate) fn options() -> ForestOptions {
    let mut options = ForestOptions { scans_max: 4, ..ForestOptions::tiny(16_384) };
    options.layout.block_size = 512;
    options
}

pub(crate) fn grooves() -> (GrooveOptions, GrooveOptions) {
    (
        GrooveOptions {
            batch_objects_max: 3,
            prefetch_max: 8,
            growth_factor: 8,
            ..GrooveOptions::tiny(1)
        },
        GrooveOptions {
            growth_factor: 8,
            ..GrooveOptions::tiny(1 + Groove::<Order>::tree_count())
        },
    )
}

pub(crate) fn shop() -> Shop {
    let options = options();
    let size = options.device_size().expect("a valid layout") as usize;
    let device = MemoryStorage::new(size, options.layout.sector_size);
    Shop::format(device, &options, &grooves(), 1).expect("a sound device")
}

pub(crate) fn order(timestamp: u64, id: u128) -> Order {
    Order {
        timestamp,
        state: timestamp % 3,
        id,
        buyer: u128::from(timestamp % 5) << 100,
        number: timestamp * 7,
        tag: (timestamp % 4) as u32,
        note: 1,
    }
}
