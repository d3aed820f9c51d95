//! The machine of a durable store, without its service. The device does not fail in these tests.

use super::DurableOptions;
use super::machine::{RecordMachine, Write};
use crate::forest::StoreError;
use crate::record::Record;
use crate::state_machine::{
    Job, JobState, Operation, StateMachine, VSR_OPERATIONS_RESERVED, operation_from_vsr,
};
use crate::storage::MemoryStorage;
use crate::test_records::{Numbered, Object};
use zerocopy::IntoBytes;

type Machine = RecordMachine<Object, MemoryStorage>;

/// Options with which the first checkpoint is taken late, unless it is requested.
fn options() -> DurableOptions {
    let mut options = DurableOptions::tiny(4096);
    options.store.checkpoint_interval = 20;
    options
}

fn machine() -> Machine {
    let options = options();
    let size = options.store.device_size().expect("a valid layout") as usize;
    let device = MemoryStorage::new(size, options.store.layout.sector_size);
    let mut machine = Machine::new(device, &options).expect("valid options");
    machine.format(1).expect("a sound device");
    machine
}

#[test]
fn the_only_operation_writes_records_and_is_never_batched() {
    let write: Write<Object> = operation_from_vsr(VSR_OPERATIONS_RESERVED).expect("the operation");
    assert_eq!(write, Write::NEW);
    assert_eq!(write.event_size(), size_of::<Object>());
    assert_eq!(write.result_size(), 1);
    assert!(!write.is_batchable());
    assert_eq!(operation_from_vsr::<Write<Object>>(VSR_OPERATIONS_RESERVED + 1), None);
    assert_eq!(format!("{:?}", vec![write; 2]), "[Write, Write]");
}

#[test]
fn a_machine_without_a_job_waits_for_nothing() {
    let mut machine = machine();
    assert_eq!(machine.job(), Job::Idle);
    assert_eq!(machine.advance(), Ok(JobState::Ended { checkpoint: None }));
    assert_eq!(machine.step(), Ok(JobState::Ended { checkpoint: None }));
}

#[test]
fn a_requested_checkpoint_contains_the_operations_so_far() {
    let taken_at = |requests: bool| {
        let mut machine = machine();
        (1..500).find_map(|op| {
            // Few keys, so the tree does not grow.
            let record = Object::put(op % 8, op);
            let mut reply = Vec::new();
            machine.prefetch(op, Write::NEW, record.as_bytes());
            machine.commit(9, op, op, Write::NEW, record.as_bytes(), &mut reply).expect("open");
            assert_eq!(reply, [0]);
            machine.compact(op).expect("an open store");
            assert_eq!(machine.job(), Job::Compact(op));
            if requests && op == 9 {
                machine.checkpoint();
            }
            let checkpoint = machine.run().expect("a sound device")?;
            Some((op, checkpoint))
        })
    };
    let beats_per_bar = u64::from(options().store.tree.beats_per_bar);
    let (op, checkpoint) = taken_at(true).expect("a checkpoint");
    assert!(checkpoint >= 9 && op <= 9 + 2 * beats_per_bar, "{checkpoint} at {op}");
    let (op, _) = taken_at(false).expect("a checkpoint");
    assert!(op >= 20 * beats_per_bar - 1, "at {op}");
}

#[test]
fn a_closed_machine_writes_nothing() {
    let mut machine = machine();
    machine.close();
    for record in [Object::put(1, 1), Object::tombstone(1)] {
        let mut reply = Vec::new();
        let written = machine.commit(9, 1, 1, Write::NEW, record.as_bytes(), &mut reply);
        assert_eq!((written, reply), (Err(StoreError::Closed), Vec::new()));
    }
}
