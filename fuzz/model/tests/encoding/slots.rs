//! Which kind of operation each slot of a tag byte names.

use downbeat_input::encoding::{HEADER_BYTES, Input, Operation as _, SLOTS_EXACT, TAG};
use downbeat_model::cache_map::Operation;

#[test]
fn every_kind_has_its_exact_slot_in_every_mix() {
    for mix in 0..Operation::MIXES.len() {
        for kind in 0..Operation::KINDS.len() {
            let mut bytes = vec![0; HEADER_BYTES];
            bytes[0] = mix as u8;
            bytes.push(TAG | kind as u8);
            let input = Input::<Operation>::decode(&bytes);
            assert_eq!(input.operations[0].kind(), kind);
        }
    }
}

#[test]
fn the_even_mix_has_slots_of_each_kind_in_proportion_to_its_weight() {
    let kinds = Operation::KINDS;
    let total: u32 = kinds.iter().map(|kind| u32::from(kind.weight)).sum();
    let dealt = &Operation::MIXES[0][SLOTS_EXACT..];
    for (number, kind) in kinds.iter().enumerate() {
        let slots = dealt.iter().filter(|slot| usize::from(**slot) == number).count();
        let share = f64::from(kind.weight) / f64::from(total) * dealt.len() as f64;
        assert!((slots as f64 - share).abs() <= 1.0, "{}: {slots} slots", kind.name);
    }
    assert!(kinds.len() <= SLOTS_EXACT);
}
