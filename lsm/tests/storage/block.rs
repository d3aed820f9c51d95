//! Tests of blocks: a sealed block opens with what was sealed, and any other block is refused.

use downbeat_lsm::block::{
    BODY_OFFSET, BlockKind, BlockReference, Contents, Corruption, Place, Reason, checksum, open,
    seal,
};

const SECTOR: usize = 64;
const ADDRESS: u64 = 3;

fn contents(body_size: usize) -> Contents {
    let metadata = std::array::from_fn(|index| index as u8);
    Contents { kind: BlockKind::Manifest, tree: 5, snapshot: 77, metadata, body_size }
}

/// A block of 256 bytes, with a body of this size.
fn sealed(body_size: usize) -> (Vec<u8>, BlockReference, usize) {
    let mut bytes = vec![0xaa; 256];
    for (index, byte) in bytes[BODY_OFFSET..BODY_OFFSET + body_size].iter_mut().enumerate() {
        *byte = index as u8 ^ 0x5a;
    }
    let (reference, end) = seal(&mut bytes, ADDRESS, &contents(body_size), SECTOR);
    (bytes, reference, end)
}

fn reason(bytes: &[u8], reference: BlockReference) -> Option<Reason> {
    match open(bytes, reference, SECTOR) {
        Ok(_) => None,
        Err(Corruption { place, reason }) => {
            let address = reference.address;
            assert_eq!(place, Place::Block(address));
            Some(reason)
        }
    }
}

/// Changes a byte, and makes the checksum valid again.
fn forged(offset: usize, byte: u8) -> (Vec<u8>, BlockReference) {
    let (mut bytes, _, _) = sealed(100);
    bytes[offset] = byte;
    let size = u32::from_le_bytes([bytes[32], bytes[33], bytes[34], bytes[35]]) as usize;
    let checksum = checksum(&bytes[16..size]);
    bytes[..16].copy_from_slice(&checksum.to_le_bytes());
    (bytes, BlockReference { checksum, address: ADDRESS })
}

#[test]
fn a_sealed_block_opens_as_it_was_sealed() {
    for body_size in 1..=256 - BODY_OFFSET {
        let (bytes, reference, end) = sealed(body_size);
        assert_eq!(end, (BODY_OFFSET + body_size).next_multiple_of(SECTOR));
        let block = open(&bytes, reference, SECTOR).expect("a sound block");
        assert_eq!(block.contents, contents(body_size));
        assert_eq!(block.body, &bytes[BODY_OFFSET..BODY_OFFSET + body_size]);
        assert!(block.body.iter().enumerate().all(|(index, byte)| *byte == index as u8 ^ 0x5a));
        assert!(bytes[BODY_OFFSET + body_size..end].iter().all(|byte| *byte == 0));
        // The bytes after the last sector of the block are not written.
        assert!(bytes[end..].iter().all(|byte| *byte == 0xaa));
    }
}

#[test]
fn any_flipped_bit_of_a_sealed_block_is_found() {
    for body_size in [1, 37, 64, 192] {
        let (mut bytes, reference, end) = sealed(body_size);
        for bit in 0..8 * end {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(reason(&bytes, reference).is_some(), "bit {bit} of a body of {body_size}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        for bit in 8 * end..8 * bytes.len() {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(reason(&bytes, reference), None, "bit {bit} lies after the block");
        }
    }
}

#[test]
fn an_invalid_size_is_found() {
    let (whole, reference, _) = sealed(100);
    for size in [0_u32, 1, BODY_OFFSET as u32, 257, u32::MAX] {
        let mut bytes = whole.clone();
        bytes[32..36].copy_from_slice(&size.to_le_bytes());
        assert_eq!(reason(&bytes, reference), Some(Reason::Size));
    }
    assert_eq!(reason(&[0; 256], reference), Some(Reason::Size));
}

#[test]
fn bytes_that_differ_from_the_checksum_are_found() {
    let (mut bytes, reference, _) = sealed(100);
    bytes[BODY_OFFSET] ^= 1;
    assert_eq!(reason(&bytes, reference), Some(Reason::Checksum));
}

#[test]
fn an_older_block_of_the_same_address_is_refused() {
    let (bytes, reference, _) = sealed(100);
    let newer = BlockReference { checksum: reference.checksum ^ 1, ..reference };
    assert_eq!(reason(&bytes, newer), Some(Reason::OtherBlock));
}

#[test]
fn a_misdirected_block_is_found_at_both_addresses() {
    let (bytes, reference, _) = sealed(100);
    let here = BlockReference { address: ADDRESS + 1, ..reference };
    assert_eq!(reason(&bytes, here), Some(Reason::Address));
    let (forged, reference) = forged(16, 4);
    assert_eq!(reason(&forged, reference), Some(Reason::Address));
}

#[test]
fn unknown_versions_and_kinds_are_found() {
    for version in (0..=255).filter(|version| *version != 1) {
        let (bytes, reference) = forged(37, version);
        assert_eq!(reason(&bytes, reference), Some(Reason::Version));
    }
    for number in 0..=255 {
        let (bytes, reference) = forged(36, number);
        let unknown = BlockKind::ALL.iter().all(|kind| *kind as u8 != number);
        assert_eq!(reason(&bytes, reference), unknown.then_some(Reason::Kind));
    }
}

#[test]
fn bytes_after_the_body_that_are_not_zero_are_found() {
    let (mut bytes, reference, end) = sealed(100);
    bytes[end - 1] = 1;
    assert_eq!(reason(&bytes, reference), Some(Reason::Padding));
}

#[test]
#[should_panic(expected = "block: an address must be 1 or more")]
fn an_address_of_zero_panics() {
    seal(&mut [0; 256], 0, &contents(1), SECTOR);
}

#[test]
#[should_panic(expected = "block: a body must have a byte (address 3)")]
fn an_empty_body_panics() {
    seal(&mut [0; 256], ADDRESS, &contents(0), SECTOR);
}

#[test]
#[should_panic(expected = "block: a body must fit (size 257, of 256)")]
fn a_body_that_does_not_fit_panics() {
    seal(&mut [0; 256], ADDRESS, &contents(193), SECTOR);
}

#[test]
#[should_panic(expected = "block: a block must have room for a header (63 bytes)")]
fn a_block_without_room_for_a_header_panics() {
    let _ = open(&[0; 63], BlockReference { checksum: 0, address: 1 }, SECTOR);
}

#[test]
fn corruption_says_where_and_what() {
    let block = |reason| Corruption { place: Place::Block(9), reason }.to_string();
    assert_eq!(block(Reason::Checksum), "block 9: its checksum does not match its bytes");
    assert_eq!(
        block(Reason::Meaning("keys descend")),
        "block 9: its contents are invalid: keys descend"
    );
    let superblock = Corruption { place: Place::Superblock, reason: Reason::QuorumLost };
    assert_eq!(superblock.to_string(), "superblock: too few of its copies agree");
    let tree = Corruption { place: Place::Tree(5), reason: Reason::Meaning("keys repeat") };
    assert_eq!(tree.to_string(), "tree 5: its contents are invalid: keys repeat");
}
