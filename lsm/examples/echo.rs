//! Serves the workload of the echo machine from two files, 64 requests at a time. The program can
//! be killed at any time: started again, it goes on after the last request.
//!
//! ```text
//! cargo run --release --example echo -- FOLDER [REQUESTS]
//! ```
//!
//! Prints `ack N` for each group of acknowledged requests, where N is the number of the last one.
//! `ci/hold/echo-survives-kills` kills it and checks what it printed.

#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "the lints are for the library, and this is a program"
)]

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use downbeat_lsm::collections::Direction;
use downbeat_lsm::state_machine::{
    Echo, EchoMachine, EchoOptions, Request, Service, Thing, Workload,
};
use downbeat_lsm::storage::{FileStorage, SystemFile};

const CLIENT: u128 = 1;
const IN_FLIGHT: u64 = 64;
const SECTOR: usize = 4096;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map(PathBuf::from).ok_or("usage: echo FOLDER [REQUESTS]")?;
    let requests: u64 = arguments.next().map_or(Ok(1_000_000), |count| count.parse())?;
    serve(&folder, requests)
}

/// Serves requests until this many are done, and checks what they left.
fn serve(folder: &Path, requests: u64) -> Result<(), Box<dyn Error>> {
    // 4 GiB of blocks of 4 KiB. Files are sparse.
    let options = EchoOptions::production((1 << 20) - 1024);
    let (data, log) = (folder.join("data"), folder.join("log"));
    let mut service = if folder.join("formatted").exists() {
        let device = FileStorage::new(SystemFile::open(&data)?, SECTOR);
        let log = FileStorage::new(SystemFile::open(&log)?, SECTOR);
        Service::open(EchoMachine::new(device, &options)?, log, |_, _| {})?
    } else {
        std::fs::create_dir_all(folder)?;
        for left_over in [&data, &log] {
            if left_over.exists() {
                std::fs::remove_file(left_over)?;
            }
        }
        let device = FileStorage::new(SystemFile::create(&data, options.device_size()?)?, SECTOR);
        let log_size = options.log_device_size(SECTOR);
        let log = FileStorage::new(SystemFile::create(&log, log_size)?, SECTOR);
        let service = Service::format(EchoMachine::new(device, &options)?, log, 1)?;
        std::fs::File::create(folder.join("formatted"))?.sync_all()?;
        std::fs::File::open(folder)?.sync_all()?;
        service
    };

    let mut done = service.log_of_requests().last();
    println!("open {done}");
    while done < requests {
        // A process that was killed may have ended in a group.
        let mut workload = group_of(done + 1, &options);
        let bodies: Vec<Vec<u8>> = workload.open(CLIENT).map(|it| it.body.to_vec()).collect();
        let (before, rest) = bodies.split_at((done % IN_FLIGHT) as usize);
        before.iter().try_for_each(|body| workload.reply(body))?;
        let rest = &rest[..rest.len().min((requests - done) as usize)];
        let group: Vec<_> = rest
            .iter()
            .map(|body| Request { client: CLIENT, operation: Echo::Echo, body })
            .collect();
        let mut checked = Ok(());
        service.execute(&group, |_, reply| {
            if checked.is_ok() {
                checked = workload.reply(reply);
            }
        })?;
        checked?;
        done += group.len() as u64;
        println!("ack {done}");
        std::io::stdout().flush()?;
    }

    // Every request has left exactly one thing, with its own number and value.
    let (things, mut reader) = service.machine_mut().forest_mut().read()?;
    let mut found = things.range(1..=u64::MAX, Direction::Ascending, &mut reader);
    let mut next = 1;
    let mut values = Vec::new().into_iter();
    while let Some(thing) = found.next()? {
        if values.len() == 0 {
            let group = group_of(next, &options);
            let value = |(op, it): (u64, Request<'_, Echo>)| {
                EchoMachine::<FileStorage>::value(CLIENT, op, op, it.operation, it.body)
            };
            values = (next..).zip(group.open(CLIENT)).map(value).collect::<Vec<_>>().into_iter();
        }
        let expected = Thing {
            timestamp: next,
            value: values.next().unwrap_or_default(),
            id: u128::from(next),
        };
        if thing != expected {
            return Err(format!(
                "request {next} is missing, was executed twice or is another one: {thing:?}"
            )
            .into());
        }
        next += 1;
    }
    if next != done + 1 {
        return Err(format!("{done} requests were executed, and {} left a thing", next - 1).into());
    }
    println!("done {done}");
    Ok(())
}

#[test]
fn a_second_process_goes_on_after_the_first() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    serve(folder.path(), 100)?;
    serve(folder.path(), 300)
}

/// The group of [`IN_FLIGHT`] requests to which request `op` belongs. Its bodies depend only on its
/// place, so a later process makes the same ones.
fn group_of(op: u64, options: &EchoOptions) -> Workload {
    let first = (op - 1) / IN_FLIGHT * IN_FLIGHT;
    let mut workload = Workload::new(first, IN_FLIGHT, options.body_size_max as usize);
    while workload.next_body().is_some() {}
    workload
}
