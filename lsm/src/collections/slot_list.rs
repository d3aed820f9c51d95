//! Doubly linked lists of slots: a slot joins and leaves a list in constant time, from any place.
//!
//! - A slot is a number, for example an index into a vector. Small numbers use little memory.
//! - Several lists share one [`SlotLinks`]. A slot is in at most one of these lists.
//! - Memory is allocated only when a slot is added whose number is higher than all before.

/// Marks the end of a list.
const NONE: u32 = u32::MAX;

/// The links between the slots of several lists; see the [module](self).
#[derive(Debug)]
pub(crate) struct SlotLinks {
    links: Vec<Link>,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    previous: u32,
    next: u32,
}

/// A list of slots. All calls with a list must be made on the same links.
#[derive(Debug)]
pub(crate) struct SlotList {
    first: u32,
    last: u32,
    len: usize,
}

impl SlotList {
    pub(crate) const EMPTY: Self = Self { first: NONE, last: NONE, len: 0 };

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub(crate) fn first(&self) -> Option<u32> {
        (self.len > 0).then_some(self.first)
    }
}

impl SlotLinks {
    /// The links of slots below `slots`. A slot with a higher number allocates memory.
    pub(crate) fn with_capacity(slots: usize) -> Self {
        Self { links: Vec::with_capacity(slots) }
    }

    /// Adds a slot, which is in no list, to the end of a list.
    pub(crate) fn push(&mut self, list: &mut SlotList, slot: u32) {
        let link = Link { previous: list.last, next: NONE };
        if slot as usize >= self.links.len() {
            self.links.resize(slot as usize + 1, link);
        }
        self.links[slot as usize] = link;
        match list.last {
            NONE => list.first = slot,
            last => self.links[last as usize].next = slot,
        }
        list.last = slot;
        list.len += 1;
    }

    /// Removes the first slot of a list, and returns it.
    pub(crate) fn pop(&mut self, list: &mut SlotList) -> Option<u32> {
        let first = list.first()?;
        self.remove(list, first);
        Some(first)
    }

    /// Removes a slot from the list that it is in.
    pub(crate) fn remove(&mut self, list: &mut SlotList, slot: u32) {
        let Link { previous, next } = self.links[slot as usize];
        match previous {
            NONE => list.first = next,
            previous => self.links[previous as usize].next = next,
        }
        match next {
            NONE => list.last = previous,
            next => self.links[next as usize].previous = previous,
        }
        list.len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slots of a list, which is empty afterwards.
    fn drain(links: &mut SlotLinks, list: &mut SlotList) -> Vec<u32> {
        std::iter::from_fn(|| links.pop(list)).collect()
    }

    #[test]
    fn slots_leave_a_list_in_the_order_in_which_they_joined() {
        let mut links = SlotLinks::with_capacity(2);
        let mut list = SlotList::EMPTY;
        for slot in [5, 0, 3] {
            links.push(&mut list, slot);
        }
        assert_eq!((list.len(), list.first()), (3, Some(5)));
        assert_eq!(drain(&mut links, &mut list), [5, 0, 3]);
        assert!(list.is_empty());
        assert_eq!(list.first(), None);
    }

    #[test]
    fn a_slot_leaves_from_any_place_and_the_others_stay() {
        for gone in 0..4 {
            let mut links = SlotLinks::with_capacity(4);
            let [mut list, mut other] = [SlotList::EMPTY, SlotList::EMPTY];
            for slot in 0..4 {
                links.push(&mut list, slot);
            }
            links.remove(&mut list, gone);
            links.push(&mut other, gone);
            links.push(&mut list, 7);
            let left: Vec<u32> = (0..4).filter(|slot| *slot != gone).chain([7]).collect();
            assert_eq!(drain(&mut links, &mut list), left);
            assert_eq!(drain(&mut links, &mut other), [gone]);
        }
    }
}
