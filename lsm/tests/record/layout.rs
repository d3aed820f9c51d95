//! Which sizes and alignments of records are refused. A tree checks them at compile time.

use downbeat_lsm::record::{Record, Usage, assert_record_layout};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Declares a record of this many bytes, with this alignment.
macro_rules! record {
    ($name:ident: $size:literal bytes, aligned to $alignment:literal) => {
        #[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
        #[repr(C, align($alignment))]
        struct $name([u8; $size]);

        impl Record for $name {
            type Key = u64;
            const USAGE: Usage = Usage::General;

            fn key(&self) -> u64 {
                u64::from(self.0[0])
            }

            fn is_tombstone(&self) -> bool {
                self.0[1] == 1
            }

            fn tombstone(key: u64) -> Self {
                let mut bytes = [0; $size];
                (bytes[0], bytes[1]) = (key as u8, 1);
                Self(bytes)
            }
        }
    };
}

record!(Smallest: 8 bytes, aligned to 1);
record!(Largest: 256 bytes, aligned to 16);
record!(TooSmall: 4 bytes, aligned to 1);
record!(TooLarge: 512 bytes, aligned to 1);
record!(NoPowerOfTwo: 24 bytes, aligned to 8);
record!(AlignedTooMuch: 32 bytes, aligned to 32);

#[test]
fn the_smallest_and_the_largest_record_are_valid() {
    assert_record_layout::<Smallest>();
    assert_record_layout::<Largest>();
}

#[test]
#[should_panic(expected = "record: its size must be from 8 to 256 bytes")]
fn a_record_that_is_too_small_is_refused() {
    assert_record_layout::<TooSmall>();
}

#[test]
#[should_panic(expected = "record: its size must be from 8 to 256 bytes")]
fn a_record_that_is_too_large_is_refused() {
    assert_record_layout::<TooLarge>();
}

#[test]
#[should_panic(expected = "record: its size must be a power of two")]
fn a_record_whose_size_is_no_power_of_two_is_refused() {
    assert_record_layout::<NoPowerOfTwo>();
}

#[test]
#[should_panic(expected = "record: it must be aligned to 16 bytes or fewer")]
fn a_record_that_is_aligned_too_much_is_refused() {
    assert_record_layout::<AlignedTooMuch>();
}
