//! Targets for several trees in a store, and for services with a log.
//!
//! Each target has a feature of the same name.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod direction;
#[cfg(feature = "durable_store")]
pub mod durable_store;
mod fitting;
#[cfg(feature = "forest")]
pub mod forest;
#[cfg(any(feature = "groove", feature = "forest", feature = "scan", feature = "state_machine"))]
mod forest_options;
#[cfg(feature = "groove")]
pub mod groove;
mod levels;
#[cfg(feature = "scan")]
pub mod scan;
#[cfg(feature = "state_machine")]
pub mod state_machine;
#[cfg(any(feature = "groove", feature = "forest", feature = "scan"))]
mod store;
#[cfg(any(feature = "state_machine", feature = "durable_store"))]
mod two_disks;

downbeat::targets! {
    "groove" GROOVE groove::Groove;
    "forest" FOREST forest::Forest;
    "scan" SCAN scan::Scan;
    "state_machine" STATE_MACHINE state_machine::StateMachine;
    "durable_store" DURABLE_STORE durable_store::DurableStore;
}
