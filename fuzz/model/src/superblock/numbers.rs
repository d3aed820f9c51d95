//! Numbers that follow from a stamp.

use super::Chain;
use crate::store::Reference;

/// Numbers that follow from a stamp: all different, none zero.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) | 1
    }

    pub(super) fn reference(&mut self) -> Reference {
        let checksum = u128::from(self.next()) << 64 | u128::from(self.next());
        Reference { checksum, address: self.next() }
    }

    pub(super) fn chain(&mut self) -> Chain {
        Chain { last: self.reference(), size: self.next() }
    }
}
