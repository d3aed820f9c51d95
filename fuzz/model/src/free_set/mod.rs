//! The target `free_set`: its settings and operations, and what it must do ([`Blocks`],
//! [`stream`]).

mod blocks;
mod counts;
pub mod stream;

pub use blocks::Blocks;
pub use counts::Counts;

use downbeat_input::encoding::Place;
use downbeat_input::{operations, table_number};

/// The maximum number of blocks that a store is reopened with.
pub const BLOCKS_MAX: u64 = 384;

/// The number of blocks of a large store: more than 16 bits can count.
pub const BLOCKS_LARGE: u64 = 66_000;

/// The choice of [`SIZE`] that makes the store large.
pub const LARGE: usize = 255;

operations! {
    // Small on purpose: a shard is a word, and every store of more than 64 blocks has several
    // words.
    settings [
        /// Blocks of the store.
        BLOCKS: "geometry" "blocks" = Numbers(&[130, 1, 2, 10, 63, 64, 65, 127, 128, 129, 192, 200, 256, 300]),
        /// Blocks of a shard.
        SHARD: "geometry" "shard" = Numbers(&[64, 128, 256]),
        /// The most reservations at once.
        RESERVATIONS: "geometry" "reservations" = Numbers(&[4, 1, 2, 8]),
        /// Bytes of an encoded set that fit in a block.
        BODY: "geometry" "body" = Numbers(&[64, 8, 16, 24, 40]),
        /// 255 makes the store large: it has [`BLOCKS_LARGE`] blocks. Any other number has no
        /// effect.
        // One choice of 256, because an input with a large store takes as long as hundreds of
        // others.
        SIZE: "size" = Byte,
    ];

    /// One operation on a free set.
    pub enum Operation {
        /// Does a whole job: reserves `count` blocks, acquires them, and forfeits the reservation.
        0 "take" Write 20 => Take { count: Many },
        /// Reserves `count` blocks, which may be too many.
        1 "reserve" Scope 11 => Reserve { count: Many },
        /// Reserves all available blocks but `left`. If `left` is -1, asks for one block too many,
        /// which is refused.
        2 "reserve_rest" Scope 3 => ReserveRest { left: Left },
        /// Acquires up to `count` blocks of a reservation.
        3 "acquire" Write 11 => Acquire { from: Place, count: Many },
        /// Forfeits a reservation.
        4 "forfeit" Scope 4 => Forfeit { from: Place },
        /// Forfeits all reservations, the last one first.
        5 "forfeit_all" Scope 1 => ForfeitAll,
        /// Releases up to `count` acquired blocks: every `step`-th of them, beginning at a place.
        6 "release" Remove 15 => Release { at: Place, count: Many, step: Step },
        /// Writes a checkpoint, which may be lost until it is durable.
        7 "checkpoint" Structure 5 => Checkpoint,
        /// Makes the newest checkpoint durable.
        8 "durable" Structure 5 => Durable,
        /// Makes the newest checkpoint durable if it is not, then writes another one and makes it
        /// durable.
        9 "cycle" Run 5 => Cycle,
        /// Loses the state in memory, and also the newest checkpoint if `lost` is set and it is not
        /// durable. Reopens the store with `more` more blocks.
        10 "crash" Structure 3 => Crash { lost: Lost, more: More },
        /// Begins a checkpoint, and crashes before the superblock that refers to it is written.
        11 "lose_checkpoint" Structure 2 => LoseCheckpoint,
        /// Opens another store with up to `count` acquired blocks: `width` acquired blocks, then
        /// `width` free blocks, and so on. Every `released`-th acquired block is released; none if
        /// `released` is 1.
        12 "load" Run 4 => Load { width: Width, count: Many, released: Step },
        /// Checks all answers about a block.
        13 "ask" Read 5 => Ask { at: Place },
        /// Encodes both sets, or takes those of the newest checkpoint, and opens another set from
        /// them.
        14 "encode" Read 4 => Encode { piece: Piece },
        /// Opens another set from an encoded set with a bit flipped.
        15 "decode_flip" Read 4 => DecodeFlip { of: Of, at: Place, bit: Bit },
        /// Opens another set from an encoded set whose end is missing.
        16 "decode_cut" Read 2 => DecodeCut { of: Of, bytes: Cut },
        /// Opens another set from an encoded set with a word replaced.
        17 "decode_put" Read 4 => DecodePut { of: Of, at: Place, word: Word },
        /// Opens another set as if one more block had held its encoded sets.
        18 "decode_trailer" Read 2 => DecodeTrailer { at: Place },
        /// Does a job that acquires all blocks but `left`.
        19 "fill" Run 2 => Fill { left: Left },
        /// Releases every `step`-th acquired block.
        20 "release_all" Run 3 => ReleaseAll { step: Step },
        /// Opens a new store.
        21 "reset" Structure 1 => Reset,
    }
}

table_number! {
    /// How many blocks; one by default.
    pub Many: u64 = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 32, 63, 64, 65, 100, 200]
}

table_number! {
    /// How many blocks are left out; none by default; -1 is one block too many.
    pub Left: i64 = [0, 1, 2, 3, -1]
}

table_number! {
    /// The distance from one chosen block to the next; 1, which chooses every block, by default.
    pub Step: u32 = [1, 2, 3, 5, 7, 63, 64, 65]
}

table_number! {
    /// How many blocks a stripe has; 64, a word, by default.
    pub Width: u64 = [64, 1, 2, 3, 8, 32, 63, 65, 128, 192, 384]
}

table_number! {
    /// Whether the newest checkpoint is lost, if it is not durable: 0 no, 1 yes.
    pub Lost: u32 = [0, 1]
}

table_number! {
    /// How many more blocks a store is reopened with; fewer if negative.
    pub More: i64 = [0, 1, -1, 2, -2, 63, -63, 64, -64, 65, 128, -128]
}

table_number! {
    /// Bytes of the pieces that an encoded set is split into; 8, a word, by default.
    pub Piece: u32 = [8, 16, 24, 40, 64, 1024]
}

table_number! {
    /// Which set: 0 the acquired blocks, 1 the released ones.
    pub Of: u32 = [0, 1]
}

table_number! {
    /// Which bit of a word.
    pub Bit: u32 = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
        29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54,
        55, 56, 57, 58, 59, 60, 61, 62, 63
    ]
}

table_number! {
    /// How many bytes are missing; 8, a word, by default.
    pub Cut: u32 = [8, 16, 24, 1, 4, 12]
}

table_number! {
    /// A word of an encoded set. Read as markers, these words are: an empty group; a run of one
    /// word of zeros or ones; one literal; such a run and one literal; lengths beyond all bounds.
    /// Read as literals, some are all blocks of a word, its first block or its last block.
    pub Word: u64 = [
        0, 2, 3, 0x1_0000_0000, 0x1_0000_0002, 0x1_0000_0003, 5, 0xffff_ffff, 0xffff_fffe,
        0xffff_ffff_0000_0000, 0x7fff_ffff_ffff_ffff, u64::MAX, 1, 0x8000_0000_0000_0000
    ]
}
