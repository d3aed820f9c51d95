//! The files and directories after a crash.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::contents::Contents;
use crate::journal::{Name, NodeId, ROOT};
use crate::live;

/// The files and directories after a crash. A file with several names is one file.
#[derive(Debug)]
pub struct Image {
    pub(crate) directories: BTreeMap<NodeId, BTreeMap<Name, NodeId>>,
    pub(crate) files: BTreeMap<NodeId, Contents>,
}

impl Image {
    /// Writes the image into an empty folder, which exists.
    ///
    /// # Errors
    ///
    /// The error of the file system.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let mut written = BTreeMap::new();
        self.write_directory(ROOT, folder, &mut written)
    }

    fn write_directory(
        &self,
        directory: NodeId,
        folder: &Path,
        written: &mut BTreeMap<NodeId, std::path::PathBuf>,
    ) -> io::Result<()> {
        for (name, node) in self.directories.get(&directory).into_iter().flatten() {
            let path = folder.join(live::part(name));
            let Some(contents) = self.files.get(node) else {
                std::fs::create_dir(&path)?;
                self.write_directory(*node, &path, written)?;
                continue;
            };
            if let Some(first) = written.get(node) {
                std::fs::hard_link(first, &path)?;
                continue;
            }
            let file = std::fs::File::create_new(&path)?;
            file.set_len(contents.size())?;
            for (offset, bytes) in contents.data() {
                file.write_all_at(bytes, offset)?;
            }
            written.insert(*node, path);
        }
        Ok(())
    }
}
