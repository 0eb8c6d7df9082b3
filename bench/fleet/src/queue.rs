//! Everything that is still to happen, in its order.

use std::{cmp::Reverse, collections::BinaryHeap};

use scalekit_auth::Operation;

use crate::environment::Answer;

/// What happens to a desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// Its user signs in.
    SignIn,
    /// The browser comes back to it.
    Callback,
    /// A response arrives.
    Response(Operation, Answer),
    /// Its timer fires.
    Timer,
    /// It falls asleep.
    Sleep,
    /// It wakes up; its network follows.
    Wake,
    /// Its network fails.
    Disconnect,
    /// Why it reached nothing ends; the reasons are those of `desktop`, as bits.
    Connect(u8),
    /// Its window is shown, or hidden.
    Use(bool),
    /// Its site's network fails.
    SiteFails,
}

/// What is queued: when, in which order, for whom, and where the rest is.
type Entry = Reverse<(u64, u64, u32, u32)>;

/// Everything that is still to happen. What is due at the same moment happens in the order in which it was queued.
#[derive(Debug, Default)]
pub struct Queue {
    heap: BinaryHeap<Entry>,
    /// What happens; the heap moves its entries often, so they are small.
    slots: Vec<Option<Happening>>,
    free: Vec<u32>,
    order: u64,
}

impl Queue {
    /// Queues it.
    pub fn push(&mut self, at: u64, desktop: u32, what: Happening) {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(None);
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.slots[slot as usize] = Some(what);
        self.order += 1;
        self.heap.push(Reverse((at, self.order, desktop, slot)));
    }

    /// What happens next: when, to whom, what.
    pub fn pop(&mut self) -> Option<(u64, u32, Happening)> {
        let Reverse((at, _, desktop, slot)) = self.heap.pop()?;
        let what = self.slots[slot as usize].take()?;
        self.free.push(slot);
        Some((at, desktop, what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_returns_by_time_then_by_order() {
        let mut queue = Queue::default();
        queue.push(20, 1, Happening::Timer);
        queue.push(10, 2, Happening::Sleep);
        assert_eq!(queue.pop(), Some((10, 2, Happening::Sleep)));
        queue.push(20, 3, Happening::Wake);
        assert_eq!(queue.pop(), Some((20, 1, Happening::Timer)));
        assert_eq!(queue.pop(), Some((20, 3, Happening::Wake)));
        assert_eq!(queue.pop(), None);
        assert_eq!(queue.slots.len(), 2, "slots are used again");
    }
}
