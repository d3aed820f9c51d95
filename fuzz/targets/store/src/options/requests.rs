//! Judges the options of a log of requests, on a device that may be too small or have sectors of
//! any size. If they are valid and the device is small, also formats the log.

use downbeat_lsm::request_log::{RequestLog, RequestLogOptions};
use downbeat_lsm::storage::{Completion, MemoryStorage, Operation, Owner, Storage, Ticket};

use super::components::ITEMS_MAX;
use super::events::Event;
use super::world::compare;
use downbeat::check::{equal, holds};
use downbeat::{Checked, Run};
use downbeat_model::options::judge;

/// A device of which only the sizes exist.
struct Sizes {
    size: u64,
    sector: u64,
}

impl Storage for Sizes {
    fn size(&self) -> u64 {
        self.size
    }

    fn sector_size(&self) -> usize {
        self.sector as usize
    }

    fn submit(&mut self, _operation: Operation, _owner: Owner) -> Ticket {
        unreachable!("options: a log that is made uses its device")
    }

    fn step(&mut self) -> Option<Completion> {
        None
    }

    fn queued(&self) -> usize {
        0
    }

    fn abandon(&mut self) -> Option<Operation> {
        None
    }
}

/// Judges a log. Its device has `less` bytes less than the log needs. Returns whether it is valid.
pub(super) fn requests(
    options: RequestLogOptions,
    sector: u64,
    less: u64,
    run: &mut Run,
) -> Checked<bool> {
    let RequestLogOptions { request_size_max, requests_max } = options;
    let sector = if (1..=1 << 16).contains(&sector) { sector } else { 1 << 9 };
    let mut due = judge::requests(request_size_max, requests_max, sector);
    let mut size = 0;
    if due.is_empty() {
        let needed = judge::requests_size(request_size_max, requests_max, sector);
        equal("log-size-equals-format", needed, options.device_size(sector as usize))
            .or("the device of a log has another size than the format says")?;
        size = (needed - less.min(needed)).next_multiple_of(sector);
        if size < needed {
            due.push("device");
        }
    }
    let got = RequestLog::new(Sizes { size, sector }, &options, 1).map(drop);
    let valid = compare(&due, got, run)?;
    if valid && size <= 16 * ITEMS_MAX {
        Event::PartUsed.count(run);
        let device = MemoryStorage::new(size as usize, sector as usize);
        let formatted =
            RequestLog::new(device, &options, 1).is_ok_and(|mut log| log.format().is_ok());
        holds("valid-parts-work", formatted)
            .show(|| ("a log", "an error"))
            .or("a log with valid options cannot be formatted")?;
    }
    Ok(valid)
}
