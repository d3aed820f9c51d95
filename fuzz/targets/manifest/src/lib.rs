//! The manifest: its levels in memory, its log on disk.

pub mod manifest_level;
pub mod manifest_log;

downbeat::targets! {
    "manifest_level" MANIFEST_LEVEL manifest_level::ManifestLevel;
    "manifest_log" MANIFEST_LOG manifest_log::ManifestLog;
}
