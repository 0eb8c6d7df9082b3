//! The queue of pending events, in order.

use std::{cmp::Reverse, collections::BinaryHeap};

use scalekit_auth::Operation;

use crate::environment::ResponseKind;

/// An event of a desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesktopEvent {
    /// The user signs in.
    SignIn,
    /// The browser delivers the redirect.
    Callback,
    /// A response arrives.
    Response(Operation, ResponseKind),
    /// Its timer fires.
    Timer,
    /// The computer is suspended.
    Sleep,
    /// The computer wakes up; its network follows.
    Wake,
    /// Its network fails.
    Disconnect,
    /// A reason for being offline ends; the reasons are those of `desktop`, as bits.
    Connect(u8),
    /// The window is shown or hidden.
    Use(bool),
    /// Its site's network fails.
    SiteFails,
}

/// A queued event: time, order, desktop and slot.
type Entry = Reverse<(u64, u64, u32, u32)>;

/// The pending events. Those with the same time are processed in the order in which they were queued.
#[derive(Debug, Default)]
pub struct Queue {
    heap: BinaryHeap<Entry>,
    /// The events themselves; the entries of the heap are small, as it moves them often.
    slots: Vec<Option<DesktopEvent>>,
    free: Vec<u32>,
    order: u64,
}

impl Queue {
    /// Queues an event.
    pub fn push(&mut self, at: u64, desktop: u32, what: DesktopEvent) {
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

    /// The next event: time, desktop and event.
    pub fn pop(&mut self) -> Option<(u64, u32, DesktopEvent)> {
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
        queue.push(20, 1, DesktopEvent::Timer);
        queue.push(10, 2, DesktopEvent::Sleep);
        assert_eq!(queue.pop(), Some((10, 2, DesktopEvent::Sleep)));
        queue.push(20, 3, DesktopEvent::Wake);
        assert_eq!(queue.pop(), Some((20, 1, DesktopEvent::Timer)));
        assert_eq!(queue.pop(), Some((20, 3, DesktopEvent::Wake)));
        assert_eq!(queue.pop(), None);
        assert_eq!(queue.slots.len(), 2, "slots are used again");
    }
}
