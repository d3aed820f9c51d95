//! Replies of batches, split into the results of each request, and the numbers of operations.

use downbeat_lsm::state_machine::{Demultiplexer, Echo, Operation, operation_from_vsr};

use super::events::Event;
use super::states;
use super::tested::Tested;
use downbeat::check::{holds, same};
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::state_machine::{Width, operation_of, split};

/// Operations of a machine whose requests can be batched. The first has a reserved number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Batchable {
    number: u8,
    event: u8,
    result: u8,
}

const NUMBERS: [u8; 4] = [127, 128, 200, 255];

impl Operation for Batchable {
    const ALL: &'static [Self] = &[
        Self { number: NUMBERS[0], event: 1, result: 1 },
        Self { number: NUMBERS[1], event: 2, result: 3 },
        Self { number: NUMBERS[2], event: 128, result: 1 },
        Self { number: NUMBERS[3], event: 1, result: 128 },
    ];

    fn number(self) -> u8 {
        self.number
    }

    fn event_size(self) -> usize {
        usize::from(self.event)
    }

    fn result_size(self) -> usize {
        usize::from(self.result)
    }

    fn is_batchable(self) -> bool {
        true
    }
}

impl Tested {
    /// Splits the reply of a batch of `count` requests. Request n has `spread * n` events, modulo
    /// 5.
    pub(super) fn split(
        &mut self,
        event: Width,
        result: Width,
        count: u32,
        spread: u32,
        run: &mut Run,
    ) -> Checked {
        run.step();
        let (event, result) = (event.get() as u8, result.get() as u8);
        let operation = Batchable { number: 255, event, result };
        let events: Vec<usize> =
            (0..count).map(|number| (spread * (number + 1) % 5) as usize).collect();
        let all: usize = events.iter().sum();
        let reply = self.next_body(all * usize::from(result));
        let mut replies = Demultiplexer::new(operation, &reply);
        for (count, (start, end)) in events.iter().zip(split(&events, usize::from(result))) {
            let got = replies.next(*count);
            holds("results-are-of-their-request", got == &reply[start..end])
                .show(|| (format!("{:x?}", &reply[start..end]), format!("{got:x?}")))
                .or("a request of a batch gets the results of another one")?;
        }
        same("all-results-are-split", true, replies.is_empty())
            .or("results of a batch are left that belong to no request")?;
        run.state(states::Events, octave(all as u64));
        Event::Split.count(run);
        Ok(())
    }

    /// Looks up every number of an operation.
    pub(super) fn numbers(&mut self, run: &mut Run) -> Checked {
        run.step();
        for number in 0..=u8::MAX {
            let expected = operation_of(number, &NUMBERS).map(|place| NUMBERS[place]);
            let got = operation_from_vsr::<Batchable>(number).map(Operation::number);
            same("operation-has-its-number", expected, got)
                .or("a number means another operation, or a reserved one")?;
            let expected = operation_of(number, &[128]).map(|_| Echo::Echo);
            same("operation-has-its-number", expected, operation_from_vsr(number))
                .or("a number means another operation, or a reserved one")?;
        }
        Event::Numbers.count(run);
        Ok(())
    }
}
