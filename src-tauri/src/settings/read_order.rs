//! The order of concurrent reads: the result of the read that began last is applied, whichever finishes last.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

/// The order of reads of one value.
#[derive(Debug, Default)]
pub struct ReadOrder {
    began: AtomicU64,
    applied: Mutex<u64>,
}

/// A read, numbered at its beginning.
#[derive(Debug)]
pub struct Reading(u64);

impl ReadOrder {
    /// Begins a read. To be called before the value is read, and after the writes that the read has to see.
    pub fn begin(&self) -> Reading {
        Reading(self.began.fetch_add(1, Ordering::AcqRel) + 1)
    }

    /// Applies the result, unless one of a later read has been applied.
    pub fn apply(&self, Reading(began): Reading, apply: impl FnOnce()) {
        let mut applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        if began > *applied {
            *applied = began;
            apply();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn settings_read_that_is_slow_does_not_replace_a_newer_one() {
        let (order, applied) = (ReadOrder::default(), RefCell::new(Vec::new()));
        let at_start = order.begin();
        let after_saving = order.begin();
        order.apply(after_saving, || applied.borrow_mut().push("saved"));
        order.apply(at_start, || applied.borrow_mut().push("at the start"));
        let later = order.begin();
        order.apply(later, || applied.borrow_mut().push("later"));
        assert_eq!(applied.into_inner(), ["saved", "later"]);
    }
}
