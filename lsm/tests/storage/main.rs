//! Tests of storages and blocks, at their public API.

mod block;
mod buffer;
mod device;
mod file;
mod file_errors;
mod joined;
mod layout;
mod memory;
mod operation;
