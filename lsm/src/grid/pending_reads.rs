//! The reads of blocks that have not completed, and the answers that have not been taken.
//!
//! ```text
//! ticket 0 --.
//! ticket 1 --+--> read of block 7    in flight
//! ticket 2 -----> read of block 9    in the queue; withdrawn if ticket 2 is forgotten
//!                 read of block 4    in flight; its tickets were forgotten
//! ```
//!
//! - A read has any number of tickets. When it completes, each of them gets a copy of the answer.
//! - A read that was not submitted has a ticket. When its last ticket is forgotten, the read leaves
//!   the queue.
//! - A read that was submitted stays until it completes. So at most `reads_in_flight_max` reads have
//!   no ticket.

use super::{BlockHandle, Caching, GridError, GridOptions};
use crate::block::BlockReference;
use crate::collections::{SlotLinks, SlotList};

/// The ticket of a pending read.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the answer uses memory until the ticket is taken or forgotten"]
pub struct ReadTicket {
    number: u32,
}

/// The pending reads, and the answers that have not been taken; see the [module](self).
#[derive(Debug)]
pub(super) struct Reads {
    reads: Vec<Read>,
    /// The unused places in `reads`.
    reads_free: Vec<u32>,
    /// The reads that wait for memory or for other reads.
    queue: SlotList,
    queue_links: SlotLinks,
    in_flight: usize,
    tickets: Vec<Ticket>,
    /// The unused places in `tickets`.
    tickets_free: Vec<u32>,
    ticket_links: SlotLinks,
}

#[derive(Debug)]
struct Read {
    reference: BlockReference,
    caching: Caching,
    state: ReadState,
    /// The tickets that wait for this read.
    tickets: SlotList,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReadState {
    Unused,
    Queued,
    InFlight,
}

#[derive(Debug)]
enum Ticket {
    Unused,
    For(u32),
    Answered(Result<BlockHandle, GridError>),
}

impl Reads {
    /// Makes room for `tickets` tickets. More tickets allocate memory.
    pub(super) fn new(options: &GridOptions, tickets: usize) -> Self {
        let reads = tickets + options.reads_in_flight_max as usize;
        Self {
            reads: Vec::with_capacity(reads),
            reads_free: Vec::with_capacity(reads),
            queue: SlotList::EMPTY,
            queue_links: SlotLinks::with_capacity(reads),
            in_flight: 0,
            tickets: Vec::with_capacity(tickets),
            tickets_free: Vec::with_capacity(tickets),
            ticket_links: SlotLinks::with_capacity(tickets),
        }
    }

    pub(super) fn reset(&mut self) {
        self.reads.clear();
        self.reads_free.clear();
        self.queue = SlotList::EMPTY;
        self.in_flight = 0;
        self.tickets.clear();
        self.tickets_free.clear();
    }

    /// The number of reads that were submitted to the device and have not completed.
    #[inline]
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// The number of reads that have not completed.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.in_flight + self.queue.len()
    }

    /// Returns whether no read is in flight or waits.
    pub(super) fn is_idle(&self) -> bool {
        self.len() == 0
    }

    /// The addresses of the blocks that are being read.
    pub(super) fn addresses(&self) -> impl Iterator<Item = u64> {
        let reads = self.reads.iter().filter(|read| read.state != ReadState::Unused);
        reads.map(|read| read.reference.address)
    }

    /// The read of this block, if there is one.
    pub(super) fn find(&self, reference: BlockReference, caching: Caching) -> Option<u32> {
        let same = |read: &Read| {
            read.state != ReadState::Unused
                && read.reference == reference
                && read.caching == caching
        };
        self.reads.iter().position(same).map(|place| place as u32)
    }

    /// Adds a read to the queue. The caller takes a ticket for it.
    pub(super) fn begin(&mut self, reference: BlockReference, caching: Caching) -> u32 {
        let tickets = SlotList::EMPTY;
        let read = Read { reference, caching, state: ReadState::Queued, tickets };
        let number = place(&mut self.reads, &mut self.reads_free, read);
        self.queue_links.push(&mut self.queue, number);
        number
    }

    /// Takes a ticket for a read.
    pub(super) fn join(&mut self, read: u32) -> ReadTicket {
        let number = place(&mut self.tickets, &mut self.tickets_free, Ticket::For(read));
        self.ticket_links.push(&mut self.reads[read as usize].tickets, number);
        ReadTicket { number }
    }

    /// The read that is to be submitted next, with the address of its block.
    pub(super) fn next_queued(&self) -> Option<(u32, u64)> {
        let number = self.queue.first()?;
        Some((number, self.reads[number as usize].reference.address))
    }

    /// Returns whether a read waits in the queue.
    pub(super) fn is_queued(&self, read: u32) -> bool {
        self.reads[read as usize].state == ReadState::Queued
    }

    /// Takes a read from the queue, because it is submitted.
    pub(super) fn submitted(&mut self, read: u32) {
        self.queue_links.remove(&mut self.queue, read);
        self.reads[read as usize].state = ReadState::InFlight;
        self.in_flight += 1;
    }

    /// Ends a read that has completed. The caller answers its tickets next, with
    /// [`Reads::answer`].
    pub(super) fn completed(&mut self, read: u32) -> (BlockReference, Caching) {
        self.in_flight -= 1;
        let Read { reference, caching, .. } = self.reads[read as usize];
        (reference, caching)
    }

    /// Answers the tickets of a read that has completed.
    pub(super) fn answer(&mut self, read: u32, answer: &Result<BlockHandle, GridError>) {
        while let Some(ticket) = self.ticket_links.pop(&mut self.reads[read as usize].tickets) {
            self.tickets[ticket as usize] = Ticket::Answered(answer.clone());
        }
        self.end(read);
    }

    /// Takes the answer of a ticket. Returns the ticket if there is no answer yet.
    ///
    /// # Panics
    ///
    /// If the ticket is not of a pending read.
    pub(super) fn take(
        &mut self,
        ticket: ReadTicket,
    ) -> Result<Result<BlockHandle, GridError>, ReadTicket> {
        match self.tickets[ticket.number as usize] {
            Ticket::For(_) => return Err(ticket),
            Ticket::Answered(_) | Ticket::Unused => {}
        }
        let Ticket::Answered(answer) = self.end_ticket(ticket) else {
            panic!("grid: a ticket must be of a pending read");
        };
        Ok(answer)
    }

    /// Drops a ticket, and its read if the read is in the queue and has no other ticket.
    ///
    /// # Panics
    ///
    /// If the ticket is not of a pending read.
    pub(super) fn forget(&mut self, ticket: ReadTicket) {
        let number = ticket.number;
        match self.end_ticket(ticket) {
            Ticket::For(read) => {
                let tickets = &mut self.reads[read as usize].tickets;
                self.ticket_links.remove(tickets, number);
                if tickets.is_empty() && self.is_queued(read) {
                    self.queue_links.remove(&mut self.queue, read);
                    self.end(read);
                }
            }
            Ticket::Answered(_) => {}
            Ticket::Unused => panic!("grid: a ticket must be of a pending read"),
        }
    }

    fn end(&mut self, read: u32) {
        self.reads[read as usize].state = ReadState::Unused;
        self.reads_free.push(read);
    }

    /// Frees the place of a ticket. Returns what was there.
    #[expect(clippy::needless_pass_by_value, reason = "the ticket is used up")]
    fn end_ticket(&mut self, ticket: ReadTicket) -> Ticket {
        let place = &mut self.tickets[ticket.number as usize];
        let before = std::mem::replace(place, Ticket::Unused);
        if !matches!(before, Ticket::Unused) {
            self.tickets_free.push(ticket.number);
        }
        before
    }
}

/// Puts a value into an unused place, or else into a new one. Returns the number of the place.
fn place<T>(places: &mut Vec<T>, unused: &mut Vec<u32>, value: T) -> u32 {
    match unused.pop() {
        Some(number) => {
            places[number as usize] = value;
            number
        }
        None => {
            places.push(value);
            (places.len() - 1) as u32
        }
    }
}
