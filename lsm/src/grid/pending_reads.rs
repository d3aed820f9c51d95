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
//! - A read that was submitted stays until it completes. So at most `reads_in_flight_max` reads
//!   have no ticket.
//! - A reader with a number learns that its ticket was answered, so that a caller with many readers
//!   need not ask each of them.
//!
//! Every call takes constant time, except that an answer takes time for each ticket of its read.

use std::hash::BuildHasher as _;

use hashbrown::HashTable;

use super::{BlockHandle, Caching, GridError, GridOptions};
use crate::block::BlockReference;
use crate::collections::{AddressHash, SlotLinks, SlotList};

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
    /// The reads that have not completed, by the address of their block.
    by_address: HashTable<u32>,
    /// The reads that wait for memory or for other reads.
    queue: SlotList,
    queue_links: SlotLinks,
    in_flight: usize,
    tickets: Vec<Ticket>,
    /// The unused places in `tickets`.
    tickets_free: Vec<u32>,
    /// A ticket is in the list of its read, or in `answered`, or in no list.
    ticket_links: SlotLinks,
    /// The answered tickets whose reader has a number and was not notified yet.
    answered: SlotList,
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
struct Ticket {
    state: TicketState,
    /// The number of the reader, until the reader is notified of the answer.
    reader: Option<u32>,
}

#[derive(Debug)]
enum TicketState {
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
            // Twice the size, because a full table is rebuilt: in place if it is at most half full.
            by_address: HashTable::with_capacity((reads + 1) * 2),
            queue: SlotList::EMPTY,
            queue_links: SlotLinks::with_capacity(reads),
            in_flight: 0,
            tickets: Vec::with_capacity(tickets),
            tickets_free: Vec::with_capacity(tickets),
            ticket_links: SlotLinks::with_capacity(tickets),
            answered: SlotList::EMPTY,
        }
    }

    pub(super) fn reset(&mut self) {
        self.reads.clear();
        self.reads_free.clear();
        self.by_address.clear();
        self.queue = SlotList::EMPTY;
        self.in_flight = 0;
        self.tickets.clear();
        self.tickets_free.clear();
        self.answered = SlotList::EMPTY;
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
        let same = |number: &u32| {
            let read = &self.reads[*number as usize];
            read.reference == reference && read.caching == caching
        };
        self.by_address.find(hash(reference.address), same).copied()
    }

    /// Adds a read to the queue. The caller takes a ticket for it.
    pub(super) fn begin(&mut self, reference: BlockReference, caching: Caching) -> u32 {
        let tickets = SlotList::EMPTY;
        let read = Read { reference, caching, state: ReadState::Queued, tickets };
        let number = place(&mut self.reads, &mut self.reads_free, read);
        self.queue_links.push(&mut self.queue, number);
        let Self { reads, by_address, .. } = self;
        let rehash = |number: &u32| hash(reads[*number as usize].reference.address);
        by_address.insert_unique(hash(reference.address), number, rehash);
        number
    }

    /// Takes a ticket for a read.
    pub(super) fn join(&mut self, read: u32) -> ReadTicket {
        let ticket = Ticket { state: TicketState::For(read), reader: None };
        let number = place(&mut self.tickets, &mut self.tickets_free, ticket);
        self.ticket_links.push(&mut self.reads[read as usize].tickets, number);
        ReadTicket { number }
    }

    /// Returns whether a read waits to be submitted.
    #[inline]
    pub(super) fn has_queued(&self) -> bool {
        !self.queue.is_empty()
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
    pub(super) fn answer(&mut self, read: u32, answer: Result<BlockHandle, GridError>) {
        let Self { reads, tickets, ticket_links, answered, .. } = self;
        let waiting = &mut reads[read as usize].tickets;
        let mut give = |ticket: u32, answer, links: &mut SlotLinks| {
            let Ticket { state, reader } = &mut tickets[ticket as usize];
            *state = TicketState::Answered(answer);
            if reader.is_some() {
                links.push(answered, ticket);
            }
        };
        if let Some(mut ticket) = ticket_links.pop(waiting) {
            // The last ticket gets the answer itself, because each copy counts the references
            // again.
            while let Some(next) = ticket_links.pop(waiting) {
                give(ticket, answer.clone(), ticket_links);
                ticket = next;
            }
            give(ticket, answer, ticket_links);
        }
        self.end(read);
    }

    /// Returns whether a ticket has an answer.
    #[inline]
    pub(super) fn is_answered(&self, ticket: &ReadTicket) -> bool {
        matches!(self.tickets[ticket.number as usize].state, TicketState::Answered(_))
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
        if matches!(self.tickets[ticket.number as usize].state, TicketState::For(_)) {
            return Err(ticket);
        }
        let TicketState::Answered(answer) = self.end_ticket(ticket) else {
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
            TicketState::For(read) => {
                let tickets = &mut self.reads[read as usize].tickets;
                self.ticket_links.remove(tickets, number);
                if tickets.is_empty() && self.is_queued(read) {
                    self.queue_links.remove(&mut self.queue, read);
                    self.end(read);
                }
            }
            TicketState::Answered(_) => {}
            TicketState::Unused => panic!("grid: a ticket must be of a pending read"),
        }
    }

    /// Sets the number of the reader that waits with this ticket, which has no answer yet.
    pub(super) fn set_reader(&mut self, ticket: &ReadTicket, reader: u32) {
        let ticket = &mut self.tickets[ticket.number as usize];
        assert!(
            matches!(ticket.state, TicketState::For(_)),
            "grid: a reader must wait for a pending read",
        );
        ticket.reader = Some(reader);
    }

    /// The next reader whose ticket was answered, in the order of the answers. Each is returned
    /// once.
    #[inline]
    pub(super) fn next_answered(&mut self) -> Option<u32> {
        let ticket = self.ticket_links.pop(&mut self.answered)?;
        self.tickets[ticket as usize].reader.take()
    }

    /// Frees the place of a read that has completed or was withdrawn.
    fn end(&mut self, read: u32) {
        let Read { reference, state, .. } = &mut self.reads[read as usize];
        *state = ReadState::Unused;
        let entry = self.by_address.find_entry(hash(reference.address), |other| *other == read);
        let Ok(entry) = entry else {
            unreachable!("grid: a read that has not ended is found by its address");
        };
        entry.remove();
        self.reads_free.push(read);
    }

    /// Frees the place of a ticket. Returns its state.
    #[expect(clippy::needless_pass_by_value, reason = "the ticket is used up")]
    fn end_ticket(&mut self, ticket: ReadTicket) -> TicketState {
        let number = ticket.number;
        let Ticket { state, reader } = &mut self.tickets[number as usize];
        let state = std::mem::replace(state, TicketState::Unused);
        let reader = reader.take();
        if matches!(state, TicketState::Answered(_)) && reader.is_some() {
            self.ticket_links.remove(&mut self.answered, number);
        }
        if !matches!(state, TicketState::Unused) {
            self.tickets_free.push(number);
        }
        state
    }
}

fn hash(address: u64) -> u64 {
    AddressHash::new().hash_one(address)
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
