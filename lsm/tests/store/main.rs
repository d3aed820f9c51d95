//! Grid, superblock and checkpoint together, over a device in memory. What a device may do to them is tested
//! in the suite, on a simulated one.

mod blocks;
mod fixture;
mod refusals;
mod reopen;
mod said;
mod superblock;
