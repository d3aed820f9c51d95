//! Targets for several trees in a store.
//!
//! Each target has a feature of the same name.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

#[cfg(feature = "forest")]
pub mod forest;
#[cfg(feature = "groove")]
pub mod groove;
#[cfg(feature = "scan")]
pub mod scan;
#[cfg(feature = "state_machine")]
pub mod state_machine;
#[cfg(any(feature = "groove", feature = "forest", feature = "scan"))]
mod store;
#[cfg(feature = "state_machine")]
mod two_disks;

downbeat::targets! {
    "groove" GROOVE groove::Groove;
    "forest" FOREST forest::Forest;
    "scan" SCAN scan::Scan;
    "state_machine" STATE_MACHINE state_machine::StateMachine;
}
