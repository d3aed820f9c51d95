//! The order of the values in a tail (the values that are in no run): their positions, in sorted
//! pieces.
//!
//! ```text
//! ages       oldest                       newest
//! pieces     [ 128 positions ][ 64 ][ 16 ][ 7 ]      puts go to the last piece
//! ```
//!
//! - A piece is sorted by key, and among equal keys by position, so the oldest is first. All
//!   positions of a piece are older than those of the next piece.
//! - A position that sorts after the last piece is appended to it, however long the piece is. Any
//!   other position is inserted into the last piece if that has fewer than [`CHUNK`] positions.
//! - Otherwise the last piece is closed, and a new piece begins. The closed piece is merged with
//!   the previous piece if that is less than twice as long, or if both fit into a chunk. This
//!   repeats for the merged piece. So every closed piece is at least twice as long as the next
//!   closed piece. There are few pieces, and each of n positions is merged about log(n) times at
//!   most.
//! - While a scope is open, the pieces before it do not change, and puts go to pieces after them.
//!
//! The order consists of positions only. It never moves a value.

use super::MemoryTableOptions;
use crate::record::Record;

/// The last piece accepts any position while it has fewer positions than this. With 8 to 64, the
/// cost of a put is the same (`benches/memory_table`: 30 to 50 ns with 256 scattered keys of 8
/// bytes per beat, 80 to 110 ns with 8,192). The number is small, so that small tables have several
/// pieces.
const CHUNK: usize = 16;

/// The maximum number of pieces of a tail that has at most `value_count_max` values.
///
/// Outside a scope, all pieces except the last are closed. Of two closed neighbours the older
/// is at least twice as long as the younger, and together they do not fit into a chunk. So the
/// oldest of m pieces, m > 2, has more than `2^(m-3) * 2/3 * CHUNK` positions, and m is less than
/// `log2(value_count_max)`. A tail that fits into a chunk has one piece. A scope can add the same
/// number of pieces, because its first piece is not compared with the piece before the scope. When
/// the scope is persisted, all pieces are compared, from the last piece before the scope on.
pub(super) const fn piece_count_max(value_count_max: u32) -> u32 {
    2 * (value_count_max.ilog2() + 1)
}

/// Positions of values, in sorted pieces.
#[derive(Debug)]
pub(super) struct Order {
    positions: Vec<u32>,
    /// Where each piece ends. The first piece starts at 0, each other piece where the previous one
    /// ends.
    ends: Vec<u32>,
    /// A copy of the piece that is merged into the previous one.
    scratch: Vec<u32>,
    piece_count_max: usize,
    /// The number of pieces that a scope must not change.
    frozen: usize,
    merges: Merges,
}

/// The merges of neighbouring pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Merges {
    /// Merges of two pieces, the younger of which sorted completely after the older.
    pub(super) joined: u64,
    /// All other merges.
    pub(super) merged: u64,
}

/// The lengths when a scope was opened.
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
            // There may be more adopted runs than pieces.
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

    /// Adds the position of the newest value.
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

    /// Adds each of these sorted runs of values as a piece. The first run starts at 0, each other
    /// run where the previous one ends.
    pub(super) fn adopt(&mut self, run_ends: impl Iterator<Item = u32>) {
        assert!(self.positions.is_empty(), "memory_table: an order must be empty to adopt runs");
        self.ends.extend(run_ends);
        self.positions.extend(0..self.ends.last().copied().unwrap_or(0));
    }

    /// Merges all pieces into one. Each step merges the two neighbours with the smallest total
    /// length.
    pub(super) fn merge_all<R: Record>(&mut self, values: &[R]) {
        assert!(self.frozen == 0, "memory_table: pieces are merged in no scope");
        while self.ends.len() > 1 {
            let length = |piece: usize| self.ends[piece + 1] as usize - self.start(piece);
            let shortest = (0..self.ends.len() - 1).min_by_key(|&piece| length(piece)).unwrap_or(0);
            self.merge(values, shortest);
        }
    }

    /// Opens a scope: from now on the existing pieces do not change.
    pub(super) fn freeze(&mut self) -> Mark {
        self.frozen = self.ends.len();
        Mark { position_count: self.positions.len(), piece_count: self.ends.len() }
    }

    /// Persists a scope: the pieces after the mark stay.
    pub(super) fn thaw<R: Record>(&mut self, values: &[R]) {
        // The last piece before the scope was never closed, so its length was never compared with
        // that of the previous piece.
        let first = self.frozen.saturating_sub(1);
        self.frozen = 0;
        self.settle(values, first);
    }

    /// Discards a scope: the order returns to its state at the mark.
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

    /// The positions, and a buffer of the same capacity. A caller that changes the positions must
    /// then clear the order.
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

    /// Merges each piece, from `first` to the last, with the previous piece, until the previous
    /// piece is long enough.
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

    /// Merges a piece with the next one.
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
        // Fills the place of both pieces from the end, with the largest key first. Positions of the
        // younger piece are placed after positions of the older piece with the same key.
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

    /// Checks all invariants. The last piece, and the last piece before a scope, are not closed, so
    /// their lengths are not checked.
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
            // No position occurs twice, because the order is strict. The range has as many numbers
            // as the piece has positions, so each number of the range is a position.
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
