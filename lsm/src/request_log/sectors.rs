//! Reads of the device that go around unreadable sectors.

use super::{RequestLog, RequestLogError};
use crate::storage::{Access, Buffer, Completion, Fault, Operation, Span, Storage};

impl<S: Storage> RequestLog<S> {
    /// Reads bytes. Waits for the device.
    pub(super) fn read(&mut self, span: Span) -> Result<Buffer, RequestLogError> {
        let buffer = self.buffer(span.length as u64);
        self.submit(Operation::Read { span, buffer });
        self.waiting -= 1;
        let completion = self.storage.step().ok_or(RequestLogError::Gone)?;
        let Completion { operation: Operation::Read { buffer, .. }, result, .. } = completion
        else {
            unreachable!("request_log: only the read is in the queue")
        };
        match result {
            Ok(()) => Ok(buffer),
            Err(fault) => {
                self.buffers.push(buffer);
                Err(RequestLogError::Failed(fault))
            }
        }
    }

    /// Reads sectors, as zeros where they are unreadable. Adds the offsets of these sectors on the
    /// device to `unreadable`.
    pub(super) fn read_around(
        &mut self,
        span: Span,
        unreadable: &mut Vec<u64>,
    ) -> Result<Buffer, RequestLogError> {
        match self.read(span) {
            Err(RequestLogError::Failed(Fault { access: Access::Read, .. })) => {}
            read => return read,
        }
        // The device does not say which sectors failed.
        let size = self.storage.sector_size();
        let mut whole = self.buffer(span.length as u64);
        for (offset, into) in
            (span.offset..).step_by(size).zip(whole.bytes_mut()[..span.length].chunks_mut(size))
        {
            match self.read(Span { offset, length: size }) {
                Ok(sector) => {
                    into.copy_from_slice(&sector.bytes()[..size]);
                    self.buffers.push(sector);
                }
                Err(RequestLogError::Failed(Fault { access: Access::Read, .. })) => {
                    into.fill(0);
                    unreadable.push(offset);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(whole)
    }
}
