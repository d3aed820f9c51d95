//! Gets, writes and scopes while a prefetch is under way.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::groove::ObjectKey;

use crate::accounts::{Account, Accounts, account, code, on_the_device, prefetch, primary};

/// Begins a prefetch of these keys, and lets `steps` reads complete. The prefetch is then still
/// under way.
fn begin(forest: &mut Accounts, keys: &[ObjectKey<Account>], steps: usize) {
    forest.trees_and_grid().1.drop_cache();
    let (accounts, mut reader) = forest.read().expect("an open forest");
    accounts.prefetch_begin(keys);
    for _ in 0..steps {
        assert_eq!(accounts.prefetch_advance(&mut reader), Ok(false));
        reader.step().expect("a sound device");
    }
    assert_eq!(accounts.prefetch_advance(&mut reader), Ok(false));
}

fn end(forest: &mut Accounts) {
    let (accounts, mut reader) = forest.read().expect("an open forest");
    while !accounts.prefetch_advance(&mut reader).expect("a sound device") {
        reader.step().expect("a sound device");
    }
}

#[test]
#[should_panic(expected = "groove: prefetch a key before getting it")]
fn a_key_whose_prefetch_is_under_way_is_not_got() {
    let mut forest = on_the_device(1);
    begin(&mut forest, &[primary(5)], 0);
    let _ = forest.trees_and_grid().0.get(account(5).number);
}

#[test]
#[should_panic(expected = "groove: prefetch a key before getting it")]
fn an_object_that_was_found_is_not_got_before_the_prefetch_ends() {
    let mut forest = on_the_device(1);
    prefetch(&mut forest, &[code(40)]);
    // The accounts have room for one lookup, so the second key waits for the first.
    begin(&mut forest, &[primary(40), primary(5)], 0);
    let _ = forest.trees_and_grid().0.get_prefetched(primary(40));
}

#[test]
#[should_panic(expected = "groove: prefetch a key before getting it")]
fn an_object_whose_prefetch_is_under_way_is_not_inserted() {
    let mut forest = on_the_device(1);
    begin(&mut forest, &[primary(5)], 0);
    forest.write().expect("an open forest").insert(&account(5));
}

#[test]
fn keys_that_were_prefetched_before_can_be_got() {
    let mut forest = on_the_device(1);
    prefetch(&mut forest, &[primary(7), code(9), primary(1000)]);
    begin(&mut forest, &[primary(5), primary(7)], 0);
    let (accounts, _) = forest.trees_and_grid();
    assert_eq!(accounts.get(account(7).number), Some(account(7)));
    assert_eq!(accounts.get_prefetched(code(9)), Some(account(9)));
    assert_eq!(accounts.get(account(1000).number), None);
    end(&mut forest);
    let (accounts, _) = forest.trees_and_grid();
    assert_eq!(accounts.get(account(5).number), Some(account(5)));
}

#[test]
fn an_object_that_is_removed_meanwhile_stays_removed() {
    for steps in 0..2 {
        let mut forest = on_the_device(1);
        prefetch(&mut forest, &[primary(5)]);
        // The object tree has the first object in memory after its index was read.
        begin(&mut forest, &[code(5), code(50), code(30)], steps);
        forest.write().expect("an open forest").remove(account(5).number);
        end(&mut forest);
        let (accounts, _) = forest.trees_and_grid();
        assert_eq!(accounts.get(account(5).number), None, "after {steps} reads");
        assert_eq!(accounts.get_prefetched(code(5)), None, "after {steps} reads");
        assert_eq!(accounts.get_prefetched(code(30)), Some(account(30)));
        for _ in 0..40 {
            forest.beat().expect("a sound device");
        }
    }
}

#[test]
fn an_object_that_gets_the_key_meanwhile_is_found() {
    for steps in 0..6 {
        let mut forest = on_the_device(1);
        let (old, new) = (account(5), Account { code: account(5).code, ..account(70) });
        prefetch(&mut forest, &[primary(5), primary(70)]);
        begin(&mut forest, &[code(30), code(5), code(50), code(40), code(35), code(33)], steps);
        let accounts = forest.write().expect("an open forest");
        accounts.remove(old.number);
        accounts.insert(&new);
        end(&mut forest);
        let (accounts, _) = forest.trees_and_grid();
        assert_eq!(accounts.get_prefetched(code(5)), Some(new), "after {steps} reads");
        assert_eq!(accounts.get(old.number), None, "after {steps} reads");
    }
}

#[test]
fn a_scope_that_is_discarded_meanwhile_keeps_what_was_found() {
    for steps in 0..2 {
        let mut forest = on_the_device(1);
        prefetch(&mut forest, &[primary(7)]);
        begin(&mut forest, &[primary(5), code(7)], steps);
        let accounts = forest.write().expect("an open forest");
        accounts.scope_open();
        accounts.remove(account(7).number);
        accounts.scope_close(ScopeOutcome::Discard);
        end(&mut forest);
        let (accounts, _) = forest.trees_and_grid();
        assert_eq!(accounts.get(account(5).number), Some(account(5)));
        assert_eq!(accounts.get_prefetched(code(7)), Some(account(7)));
    }
}

#[test]
#[should_panic(expected = "groove: close the scope before a prefetch")]
fn a_prefetch_does_not_continue_in_a_scope() {
    let mut forest = on_the_device(1);
    begin(&mut forest, &[primary(5)], 0);
    forest.write().expect("an open forest").scope_open();
    end(&mut forest);
}

#[test]
#[should_panic(expected = "groove: begin a prefetch before it is continued")]
fn a_prefetch_that_a_beat_abandoned_does_not_continue() {
    let mut forest = on_the_device(1);
    begin(&mut forest, &[primary(5)], 0);
    forest.beat().expect("a sound device");
    end(&mut forest);
}
