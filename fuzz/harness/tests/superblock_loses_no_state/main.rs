//! Tries every crash of a checkpoint: whatever the crash leaves on the device, the superblock opens
//! with the old state or the new one.
//!
//! A crash is a point and a choice of fates. The point is the number of completed I/Os of the
//! checkpoint. Each version of a sector that is not durable has a fate, also if its write is in
//! flight: the version survives, vanishes or is torn. Every point is tried with every choice of
//! fates.
//!
//! | file | what crashes |
//! |---|---|
//! | `checkpoints` | a checkpoint, and the opening after it |
//! | `restarts` | the opening after a restart of the process while the power stays on |
//! | `faults` | a checkpoint with damaged copies, or with faults |
//!
//! `ci/hold/superblock-loses-no-state` runs this program and reads the figures that it prints.

mod checkpoints;
mod faults;
mod restarts;
mod trial;
#[path = "../ways/mod.rs"]
mod ways;
