//! The description of a disk in a report.
//!
//! The description leaves out the content.

use downbeat_lsm::storage::Operation;

use super::faults::{Armed, FaultKind};
use super::limits::Unit;
use super::log::Unflushed;
use super::{Power, SimulatedDisk};

/// The maximum number of lines in a section.
const LINES_MAX: usize = 12;

impl SimulatedDisk {
    /// Returns lines that list the operations in flight, the versions that are not durable, the
    /// damage and the armed faults.
    #[must_use]
    pub fn describe(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match self.power {
            Power::On => {}
            Power::Killed => lines.push("process: killed".to_owned()),
            Power::Off => lines.push("power: off".to_owned()),
            Power::Crashed => lines.push("power: off, crashed".to_owned()),
        }
        let in_flight = self.queue.operations.iter().map(|in_flight| {
            let late = if in_flight.late { ", too late to happen" } else { "" };
            match &in_flight.operation {
                Operation::Read { span, .. } => {
                    format!("read {}{late}", self.place(span.offset, span.length))
                }
                Operation::Write { span, .. } => {
                    format!("write {}{late}", self.place(span.offset, span.length))
                }
                Operation::Flush => format!("flush{late}"),
            }
        });
        list(&mut lines, "in flight", in_flight);
        let size = self.image.sector_size();
        let unflushed = self.image.unflushed().map(|version| {
            let Unflushed { sector, newer, doomed, excused } = version;
            let place = self.place(self.image.offset_of(sector), size);
            let older = if newer > 0 { format!(", {newer} newer") } else { String::new() };
            let doomed = if doomed { ", doomed" } else { "" };
            let excused = if excused { ", excused" } else { "" };
            format!("{place}{older}{doomed}{excused}")
        });
        list(&mut lines, "not durable", unflushed);
        let damaged = self.image.damages().iter().map(|(sector, damage)| {
            format!("{}: {}", self.place(self.image.offset_of(*sector), size), damage.describe())
        });
        list(&mut lines, "damaged", damaged);
        list(&mut lines, "armed", self.armed().iter().map(Armed::describe));
        lines
    }

    /// Describes a span of sectors.
    fn place(&self, offset: u64, length: usize) -> String {
        let size = self.layout.sector_size();
        let unit = Unit::at(&self.layout, offset);
        let start = unit.map_or(0, |unit| unit.span(&self.layout).offset);
        let first = (offset - start) / size as u64;
        let last = first + (length / size) as u64 - 1;
        let unit = unit.map_or_else(|| "padding".to_owned(), Unit::describe);
        if first == last {
            format!("{unit} sector {first}")
        } else {
            format!("{unit} sectors {first}-{last}")
        }
    }
}

impl Armed {
    /// Describes the fault.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self { kind, access, nth } = self;
        let what = match kind {
            FaultKind::Fails => "fails",
            FaultKind::Lost => "is lost",
            FaultKind::MisdirectedWithin => "goes elsewhere in its zone",
            FaultKind::MisdirectedAcross => "goes to the other zone",
            FaultKind::Flips => "leaves a bit flipped",
            FaultKind::Zeroes => "leaves a sector zeroed",
            FaultKind::Garbles => "leaves a sector garbled",
            FaultKind::SpoilsReading => "leaves a sector unreadable",
            FaultKind::PowerLoss => "is the last before the power goes",
        };
        let access = access.map_or_else(|| "I/O".to_owned(), |access| format!("{access:?}"));
        format!("{} {nth} from now {what}", access.to_lowercase().replace("i/o", "I/O"))
    }
}

/// Adds a section: at most `LINES_MAX` items, each after `name`, and the number of the others.
fn list(lines: &mut Vec<String>, name: &str, mut items: impl ExactSizeIterator<Item = String>) {
    lines.extend(items.by_ref().take(LINES_MAX).map(|item| format!("{name}: {item}")));
    if items.len() > 0 {
        lines.push(format!("{name}: {} more", items.len()));
    }
}
