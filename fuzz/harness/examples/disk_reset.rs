//! Measures the reset of a simulated disk of 64 MiB after writes of 200 blocks of 4 KiB, and prints
//! the median of many resets.

use std::hint::black_box;
use std::time::{Duration, Instant};

use downbeat::disk::SimulatedDisk;
use downbeat_lsm::storage::{Buffer, Layout, LayoutOptions, Operation, Owner, Storage};

const BLOCKS: u64 = 200;
const RESETS: usize = 1001;

fn main() {
    let options = LayoutOptions {
        sector_size: 512,
        block_size: 4096,
        superblock_copies: 4,
        block_count: (64 << 20) / 4096,
    };
    let layout = Layout::new(options).expect("the layout is valid");
    let mut disk = SimulatedDisk::new(layout);
    let buffer = Buffer::new(4096).share();
    let mut times = Vec::new();
    for number in 0..RESETS as u64 {
        for index in 0..BLOCKS {
            // The addresses are far apart, and different each time.
            let address = 1 + (index * 81 + number) % layout.block_count();
            let write = Operation::Write { span: layout.block(address), buffer: buffer.clone() };
            disk.submit(write, Owner { component: 0, slot: 0 });
            disk.step().expect("an operation is in flight").result.expect("no fault is armed");
        }
        assert_eq!(disk.image().unflushed().len() as u64, BLOCKS * 8);
        let start = Instant::now();
        black_box(&mut disk).reset(layout);
        times.push(start.elapsed());
        assert_eq!(disk.image().unflushed().len(), 0);
    }
    times.sort_unstable();
    let microseconds = |time: Duration| time.as_nanos() as f64 / 1000.0;
    println!(
        "reset of {} bytes, {BLOCKS} blocks written: median {:.1} us, 99th of 100 {:.1} us, of {RESETS}",
        layout.size(),
        microseconds(times[RESETS / 2]),
        microseconds(times[RESETS * 99 / 100]),
    );
}
