//! Targets for several trees in a store, and for services with a log.
//!
//! The feature `grooves` compiles the targets of grooves and forests, the feature `services` those
//! of services.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod direction;
#[cfg(feature = "services")]
pub mod durable_store;
mod fitting;
#[cfg(feature = "grooves")]
pub mod forest;
mod forest_options;
#[cfg(feature = "grooves")]
pub mod groove;
mod levels;
#[cfg(feature = "grooves")]
pub mod scan;
#[cfg(feature = "services")]
pub mod state_machine;
#[cfg(feature = "grooves")]
mod store;
#[cfg(feature = "services")]
mod two_disks;

downbeat::targets! {
    #[cfg(feature = "grooves")]
    "groove" GROOVE groove::Groove;
    #[cfg(feature = "grooves")]
    "forest" FOREST forest::Forest;
    #[cfg(feature = "grooves")]
    "scan" SCAN scan::Scan;
    #[cfg(feature = "services")]
    "state_machine" STATE_MACHINE state_machine::StateMachine;
    #[cfg(feature = "services")]
    "durable_store" DURABLE_STORE durable_store::DurableStore;
}
