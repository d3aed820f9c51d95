//! The order of values that do not lie in order: their positions, in sorted pieces.
//!
//! ```text
//! ages       oldest                       newest
//! pieces     [ 128 positions ][ 64 ][ 16 ][ 7 ]      the last one takes what is put
//! ```
//!
//! - A piece is sorted by key, and among equal keys by position: by age. All of a piece is older than all of
//!   the next one.
//! - What does not sort behind the whole of the last piece is inserted while that has fewer than
//!   [`CHUNK`] positions. Then it is closed: pieces at the end are merged as long as the last one but one is less
//!   than twice as long as the last, or both together fit into a chunk; and a new piece begins. So every closed
//!   piece is at least twice as long as the next, there are few of them, and a position is merged at most some
//!   log(n) times. What sorts behind the last piece is just added to it, however long that is.
//! - While a scope is open, the pieces before it stay as they are; what is put goes to pieces behind them.
//!
//! What this does not do: it holds no values, moves none, and drops no position.

use super::MemoryTableOptions;
use crate::record::Record;

/// A piece with fewer positions takes any other. From 8 to 64 puts cost the same (`benches/memory_table`: 30 to
/// 50 ns with 256 scattered keys of 8 bytes a beat, 80 to 110 ns with 8,192), so that it is small enough for small
/// tables to have several pieces.
const CHUNK: usize = 16;

/// The most pieces that the positions of so many values are in.
///
/// Outside of a scope: the last one, and closed ones. Of two closed neighbours the older is at least twice as
/// long as the younger, and they do not fit into a chunk, so the oldest of m has at least
/// `2^(m-2) * 2/3 * CHUNK` positions: so m is less than `log2(count)`. A table that fits into a chunk has one.
/// A scope has as many again behind those, as its first piece is not compared with them; once it is kept, all are,
/// from the one that was open before it.
pub(super) const fn piece_count_max(value_count_max: u32) -> u32 {
    2 * (value_count_max.ilog2() + 1)
}

/// Positions of values, in sorted pieces.
#[derive(Debug)]
pub(super) struct Order {
    positions: Vec<u32>,
    /// Where each piece ends. The first starts at 0, the others where the last one ended.
    ends: Vec<u32>,
    /// A copy of the piece that is merged into the one before.
    scratch: Vec<u32>,
    piece_count_max: usize,
    /// Pieces that a scope must leave as they are.
    frozen: usize,
    merges: Merges,
}

/// What became of neighbours that were made one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Merges {
    /// One sorted behind the other.
    pub(super) joined: u64,
    /// They had to be merged.
    pub(super) merged: u64,
}

/// How much there was when a scope was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    position_count: usize,
    piece_count: usize,
}

impl Order {
    pub(super) fn new(options: &MemoryTableOptions) -> Self {
        let count = options.value_count_max as usize;
        let piece_count_max = options.piece_count_max() as usize;
        let run_count_max = options.run_count_max() as usize;
        Self {
            positions: Vec::with_capacity(count),
            // Runs can be adopted, and there may be more of them.
            ends: Vec::with_capacity(piece_count_max.max(run_count_max)),
            scratch: Vec::with_capacity(count),
            piece_count_max,
            frozen: 0,
            merges: Merges::default(),
        }
    }

    pub(super) fn clear(&mut self) {
        let Self { positions, ends, scratch: _, piece_count_max: _, frozen, merges: _ } = self;
        positions.clear();
        ends.clear();
        *frozen = 0;
    }

    pub(super) fn reset(&mut self) {
        self.clear();
        self.merges = Merges::default();
    }

    /// Adds a position behind all that there are.
    #[inline]
    pub(super) fn insert<R: Record>(&mut self, values: &[R], position: u32) {
        let key = values[position as usize].key();
        if self.ends.len() == self.frozen {
            return self.begin_piece(position);
        }
        let last = self.ends.len() - 1;
        let start = self.start(last);
        let piece = &self.positions[start..];
        let is_before = |other: u32| values[other as usize].key() <= key;
        if is_before(piece[piece.len() - 1]) {
            self.positions.push(position);
            self.ends[last] += 1;
        } else if piece.len() < CHUNK {
            let at = start + piece.partition_point(|&other| is_before(other));
            self.positions.insert(at, position);
            self.ends[last] += 1;
        } else {
            self.settle(values, last);
            self.begin_piece(position);
        }
    }

    /// Makes pieces of runs of values that lie in order, each from the end of the last one, which is 0 first.
    pub(super) fn adopt(&mut self, run_ends: impl Iterator<Item = u32>) {
        assert!(self.positions.is_empty(), "memory_table: an order must be empty to adopt runs");
        self.ends.extend(run_ends);
        self.positions.extend(0..self.ends.last().copied().unwrap_or(0));
    }

    /// Makes all pieces one. Always the two neighbours that are the shortest together come first.
    pub(super) fn merge_all<R: Record>(&mut self, values: &[R]) {
        assert!(self.frozen == 0, "memory_table: pieces are merged in no scope");
        while self.ends.len() > 1 {
            let length = |piece: usize| self.ends[piece + 1] as usize - self.start(piece);
            let shortest = (0..self.ends.len() - 1).min_by_key(|&piece| length(piece)).unwrap_or(0);
            self.merge(values, shortest);
        }
    }

    /// From now on the pieces stay as they are.
    pub(super) fn freeze(&mut self) -> Mark {
        self.frozen = self.ends.len();
        Mark { position_count: self.positions.len(), piece_count: self.ends.len() }
    }

    /// What came behind the mark stays.
    pub(super) fn thaw<R: Record>(&mut self, values: &[R]) {
        // The last piece before the scope was open: what it got since it began was never looked at.
        let first = self.frozen.saturating_sub(1);
        self.frozen = 0;
        self.settle(values, first);
    }

    /// All is as it was at the mark.
    pub(super) fn truncate(&mut self, mark: Mark) {
        assert!(
            self.frozen == mark.piece_count && mark.piece_count <= self.ends.len(),
            "memory_table: the pieces before a scope must stay ({mark:?})",
        );
        self.frozen = 0;
        self.positions.truncate(mark.position_count);
        self.ends.truncate(mark.piece_count);
    }

    /// The positions of all pieces.
    #[inline]
    pub(super) fn positions(&self) -> &[u32] {
        &self.positions
    }

    /// The same, to be put in another order by who ends them, and as much memory again.
    pub(super) fn parts(&mut self) -> (&mut Vec<u32>, &mut Vec<u32>) {
        (&mut self.positions, &mut self.scratch)
    }

    /// Where each piece ends.
    #[inline]
    pub(super) fn ends(&self) -> &[u32] {
        &self.ends
    }

    #[inline]
    pub(super) fn merges(&self) -> Merges {
        self.merges
    }

    #[inline]
    fn start(&self, piece: usize) -> usize {
        if piece == 0 { 0 } else { self.ends[piece - 1] as usize }
    }

    #[inline]
    fn begin_piece(&mut self, position: u32) {
        assert!(
            self.ends.len() < self.piece_count_max,
            "memory_table: the tail must be in few pieces ({})",
            self.ends.len(),
        );
        self.positions.push(position);
        self.ends.push(self.positions.len() as u32);
    }

    /// Merges pieces, from this one to the last, each with the one before, until that is long enough.
    fn settle<R: Record>(&mut self, values: &[R], first: usize) {
        let mut piece = first;
        while piece < self.ends.len() {
            while piece > self.frozen && !self.is_settled(piece) {
                piece -= 1;
                self.merge(values, piece);
            }
            piece += 1;
        }
    }

    /// Whether the piece before this one is long enough.
    fn is_settled(&self, piece: usize) -> bool {
        let (start, end) = (self.start(piece), self.ends[piece] as usize);
        let (older, younger) = (start - self.start(piece - 1), end - start);
        older >= 2 * younger && older + younger > CHUNK
    }

    /// Makes a piece and the next one one.
    fn merge<R: Record>(&mut self, values: &[R], piece: usize) {
        let (start, middle) = (self.start(piece), self.start(piece + 1));
        let end = self.ends[piece + 1] as usize;
        self.ends.remove(piece);
        let key = |position: u32| values[position as usize].key();
        if key(self.positions[middle - 1]) <= key(self.positions[middle]) {
            self.merges.joined += 1;
            return;
        }
        self.merges.merged += 1;
        self.scratch.clear();
        self.scratch.extend_from_slice(&self.positions[middle..end]);
        // From the largest down; of equal keys those of the younger piece are the larger ones.
        let (mut older, mut younger) = (middle, self.scratch.len());
        while younger > 0 {
            let target = older + younger - 1;
            let newest = self.scratch[younger - 1];
            if older > start && key(self.positions[older - 1]) > key(newest) {
                self.positions[target] = self.positions[older - 1];
                older -= 1;
            } else {
                self.positions[target] = newest;
                younger -= 1;
            }
        }
    }

    /// Checks all, the lengths among it, but for those of the last piece and of the last one before a scope, which
    /// are open.
    pub(super) fn verify<R: Record>(&self, values: &[R], first: u32) {
        assert!(
            self.ends.last().map_or(0, |&end| end as usize) == self.positions.len(),
            "memory_table: every position must be in a piece",
        );
        let mut oldest = first;
        for piece in 0..self.ends.len() {
            let positions = &self.positions[self.start(piece)..self.ends[piece] as usize];
            assert!(!positions.is_empty(), "memory_table: a piece must not be empty ({piece})");
            let key = |position: u32| (values[position as usize].key(), position);
            assert!(
                positions.windows(2).all(|pair| key(pair[0]) < key(pair[1])),
                "memory_table: a piece must be in order ({piece})",
            );
            let end = oldest + positions.len() as u32;
            // They differ, as they are in order: so these are all of them.
            assert!(
                positions.iter().all(|position| (oldest..end).contains(position)),
                "memory_table: pieces must follow each other in age ({piece})",
            );
            let is_first = piece == 0 || piece == self.frozen;
            let is_open = piece + 1 == self.ends.len() || piece + 1 == self.frozen;
            assert!(
                is_first || is_open || self.is_settled(piece),
                "memory_table: a closed piece must be short beside the one before ({piece})",
            );
            oldest = end;
        }
        assert!(
            oldest as usize == values.len(),
            "memory_table: every value of the tail must be in its order ({oldest} of {})",
            values.len(),
        );
    }
}
