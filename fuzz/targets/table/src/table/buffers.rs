//! Buffers for blocks, which are used again within a run and in later runs.

use downbeat_lsm::storage::Buffer;

/// Unused buffers, all of one size.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// Buffers of zeros, which were not used in this run.
    clean: Vec<Buffer>,
    /// Buffers with the bytes of their last use in this run.
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

    /// Takes a buffer of `size` bytes, which must be the same in all calls. Prefers the buffer that
    /// was given back last.
    pub(super) fn take(&mut self, size: usize) -> Buffer {
        self.used.pop().or_else(|| self.clean.pop()).unwrap_or_else(|| Buffer::new(size))
    }

    pub(super) fn give(&mut self, buffer: Buffer) {
        self.used.push(buffer);
    }
}
