//! A store opens only with the object type for which it was formatted.

use downbeat_lsm::forest::{Forest, ForestOptions, StoreError};
use downbeat_lsm::groove::{Groove, GrooveOptions, Object};
use downbeat_lsm::storage::MemoryStorage;

/// Declares a type `Thing` in a module of its own.
macro_rules! thing {
    ($module:ident { $($fields:tt)* }) => {
        mod $module {
            downbeat_lsm::object! {
                /// A thing.
                pub(super) struct Thing { $($fields)* }
            }
        }
    };
}

thing!(first {
    pub made: u64 => timestamp,
    pub value: u64 => index,
    pub id: u64 => primary,
    pub code: u64 => unique,
    pub one: u32,
    pub two: u16,
    pub three: u16,
    pub time: u64,
    pub rest: u128,
});

thing!(with_an_optional_index {
    pub made: u64 => timestamp,
    pub value: u64 => optional,
    pub id: u64 => primary,
    pub code: u64 => unique,
    pub one: u32,
    pub two: u16,
    pub three: u16,
    pub time: u64,
    pub rest: u128,
});

thing!(with_another_primary_key {
    pub made: u64 => timestamp,
    pub value: u64 => index,
    pub id: u64 => unique,
    pub code: u64 => primary,
    pub one: u32,
    pub two: u16,
    pub three: u16,
    pub time: u64,
    pub rest: u128,
});

thing!(with_another_timestamp {
    pub made: u64,
    pub value: u64 => index,
    pub id: u64 => primary,
    pub code: u64 => unique,
    pub one: u32,
    pub two: u16,
    pub three: u16,
    pub time: u64 => timestamp,
    pub rest: u128,
});

thing!(with_fields_in_another_order {
    pub made: u64 => timestamp,
    pub value: u64 => index,
    pub id: u64 => primary,
    pub code: u64 => unique,
    pub one: u32,
    pub three: u16,
    pub two: u16,
    pub time: u64,
    pub rest: u128,
});

thing!(with_other_sizes {
    pub made: u64 => timestamp,
    pub value: u64 => index,
    pub id: u64 => primary,
    pub code: u64 => unique,
    pub one: u16,
    pub two: u16,
    pub three: u32,
    pub time: u64,
    pub rest: u128,
});

fn options() -> ForestOptions {
    let mut options = ForestOptions::tiny(4096);
    options.layout.block_size = 1024;
    options
}

/// Opens a store of `One` as a store of `Other`.
fn open<One: Object, Other: Object>() -> Result<(), StoreError> {
    let (options, groove) = (options(), GrooveOptions::tiny(1));
    let size = options.device_size().expect("a valid layout") as usize;
    let device = MemoryStorage::new(size, options.layout.sector_size);
    let forest = Forest::<Groove<One>, _>::format(device, &options, &groove, 1)?;
    Forest::<Groove<Other>, _>::open(forest.into_storage(), &options, &groove).map(drop)
}

#[test]
fn a_store_opens_only_with_the_fields_of_its_objects() {
    let other = Err(StoreError::OtherOptions);
    assert_eq!(open::<first::Thing, first::Thing>(), Ok(()));
    assert_eq!(open::<first::Thing, with_an_optional_index::Thing>(), other);
    assert_eq!(open::<with_an_optional_index::Thing, first::Thing>(), other);
    assert_eq!(open::<first::Thing, with_another_primary_key::Thing>(), other);
    assert_eq!(open::<first::Thing, with_another_timestamp::Thing>(), other);
    assert_eq!(open::<first::Thing, with_fields_in_another_order::Thing>(), other);
    assert_eq!(open::<first::Thing, with_other_sizes::Thing>(), other);
}
