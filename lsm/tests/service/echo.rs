//! The echo machine in a service: replies, crashes and replay.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::StoreError;
use downbeat_lsm::request_log::RequestLogError;
use downbeat_lsm::state_machine::{
    Echo, EchoMachine, EchoOptions, Job, Request, Service, ServiceError, StateMachine, Thing,
    Workload, WorkloadError,
};
use downbeat_lsm::storage::{Access, MemoryStorage};

use crate::frail::{Frail, Wrong};
use crate::random::Random;

const BLOCKS: u64 = 16_384;

type Machine = EchoMachine<MemoryStorage>;

fn options() -> EchoOptions {
    let mut options = EchoOptions::tiny(BLOCKS);
    options.things.growth_factor = 8;
    options
}

fn machine(device: MemoryStorage) -> Machine {
    Machine::new(device, &options()).expect("valid options")
}

fn devices() -> (MemoryStorage, MemoryStorage) {
    let size = options().device_size().expect("a valid layout") as usize;
    let log_size = options().log_device_size(256) as usize;
    (MemoryStorage::new(size, 256), MemoryStorage::new(log_size, 256))
}

fn copy(device: &MemoryStorage) -> MemoryStorage {
    let mut copy = MemoryStorage::new(device.bytes().len(), 256);
    copy.bytes_mut().copy_from_slice(device.bytes());
    copy
}

fn things(machine: &mut Machine) -> Vec<Thing> {
    let (things, mut reader) = machine.forest_mut().read().expect("an open forest");
    let mut range = things.range(1..=u64::MAX, Direction::Ascending, &mut reader);
    let mut all = Vec::new();
    while let Some(thing) = range.next().expect("a sound device") {
        all.push(thing);
    }
    all
}

fn due(op: u64, body: &[u8]) -> Thing {
    let value = Machine::value(9, op, op, Echo::Echo, body);
    Thing { timestamp: op, value, id: u128::from(op) }
}

#[test]
fn every_request_is_executed_exactly_once_over_crashes() {
    let mut random = Random(5);
    let (device, log) = devices();
    let mut service = Service::format(machine(device), log, 3).expect("sound devices");
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    for round in 0..100 {
        // More requests than the log has room for.
        let mut workload = Workload::new(round, random.below(40), 64);
        while workload.next_body().is_some() {}
        let group: Vec<Vec<u8>> = workload.open(9).map(|it| it.body.to_vec()).collect();
        let requests: Vec<_> =
            group.iter().map(|body| Request { client: 9, operation: Echo::Echo, body }).collect();
        let first = bodies.len() as u64 + 1;
        let mut next = first;
        let executed = service.execute(&requests, |op, reply| {
            assert_eq!(op, next);
            next += 1;
            workload.reply(reply).expect("the reply is the request");
        });
        executed.expect("sound devices");
        assert!(workload.is_done());
        bodies.extend(group);

        if random.below(3) == 0 {
            // A crash: the memory is lost.
            let (machine, log) = service.into_parts();
            let device = machine.into_storage();
            let mut replayed = Vec::new();
            let opened = Service::open(self::machine(copy(&device)), copy(&log), |op, reply| {
                replayed.push((op, reply.to_vec()));
            });
            service = opened.expect("sound devices");
            for (op, reply) in &replayed {
                assert_eq!(reply, &bodies[*op as usize - 1], "request {op}");
            }
            assert_eq!(service.log_of_requests().last(), bodies.len() as u64);
        }
        if random.below(8) == 0 {
            let found = things(service.machine_mut());
            let due: Vec<_> = (1..).zip(&bodies).map(|(op, body)| due(op, body)).collect();
            assert_eq!(found, due);
        }
    }
    assert!(bodies.len() > 1000);
}

#[test]
fn a_service_that_replays_has_the_bytes_of_one_that_never_crashed() {
    let bodies: Vec<Vec<u8>> =
        (0..90_u8).map(|number| vec![number; number as usize % 64]).collect();
    let serve = |crashes: &[usize]| {
        let (device, log) = devices();
        let mut service = Service::format(machine(device), log, 3).expect("sound devices");
        for (number, body) in bodies.iter().enumerate() {
            if crashes.contains(&number) {
                let (machine, log) = service.into_parts();
                let device = machine.into_storage();
                let opened = Service::open(self::machine(device), log, |_, _| {});
                service = opened.expect("sound devices");
            }
            let request = Request { client: 9, operation: Echo::Echo, body };
            service.execute(&[request], |_, _| {}).expect("sound devices");
        }
        let (mut machine, _) = service.into_parts();
        let all = things(&mut machine);
        (all, machine.into_storage())
    };
    let (never, device) = serve(&[]);
    let (often, other) = serve(&[3, 17, 18, 40, 77, 89]);
    assert_eq!(never, often);
    // The copies of the superblock count openings; the blocks after them are equal.
    let blocks = downbeat_lsm::storage::Layout::new(options().forest.layout).expect("valid");
    let zone = (blocks.size() - BLOCKS * 256) as usize;
    assert_eq!(device.bytes()[zone..], other.bytes()[zone..]);
}

#[test]
fn the_log_of_another_service_is_refused() {
    let serve = |number: u64, requests: usize| {
        let (device, log) = devices();
        let mut service = Service::format(machine(device), log, number).expect("sound devices");
        let request = Request { client: 9, operation: Echo::Echo, body: b"body" };
        service.execute(&vec![request; requests], |_, _| {}).expect("sound devices");
        let (machine, log) = service.into_parts();
        (machine.into_storage(), log)
    };
    let open = |device, log| Service::open(machine(device), log, |_, _| {}).err();
    let (device, own) = serve(3, 30);
    let (_, other) = serve(4, 30);
    let refused = RequestLogError::OtherLog { number: 4 };
    assert_eq!(open(copy(&device), other), Some(ServiceError::Log(refused)));
    // An empty log lacks the requests that were durable at the checkpoint.
    let (_, empty) = serve(3, 0);
    let lacks = matches!(
        open(copy(&device), empty),
        Some(ServiceError::Log(RequestLogError::Damaged(lost))) if lost.first > 1
    );
    assert!(lacks);
    assert_eq!(open(device, own), None);
}

#[test]
fn beats_without_requests_are_in_the_log_and_take_checkpoints() {
    let (device, log) = devices();
    let mut service = Service::format(machine(device), log, 3).expect("sound devices");
    let request = Request { client: 9, operation: Echo::Echo, body: b"body" };
    service.execute(&[request; 3], |_, _| {}).expect("sound devices");
    service.idle(50).expect("sound devices");
    service.execute(&[request], |op, _| assert_eq!(op, 54)).expect("sound devices");
    service.idle(1).expect("sound devices");
    let (machine, log) = service.into_parts();
    let mut replayed = Vec::new();
    let device = machine.into_storage();
    let opened = Service::open(self::machine(device), log, |op, _| replayed.push(op));
    let mut service = opened.expect("sound devices");
    assert_eq!(service.log_of_requests().last(), 55);
    assert_eq!(replayed, [54], "a checkpoint contains the first three");
    let found = things(service.machine_mut());
    assert_eq!(found, [1, 2, 3, 54].map(|op| due(op, b"body")));
}

#[test]
fn after_a_failed_read_the_service_refuses_requests_until_it_is_opened_again() {
    let (device, log) = devices();
    let frail = Frail::new(device);
    let machine = EchoMachine::new(frail, &options()).expect("valid options");
    let mut service = Service::format(machine, log, 3).expect("sound devices");
    let request = Request { client: 9, operation: Echo::Echo, body: b"body" };
    service.execute(&vec![request; 100], |_, _| {}).expect("sound devices");
    let grid = service.machine_mut().forest_mut().trees_and_grid().1;
    grid.storage_mut().wrong = Some(Wrong::Fails(Access::Read, 0));
    let mut executed = Ok(());
    while executed.is_ok() {
        executed = service.execute(&[request], |_, _| {});
    }
    assert_eq!(service.execute(&[request], |_, _| {}), executed);
    assert_eq!(service.idle(1), executed);
    let last = service.log_of_requests().last();
    service.open_again(|_, _| {}).expect("the device fails once");
    service.execute(&[request], |op, _| assert_eq!(op, last + 1)).expect("it fails once");
}

#[test]
fn a_service_that_failed_with_a_full_log_refuses_requests() {
    let (device, log) = devices();
    let frail = Frail::new(device);
    let machine = EchoMachine::new(frail, &options()).expect("valid options");
    let mut service = Service::format(machine, log, 3).expect("sound devices");
    let request = Request { client: 9, operation: Echo::Echo, body: b"body" };
    service.execute(&vec![request; 100], |_, _| {}).expect("sound devices");
    let grid = service.machine_mut().forest_mut().trees_and_grid().1;
    grid.storage_mut().wrong = Some(Wrong::Fails(Access::Read, 0));
    // The group fills the log, and a read fails before the first checkpoint makes room.
    let executed = service.execute(&vec![request; 1000], |_, _| {});
    assert!(executed.is_err());
    assert_eq!(service.execute(&[request], |_, _| {}), executed);
}

#[test]
fn an_invalid_request_is_refused_and_nothing_is_executed() {
    let (device, log) = devices();
    let mut service = Service::format(machine(device), log, 3).expect("sound devices");
    let (good, bad) = ([1; 64], [1; 65]);
    let request = |body| Request { client: 1, operation: Echo::Echo, body };
    let executed = service.execute(&[request(&good), request(&bad)], |_, _| panic!("no reply"));
    assert_eq!(executed, Err(ServiceError::InvalidRequest { place: 1 }));
    assert_eq!(things(service.machine_mut()), []);
    assert_eq!(service.machine().job(), Job::Idle);
}

#[test]
fn a_workload_reports_wrong_replies() {
    let mut workload = Workload::new(1, 2, 10);
    assert_eq!(workload.reply(b""), Err(WorkloadError::UnexpectedReply));
    let body = workload.next_body().expect("a request").to_vec();
    assert_eq!(workload.reply(&body), Ok(()));
    let _ = workload.next_body();
    assert_eq!(workload.next_body(), None);
    assert_eq!(workload.reply(b"something else"), Err(WorkloadError::WrongReply { request: 1 }));
    assert!(!workload.is_done());
}

#[test]
fn a_closed_machine_refuses_each_prefetch() {
    let (device, _) = devices();
    let mut machine = machine(device);
    for _ in 0..2 {
        machine.prefetch(1, Echo::Echo, &[]);
        assert_eq!(machine.run(), Err(StoreError::Closed));
        assert_eq!(machine.job(), Job::Idle);
    }
    machine.format(1).expect("a sound device");
    machine.prefetch(1, Echo::Echo, &[]);
    assert_eq!(machine.run(), Ok(None));
}

#[test]
fn a_machine_that_refuses_options_keeps_its_own() {
    let (device, _) = devices();
    let mut machine = machine(device);
    let mut invalid = options();
    invalid.body_size_max += 1;
    invalid.forest.checkpoint_interval = 0;
    assert!(machine.renew(&invalid).is_err());
    assert_eq!(machine.options(), &options());
}
