//! Makes checksums valid again, from the value blocks up to the superblock.
//!
//! A reference gets the checksum of the block that is now at its address.

use super::parts::Parts;
use crate::format::bytes::{number, set};
use crate::format::checksum::checksum;
use crate::format::sizes::{HEADER, SUPERBLOCK, Sizes};

/// How far up checksums are made valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// All checksums. All copies of the superblock become equal to this one.
    All {
        /// The number of the copy.
        copy: usize,
    },
    /// All checksums. The copies of the superblock may stay different from each other.
    EachCopy,
    /// The checksums of blocks, and of references in blocks. The superblock is not changed.
    Blocks,
    /// The checksums of blocks. References to the blocks are not changed.
    Alone,
}

/// Makes checksums valid.
pub fn seal(image: &mut [u8], sizes: &Sizes, parts: &Parts, depth: Depth) {
    let refers = depth != Depth::Alone;
    for block in parts.values() {
        seal_block(image, sizes, block);
    }
    for table in &parts.tables {
        let begin = sizes.block_at(table.index);
        for number in (0..sizes.values_max()).filter(|_| refers) {
            let [sum, address] = [0, 3].map(|array| begin + sizes.index_element(array, number));
            refer(image, sizes, address, sum);
        }
        seal_block(image, sizes, table.index);
    }
    for entry in parts.entries(image, sizes).into_iter().filter(|_| refers) {
        refer(image, sizes, entry + 80, entry + 64);
    }
    for block in parts.sets.iter().flatten().chain(&parts.log) {
        let begin = sizes.block_at(*block);
        if refers {
            refer(image, sizes, begin + 56, begin + 40);
        }
        seal_block(image, sizes, *block);
    }
    match depth {
        Depth::All { copy } => {
            seal_copy(image, sizes, copy);
            let from = sizes.copy(copy);
            for other in 0..sizes.copies {
                let to = sizes.copy(other);
                image.copy_within(from..from + sizes.copy_size(), to);
                set(image, to + 16, 2, other as u64);
            }
        }
        Depth::EachCopy => (0..sizes.copies).for_each(|copy| seal_copy(image, sizes, copy)),
        Depth::Blocks | Depth::Alone => {}
    }
}

fn seal_copy(image: &mut [u8], sizes: &Sizes, copy: usize) {
    let begin = sizes.copy(copy);
    for address in [112, 144, 176, 200] {
        refer(image, sizes, begin + address, begin + address - 16);
    }
    let sum = checksum(&image[begin + 32..begin + SUPERBLOCK]);
    image[begin..begin + 16].copy_from_slice(&sum.to_le_bytes());
}

fn seal_block(image: &mut [u8], sizes: &Sizes, address: u64) {
    let begin = sizes.block_at(address);
    let size = (number(image, begin + 32, 4) as usize).clamp(HEADER, sizes.block);
    let sum = checksum(&image[begin + 16..begin + size]);
    image[begin..begin + 16].copy_from_slice(&sum.to_le_bytes());
}

/// Reads a block's address at offset `address`, and copies the checksum of this block to offset
/// `sum`. Does nothing if the device has no such block.
fn refer(image: &mut [u8], sizes: &Sizes, address: usize, sum: usize) {
    let address = number(image, address, 8);
    if sizes.has_block(address) {
        let begin = sizes.block_at(address);
        image.copy_within(begin..begin + 16, sum);
    }
}
