//! The manifest: its levels in memory, its log on disk.
//!
//! Each target is a module behind a feature of the same name, so a build compiles only the targets
//! that it needs.

#[cfg(feature = "manifest_level")]
pub mod manifest_level;
#[cfg(feature = "manifest_log")]
pub mod manifest_log;

downbeat::targets! {
    "manifest_level" MANIFEST_LEVEL manifest_level::ManifestLevel;
    "manifest_log" MANIFEST_LOG manifest_log::ManifestLog;
}
