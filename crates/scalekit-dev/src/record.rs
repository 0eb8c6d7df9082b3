//! The record of all requests, and waiting for one.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;
use tokio::sync::watch;

/// A request with its secrets: this is a test environment.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedRequest {
    /// `GET`, `POST` …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The query's pairs, in their order.
    pub query: Vec<(String, String)>,
    /// The pairs of a form, in their order.
    pub form: Vec<(String, String)>,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The status of the response; `None` where the connection was dropped.
    pub status: Option<u16>,
    /// The time at which its head was received.
    #[serde(skip)]
    pub began: Instant,
    /// The time until the response.
    #[serde(skip)]
    pub took: Duration,
}

impl RecordedRequest {
    /// A value of the form.
    #[must_use]
    pub fn form(&self, name: &str) -> Option<&str> {
        value(&self.form, name)
    }

    /// A value of the query.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        value(&self.query, name)
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        value(&self.headers, name)
    }
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The record.
pub struct Record {
    requests: Mutex<Vec<RecordedRequest>>,
    count: watch::Sender<usize>,
    /// The methods and paths of requests on arrival, before the response.
    arrived: watch::Sender<Vec<(String, String)>>,
}

impl Record {
    pub fn new() -> Self {
        Self {
            requests: Mutex::default(),
            count: watch::channel(0).0,
            arrived: watch::channel(Vec::new()).0,
        }
    }

    pub fn arrives(&self, method: &str, path: &str) {
        self.arrived.send_modify(|all| all.push((method.to_owned(), path.to_owned())));
    }

    pub fn arrived(&self, path: &str) -> usize {
        self.arrived.borrow().iter().filter(|(_, one)| one == path).count()
    }

    pub fn arrivals(&self) -> Vec<String> {
        self.arrived.borrow().iter().map(|(method, path)| format!("{method} {path}")).collect()
    }

    pub async fn wait_for_arrival(&self, path: &str, count: usize) {
        let there = |all: &Vec<(String, String)>| {
            all.iter().filter(|(_, one)| one == path).count() >= count
        };
        // It fails only after the record was dropped, when no task waits.
        let _ = self.arrived.subscribe().wait_for(there).await;
    }

    pub fn add(&self, request: RecordedRequest) {
        self.requests().push(request);
        self.count.send_modify(|count| *count += 1);
    }

    pub fn all(&self) -> Vec<RecordedRequest> {
        self.requests().clone()
    }

    pub async fn wait_for(&self, path: &str, count: usize) {
        let mut changes = self.count.subscribe();
        loop {
            changes.borrow_and_update();
            let so_far = self.requests().iter().filter(|request| request.path == path).count();
            if so_far >= count || changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn requests(&self) -> MutexGuard<'_, Vec<RecordedRequest>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
