//! Comparisons of files with their record.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::contents::{Contents, PAGE};
use crate::journal::{Change, Name, NodeId, ROOT};
use crate::live::{Live, Node};

/// The changes that make `contents` those of a file.
pub(crate) fn changes(file: &File, node: NodeId, contents: &Contents) -> io::Result<Vec<Change>> {
    let size = file.metadata()?.len();
    let mut changes = Vec::new();
    if size != contents.size() {
        changes.push(Change::Resize { file: node, size });
    }
    let mut seen = 0;
    let write =
        |offset: u64, bytes: &[u8]| Change::Write { file: node, offset, bytes: bytes.into() };
    let mut buffer = [0; PAGE];
    let mut offset = next_data(file, 0, size);
    loop {
        // Pages of the record that are a hole in the file.
        for number in seen..offset.div_ceil(PAGE as u64) {
            if contents.page(number).is_some_and(|page| page.iter().any(|byte| *byte != 0)) {
                let start = number * PAGE as u64;
                let length = (size - start).min(PAGE as u64) as usize;
                changes.push(write(start, &[0; PAGE][..length]));
            }
        }
        if offset >= size {
            return Ok(changes);
        }
        let number = offset / PAGE as u64;
        let start = number * PAGE as u64;
        let length = (size - start).min(PAGE as u64) as usize;
        file.read_exact_at(&mut buffer[..length], start)?;
        let known = contents.page(number).map_or(&[0; PAGE][..length], |page| &page[..length]);
        if buffer[..length] != *known {
            changes.push(write(start, &buffer[..length]));
        }
        seen = number + 1;
        offset = next_data(file, start + PAGE as u64, size);
    }
}

/// The offset of the next data of a file, or its size.
#[allow(unsafe_code, reason = "the standard library cannot seek to data")]
fn next_data(file: &File, from: u64, size: u64) -> u64 {
    if from >= size {
        return size;
    }
    // SAFETY: the descriptor is open.
    let found = unsafe { libc::lseek64(file.as_raw_fd(), from as i64, libc::SEEK_DATA) };
    u64::try_from(found).unwrap_or(size).min(size)
}

/// What differs between a folder and its record, a line for each.
pub(crate) fn differences(folder: &Path, live: &Live) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    directory(folder, Path::new(""), live, ROOT, &mut lines)?;
    Ok(lines)
}

fn directory(
    folder: &Path,
    shown: &Path,
    live: &Live,
    node: NodeId,
    lines: &mut Vec<String>,
) -> io::Result<()> {
    let mut missing: BTreeMap<Name, NodeId> = live.entries(node).cloned().unwrap_or_default();
    for entry in folder.read_dir()? {
        let entry = entry?;
        let shown = shown.join(entry.file_name());
        let Some(node) = missing.remove(entry.file_name().as_bytes()) else {
            lines.push(format!("{} was made by a call that is not recorded", shown.display()));
            continue;
        };
        match live.node(node) {
            Node::Directory(_) => directory(&entry.path(), &shown, live, node, lines)?,
            Node::File(contents) => {
                let changes = changes(&File::open(entry.path())?, node, contents)?;
                if let Some(change) = changes.first() {
                    let what = match change {
                        Change::Write { offset, .. } => format!("other bytes from {offset}"),
                        _ => "another size".to_owned(),
                    };
                    let shown = shown.display();
                    lines.push(format!("{shown} has {what}, by a call that is not recorded"));
                }
            }
        }
    }
    for name in missing.keys() {
        let shown = shown.join(crate::live::part(name));
        lines.push(format!("{} went away by a call that is not recorded", shown.display()));
    }
    Ok(())
}
