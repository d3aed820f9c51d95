//! A target with its types erased, as drivers and commands use it.

use std::marker::PhantomData;
use std::panic::RefUnwindSafe;

use crate::Encoding;
use crate::Facts;
use crate::Listing;
use crate::dictionary;
use crate::disk::Outcome;
use crate::generator::{self, Length, Profile};
use crate::input::encoding::text::{self, TextError};
use crate::input::encoding::{Input, Operation, Operations, SLOTS_EXACT, VERSION};
use crate::mutator;
use crate::protocol::pairs::PairShape;
use crate::runner::{self, Runner, TargetRunner};
use crate::shrinker::{self, Trials};
use crate::tally::KINDS_MAX;
use crate::target::Target;

// The tally of a run has an element for each kind of operation.
const _: () = assert!(SLOTS_EXACT == KINDS_MAX);

/// A target with its types erased.
pub trait AnyTarget: Sync + RefUnwindSafe {
    /// Returns the target's row of the registry.
    fn listing(&self) -> &'static Listing;

    /// Returns the name of the target.
    fn name(&self) -> &'static str {
        self.listing().name
    }

    /// Returns the names of the target's operations, events and states.
    fn facts(&self) -> Facts;

    /// Returns the pairs of the target.
    fn pairs(&self) -> PairShape;

    /// Creates a runner with a new world.
    fn runner(&self) -> Box<dyn Runner>;

    /// Returns the text of an input.
    fn show(&self, bytes: &[u8]) -> String;

    /// Returns the settings of an input as text, one group a line.
    fn show_settings(&self, bytes: &[u8]) -> String;

    /// Returns the bytes of the input that a text describes.
    ///
    /// # Errors
    ///
    /// The first malformed line.
    fn encode(&self, text: &str) -> Result<Vec<u8>, TextError>;

    /// Returns the canonical form of an input.
    fn canonical(&self, bytes: &[u8]) -> Vec<u8>;

    /// Returns the canonical form, in the present version of the encoding, of an input that is in
    /// version `version`.
    ///
    /// # Panics
    ///
    /// If there is no such version.
    fn migrate(&self, bytes: &[u8], version: u32) -> Vec<u8>;

    /// Returns the text of an input that is in version `version` of the encoding.
    ///
    /// # Panics
    ///
    /// If there is no such version.
    fn show_version(&self, bytes: &[u8], version: u32) -> String;

    /// Returns the number of operations of an input.
    fn count_operations(&self, bytes: &[u8]) -> usize;

    /// Returns the smallest input found that fails as `bytes` does, according to `trials`, and
    /// whether the search was completed before the time limit of `trials`.
    fn shrink(&self, bytes: &[u8], trials: &mut dyn Trials) -> (Vec<u8>, bool);

    /// Draws a whole history, and writes it into `out`. It has at most `room` bytes, and depends
    /// only on `room` and `seed`.
    fn draw(&self, room: usize, seed: u64, out: &mut Vec<u8>);

    /// Changes an input by a few moves on its operations and settings, or draws a part of it, and
    /// writes the result into `out`. The result has at most `room` bytes, and depends only on
    /// `bytes`, `room` and `seed`.
    fn mutate(&self, bytes: &[u8], room: usize, seed: u64, out: &mut Vec<u8>);

    /// Joins two inputs into one, and writes the result into `out`. The result has at most `room`
    /// bytes, and depends only on `bytes`, `other`, `room` and `seed`.
    fn cross(&self, bytes: &[u8], other: &[u8], room: usize, seed: u64, out: &mut Vec<u8>);

    /// Writes input number `nth` of the stream that `profile`, `seed` and `length` determine into
    /// `out`.
    fn generate(&self, profile: Profile, seed: u64, nth: u64, length: Length, out: &mut Vec<u8>);

    /// Returns the number of inputs of `profile`; `None` if it is unlimited.
    fn count_inputs(&self, profile: Profile) -> Option<u64>;

    /// Returns the text of the target's dictionary.
    fn dictionary(&self) -> String;
}

/// Target `T` with its types erased.
#[derive(Debug)]
pub struct Entry<T>(PhantomData<fn() -> T>);

impl<T> Entry<T> {
    /// The only value.
    pub const ROW: Entry<T> = Entry(PhantomData);
}

/// Declares the targets of a crate. Each row has the name of a target, the static through which
/// other crates use the target, and the type of the target. A row may have attributes.
///
/// Because the static erases the type, the code of the target is compiled in its own crate.
#[macro_export]
macro_rules! targets {
    ($($(#[$attribute:meta])* $name:literal $NAME:ident $Target:path;)*) => {$(
        #[doc = concat!("The target `", $name, "`.")]
        $(#[$attribute])*
        pub static $NAME: &dyn $crate::AnyTarget = &$crate::Entry::<$Target>::ROW;
    )*};
}

impl<T: Target> AnyTarget for Entry<T> {
    fn listing(&self) -> &'static Listing {
        &T::LISTING
    }

    fn facts(&self) -> Facts {
        let owned = |name: &str| name.to_owned();
        let faults = T::EVENTS.iter().filter(|event| Outcome::NAMES.contains(event));
        Facts {
            kinds: T::Operation::KINDS.iter().map(|kind| owned(kind.name)).collect(),
            events: T::EVENTS.iter().copied().map(owned).collect(),
            faults: faults.copied().map(owned).collect(),
            states: T::STATES.to_vec(),
            elsewhere: T::ELSEWHERE,
            overflow_checks: runner::overflow_panics(),
            encoding: Encoding { since: T::Operation::SINCE, version: VERSION },
        }
    }

    fn pairs(&self) -> PairShape {
        T::PAIRS
    }

    fn runner(&self) -> Box<dyn Runner> {
        Box::new(TargetRunner::<T>::new())
    }

    fn show(&self, bytes: &[u8]) -> String {
        text::print(T::LISTING.name, &Input::<T::Operation>::decode(bytes))
    }

    fn show_settings(&self, bytes: &[u8]) -> String {
        let operations = Operations::<T::Operation>::new(bytes);
        let mut text = String::new();
        text::print_settings(T::Operation::SETTINGS, operations.header(), &mut text);
        text
    }

    fn encode(&self, text: &str) -> Result<Vec<u8>, TextError> {
        Ok(text::parse::<T::Operation>(T::LISTING.name, text)?.encode())
    }

    fn canonical(&self, bytes: &[u8]) -> Vec<u8> {
        Input::<T::Operation>::decode(bytes).encode()
    }

    fn migrate(&self, bytes: &[u8], version: u32) -> Vec<u8> {
        Input::<T::Operation>::decode_version(bytes, version).encode()
    }

    fn show_version(&self, bytes: &[u8], version: u32) -> String {
        text::print(T::LISTING.name, &Input::<T::Operation>::decode_version(bytes, version))
    }

    fn count_operations(&self, bytes: &[u8]) -> usize {
        Operations::<T::Operation>::new(bytes).count()
    }

    fn shrink(&self, bytes: &[u8], trials: &mut dyn Trials) -> (Vec<u8>, bool) {
        shrinker::shrink::<T::Operation>(bytes, trials)
    }

    fn draw(&self, room: usize, seed: u64, out: &mut Vec<u8>) {
        mutator::draw::<T::Operation>(room, seed, out);
    }

    fn mutate(&self, bytes: &[u8], room: usize, seed: u64, out: &mut Vec<u8>) {
        mutator::mutate::<T::Operation>(bytes, room, seed, out);
    }

    fn cross(&self, bytes: &[u8], other: &[u8], room: usize, seed: u64, out: &mut Vec<u8>) {
        mutator::cross::<T::Operation>(bytes, other, room, seed, out);
    }

    fn generate(&self, profile: Profile, seed: u64, nth: u64, length: Length, out: &mut Vec<u8>) {
        generator::generate::<T::Operation>(profile, seed, nth, length, out);
    }

    fn count_inputs(&self, profile: Profile) -> Option<u64> {
        generator::count_inputs::<T::Operation>(profile)
    }

    fn dictionary(&self) -> String {
        dictionary::print(T::LISTING.name, &dictionary::words::<T::Operation>())
    }
}

/// Runs an input of `target` that is given as text.
///
/// # Panics
///
/// If the input fails (the message is the failure), or if the text is malformed.
pub fn replay_text(target: &dyn AnyTarget, text: &str) {
    let bytes = target.encode(text).unwrap_or_else(|error| panic!("{error}"));
    let mut runner = target.runner();
    if let Some(failure) = runner.judge(&bytes, false).failure {
        panic!("{failure}");
    }
}
