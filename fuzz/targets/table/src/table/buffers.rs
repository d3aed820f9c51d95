//! The memory of blocks.

use downbeat_lsm::storage::Buffer;

/// Unused buffers, all of one size.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// Buffers of zeros: not used in this run.
    clean: Vec<Buffer>,
    /// With the bytes of their last use.
    used: Vec<Buffer>,
}

impl Buffers {
    /// Clears the buffers that the run used.
    pub(super) fn clear(&mut self) {
        for mut buffer in self.used.drain(..) {
            buffer.bytes_mut().fill(0);
            self.clean.push(buffer);
        }
    }

    /// Takes a buffer of `size` bytes, the size of all of them: the one that was given back last,
    /// if there is one.
    pub(super) fn take(&mut self, size: usize) -> Buffer {
        self.used.pop().or_else(|| self.clean.pop()).unwrap_or_else(|| Buffer::new(size))
    }

    pub(super) fn give(&mut self, buffer: Buffer) {
        self.used.push(buffer);
    }
}
