//! Luck: the random decisions in a run, such as which I/O completes next, and which sector survives
//! a crash.
//!
//! Luck is a hash of the schedule in the header, the current operation with literal keys, its
//! number among equal operations, and the site in the world that asks. There is no stream of random
//! numbers: adding or removing an operation does not change the luck of different operations, so a
//! shrinker can remove operations one at a time.
//!
//! Invariant: `open` forgets all operations, and costs O(operations that asked for luck).

use std::collections::HashMap;
use std::hash::Hasher;

use rustc_hash::{FxBuildHasher, FxHasher};

/// The luck of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Luck {
    schedule: u64,
    /// The number of equal operations that asked before, by the hash of the operation.
    asked: HashMap<u64, u64, FxBuildHasher>,
    /// The hash of the current operation.
    operation: u64,
    /// The number of the current operation among equal operations; `None` until it asks.
    number: Option<u64>,
}

impl Luck {
    pub(crate) fn open(&mut self, schedule: u64) {
        let Luck { schedule: own, asked, operation, number } = self;
        *own = schedule;
        asked.clear();
        *operation = 0;
        *number = None;
    }

    /// Begins an operation. Its kind and the bytes of its arguments identify it.
    pub(crate) fn begin(&mut self, kind: usize, arguments: &[u8]) {
        let mut hasher = FxHasher::default();
        hasher.write_usize(kind + 1);
        hasher.write(arguments);
        self.operation = hasher.finish();
        self.number = None;
    }

    /// Begins the end of the run.
    pub(crate) fn begin_end(&mut self) {
        self.operation = u64::MAX;
        self.number = None;
    }

    /// Returns the luck of the current operation at `site`.
    pub(crate) fn at(&mut self, site: u64) -> u64 {
        let number = *self.number.get_or_insert_with(|| {
            let asked = self.asked.entry(self.operation).or_default();
            *asked += 1;
            *asked
        });
        let mut hasher = FxHasher::default();
        for word in [self.schedule, self.operation, number, site] {
            hasher.write_u64(word);
        }
        // The low bits of the hash are the weakest.
        let mixed = hasher.finish();
        (mixed ^ (mixed >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lucks(operations: &[&[u8]]) -> Vec<u64> {
        let mut luck = Luck::default();
        luck.open(7);
        let draw = |arguments: &&[u8]| {
            luck.begin(1, arguments);
            luck.at(0)
        };
        operations.iter().map(draw).collect()
    }

    #[test]
    fn removing_an_operation_does_not_change_the_luck_of_the_others() {
        let all = lucks(&[b"a", b"b", b"a", b"c"]);
        let fewer = lucks(&[b"a", b"a", b"c"]);
        assert_eq!([all[0], all[2], all[3]], *fewer);
    }

    #[test]
    fn equal_operations_and_different_sites_differ_in_luck() {
        let all = lucks(&[b"a", b"a"]);
        assert_ne!(all[0], all[1]);
        let mut luck = Luck::default();
        luck.begin(1, b"a");
        assert_ne!(luck.at(0), luck.at(1));
    }
}
