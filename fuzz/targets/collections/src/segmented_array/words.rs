//! Elements of an array: a number of words that follow from the key and the stamp.

use downbeat_lsm::collections::segmented_array::{SegmentedArray, Sorted};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use downbeat_model::segmented_array::Element;

/// An element of `N` words: its key, its stamp, and words derived from the stamp, so that a mix of
/// two elements is noticed. An element of one word has only the stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub(super) struct Words<const N: usize>([u64; N]);

/// An array of elements of `N` words.
pub(super) type Array<const N: usize> = SegmentedArray<Words<N>>;

impl<const N: usize> Words<N> {
    #[inline]
    pub(super) fn of(element: Element) -> Self {
        let Element { key, stamp } = element;
        Words(std::array::from_fn(|word| match word {
            0 if N > 1 => key,
            0 | 1 => stamp,
            _ => stamp.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(word as u32),
        }))
    }

    /// The stamp. The words after it are not checked.
    pub(super) fn stamp(&self) -> u64 {
        self.0[usize::from(N > 1)]
    }

    /// The first word: the key, if the element has one.
    pub(super) fn first(&self) -> u64 {
        self.0[0]
    }
}

impl<const N: usize> Sorted for Words<N> {
    type Key = u64;

    #[inline]
    fn sort_key(&self) -> u64 {
        self.0[0]
    }
}
