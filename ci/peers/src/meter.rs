//! CPU time, bytes written, memory, and space.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};

/// The CPU time of all threads of the process, in microseconds.
pub(crate) fn cpu_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// The bytes that the process has given to the system to write. Writes through a map of memory do
/// not count; no engine here makes any.
pub(crate) fn written() -> Result<u64> {
    number("/proc/self/io", "wchar:")
}

/// The most memory that the process has used, in bytes, with the pages of files that it maps.
pub(crate) fn peak_memory() -> Result<u64> {
    Ok(number("/proc/self/status", "VmHWM:")? * 1024)
}

/// The bytes of the file system that the files of a folder take.
pub(crate) fn space(directory: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let data = entry.metadata()?;
        bytes += if data.is_dir() { space(&entry.path())? } else { data.blocks() * 512 };
    }
    Ok(bytes)
}

fn number(file: &str, name: &str) -> Result<u64> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let word = line.and_then(|line| line.split_whitespace().next());
    word.and_then(|word| word.parse().ok()).with_context(|| format!("{file} has no {name}"))
}
