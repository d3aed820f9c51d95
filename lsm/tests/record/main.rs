//! Tests of keys: their order, their bytes, their neighbours; and of the layouts of records.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod layout;

use std::fmt::Debug;

use downbeat_lsm::record::{Key, Key256};

fn neighbours_and_bytes<K: Key + Debug>(ascending: &[K]) {
    assert_eq!(K::MIN.predecessor(), None);
    assert_eq!(K::MAX.successor(), None);
    for pair in ascending.windows(2) {
        assert!(pair[0] < pair[1]);
    }
    let mut bytes = vec![0; K::SIZE];
    for &key in ascending {
        key.store(&mut bytes);
        assert_eq!(K::load(&bytes), key);
        if let Some(next) = key.successor() {
            assert!(key < next);
            assert_eq!(next.predecessor(), Some(key));
        }
    }
}

#[test]
fn keys_of_each_width_keep_their_order_their_bytes_and_their_neighbours() {
    neighbours_and_bytes(&[u64::MIN, 1, 0xff, 0x100, u64::MAX - 1, u64::MAX]);
    neighbours_and_bytes(&[u128::MIN, 1, u128::from(u64::MAX), 1 << 64, u128::MAX]);
    let wide = |high, low| Key256 { high, low };
    neighbours_and_bytes(&[
        Key256::MIN,
        wide(0, u128::MAX),
        wide(1, 0),
        wide(1, 7),
        wide(u128::MAX, 0),
        Key256::MAX,
    ]);
}

#[test]
fn keys_are_stored_as_little_endian_numbers() {
    let mut bytes = [0; 32];
    Key256 { high: 2, low: 1 }.store(&mut bytes);
    assert_eq!(bytes[0], 1);
    assert_eq!(bytes[16], 2);
    assert_eq!(bytes.iter().filter(|byte| **byte != 0).count(), 2);
}

#[test]
#[should_panic(expected = "key: a key must have all of its bytes (3)")]
fn loading_a_key_from_too_few_bytes_panics() {
    let _ = <Key256 as Key>::load(&[1, 2, 3]);
}

#[test]
#[should_panic(expected = "key: a key must have all of its bytes (33)")]
fn storing_a_key_in_too_many_bytes_panics() {
    Key256::MAX.store(&mut [0; 33]);
}
