//! Tests of the superblock, on a sound device and with damaged copies.

use downbeat_lsm::block::{Corruption, Place, Reason, checksum};
use downbeat_lsm::storage::{Layout, LayoutOptions, MemoryStorage};
use downbeat_lsm::superblock::{CheckpointState, Superblock, SuperblockError, Trailer};

fn layout(superblock_copies: usize) -> Layout {
    let options =
        LayoutOptions { sector_size: 128, block_size: 256, superblock_copies, block_count: 8 };
    Layout::new(options).expect("the device works")
}

fn state(beat: u64) -> CheckpointState {
    CheckpointState { beat, ..CheckpointState::default() }
}

/// A formatted device at checkpoint `beat`.
fn device(layout: &Layout, beat: u64) -> MemoryStorage {
    let size = usize::try_from(layout.size()).expect("the device works");
    let mut storage = MemoryStorage::new(size, layout.sector_size());
    let mut superblock = Superblock::new(layout);
    superblock.format(&mut storage, 5, &state(0)).expect("the device works");
    for beat in 1..=beat {
        checkpoint(&mut superblock, &mut storage, beat);
    }
    storage
}

fn checkpoint(superblock: &mut Superblock, storage: &mut MemoryStorage, beat: u64) {
    use downbeat_lsm::storage::Storage;
    superblock.checkpoint(storage, &state(beat));
    loop {
        let completion = storage.step().expect("the superblock waits");
        if let Some(ended) = superblock.complete(storage, completion) {
            return ended.expect("the device works");
        }
    }
}

fn damage(storage: &mut MemoryStorage, layout: &Layout, copy: usize) {
    let offset = usize::try_from(layout.superblock_copy(copy).offset).expect("the device works");
    storage.bytes_mut()[offset + 100] ^= 0x40;
}

#[test]
fn the_last_checkpoint_is_opened() {
    for copies in [2, 4, 6, 8] {
        let layout = layout(copies);
        let mut storage = device(&layout, 3);
        let mut superblock = Superblock::new(&layout);
        superblock.open(&mut storage).unwrap();
        let working = superblock.working();
        assert_eq!((working.state().beat, working.sequence(), working.store()), (3, 4, 5));
        assert_eq!(superblock.statistics().repaired, 0);
    }
}

#[test]
fn half_of_the_copies_may_be_damaged_and_are_repaired() {
    for copies in [2, 4, 6, 8_usize] {
        let layout = layout(copies);
        for damaged in 0..1_usize << copies {
            let mut storage = device(&layout, 1);
            let whole = storage.bytes().to_vec();
            (0..copies).filter(|copy| damaged >> copy & 1 == 1).for_each(|copy| {
                damage(&mut storage, &layout, copy);
            });
            let mut superblock = Superblock::new(&layout);
            let opened = superblock.open(&mut storage);
            if damaged.count_ones() as usize <= copies / 2 {
                opened.unwrap();
                assert_eq!(storage.bytes(), whole);
                assert_eq!(superblock.statistics().repaired, u64::from(damaged.count_ones()));
            } else {
                let reason = if damaged.count_ones() as usize == copies {
                    Reason::NotFormatted
                } else {
                    Reason::QuorumLost
                };
                let corruption = Corruption { place: Place::Superblock, reason };
                assert_eq!(opened, Err(SuperblockError::Corruption(corruption)));
                assert!(superblock.is_failed());
            }
        }
    }
}

#[test]
fn a_copy_in_the_slot_of_another_copy_is_ignored() {
    let layout = layout(4);
    let mut storage = device(&layout, 1);
    let length = layout.superblock_copy_size();
    // The bytes of the first copy are in all slots, as if reads were misdirected.
    (1..4).for_each(|copy| storage.bytes_mut().copy_within(..length, copy * length));
    let opened = Superblock::new(&layout).open(&mut storage);
    let corruption = Corruption { place: Place::Superblock, reason: Reason::QuorumLost };
    assert_eq!(opened, Err(SuperblockError::Corruption(corruption)));
}

/// Copies the slots of `from`, from `first` on, into `into`.
fn mix(into: &mut MemoryStorage, from: &MemoryStorage, layout: &Layout, first: usize) {
    let start = first * layout.superblock_copy_size();
    let end = layout.superblock_copies() * layout.superblock_copy_size();
    into.bytes_mut()[start..end].copy_from_slice(&from.bytes()[start..end]);
}

#[test]
fn an_interrupted_checkpoint_opens_with_the_new_state_if_half_of_the_copies_have_it() {
    for (first_old, beat) in [(1, 1), (2, 2), (3, 2)] {
        let layout = layout(4);
        let (mut storage, old) = (device(&layout, 2), device(&layout, 1));
        mix(&mut storage, &old, &layout, first_old);
        let mut superblock = Superblock::new(&layout);
        superblock.open(&mut storage).unwrap();
        assert_eq!(superblock.working().state().beat, beat);
    }
}

#[test]
fn copies_of_two_histories_are_refused() {
    let layout = layout(4);
    let mut other = device(&layout, 0);
    let mut superblock = Superblock::new(&layout);
    superblock.open(&mut other).unwrap();
    checkpoint(&mut superblock, &mut other, 7);
    for (beat, reason) in [(1, Reason::Fork), (2, Reason::ParentNotConnected)] {
        let mut storage = device(&layout, beat);
        mix(&mut storage, &other, &layout, 2);
        let opened = Superblock::new(&layout).open(&mut storage);
        let corruption = Corruption { place: Place::Superblock, reason };
        assert_eq!(opened, Err(SuperblockError::Corruption(corruption)));
    }
}

#[test]
fn a_store_of_another_layout_is_refused() {
    let mut storage = device(&layout(4), 1);
    let options =
        LayoutOptions { sector_size: 128, block_size: 512, superblock_copies: 4, block_count: 4 };
    let other = Layout::new(options).unwrap();
    let opened = Superblock::new(&other).open(&mut storage);
    let corruption = Corruption { place: Place::Superblock, reason: Reason::Layout };
    assert_eq!(opened, Err(SuperblockError::Corruption(corruption)));
}

#[test]
fn an_unformatted_device_is_reported() {
    let layout = layout(4);
    let mut storage = MemoryStorage::new(usize::try_from(layout.size()).unwrap(), 128);
    let opened = Superblock::new(&layout).open(&mut storage);
    let corruption = Corruption { place: Place::Superblock, reason: Reason::NotFormatted };
    assert_eq!(opened, Err(SuperblockError::Corruption(corruption)));
}

/// Opens a device at checkpoint 1, after writing `bytes` at `offset` in all copies and making their
/// checksums valid again.
fn sealed_again(layout: &Layout, offset: usize, bytes: &[u8]) -> Result<(), SuperblockError> {
    let mut storage = device(layout, 1);
    for copy in 0..layout.superblock_copies() {
        let start = usize::try_from(layout.superblock_copy(copy).offset).expect("a small device");
        let own = &mut storage.bytes_mut()[start..start + Layout::SUPERBLOCK_SIZE];
        own[offset..offset + bytes.len()].copy_from_slice(bytes);
        let checksum = checksum(&own[32..]).to_le_bytes();
        own[..16].copy_from_slice(&checksum);
    }
    Superblock::new(layout).open(&mut storage)
}

#[test]
fn an_invalid_superblock_is_refused_without_a_panic() {
    let layout = layout(4);
    assert_eq!(sealed_again(&layout, 72, &[9]), Ok(()));
    let blocks = "the ends of the manifest log must agree with its length";
    let trailer = "a trailer must have blocks if and only if it has bytes";
    let address = "a trailer with bytes must have an address";
    let sequence = "the number of checkpoints is too large";
    for (offset, bytes, reason) in [
        (32, &[1][..], Reason::Version),
        (44, &[1][..], Reason::Padding),
        (500, &[1][..], Reason::Padding),
        (64, &[0xff; 8][..], Reason::Meaning(sequence)),
        (208, &[1][..], Reason::Meaning(blocks)),
        (208, &[2][..], Reason::Meaning(blocks)),
        (120, &[8][..], Reason::Meaning(trailer)),
        // A checksum of a block, no address, and a size.
        (96, &[1; 16][..], Reason::Meaning(trailer)),
    ] {
        let refused = sealed_again(&layout, offset, bytes);
        let corruption = Corruption { place: Place::Superblock, reason };
        assert_eq!(refused, Err(SuperblockError::Corruption(corruption)), "{offset}");
    }
    let mut trailer_bytes = [0; 32];
    (trailer_bytes[0], trailer_bytes[24]) = (1, 8);
    let corruption = Corruption { place: Place::Superblock, reason: Reason::Meaning(address) };
    let refused = sealed_again(&layout, 96, &trailer_bytes);
    assert_eq!(refused, Err(SuperblockError::Corruption(corruption)));
}

#[test]
fn a_copy_whose_unused_bytes_are_not_zero_counts_as_damaged() {
    let options =
        LayoutOptions { sector_size: 1024, block_size: 1024, superblock_copies: 4, block_count: 8 };
    let layout = Layout::new(options).unwrap();
    // The number of the copy is followed by zeros, and so are the covered bytes.
    for unused in [18, 31, 512, 1023] {
        let mut storage = device(&layout, 1);
        let whole = storage.bytes().to_vec();
        for copy in 0..4 {
            let mut superblock = Superblock::new(&layout);
            superblock.open(&mut storage).unwrap();
            assert_eq!(superblock.statistics().repaired, u64::from(copy > 0));
            assert_eq!(storage.bytes(), whole);
            let offset = usize::try_from(layout.superblock_copy(copy).offset).unwrap();
            storage.bytes_mut()[offset + unused] = 1;
        }
        for copy in 0..4 {
            let offset = usize::try_from(layout.superblock_copy(copy).offset).unwrap();
            storage.bytes_mut()[offset + unused] = 1;
        }
        let opened = Superblock::new(&layout).open(&mut storage);
        let corruption = Corruption { place: Place::Superblock, reason: Reason::NotFormatted };
        assert_eq!(opened, Err(SuperblockError::Corruption(corruption)), "{unused}");
    }
}

#[test]
fn fields_of_another_version_are_not_compared() {
    let layout = layout(4);
    let seal = |own: &mut [u8], version: u8, sequence: u8| {
        (own[32], own[64]) = (version, sequence);
        let checksum = checksum(&own[32..Layout::SUPERBLOCK_SIZE]).to_le_bytes();
        own[..16].copy_from_slice(&checksum);
    };
    // Half of the copies are of another version. Their sequence may be anything.
    for (first, sequence) in [(0, 0), (0, 2), (2, 2), (2, 3), (2, 9)] {
        let mut storage = device(&layout, 1);
        for copy in first..first + 2 {
            let start = usize::try_from(layout.superblock_copy(copy).offset).unwrap();
            seal(&mut storage.bytes_mut()[start..], 3, sequence);
        }
        let opened = Superblock::new(&layout).open(&mut storage);
        let corruption = Corruption { place: Place::Superblock, reason: Reason::Version };
        assert_eq!(opened, Err(SuperblockError::Corruption(corruption)), "{first}, {sequence}");
    }
}

#[test]
fn an_open_superblock_is_idle_and_prints_its_state() {
    let layout = layout(4);
    let mut storage = device(&layout, 3);
    let mut superblock = Superblock::new(&layout);
    assert!(!superblock.is_idle());
    superblock.open(&mut storage).unwrap();
    assert!(superblock.is_idle());
    assert!(format!("{:?}", superblock.working()).contains("sequence: 4"));
}

#[test]
#[should_panic(expected = "superblock: a trailer must have blocks if and only if it has bytes")]
fn a_state_that_contradicts_itself_is_not_written() {
    let layout = layout(2);
    let mut storage = MemoryStorage::new(usize::try_from(layout.size()).unwrap(), 128);
    let acquired = Trailer { size: 8, ..Trailer::default() };
    let state = CheckpointState { acquired, ..CheckpointState::default() };
    let _ = Superblock::new(&layout).format(&mut storage, 1, &state);
}
