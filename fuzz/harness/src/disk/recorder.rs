//! A device that can crash, on top of a device that cannot.

use std::io;

use downbeat_lsm::storage::{Buffer, Device};

use super::log::{Fate, Log, Unflushed};

/// A [`Device`] on top of another device, such as a real file, that can simulate a crash: it keeps
/// the content that each write replaces until the write is durable.
///
/// - Writes and syncs reach the wrapped device immediately. A sync that succeeds makes all earlier
///   writes durable, except those that an earlier sync failed to make durable.
/// - A crash restores what some versions of some sectors replaced. The file is then in a state that
///   a loss of power can leave, and can be opened again.
/// - A write must cover whole sectors. The recorder's own reads and writes do too, in aligned
///   memory.
#[derive(Debug)]
pub struct Recorder<D> {
    device: D,
    log: Log,
    sector: Buffer,
}

impl<D: Device> Recorder<D> {
    /// Wraps a device with sectors of `sector_size` bytes.
    ///
    /// # Panics
    ///
    /// If `sector_size` is 0.
    #[must_use]
    pub fn new(device: D, sector_size: usize) -> Self {
        assert!(sector_size > 0, "disk: a sector must have a byte");
        let mut log = Log::default();
        log.reset(sector_size);
        Self { device, log, sector: Buffer::new(sector_size) }
    }

    /// Returns the wrapped device in its present state.
    #[must_use]
    pub fn into_device(self) -> D {
        self.device
    }

    /// Iterates over the versions that are not durable, from the oldest to the newest write. Each
    /// step costs O(n); for reports.
    pub fn unflushed(&self) -> impl ExactSizeIterator<Item = Unflushed> + '_ {
        self.log.unflushed()
    }

    /// Simulates a loss of power. The device then has the content that is left. `decide` is as for
    /// [`Image::crash`](super::Image::crash).
    ///
    /// # Errors
    ///
    /// If the device cannot be read or written. Its content is then undefined.
    ///
    /// # Panics
    ///
    /// If the position of a tear is 0, or not less than the sector size.
    pub fn crash(&mut self, decide: &mut dyn FnMut(Unflushed) -> Fate) -> io::Result<()> {
        let Self { device, log, sector } = self;
        let mut result = Ok(());
        log.crash(decide, |entry, previous, lost| {
            let bytes = sector.bytes_mut();
            let offset = u64::from(entry.sector) * bytes.len() as u64;
            let mut put_back = || {
                device.read_exact_at(bytes, offset)?;
                bytes[lost.clone()].copy_from_slice(&previous[lost.clone()]);
                device.write_all_at(bytes, offset)
            };
            if result.is_ok() {
                result = put_back();
            }
        });
        result.and_then(|()| device.sync_data())
    }
}

impl<D: Device> Device for Recorder<D> {
    fn size(&self) -> u64 {
        self.device.size()
    }

    /// A crash does not undo a growth.
    fn grow(&mut self, size: u64) -> io::Result<()> {
        self.device.grow(size)
    }

    fn read_exact_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.device.read_exact_at(bytes, offset)
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let Self { device, log, sector } = self;
        let size = sector.bytes().len();
        assert!(
            offset.is_multiple_of(size as u64) && bytes.len().is_multiple_of(size),
            "disk: sectors must be whole (offset {offset}, length {})",
            bytes.len(),
        );
        let first = offset / size as u64;
        for number in first..first + (bytes.len() / size) as u64 {
            device.read_exact_at(sector.bytes_mut(), number * size as u64)?;
            let number = u32::try_from(number).expect("disk: sectors must be fewer than 2^32");
            log.record(number, true, None, |previous| previous.extend_from_slice(sector.bytes()));
        }
        device.write_all_at(bytes, offset)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        let mark = self.log.mark();
        let result = self.device.sync_data();
        match result {
            Ok(()) => self.log.flush(mark),
            Err(_) => self.log.doom(mark),
        }
        result
    }
}
