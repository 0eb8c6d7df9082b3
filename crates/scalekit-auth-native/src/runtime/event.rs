//! Events that the tasks and threads of a session report to the task with the state machine.

use std::io;

use scalekit_auth::{Event, Operation};
use tokio::sync::mpsc;

use crate::lock::HeldLock;

/// The result of an operation.
pub(super) enum TaskEvent {
    Event(Box<Event>),
    Locked(Operation, io::Result<HeldLock>),
    Panicked,
}

/// A panic has stopped the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a panic has stopped the session")]
pub struct SessionTaskPanicked;

/// Sends events to the session's task.
#[derive(Clone)]
pub(super) struct TaskEventSender(mpsc::UnboundedSender<TaskEvent>);

impl TaskEventSender {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<TaskEvent>) {
        let (sender, events) = mpsc::unbounded_channel();
        (Self(sender), events)
    }

    pub(super) fn send(&self, event: Event) {
        let _ = self.0.send(TaskEvent::Event(Box::new(event)));
    }

    pub(super) fn send_locked(&self, operation: Operation, outcome: io::Result<HeldLock>) {
        let _ = self.0.send(TaskEvent::Locked(operation, outcome));
    }
}

impl Drop for TaskEventSender {
    /// Reports a panic: without this, the session would wait for that task without end.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.0.send(TaskEvent::Panicked);
        }
    }
}
