//! The fields of each structure, with their offsets and sizes. A checksum or a key of more than 8
//! bytes is several fields of 8 bytes each.

/// The offset and the size of a field.
pub type Field = (usize, usize);

/// The fields of a copy of the superblock.
pub const SUPERBLOCK: &[Field] = &[
    (64, 8),  // sequence
    (72, 8),  // beat
    (32, 2),  // version
    (34, 2),  // copies
    (36, 4),  // sector size
    (40, 4),  // block size
    (44, 4),  // zero
    (48, 8),  // store: the options
    (56, 8),  // store: the number
    (80, 8),  // parent
    (216, 8), // blocks
    (96, 8),  // acquired checksum
    (112, 8), // acquired address
    (120, 8), // acquired size
    (128, 8), // released checksum
    (144, 8), // released address
    (152, 8), // released size
    (160, 8), // oldest checksum
    (176, 8), // oldest address
    (184, 8), // newest checksum
    (200, 8), // newest address
    (208, 4), // log blocks
    (212, 4), // interval
    (508, 4), // zero
    (0, 8),   // checksum
    (8, 8),   // checksum
    (16, 2),  // copy
    (18, 2),  // zero
    (30, 2),  // zero
    (512, 1), // after the superblock
];

/// The fields of the header of a block of any kind.
const HEADER: [Field; 8] = [
    (16, 8), // address
    (24, 8), // snapshot
    (32, 4), // size
    (36, 1), // kind
    (37, 1), // version
    (38, 2), // tree
    (0, 8),  // checksum
    (8, 8),  // checksum
];

/// The fields of the header of each kind of block: a block of a chain (of an encoded set or of the
/// log), an index block, a value block.
pub const HEADERS: [&[Field]; 3] = [
    &join::<11>(&[(40, 8), (48, 8), (56, 8)]),
    &join::<14>(&[(40, 4), (44, 4), (48, 4), (52, 4), (56, 4), (60, 4)]),
    &join::<13>(&[(40, 4), (44, 4), (48, 4), (52, 8), (60, 4)]),
];

const fn join<const COUNT: usize>(metadata: &[Field]) -> [Field; COUNT] {
    let mut fields = [(0, 0); COUNT];
    let mut place = 0;
    while place < COUNT {
        fields[place] =
            if place < HEADER.len() { HEADER[place] } else { metadata[place - HEADER.len()] };
        place += 1;
    }
    fields
}

/// The fields of an entry of the manifest log.
pub const ENTRY: &[Field] = &[
    (80, 8),  // address
    (88, 8),  // snapshot_min
    (96, 8),  // snapshot_max
    (104, 4), // value_count
    (108, 2), // tree
    (110, 1), // label
    (111, 1), // zero
    (0, 8),   // key_min
    (8, 8),   // key_min, or zero
    (24, 8),  // key_min, or zero
    (32, 8),  // key_max
    (40, 8),  // key_max, or zero
    (56, 8),  // key_max, or zero
    (64, 8),  // checksum
    (72, 8),  // checksum
];
