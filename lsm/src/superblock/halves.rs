//! The choice of the copies that are written first. It is a pure function of its arguments.
//!
//! - The copies are written in two halves. As far as possible, the copies to keep are in the second
//!   half.

use super::SuperblockHeader;

/// A set of copies, by number; at most 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CopySet {
    bits: u8,
}

impl CopySet {
    /// Returns the set of copies 0 to `copies - 1`.
    pub(super) fn all(copies: usize) -> Self {
        Self::of(0..copies)
    }

    pub(super) fn of(copies: impl IntoIterator<Item = usize>) -> Self {
        Self { bits: copies.into_iter().fold(0, |bits, copy| bits | 1 << copy) }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = usize> {
        (0..u8::BITS as usize).filter(move |copy| self.contains(*copy))
    }

    pub(super) fn contains(self, copy: usize) -> bool {
        self.bits >> copy & 1 == 1
    }

    pub(super) fn len(self) -> usize {
        self.bits.count_ones() as usize
    }

    pub(super) fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Returns the copies that are not in `other`.
    pub(super) fn without(self, other: Self) -> Self {
        Self { bits: self.bits & !other.bits }
    }

    /// Returns the copies whose header satisfies `choose`.
    pub(super) fn filter(
        self,
        headers: &[Option<SuperblockHeader>],
        choose: impl Fn(Option<&SuperblockHeader>) -> bool,
    ) -> Self {
        Self::of(self.iter().filter(|copy| choose(headers[*copy].as_ref())))
    }
}

/// Returns the half of the copies 0 to `copies - 1` that is written first. Copies that are not in
/// `kept` are taken before copies in `kept`, both in ascending order.
pub(super) fn written_first(copies: usize, kept: CopySet) -> CopySet {
    let all = CopySet::all(copies);
    CopySet::of(all.without(kept).iter().chain(kept.iter()).take(copies / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_copies_are_written_first_with_as_few_kept_copies_as_possible() {
        for copies in [2, 4, 6, 8] {
            for bits in 0..1_u16 << copies {
                let kept = CopySet { bits: bits as u8 };
                let first = written_first(copies, kept);
                let others = CopySet::all(copies).without(kept);
                assert_eq!(first.len(), copies / 2);
                assert!(first.without(CopySet::all(copies)).is_empty());
                let left = others.without(first).len();
                assert_eq!(left, others.len().saturating_sub(copies / 2), "{kept:?}");
            }
        }
        assert_eq!(written_first(4, CopySet::all(4)), CopySet::of([0, 1]));
        assert_eq!(written_first(4, CopySet::of([0, 1])), CopySet::of([2, 3]));
        assert_eq!(written_first(4, CopySet::of([0, 1, 3])), CopySet::of([0, 2]));
        assert_eq!(written_first(4, CopySet::default()), CopySet::of([0, 1]));
    }
}
