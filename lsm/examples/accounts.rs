//! Accounts in a store in a file: creates the store or opens it, pays interest to all accounts, and
//! prints what the store consists of.
//!
//! ```text
//! cargo run --release --example accounts -- FILE
//! ```

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]
#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "the lints are for the library, and this is a program"
)]

use std::error::Error;
use std::path::{Path, PathBuf};

use downbeat_lsm::record::{Record, Usage};
use downbeat_lsm::storage::FileStorage;
use downbeat_lsm::store::{Batch, Store, StoreOptions};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const ACCOUNTS: u64 = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Account {
    number: u64,
    balance: u64,
}

impl Record for Account {
    type Key = u64;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> u64 {
        self.number
    }
    fn is_tombstone(&self) -> bool {
        self.balance == u64::MAX
    }
    fn tombstone(number: u64) -> Self {
        Self { number, balance: u64::MAX }
    }
}

type Accounts = Store<Account, FileStorage>;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).map(PathBuf::from).ok_or("usage: accounts FILE")?;
    let total = pay_interest(&path)?;
    println!("{ACCOUNTS} accounts have {total}");
    Ok(())
}

/// Creates the accounts, or adds a hundredth to each of them. Returns the sum of all balances.
fn pay_interest(path: &Path) -> Result<u64, Box<dyn Error>> {
    // 64 MiB of blocks of 16 KiB, and a cache of 8 MiB.
    let mut options = StoreOptions::production_of::<Account>(16 << 10, 4096);
    options.cache.sets = 32;
    let is_new = !path.exists();
    let mut store = if is_new {
        Accounts::create_file(path, &options, 1)?
    } else {
        Accounts::open_file(path, &options)?
    };
    let most = options.tree.beat_value_count_max as usize;
    let mut batch = Batch::new();
    for number in 0..ACCOUNTS {
        let balance = match store.get(number)? {
            Some(account) => account.balance + account.balance / 100,
            None => 10_000,
        };
        batch.put(&Account { number, balance });
        if batch.len() == most || number + 1 == ACCOUNTS {
            store.write(&batch).map_err(|error| store.file_error(error))?;
            batch.clear();
        }
    }
    store.checkpoint()?;

    let verification = store.verify()?;
    if let Some(error) = verification.errors.first() {
        return Err(error.to_string().into());
    }
    let stats = store.stats()?;
    println!("{} of {} blocks are free", stats.blocks_free, stats.blocks);
    let mut total = 0;
    for account in store.range(..) {
        total += account?.balance;
    }
    Ok(total)
}

#[test]
fn accounts_grow_from_run_to_run() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("accounts");
    assert_eq!(pay_interest(&path)?, 10_000 * ACCOUNTS);
    assert_eq!(pay_interest(&path)?, 10_100 * ACCOUNTS);
    assert_eq!(pay_interest(&path)?, 10_201 * ACCOUNTS);
    Ok(())
}
