//! A machine that executes the same requests as the service, without a log, and never crashes.

use downbeat_lsm::state_machine::{Echo, EchoMachine, EchoOptions, StateMachine as _};
use downbeat_lsm::storage::Layout;

use crate::two_disks::course::FIRST;
use downbeat::Checked;
use downbeat::check::{fail, same};
use downbeat::disk::SimulatedDisk;
use downbeat_lsm::superblock::CheckpointState;
use downbeat_model::state_machine::Requests;

/// The machine that never crashed; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct NeverCrashed {
    /// The last requests of the checkpoints that the service has taken.
    taken: Vec<u64>,
    machine: Option<EchoMachine<SimulatedDisk>>,
}

impl NeverCrashed {
    /// Forgets all checkpoints.
    pub(super) fn clear(&mut self) {
        self.taken.clear();
    }

    /// Notes a checkpoint that contains the requests up to `held`.
    pub(super) fn checkpoint(&mut self, held: u64) {
        if held > 0 && self.taken.last().is_none_or(|last| *last < held) {
            self.taken.push(held);
        }
    }

    /// Notes that the service was opened at a checkpoint. Later ones were not durable.
    pub(super) fn reopen(&mut self, checkpoint: u64) {
        self.taken.retain(|held| *held <= checkpoint);
    }

    /// Executes all requests, and compares the last checkpoint.
    pub(super) fn compare(
        &mut self,
        requests: &Requests,
        options: &EchoOptions,
        state: &CheckpointState,
    ) -> Checked {
        let got = self.execute(requests, options);
        match got {
            Ok(expected) => same("replay-makes-the-same-blocks", &expected, state)
                .or("a service that crashed has another checkpoint than one that never did"),
            Err(error) => Err(fail("replay-makes-the-same-blocks", "success", error)
                .saying("a machine that never crashed fails where the service did not")),
        }
    }

    fn execute(
        &mut self,
        requests: &Requests,
        options: &EchoOptions,
    ) -> Result<CheckpointState, downbeat_lsm::forest::StoreError> {
        let Self { taken, machine } = self;
        let layout = Layout::new(options.forest.layout).expect("the target's settings are valid");
        let machine = machine.get_or_insert_with(|| {
            let disk = SimulatedDisk::new(layout);
            EchoMachine::new(disk, options).expect("the target's settings are valid")
        });
        machine.storage_mut().reset(layout);
        if machine.options() != options {
            machine.renew(options).expect("the target's settings are valid");
        }
        machine.format(FIRST)?;
        let mut taken = taken.iter().copied().peekable();
        let mut reply = Vec::new();
        for op in 1..=requests.last() {
            if taken.next_if_eq(&op).is_some() {
                // It may be due anyway.
                machine.checkpoint();
            }
            if let Some(body) = requests.body(op) {
                machine.prefetch(op, Echo::Echo, body);
                machine.run()?;
                reply.clear();
                machine.commit(requests.client(op), op, op, Echo::Echo, body, &mut reply)?;
            }
            machine.compact(op)?;
            machine.run()?;
        }
        Ok(machine.forest().superblock().working().state())
    }
}
