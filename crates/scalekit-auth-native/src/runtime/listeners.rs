//! The servers of the loopback redirect URI.

use std::{collections::HashMap, sync::Arc};

use scalekit_auth::{Event, ListenError, LoopbackPort, Operation, Secret};
use tokio::task::JoinHandle;

use super::event::TaskEventSender;
use crate::loopback::{LoopbackServer, LoopbackTexts};

/// The servers that listen, and those that are stopping.
#[derive(Default)]
pub(super) struct Listeners {
    running: HashMap<Operation, JoinHandle<()>>,
    ending: Vec<JoinHandle<()>>,
}

impl Listeners {
    /// Starts a server. Its port may be that of a previous one, so it waits for the end of those first.
    pub(super) fn start(
        &mut self,
        operation: Operation,
        port: LoopbackPort,
        state: Secret,
        texts: Arc<LoopbackTexts>,
        events_out: TaskEventSender,
    ) {
        let ending = std::mem::take(&mut self.ending);
        let server = tokio::spawn(async move {
            for before in ending {
                let _ = before.await;
            }
            match LoopbackServer::bind(port).await {
                Ok(server) => {
                    events_out.send(Event::Listening(operation, Ok(server.port())));
                    let hand_over = move |query| {
                        events_out.send(Event::LoopbackResponse(operation, query));
                    };
                    server.serve(state, texts, hand_over).await;
                }
                Err(why) => {
                    let why = ListenError(why.to_string());
                    events_out.send(Event::Listening(operation, Err(why)));
                }
            }
        });
        self.running.insert(operation, server);
    }

    pub(super) fn stop(&mut self, operation: Operation) {
        if let Some(server) = self.running.remove(&operation) {
            server.abort();
            self.ending.push(server);
        }
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        self.running.values().for_each(JoinHandle::abort);
    }
}
