//! A groove of accounts, for the tests.

use downbeat_lsm::forest::{Forest, ForestOptions};
use downbeat_lsm::groove::{Groove, GrooveOptions, ObjectKey};
use downbeat_lsm::storage::{LayoutOptions, MemoryStorage};

use crate::frail::Frail;

downbeat_lsm::object! {
    /// An account.
    pub struct Account {
        pub number: u128 => primary,
        pub timestamp: u64 => timestamp,
        pub owner: u64 => index,
        pub code: u64 => unique,
        pub limit: u64 => optional,
        pub balance: u64,
        pub reserved: u64,
    }
}

pub(crate) type Accounts = Forest<Groove<Account>, Frail>;

/// An account whose fields are derived from its timestamp.
pub(crate) fn account(timestamp: u64) -> Account {
    Account {
        number: u128::from(100 + timestamp),
        timestamp,
        owner: timestamp % 3,
        code: 1000 + timestamp,
        limit: timestamp % 2,
        balance: 0,
        reserved: 0,
    }
}

/// An empty forest of accounts, with one lookup at a time.
pub(crate) fn accounts(groove: &GrooveOptions) -> Accounts {
    accounts_with(groove, 1)
}

/// An empty forest of accounts, with `lookups_max` concurrent lookups.
pub(crate) fn accounts_with(groove: &GrooveOptions, lookups_max: u32) -> Accounts {
    let options = ForestOptions { scans_max: 6, lookups_max, ..ForestOptions::tiny(4096) };
    let options =
        ForestOptions { layout: LayoutOptions { block_size: 1024, ..options.layout }, ..options };
    let size = options.device_size().expect("a valid layout") as usize;
    let device = MemoryStorage::new(size, 256);
    Forest::format(Frail::new(device), &options, groove, 1).expect("a sound device")
}

/// Inserts the accounts with these timestamps, as many in a beat as it has room for.
pub(crate) fn insert(forest: &mut Accounts, timestamps: impl Iterator<Item = u64>) {
    for timestamp in timestamps {
        if forest.trees().room() == 0 {
            forest.beat().expect("a sound device");
        }
        let new = account(timestamp);
        let (accounts, mut reader) = forest.read().expect("an open forest");
        let key = ObjectKey::primary(new.number);
        accounts.prefetch(&[key], &mut reader).expect("a sound device");
        accounts.insert(&new);
    }
    forest.beat().expect("a sound device");
}

/// A forest with the accounts of the timestamps from 1 to 60. They are on the device, and not in
/// memory.
pub(crate) fn on_the_device(lookups_max: u32) -> Accounts {
    let options = GrooveOptions { batch_objects_max: 4, prefetch_max: 8, ..GrooveOptions::tiny(1) };
    let mut forest = accounts_with(&options, lookups_max);
    insert(&mut forest, 1..=60);
    let _ = forest.checkpoint().expect("a sound device");
    forest.open_again().expect("a sound device");
    forest.trees_and_grid().1.drop_cache();
    forest
}

/// Prefetches these keys.
pub(crate) fn prefetch(forest: &mut Accounts, keys: &[ObjectKey<Account>]) {
    let (accounts, mut reader) = forest.read().expect("an open forest");
    accounts.prefetch(keys, &mut reader).expect("a sound device");
}

/// The code of the account with this timestamp.
pub(crate) fn code(timestamp: u64) -> ObjectKey<Account> {
    ObjectKey::unique(Account::code, account(timestamp).code)
}

/// The number of the account with this timestamp.
pub(crate) fn primary(timestamp: u64) -> ObjectKey<Account> {
    ObjectKey::primary(account(timestamp).number)
}
