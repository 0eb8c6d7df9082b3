//! The subscriptions of webviews to the views.

use std::collections::{HashMap, VecDeque};

use tauri::async_runtime::JoinHandle;

/// The limit of channels of one webview. A page that is reloaded leaves its old channel, so the oldest one is
/// removed.
const MAX_WATCHERS: usize = 16;

/// The tasks that send views, by the webview's label and the channel's id. A page with many subscriptions affects
/// only itself.
#[derive(Default)]
pub(crate) struct Watchers(HashMap<String, VecDeque<Watcher>>);

struct Watcher {
    channel: u32,
    task: JoinHandle<()>,
}

impl Watchers {
    /// Adds a task. It replaces the one of the same channel, so that a repeated subscription to one channel removes
    /// no other one.
    pub(crate) fn add(&mut self, webview: &str, channel: u32, task: JoinHandle<()>) {
        // Tasks of closed webviews.
        self.0.retain(|_, watchers| {
            watchers.retain(|watcher| !watcher.task.inner().is_finished());
            !watchers.is_empty()
        });
        let of_webview = self.0.entry(webview.to_owned()).or_default();
        let earlier = of_webview.iter().position(|watcher| watcher.channel == channel);
        let replaced = earlier.and_then(|at| of_webview.remove(at));
        of_webview.push_back(Watcher { channel, task });
        let too_many = (of_webview.len() > MAX_WATCHERS).then(|| of_webview.pop_front()).flatten();
        for watcher in [replaced, too_many].into_iter().flatten() {
            watcher.task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    /// A task that runs until it is stopped or aborted.
    fn watcher() -> (JoinHandle<()>, oneshot::Sender<()>) {
        let (stop, stopped) = oneshot::channel();
        let watcher = tauri::async_runtime::spawn(async move {
            let _ = stopped.await;
        });
        (watcher, stop)
    }

    #[test]
    fn view_channels_over_the_limit_stop_oldest_of_same_webview() {
        let (mut watchers, mut stops) = (Watchers::default(), Vec::new());
        let (others, others_stop) = watcher();
        watchers.add("other", 0, others);
        for number in 0..MAX_WATCHERS + 3 {
            let (one, stop) = watcher();
            watchers.add("main", u32::try_from(number).unwrap(), one);
            stops.push(stop);
        }
        tauri::async_runtime::block_on(async {
            for stop in stops.iter_mut().take(3) {
                stop.closed().await;
            }
            assert!(stops.iter().skip(3).all(|stop| !stop.is_closed()));
            assert!(!others_stop.is_closed());
            drop(stops);
            let _ = others_stop.send(());
        });
    }

    #[test]
    fn view_channel_requested_again_replaces_only_itself() {
        let (mut watchers, mut stops) = (Watchers::default(), Vec::new());
        let (page, page_stop) = watcher();
        watchers.add("main", 1, page);
        for _ in 0..MAX_WATCHERS + 3 {
            let (one, stop) = watcher();
            watchers.add("main", 2, one);
            stops.push(stop);
        }
        let shown = stops.pop().unwrap();
        tauri::async_runtime::block_on(async {
            for stop in &mut stops {
                stop.closed().await;
            }
        });
        assert!(!page_stop.is_closed() && !shown.is_closed());
    }

    #[test]
    fn view_channels_of_closed_webviews_are_dropped() {
        let mut watchers = Watchers::default();
        for number in 0..100 {
            let ended = tauri::async_runtime::spawn(async {});
            while !ended.inner().is_finished() {
                std::thread::yield_now();
            }
            watchers.add(&format!("window-{number}"), number, ended);
        }
        assert_eq!(watchers.0.len(), 1);
    }
}
