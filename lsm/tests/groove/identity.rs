//! A store opens only with the object type for which it was formatted.

use downbeat_lsm::forest::{Forest, ForestOptions, StoreError};
use downbeat_lsm::groove::{Groove, GrooveOptions, Object};
use downbeat_lsm::storage::MemoryStorage;

/// Declares a type `Thing` in a module of its own.
macro_rules! thing {
    ($module:ident { $($fields:tt)* } $($derived:tt)*) => {
        mod $module {
            downbeat_lsm::object! {
                /// A thing.
                pub(super) struct Thing { $($fields)* }
                $($derived)*
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

thing!(with_a_derived_index {
    pub made: u64 => timestamp,
    pub value: u64 => index,
} derived {
    half: u64 => |thing| Some(thing.value / 2),
});

thing!(with_a_derived_index_of_another_name {
    pub made: u64 => timestamp,
    pub value: u64 => index,
} derived {
    part: u64 => |thing| Some(thing.value / 2),
});

thing!(with_a_derived_index_of_smaller_values {
    pub made: u64 => timestamp,
    pub value: u64 => index,
} derived {
    half: u32 => |thing| Some(thing.value as u32 / 2),
});

thing!(with_two_derived_indexes {
    pub made: u64 => timestamp,
    pub value: u64 => index,
} derived {
    half: u64 => |thing| Some(thing.value / 2),
    third: u64 => |thing| Some(thing.value / 3),
});

thing!(with_two_derived_indexes_in_another_order {
    pub made: u64 => timestamp,
    pub value: u64 => index,
} derived {
    third: u64 => |thing| Some(thing.value / 3),
    half: u64 => |thing| Some(thing.value / 2),
});

thing!(with_fields_like_the_derived_indexes {
    pub made: u64 => timestamp,
    pub value: u64 => index,
    pub half: u64 => index,
    pub third: u64 => index,
});

thing!(without_a_derived_index {
    pub made: u64 => timestamp,
    pub value: u64 => index,
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

#[test]
fn a_store_opens_only_with_its_derived_indexes() {
    let other = Err(StoreError::OtherOptions);
    type One = with_a_derived_index::Thing;
    type Two = with_two_derived_indexes::Thing;
    assert_eq!(open::<One, One>(), Ok(()));
    assert_eq!(open::<Two, Two>(), Ok(()));
    assert_eq!(open::<One, without_a_derived_index::Thing>(), other);
    assert_eq!(open::<without_a_derived_index::Thing, One>(), other);
    assert_eq!(open::<One, with_a_derived_index_of_another_name::Thing>(), other);
    assert_eq!(open::<One, with_a_derived_index_of_smaller_values::Thing>(), other);
    assert_eq!(open::<One, Two>(), other);
    assert_eq!(open::<Two, with_two_derived_indexes_in_another_order::Thing>(), other);
    assert_eq!(open::<Two, with_fields_like_the_derived_indexes::Thing>(), other);
}
