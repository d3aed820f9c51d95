//! Tests of the on-disk format of tables, which never changes.

use downbeat_lsm::block::{BODY_OFFSET, BlockKind, METADATA_SIZE};
use downbeat_lsm::storage::Buffer;

use crate::records::Record16;
use crate::shelf::{SNAPSHOT, TREE, built, layout, records};

fn u32s(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

fn u64s(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

fn metadata(block: &Buffer) -> Vec<u32> {
    u32s(&block.bytes()[BODY_OFFSET - METADATA_SIZE..BODY_OFFSET])
}

#[test]
fn the_format_never_changes() {
    let layout = layout::<Record16>(256, 25);
    // Keys 10, 20, .., 150: a full value block, and one of three records. There is room for a third
    // block.
    let built = built(&layout, &records::<Record16>(15, 9), 0xaa, 12);
    let [first, last, index] = &built.shelf.blocks[..] else {
        panic!("the table has three blocks")
    };

    assert_eq!(metadata(first), [12, 12, 16, 0, 0, 0]);
    assert_eq!(metadata(last), [12, 3, 16, 0, 0, 0]);
    assert_eq!(metadata(index), [2, 3, 8, 16, 0, 0]);
    for (block, kind) in
        [(first, BlockKind::Value), (last, BlockKind::Value), (index, BlockKind::Index)]
    {
        assert_eq!(u64s(&block.bytes()[24..32]), [SNAPSHOT]);
        assert_eq!(block.bytes()[36], kind as u8);
        assert_eq!(u16::from_le_bytes([block.bytes()[38], block.bytes()[39]]), TREE);
    }

    assert_eq!(
        u64s(&last.bytes()[64..]),
        [
            130,
            130 ^ 0x5a,
            140,
            140 ^ 0x5a,
            150,
            150 ^ 0x5a,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ]
    );

    let body = &index.bytes()[64..];
    let checksum = |block: &Buffer| block.bytes()[..16].to_vec();
    assert_eq!(body[..16], checksum(first));
    assert_eq!(body[16..32], checksum(last));
    assert_eq!(body[32..48], [0; 16]);
    assert_eq!(u64s(&body[48..72]), [10, 130, 0], "first keys");
    assert_eq!(u64s(&body[72..96]), [120, 150, 0], "last keys");
    assert_eq!(u64s(&body[96..120]), [1, 2, 0], "addresses");
    assert_eq!(body[120..], [0; 72]);
    // The checksum of the index block covers those of all other blocks.
    assert_eq!({ built.table.checksum }, 0x7f01_aa05_243b_e1e0_738d_8969_c299_2719);
}
