//! Tests of many scopes in a table of thousands of values: the tail stays in few pieces.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::table::memory::{MemoryScan, MemoryTableOptions, MutableTable};

use crate::random::Random;
use crate::records::{Numbered, Object};
use crate::tables::everything;

const OPTIONS: MemoryTableOptions =
    MemoryTableOptions { value_count_max: 65_536, beats_per_bar: 32 };

fn table() -> MutableTable<Object> {
    MutableTable::new(OPTIONS).expect("the options are valid")
}

/// Asserts that the table holds these numbers, each with the index of its last put as its stamp.
fn assert_holds(table: &MutableTable<Object>, numbers: &[u64]) {
    let mut newest: Vec<(u64, u64)> = numbers.iter().copied().zip(0..).collect();
    newest.sort_unstable();
    let newest: Vec<Object> = newest
        .chunk_by(|first, second| first.0 == second.0)
        .map(|versions| versions[versions.len() - 1])
        .map(|(number, stamp)| Object::put(number, stamp))
        .collect();
    let view = table.view();
    let mut scan = MemoryScan::new(&OPTIONS).expect("the options are valid");
    scan.start(&view, &everything(), Direction::Ascending);
    let found: Vec<Object> = std::iter::from_fn(|| scan.pop(&view)).collect();
    assert_eq!(found, newest);
}

#[test]
fn scopes_of_one_put_between_plain_puts_leave_the_tail_in_few_pieces() {
    for descending in [false, true] {
        let mut table = table();
        let mut numbers = Vec::new();
        // No beat ends, so there is no run, and all puts go to the tail.
        for step in 0..8_192 {
            let number = if descending { 8_192 - step } else { step % 16 * 1_000 + step / 16 };
            let in_scope = step % 16 == 0;
            if in_scope {
                table.scope_open();
            }
            table.put(&Object::put(number, step));
            numbers.push(number);
            if in_scope {
                table.scope_close(ScopeOutcome::Persist);
            }
        }
        assert_holds(&table, &numbers);
    }
}

#[test]
fn scopes_of_any_length_and_outcome_leave_the_tail_in_few_pieces() {
    for seed in 0..24 {
        let mut random = Random(seed);
        let mut table = table();
        let mut numbers: Vec<u64> = Vec::new();
        // Scattered keys, and sometimes ascending ones.
        let scattered = random.below(3);
        // Each group of puts has a fixed length, or a random one.
        let is_exact = random.below(2) == 0;
        let (plain_max, scoped_max) = (10 + random.below(10), 1 + random.below(5));
        let next = |random: &mut Random, step: u64| match scattered {
            0 => random.below(10_000),
            1 => step % 16 * 1_000 + step / 16,
            _ => step % (1 + random.below(32)) * 1_000 + step,
        };
        while numbers.len() < 4_000 {
            let plain = if is_exact { plain_max } else { 1 + random.below(plain_max) };
            for _ in 0..plain {
                let number = next(&mut random, numbers.len() as u64);
                table.put(&Object::put(number, numbers.len() as u64));
                numbers.push(number);
            }
            table.scope_open();
            let saved = numbers.len();
            let scoped = if is_exact { scoped_max } else { random.below(4 * scoped_max) };
            for _ in 0..scoped {
                let number = next(&mut random, numbers.len() as u64);
                table.put(&Object::put(number, numbers.len() as u64));
                numbers.push(number);
            }
            if random.below(3) == 0 {
                table.scope_close(ScopeOutcome::Discard);
                numbers.truncate(saved);
            } else {
                table.scope_close(ScopeOutcome::Persist);
            }
        }
        assert_holds(&table, &numbers);
        table.end_beat();
        assert_holds(&table, &numbers);
    }
}
