//! The manifest: its levels in memory, its log on disk.
//!
//! A target is a module and a feature of its name: a build compiles the targets that it needs.

#[cfg(feature = "manifest_level")]
pub mod manifest_level;
#[cfg(feature = "manifest_log")]
pub mod manifest_log;

/// The target `manifest_level`.
#[cfg(feature = "manifest_level")]
pub static MANIFEST_LEVEL: &dyn downbeat::AnyTarget =
    &downbeat::Entry::<manifest_level::ManifestLevel>::ROW;

/// The target `manifest_log`.
#[cfg(feature = "manifest_log")]
pub static MANIFEST_LOG: &dyn downbeat::AnyTarget =
    &downbeat::Entry::<manifest_log::ManifestLog>::ROW;
