//! Tests of the layout: the places of copies and blocks, and invalid sizes.

use downbeat_lsm::storage::{InvalidLayout, Layout, LayoutOptions, Zone};

use crate::device::span;

const VALID: LayoutOptions =
    LayoutOptions { sector_size: 512, block_size: 4096, superblock_copies: 4, block_count: 10 };

fn refusal(options: LayoutOptions) -> (InvalidLayout, String) {
    let reason = Layout::new(options).expect_err("the sizes are invalid");
    (reason, reason.to_string())
}

#[test]
fn the_smallest_and_the_largest_sizes_are_valid() {
    let smallest =
        LayoutOptions { sector_size: 64, block_size: 128, superblock_copies: 2, block_count: 1 };
    let layout = Layout::new(smallest).expect("the sizes are valid");
    assert_eq!((layout.grid_offset(), layout.size()), (1024, 1152));
    let largest = LayoutOptions {
        sector_size: 1 << 16,
        block_size: 1 << 24,
        superblock_copies: 8,
        block_count: 1 << 31,
    };
    let layout = Layout::new(largest).expect("the sizes are valid");
    assert_eq!((layout.grid_offset(), layout.size()), (1 << 24, (1 << 24) + (1 << 55)));
    assert_eq!(layout.options(), &largest);
}

#[test]
fn sectors_of_other_sizes_are_refused() {
    for sector_size in [0, 1, 32, 500, 1 << 17] {
        let (reason, text) = refusal(LayoutOptions { sector_size, ..VALID });
        assert_eq!(reason, InvalidLayout::SectorSize { sector_size });
        assert!(text.contains("set it to a power of two from 64 to 65536"), "{text}");
    }
}

#[test]
fn blocks_of_other_sizes_are_refused() {
    for block_size in [0, 64, 5000, 1 << 25] {
        let (reason, text) = refusal(LayoutOptions { block_size, ..VALID });
        assert_eq!(reason, InvalidLayout::BlockSize { block_size });
        assert!(text.contains("set it to a power of two from 128 to 16777216"), "{text}");
    }
    let (reason, text) = refusal(LayoutOptions { block_size: 256, ..VALID });
    assert_eq!(reason, InvalidLayout::BlockBelowSector { block_size: 256, sector_size: 512 });
    assert!(text.contains("set it to at least 512"), "{text}");
}

#[test]
fn other_numbers_of_copies_are_refused() {
    for superblock_copies in [0, 1, 3, 5, 7, 9, 10] {
        let (reason, text) = refusal(LayoutOptions { superblock_copies, ..VALID });
        assert_eq!(reason, InvalidLayout::SuperblockCopies { superblock_copies });
        assert!(text.contains("set it to 2, 4, 6 or 8"), "{text}");
    }
}

#[test]
fn no_blocks_and_too_many_are_refused() {
    for block_count in [0, (1 << 31) + 1] {
        let (reason, text) = refusal(LayoutOptions { block_count, ..VALID });
        assert_eq!(reason, InvalidLayout::BlockCount { block_count });
        assert!(text.contains("set it to a number from 1 to 2147483648"), "{text}");
    }
}

#[test]
fn copies_and_blocks_fill_the_device_in_order_and_do_not_overlap() {
    for sector_size in [64, 512, 4096] {
        for superblock_copies in [2, 4, 6, 8] {
            let options = LayoutOptions { sector_size, superblock_copies, ..VALID };
            let layout = Layout::new(options).expect("the sizes are valid");
            let copies = (0..superblock_copies).map(|copy| layout.superblock_copy(copy));
            let blocks = (1..=10).map(|address| layout.block(address));
            let spans: Vec<_> = copies.chain(blocks).collect();
            assert_eq!(spans[0].offset, 0);
            assert_eq!(spans[spans.len() - 1].end(), layout.size());
            assert!(spans.windows(2).all(|pair| pair[0].end() <= pair[1].offset));
            assert!(spans.iter().all(|span| span.offset.is_multiple_of(sector_size as u64)));
            for copy in 0..superblock_copies {
                let span = layout.superblock_copy(copy);
                assert!(span.length >= Layout::SUPERBLOCK_SIZE);
                for byte in [span.offset, span.end() - 1] {
                    assert_eq!((layout.zone(byte), layout.address(byte)), (Zone::Superblock, None));
                }
            }
            for address in 1..=10 {
                let span = layout.block(address);
                assert_eq!(span.length, 4096);
                assert!(span.offset.is_multiple_of(4096));
                for byte in [span.offset, span.end() - 1] {
                    assert_eq!(
                        (layout.zone(byte), layout.address(byte)),
                        (Zone::Grid, Some(address))
                    );
                }
            }
            assert_eq!(layout.address(layout.size()), None);
        }
    }
}

#[test]
fn padding_belongs_to_the_grid_and_has_no_address() {
    let layout = Layout::new(LayoutOptions { superblock_copies: 2, ..VALID }).expect("valid");
    assert_eq!((layout.superblock_copy(1).end(), layout.grid_offset()), (1024, 4096));
    assert_eq!((layout.zone(1024), layout.address(1024)), (Zone::Grid, None));
}

#[test]
fn spans_overlap_where_they_share_a_byte() {
    let middle = span(512, 512);
    assert!(middle.overlaps(&middle) && middle.overlaps(&span(0, 513)));
    assert!(middle.overlaps(&span(1023, 1)) && middle.overlaps(&span(600, 10)));
    assert!(!middle.overlaps(&span(0, 512)) && !middle.overlaps(&span(1024, 512)));
}

#[test]
#[should_panic(expected = "layout: a copy must be one of 4 (copy 4)")]
fn a_copy_beyond_the_last_panics() {
    let _ = Layout::new(VALID).expect("valid").superblock_copy(4);
}

#[test]
#[should_panic(expected = "layout: an address must be from 1 to 10 (address 0)")]
fn address_0_panics() {
    let _ = Layout::new(VALID).expect("valid").block(0);
}

#[test]
#[should_panic(expected = "layout: an address must be from 1 to 10 (address 11)")]
fn an_address_beyond_the_last_block_panics() {
    let _ = Layout::new(VALID).expect("valid").block(11);
}
