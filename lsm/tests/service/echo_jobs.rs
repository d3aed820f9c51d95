//! The echo machine without a service: its jobs, and what it refuses.

use downbeat_lsm::forest::{InvalidStore, StoreError, TreeSet};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::groove::Groove;
use downbeat_lsm::request_log::{InvalidRequestLog, LostRequests, RequestLogError};
use downbeat_lsm::state_machine::{
    Echo, EchoMachine, EchoOptions, Job, JobState, Operation, Request, Service, ServiceError,
    StateMachine, Thing,
};
use downbeat_lsm::storage::MemoryStorage;

use crate::frail::{Frail, Wrong};

type Machine = EchoMachine<Frail>;

const NOTHING: JobState = JobState::Ended { checkpoint: None };

fn options() -> EchoOptions {
    let mut options = EchoOptions::tiny(4096);
    // So that the trees have room for all operations.
    options.things.growth_factor = 8;
    options
}

fn device() -> MemoryStorage {
    MemoryStorage::new(options().device_size().expect("a valid layout") as usize, 256)
}

fn log() -> MemoryStorage {
    MemoryStorage::new(options().log_device_size(256) as usize, 256)
}

fn machine() -> Machine {
    Machine::new(Frail::new(device()), &options()).expect("valid options")
}

fn service() -> Service<Machine, Frail> {
    Service::format(machine(), Frail::new(log()), 3).expect("sound devices")
}

/// A machine whose operations from 1 to 40 are in a checkpoint and not in memory.
fn on_the_device() -> Machine {
    let mut service = service();
    let request = Request { client: 9, operation: Echo::Echo, body: b"body" };
    service.execute(&[request; 40], |_, _| {}).expect("sound devices");
    service.idle(20).expect("sound devices");
    let (mut machine, _) = service.into_parts();
    machine.open().expect("a sound device");
    machine.forest_mut().trees_and_grid().1.drop_cache();
    machine
}

#[test]
fn a_reply_to_an_echo_has_the_size_of_its_body() {
    assert_eq!(Echo::Echo.event_size(), Echo::Echo.result_size());
}

#[test]
fn the_production_sizes_are_valid() {
    let options = EchoOptions::production(1 << 20);
    let shapes = Groove::<Thing>::shapes(&options.things);
    assert_eq!(options.forest.validate(&shapes), Ok(()));
    assert!(options.device_size().expect("a valid layout") > 4 << 30);
}

#[test]
fn invalid_options_are_refused() {
    let mut invalid = options();
    invalid.forest.scans_max = 0;
    let refused = Machine::new(Frail::new(device()), &invalid).err();
    assert_eq!(refused, Some(InvalidStore::Zero { option: "scans_max" }));
}

#[test]
fn a_device_that_is_too_small_for_the_log_is_refused() {
    let needed = options().log_device_size(256);
    let too_small = InvalidRequestLog::DeviceTooSmall { size: 1024, needed };
    let small = || Frail::new(MemoryStorage::new(1024, 256));
    let due = Some(ServiceError::InvalidLog(too_small));
    assert_eq!(Service::format(machine(), small(), 3).err(), due);
    assert_eq!(Service::open(machine(), small(), |_, _| {}).err(), due);
}

#[test]
fn a_service_is_not_formatted_on_a_device_that_is_gone() {
    let mut log = Frail::new(log());
    log.wrong = Some(Wrong::Gone(0));
    let gone = Service::format(machine(), log, 3).err();
    assert_eq!(gone, Some(ServiceError::Log(RequestLogError::Gone)));
}

#[test]
fn a_beat_without_a_request_fails_if_the_log_is_gone() {
    let mut service = service();
    service.parts_mut().1.storage_mut().wrong = Some(Wrong::Gone(0));
    let gone = Err(ServiceError::Log(RequestLogError::Gone));
    assert_eq!(service.idle(1), gone);
    service.parts_mut().1.storage_mut().wrong = None;
    assert_eq!(service.idle(1), gone, "the service refuses until it is opened again");
    service.open_again(|_, _| {}).expect("sound devices");
    assert_eq!(service.idle(1), Ok(()));
}

#[test]
fn a_request_in_the_log_that_is_too_short_for_its_header_is_damage() {
    let mut service = service();
    let (_, log) = service.parts_mut();
    log.append(&[1, 2, 3]).expect("a sound device");
    log.flush().expect("a sound device");
    let opened = service.open_again(|_, _| panic!("no reply"));
    let lost = LostRequests { first: 1, last: 1, intact: 0 };
    assert_eq!(opened, Err(ServiceError::Log(RequestLogError::Damaged(lost))));
}

#[test]
fn a_request_in_the_log_of_an_unknown_operation_is_refused() {
    let mut service = service();
    let (_, log) = service.parts_mut();
    log.append(&[200; 24]).expect("a sound device");
    log.flush().expect("a sound device");
    let opened = service.open_again(|_, _| panic!("no reply"));
    assert_eq!(opened, Err(ServiceError::UnknownOperation { number: 200 }));
}

#[test]
fn a_machine_without_a_job_waits_for_nothing() {
    let mut machine = machine();
    machine.format(3).expect("a sound device");
    assert_eq!(machine.job(), Job::Idle);
    assert_eq!(machine.advance(), Ok(NOTHING));
    assert_eq!(machine.step(), Ok(NOTHING));
}

#[test]
fn a_closed_machine_executes_nothing() {
    let mut reply = Vec::new();
    let executed = machine().commit(9, 1, 1, Echo::Echo, b"body", &mut reply);
    assert_eq!((executed, reply), (Err(StoreError::Closed), Vec::new()));
}

#[test]
fn a_prefetch_of_an_operation_on_the_device_waits_for_it() {
    let mut machine = on_the_device();
    machine.prefetch(5, Echo::Echo, &[]);
    assert_eq!(machine.job(), Job::Prefetch(5));
    assert_eq!(machine.advance(), Ok(JobState::Waiting));
    assert_eq!(machine.step(), Ok(JobState::Waiting));
    assert_eq!(machine.run(), Ok(None));
    assert_eq!(machine.job(), Job::Idle);
}

#[test]
#[should_panic(expected = "echo: an operation must not be executed twice (5)")]
fn an_operation_on_the_device_is_not_executed_again() {
    let mut machine = on_the_device();
    machine.prefetch(5, Echo::Echo, &[]);
    machine.run().expect("a sound device");
    let _ = machine.commit(9, 5, 5, Echo::Echo, b"body", &mut Vec::new());
}

#[test]
fn a_prefetch_fails_if_the_device_is_gone() {
    let mut machine = on_the_device();
    machine.forest_mut().trees_and_grid().1.storage_mut().wrong = Some(Wrong::Gone(0));
    machine.prefetch(5, Echo::Echo, &[]);
    assert_eq!(machine.advance(), Ok(JobState::Waiting));
    assert_eq!(machine.step(), Err(StoreError::Grid(GridError::Gone)));
    assert_eq!(machine.job(), Job::Idle);
    machine.forest_mut().trees_and_grid().1.storage_mut().wrong = None;
    machine.prefetch(5, Echo::Echo, &[]);
    assert_eq!(machine.run(), Ok(None));
}
