//! Durable stores that are full: they refuse batches, go on, and open again.

use downbeat_lsm::durable_store::{Batch, DurableOptions, ServiceError};
use downbeat_lsm::state_machine::{Echo, EchoMachine, EchoOptions, Request, Service};
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::Fullness;

use crate::durable_store::{Durable, Entry};

#[test]
fn a_durable_store_is_filled_emptied_and_filled_again() {
    let mut options = DurableOptions::tiny(1024);
    options.store.tree.growth_factor = 4;
    options.store.checkpoint_interval = 5;
    let size = options.store.device_size().expect("a valid layout") as usize;
    let log_size = options.log_device_size::<Entry>(256) as usize;
    let devices = (MemoryStorage::new(size, 256), MemoryStorage::new(log_size, 256));
    let mut store = Durable::format(devices.0, devices.1, &options, 3).expect("sound devices");
    for stamp in 0..4 {
        let mut count = 0;
        let refused = loop {
            let mut batches = [Batch::new(), Batch::new(), Batch::new()];
            for (batch, key) in batches.iter_mut().zip(count..) {
                batch.put(&Entry { key: key * 7919 % 100_003, stamp });
            }
            match store.write_all(&batches) {
                Ok(()) => count += 3,
                Err(ServiceError::Full { place }) => break place as u64,
                Err(error) => panic!("{error}"),
            }
        };
        count += refused;
        assert_eq!(store.store().fullness(), Fullness::FullForPuts);
        assert_eq!(store.store().failed(), None);
        // The batches of the log are written again.
        let (device, log) = store.into_storages();
        store = Durable::open(device, log, &options).expect("a full store opens");
        assert_eq!(store.range(..).count() as u64, count);
        for key in 0..count {
            store.remove(key * 7919 % 100_003).expect("a full store accepts removals");
        }
        let (device, log) = store.into_storages();
        store = Durable::open(device, log, &options).expect("an emptied store opens");
        assert_eq!(store.range(..).count(), 0);
        assert_eq!(store.make_room(), Ok(true));
    }
}

#[test]
fn a_service_that_is_full_refuses_requests_and_opens_again() {
    let options = EchoOptions::tiny(512);
    let size = options.device_size().expect("a valid layout") as usize;
    let log_size = options.log_device_size(256) as usize;
    let machine = EchoMachine::new(MemoryStorage::new(size, 256), &options).expect("valid options");
    let log = MemoryStorage::new(log_size, 256);
    let mut service = Service::format(machine, log, 5).expect("sound devices");
    let request = Request { client: 1, operation: Echo::Echo, body: &[7; 8] };
    let mut executed = 0;
    let refused = (0..10_000).find_map(|_| {
        let refused = service.execute(&[request; 3], |_, _| executed += 1).err()?;
        Some(refused)
    });
    assert_eq!(refused, Some(ServiceError::Full { place: executed % 3 }));
    service.idle(3).expect("a full service runs beats");
    let (machine, log) = service.into_parts();
    let mut replayed = 0;
    let mut service =
        Service::open(machine, log, |_, _| replayed += 1).expect("a full service opens");
    assert!(replayed <= executed);
    let refused = service.execute(&[request], |_, _| {});
    assert_eq!(refused, Err(ServiceError::Full { place: 0 }));
}
