//! A free set against a plain list of states, over random runs with checkpoints and crashes.

use downbeat_lsm::grid::free_set::{BlockState, FreeSet, FreeSetOptions, Reservation};

use crate::blocks::{Encoded, checkpoint, open, options};
use crate::random::Random;

struct Run {
    free_set: FreeSet,
    /// The state of each block, from address 1 on.
    model: Vec<BlockState>,
    /// The open reservations, each with the addresses that it will give.
    reservations: Vec<(Reservation, Vec<u64>)>,
    /// The newest checkpoint, and the states after opening it.
    kept: (Encoded, Vec<BlockState>),
    random: Random,
}

impl Run {
    fn new(block_count: u64, shard_size: u32, seed: u64) -> Self {
        let options = FreeSetOptions { shard_size, ..options(block_count) };
        let mut free_set = FreeSet::new(options).expect("valid");
        open(&mut free_set, &Encoded::default()).expect("empty sets");
        free_set.mark_checkpoint_durable();
        let model = vec![BlockState::Free; block_count as usize];
        let kept = (Encoded::default(), model.clone());
        Self { free_set, model, reservations: Vec::new(), kept, random: Random(seed) }
    }

    fn free_and_unreserved(&self) -> Vec<u64> {
        let is_reserved =
            |address: &u64| self.reservations.iter().any(|(_, blocks)| blocks.contains(address));
        let all = 1..=self.model.len() as u64;
        let free = all.filter(|address| self.model[(address - 1) as usize] == BlockState::Free);
        free.filter(|address| !is_reserved(address)).collect()
    }

    fn step(&mut self) {
        match self.random.below(16) {
            0..5 => self.reserve(),
            5..9 => self.acquire(),
            9..13 => self.release(),
            13 => self.forfeit(1),
            14 => self.checkpoint(),
            _ => self.crash(),
        }
        self.free_set.verify();
        self.compare();
    }

    fn reserve(&mut self) {
        if !self.free_set.is_reserving() {
            return;
        }
        let free = self.free_and_unreserved();
        let count = 1 + self.random.below(free.len() as u64 / 2 + 2);
        match self.free_set.reserve(count) {
            Some(reservation) => {
                let blocks = free[..count as usize].to_vec();
                self.reservations.push((reservation, blocks));
            }
            None => assert!(count > free.len() as u64),
        }
    }

    fn acquire(&mut self) {
        for _ in 0..self.random.below_u32(8) {
            if self.reservations.is_empty() {
                return;
            }
            let chosen = self.random.below(self.reservations.len() as u64) as usize;
            let (reservation, blocks) = &mut self.reservations[chosen];
            let address = self.free_set.acquire(reservation);
            let expected = (!blocks.is_empty()).then(|| blocks.remove(0));
            assert_eq!(address, expected);
            if let Some(address) = address {
                self.model[(address - 1) as usize] = BlockState::Acquired;
            }
        }
    }

    fn release(&mut self) {
        let released =
            if self.free_set.is_durable() { BlockState::Released } else { BlockState::Staged };
        for block in 0..self.model.len() {
            if self.model[block] == BlockState::Acquired && self.random.below(4) == 0 {
                self.free_set.release(block as u64 + 1);
                self.model[block] = released;
            }
        }
    }

    fn forfeit(&mut self, at_most: usize) {
        for _ in 0..at_most.min(self.reservations.len()) {
            let chosen = self.random.below(self.reservations.len() as u64) as usize;
            let (reservation, _) = self.reservations.swap_remove(chosen);
            self.free_set.forfeit(reservation);
        }
    }

    fn checkpoint(&mut self) {
        self.forfeit(usize::MAX);
        if !self.free_set.is_durable() {
            self.free_set.mark_checkpoint_durable();
            for state in &mut self.model {
                *state = match *state {
                    BlockState::Released => BlockState::Free,
                    BlockState::Staged => BlockState::Released,
                    state => state,
                };
            }
            return;
        }
        let trailers = self.random.below(3).min(self.free_set.free_count());
        let encoded = checkpoint(&mut self.free_set, trailers);
        for address in &encoded.trailers {
            self.model[(address - 1) as usize] = BlockState::Staged;
        }
        self.kept = (encoded, self.model.clone());
    }

    fn crash(&mut self) {
        self.reservations.clear();
        self.free_set.reset();
        open(&mut self.free_set, &self.kept.0).expect("a valid encoding");
        self.model.clone_from(&self.kept.1);
    }

    fn compare(&self) {
        let set = &self.free_set;
        let states: Vec<_> = (1..=set.block_count()).map(|address| set.state(address)).collect();
        assert_eq!(states, self.model);
        let in_use = (1..).zip(&self.model).filter(|(_, state)| **state != BlockState::Free);
        assert!(set.in_use().eq(in_use.map(|(address, state)| (address, *state))));
        let count = |wanted| self.model.iter().filter(|state| **state == wanted).count() as u64;
        assert_eq!(set.free_count(), count(BlockState::Free));
        assert_eq!(set.released_count(), count(BlockState::Released));
        assert_eq!(set.staged_count(), count(BlockState::Staged));
        let reserved = self.reservations.iter().map(|(_, blocks)| blocks.len() as u64).sum::<u64>();
        assert_eq!(set.reserved_count(), reserved);
        let highest = self.model.iter().rposition(|state| *state != BlockState::Free);
        assert_eq!(set.highest_address_acquired(), highest.map(|block| block as u64 + 1));
    }
}

#[test]
fn a_free_set_equals_a_plain_list_of_states() {
    let sizes = [(1, 64), (5, 64), (64, 64), (130, 64), (300, 64), (300, 128), (1000, 256)];
    for (seed, (block_count, shard_size)) in sizes.into_iter().enumerate() {
        let mut run = Run::new(block_count, shard_size, seed as u64);
        for _ in 0..600 {
            run.step();
        }
    }
}
