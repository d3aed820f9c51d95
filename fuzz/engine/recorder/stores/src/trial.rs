//! A store under crashes.

use std::io;
use std::path::Path;

use downbeat_recorder::{Crash, Recording, Rules};

use crate::Forgets;

/// A store of one number.
pub trait Store: Sized {
    /// What the store can forget.
    const OMISSIONS: &'static [Forgets];

    /// Opens the store in a folder.
    ///
    /// # Errors
    ///
    /// The error of the file system.
    fn open(folder: &Path, forgets: Forgets) -> io::Result<Self>;

    /// Puts a number above all before it. It is durable when the call returns.
    ///
    /// # Errors
    ///
    /// The error of the file system.
    fn put(&mut self, number: u64) -> io::Result<()>;

    /// Returns the last number put; 0 without any.
    fn get(&mut self) -> u64;

    /// Folds the log into the state.
    ///
    /// # Errors
    ///
    /// The error of the file system.
    fn fold(&mut self) -> io::Result<()>;
}

/// What came of a trial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Images that were opened.
    pub images: u64,
    /// Images in which the store did not hold what it promised.
    pub caught: u64,
    /// The first of them.
    pub first: Option<String>,
}

/// Images for each call.
const SEEDS: u64 = 18;

/// Runs a store, and opens it in images of crashes after each of its calls.
///
/// # Panics
///
/// If the file system fails, or calls of the store are not in the record.
#[must_use]
pub fn tried<S: Store>(forgets: Forgets, rules: Rules) -> Trial {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = Recording::start(folder.path()).expect("a recording");
    // The number of calls after which each number was durable.
    let mut durable = vec![0];
    let mut store = S::open(folder.path(), forgets).expect("a store");
    for number in 1..=12 {
        store.put(number).expect("a put");
        durable.push(recording.calls());
        if number % 4 == 0 {
            store.fold().expect("a fold");
        }
    }
    let calls = recording.calls();
    drop(store);
    assert_eq!(recording.unrecorded().expect("a folder"), Vec::<String>::new());

    let mut trial = Trial::default();
    for (at, seed) in (0..=calls).flat_map(|at| (0..SEEDS).map(move |seed| (at, seed))) {
        let after = tempfile::tempdir().expect("a folder");
        recording.image(at, Crash { rules, seed }).write(after.path()).expect("an image");
        let got = S::open(after.path(), Forgets::Nothing).expect("a store").get();
        // The last number that was durable, and the one that was being put.
        let least = durable.iter().filter(|calls| **calls <= at).count() as u64 - 1;
        trial.images += 1;
        if got < least || got > least + 1 {
            trial.caught += 1;
            let what = format!("after call {at} with seed {seed}: got {got}, not {least}");
            trial.first.get_or_insert(what);
        }
    }
    trial
}
