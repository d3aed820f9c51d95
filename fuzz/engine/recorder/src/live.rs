//! The files and directories as they are now, apart from what was not recorded.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::contents::Contents;
use crate::journal::{Change, Entry, Name, NodeId, ROOT};

/// A file or a directory.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    File(Contents),
    Directory(BTreeMap<Name, NodeId>),
}

/// All files and directories by number, those without a name included.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    nodes: Vec<Node>,
}

impl Live {
    /// Reads a folder.
    pub(crate) fn read(folder: &Path) -> io::Result<Live> {
        let mut live = Live { nodes: vec![Node::Directory(BTreeMap::new())] };
        live.read_into(ROOT, folder)?;
        Ok(live)
    }

    fn read_into(&mut self, directory: NodeId, folder: &Path) -> io::Result<()> {
        for entry in folder.read_dir()? {
            let entry = entry?;
            let name = Name::from(entry.file_name().as_bytes());
            let kind = entry.file_type()?;
            let node = if kind.is_dir() {
                let node = self.add(Node::Directory(BTreeMap::new()));
                self.read_into(node, &entry.path())?;
                node
            } else {
                let mut contents = Contents::default();
                contents.write(0, &std::fs::read(entry.path())?);
                self.add(Node::File(contents))
            };
            self.entries_mut(directory).insert(name, node);
        }
        Ok(())
    }

    /// Adds a node without a name.
    pub(crate) fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// The number of nodes that ever were.
    pub(crate) fn count(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn contents(&self, file: NodeId) -> Option<&Contents> {
        match &self.nodes[file] {
            Node::File(contents) => Some(contents),
            Node::Directory(_) => None,
        }
    }

    pub(crate) fn entries(&self, directory: NodeId) -> Option<&BTreeMap<Name, NodeId>> {
        match &self.nodes[directory] {
            Node::Directory(entries) => Some(entries),
            Node::File(_) => None,
        }
    }

    fn entries_mut(&mut self, directory: NodeId) -> &mut BTreeMap<Name, NodeId> {
        match &mut self.nodes[directory] {
            Node::Directory(entries) => entries,
            Node::File(_) => panic!("a file has no entries"),
        }
    }

    /// The node of a name.
    pub(crate) fn find(&self, entry: &Entry) -> Option<NodeId> {
        self.entries(entry.directory)?.get(&entry.name).copied()
    }

    /// Finds the directory and name that `path` means, from `start`. The name is empty if the path
    /// ends in a directory itself (`.`, `..` or nothing). `None` if a directory is not there.
    pub(crate) fn locate(&self, start: NodeId, path: &[u8]) -> Option<Entry> {
        let mut above = vec![];
        let mut directory = start;
        let mut parts =
            path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
        let mut part = parts.next();
        while let Some(name) = part {
            part = parts.next();
            if name == b".." {
                directory = above.pop()?;
            } else if part.is_none() {
                return Some(Entry { directory, name: name.into() });
            } else {
                above.push(directory);
                directory = *self.entries(directory)?.get(name)?;
            }
        }
        Some(Entry { directory, name: Name::from(&b""[..]) })
    }

    /// Makes a change.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Write { file, offset, bytes } => {
                if let Node::File(contents) = &mut self.nodes[*file] {
                    contents.write(*offset, bytes);
                }
            }
            Change::Resize { file, size } => {
                if let Node::File(contents) = &mut self.nodes[*file] {
                    contents.resize(*size);
                }
            }
            Change::Link { entry, node } => {
                self.entries_mut(entry.directory).insert(entry.name.clone(), *node);
            }
            Change::Unlink { entry } => {
                self.entries_mut(entry.directory).remove(&entry.name);
            }
            Change::Rename { from, to, node, .. } => {
                self.entries_mut(from.directory).remove(&from.name);
                self.entries_mut(to.directory).insert(to.name.clone(), *node);
            }
            Change::Sync { .. }
            | Change::SyncAll
            | Change::SyncFailed { .. }
            | Change::Rewritten { .. } => {}
        }
    }
}

/// A name as a part of a path.
pub(crate) fn part(name: &Name) -> &Path {
    Path::new(OsStr::from_bytes(name))
}
