//! A target for any storage engine: an ordered map of bytes behind the trait [`Engine`].
//!
//! An adapter implements [`Engine`] and makes a program with [`program!`]. The target runs the same
//! histories on every engine, and compares each answer with an ordered map.
//!
//! | module | contents |
//! |---|---|
//! | [`engine`] | the trait, and what its methods promise |
//! | [`durability`] | what an engine promises about a crash |
//! | [`operations`] | the operations and settings of a history, in one encoding for all engines |
//! | [`keys`], [`values`] | the bytes of the keys and values of a history |
//! | [`scan`] | ranges, and the turns in which a scan is read from both ends |
//!
//! An adapter of an engine that forgets everything when it is closed, and the history that shows
//! it:
//!
//! ```should_panic
//! use downbeat_engine::{Batch, Engine, Pair, Result, Scan, Settings, Write};
//! use std::{collections::BTreeMap, path::Path};
//!
//! pub struct Adapter(BTreeMap<Vec<u8>, Vec<u8>>);
//!
//! impl Engine for Adapter {
//!     type Snapshot = ();
//!
//!     fn open(_directory: &Path, _settings: &Settings) -> Result<Self> {
//!         Ok(Adapter(BTreeMap::new()))
//!     }
//!
//!     fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
//!         for write in batch {
//!             match write {
//!                 Write::Put(key, value) => drop(self.0.insert(key.to_vec(), value.to_vec())),
//!                 Write::Remove(key) => drop(self.0.remove(*key)),
//!             }
//!         }
//!         Ok(())
//!     }
//!
//!     fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
//!         Ok(self.0.get(key).cloned())
//!     }
//!
//!     fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
//!         if scan.is_inverted() {
//!             return Ok(Vec::new());
//!         }
//!         scan.read(self.0.range::<[u8], _>(scan.bounds()).map(Ok::<_, std::fmt::Error>))
//!     }
//! }
//!
//! downbeat_engine::replay_text::<Adapter>("put 1\nscan 0 2\nget 1");
//! ```

#![forbid(unsafe_code)]

mod commits;
pub mod durability;
pub mod engine;
mod events;
pub mod keys;
mod model;
pub mod operations;
pub mod scan;
pub mod values;
mod world;

pub use durability::{Call, Durability};
pub use engine::{Batch, Engine, Error, NotOffered, Pair, Result, Settings, Step, Write};
pub use scan::Scan;

#[doc(hidden)]
pub use downbeat_fuzz;

use std::marker::PhantomData;

use downbeat::input::encoding::Header;
use downbeat::{AnyTarget, AnyWorld, Budget, Entry, Listing, Target};

/// The target of an engine.
#[derive(Debug)]
struct Engined<E>(PhantomData<fn() -> E>);

impl<E: Engine> Target for Engined<E> {
    const LISTING: Listing = Listing {
        name: "engine",
        about: "a storage engine behind a trait",
        // Its calls that change files are swept like the I/Os of a device.
        has_device: true,
        is_adapter: true,
        budget: Budget::ENGINE,
    };
    const EVENTS: &'static [&'static str] = events::NAMES;
    // An engine depends on all settings, and each run has a new folder.
    const KEPT: usize = 0;
    const SCHEDULE: Option<usize> = Some(operations::SCHEDULE);
    type Operation = operations::Operation;

    fn world(header: &Header) -> AnyWorld<operations::Operation> {
        Box::new(world::EngineWorld::<E>::new(header))
    }
}

/// Returns the target of an engine.
#[must_use]
pub fn target<E: Engine>() -> &'static dyn AnyTarget {
    const { &Entry::<Engined<E>>::ROW }
}

/// Replays an input that is given as text. The tests in findings call this function.
///
/// # Panics
///
/// If the input fails, with the failure as the message; or if the text is malformed.
pub fn replay_text<E: Engine>(text: &str) {
    downbeat::any_target::replay_text(target::<E>(), text);
}

/// Defines the program of an adapter, with the type that implements [`Engine`].
///
/// A program for libFuzzer has no `main` of its own, so its file begins with
/// `#![cfg_attr(feature = "libfuzzer", no_main)]`.
#[macro_export]
macro_rules! program {
    ($Adapter:ty) => {
        $crate::downbeat_fuzz::program!($crate::target::<$Adapter>());
    };
}
