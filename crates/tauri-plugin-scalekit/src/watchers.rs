//! Who is shown the views.

use std::collections::{HashMap, VecDeque};

use tauri::async_runtime::JoinHandle;

/// How many channels of a webview are shown the views at once. A page that is loaded anew leaves its old
/// one behind, so the oldest makes room.
const MAX_WATCHERS: usize = 16;

/// The tasks that show the views, by the label of the webview that they are shown in and by the channel that
/// they are shown on. A page that asks for many costs nobody but itself.
#[derive(Default)]
pub(crate) struct Watchers(HashMap<String, VecDeque<Watcher>>);

struct Watcher {
    channel: u32,
    task: JoinHandle<()>,
}

impl Watchers {
    /// A channel that is asked for again is shown the views once: the new task takes the old one's place, so
    /// that asking for one channel without end stops no other one.
    pub(crate) fn add(&mut self, webview: &str, channel: u32, task: JoinHandle<()>) {
        // Of webviews that are gone.
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

    /// Shown something until it is told to stop, or nobody wants it any more.
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
