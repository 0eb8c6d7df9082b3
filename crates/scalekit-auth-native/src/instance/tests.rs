//! Single instance with a primary that is absent, silent, ending or killed, an occupied path, and many clients.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    os::unix::{fs::PermissionsExt, net::UnixListener as Squatter},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    task::JoinHandle,
};

use super::*;
use crate::private_folder::make_private;

/// A directory for one test, and the arguments that its primary instance has received.
struct TempInstance {
    folder: TempDir,
    taken: Arc<Mutex<Vec<String>>>,
}

impl TempInstance {
    fn set() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), taken: Arc::default() }
    }

    fn place(&self) -> InstanceDir {
        InstanceDir { folder: self.folder.path().join("instance"), short_folder: None }
    }

    fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("instance/socket")
    }

    /// Starts a primary instance that records the arguments it receives.
    async fn first(&self) -> (Option<HeldLock>, JoinHandle<()>) {
        let first = self.claims(&["tool"]).await.unwrap().unwrap();
        let taken = Arc::clone(&self.taken);
        let serving = first.listener.unwrap().serve(move |arguments| {
            taken.lock().unwrap().extend(arguments.iter().cloned());
        });
        (first.lock, tokio::spawn(serving))
    }

    /// The primary instance, or none where the arguments were handed over.
    async fn claims(&self, arguments: &[&str]) -> Result<Option<Primary>, HandoverError> {
        match claim(&self.place(), &owned(arguments)).await? {
            Role::Primary(first) => Ok(Some(first)),
            Role::HandedOver => Ok(None),
        }
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

fn owned(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|one| (*one).to_owned()).collect()
}

#[tokio::test]
async fn handover_completes_only_after_primary_has_arguments() {
    let instance = TempInstance::set();
    let (_lock, _serving) = instance.first().await;
    assert!(
        instance.claims(&["tool", "com.example.tool://callback?code=1"]).await.unwrap().is_none()
    );
    assert_eq!(instance.taken(), ["tool", "com.example.tool://callback?code=1"]);
}

#[tokio::test]
async fn fifty_concurrent_starts_elect_one_primary() {
    let instance = TempInstance::set();
    let starts: Vec<_> = (0..50)
        .map(|number| {
            let (place, taken) = (instance.place(), Arc::clone(&instance.taken));
            tokio::spawn(async move {
                let arguments = [format!("number {number}")];
                match claim(&place, &arguments).await.unwrap() {
                    Role::HandedOver => None,
                    Role::Primary(first) => {
                        let serving = first.listener.unwrap().serve(move |arguments| {
                            taken.lock().unwrap().extend(arguments.iter().cloned());
                        });
                        Some((first.lock, tokio::spawn(serving)))
                    }
                }
            })
        })
        .collect();
    let mut firsts = Vec::new();
    for start in starts {
        firsts.extend(start.await.unwrap());
    }
    assert_eq!(firsts.len(), 1);
    let mut taken = instance.taken();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), 49);
}

// req: J2
#[tokio::test]
async fn socket_silent_clients_are_dropped_and_do_not_block() {
    let instance = TempInstance::set();
    let (_lock, _serving) = instance.first().await;
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(UnixStream::connect(instance.socket()).await.unwrap());
    }
    silent[0].write_all(b"\0\0\0\x09half").await.unwrap();
    let began = Instant::now();
    hand_over(&instance.place(), &owned(&["tool"])).await.unwrap();
    assert!(began.elapsed() < HANDOVER_TIMEOUT / 2, "the silent ones were waited for");
    for mut one in silent {
        assert_eq!(one.read(&mut [0; 8]).await.unwrap(), 0, "it was not dropped");
    }
    assert!(began.elapsed() < HANDOVER_TIMEOUT * 2);
    assert_eq!(instance.taken(), ["tool"]);
}

#[tokio::test]
async fn socket_over_connection_limit_waits_for_free_slot() {
    let instance = TempInstance::set();
    let (_lock, _serving) = instance.first().await;
    let mut silent = Vec::new();
    for _ in 0..64 {
        silent.push(UnixStream::connect(instance.socket()).await.unwrap());
    }
    let place = instance.place();
    let one = tokio::spawn(async move { hand_over(&place, &owned(&["tool"])).await });
    // The connection that was closed makes room.
    drop(silent.pop());
    one.await.unwrap().unwrap();
    assert_eq!(instance.taken(), ["tool"]);
}

/// A further connection replaces the oldest one that has sent no message length.
#[tokio::test]
async fn socket_over_connection_limit_drops_oldest_silent_client() {
    let instance = TempInstance::set();
    let (_lock, _serving) = instance.first().await;
    let mut oldest = UnixStream::connect(instance.socket()).await.unwrap();
    let began = Instant::now();
    let mut silent = Vec::new();
    for _ in 0..64 {
        silent.push(UnixStream::connect(instance.socket()).await.unwrap());
    }
    assert_eq!(oldest.read(&mut [0; 8]).await.unwrap(), 0, "it was not dropped");
    assert!(began.elapsed() < HANDOVER_TIMEOUT / 2, "its time was waited for");
}

#[tokio::test]
async fn socket_flood_of_silent_clients_does_not_block_handover() {
    let instance = TempInstance::set();
    let (_lock, _serving) = instance.first().await;
    let mut silent = Vec::new();
    for _ in 0..4 * 64 {
        silent.push(UnixStream::connect(instance.socket()).await.unwrap());
    }
    let mut half = UnixStream::connect(instance.socket()).await.unwrap();
    half.write_all(b"\0\0\0\x09half").await.unwrap();
    let began = Instant::now();
    for _ in 0..2 {
        hand_over(&instance.place(), &owned(&["tool"])).await.unwrap();
        silent.push(UnixStream::connect(instance.socket()).await.unwrap());
    }
    assert!(began.elapsed() < HANDOVER_TIMEOUT / 2, "the silent ones were waited for");
    // A connection that has sent a message length may complete its message.
    half.write_all(b"more\0").await.unwrap();
    assert_eq!(half.read_u8().await.unwrap(), wire::TAKEN);
    assert_eq!(instance.taken(), ["tool", "tool", "halfmore"]);
}

// req: J2
#[tokio::test]
async fn socket_message_announcing_1_gib_is_dropped_at_once() {
    let instance = TempInstance::set();
    let (_lock, _serving) = instance.first().await;
    let mut large = UnixStream::connect(instance.socket()).await.unwrap();
    large.write_all(&(1_u32 << 30).to_be_bytes()).await.unwrap();
    let began = Instant::now();
    // Closed with unread bytes, which a socket may report as a reset.
    assert_eq!(large.read(&mut [0; 8]).await.unwrap_or(0), 0);
    assert!(began.elapsed() < HANDOVER_TIMEOUT / 2);
    assert!(instance.taken().is_empty());
}

#[tokio::test]
async fn handover_of_oversized_arguments_is_reported_not_sent() {
    let instance = TempInstance::set();
    let (_lock, _serving) = instance.first().await;
    let long = "x".repeat(20_000);
    assert_eq!(instance.claims(&["tool", &long]).await.unwrap_err(), HandoverError::TooLong);
    assert!(instance.taken().is_empty());
}

// req: J2
#[tokio::test]
async fn socket_peer_with_other_uid_is_rejected_by_both_ends() {
    let instance = TempInstance::set();
    let first = instance.claims(&["tool"]).await.unwrap().unwrap();
    let mut listener = first.listener.unwrap();
    // As if the other processes were those of another user.
    listener.0.peer += 1;
    let taken = Arc::clone(&instance.taken);
    let serving = listener.serve(move |_| taken.lock().unwrap().push("taken".to_owned()));
    let _serving = tokio::spawn(serving);
    let refused = hand_over(&instance.place(), &owned(&["tool"])).await;
    assert_eq!(refused, Err(HandoverError::Gone));
    let other = channel::connect(&instance.place()).await.unwrap();
    let other_user = rustix::process::geteuid().as_raw() + 1;
    assert!(channel::is_same_user(&other, other_user).is_err());
    assert!(instance.taken().is_empty());
}

#[tokio::test]
async fn handover_to_silent_primary_times_out() {
    let instance = TempInstance::set();
    let first = instance.claims(&["tool"]).await.unwrap().unwrap();
    let began = Instant::now();
    assert_eq!(instance.claims(&["tool"]).await.unwrap_err(), HandoverError::Unanswered);
    assert!(began.elapsed() >= HANDOVER_TIMEOUT && began.elapsed() < HANDOVER_TIMEOUT * 3);
    drop(first);
}

// req: J3
#[tokio::test]
async fn primary_dying_before_acknowledgement_is_replaced() {
    let instance = TempInstance::set();
    let first = instance.claims(&["tool"]).await.unwrap().unwrap();
    let (read, was_read) = tokio::sync::oneshot::channel();
    let dies = tokio::spawn(async move {
        let mut listener = first.listener.unwrap();
        let mut stream = listener.0.accept().await.unwrap();
        let arguments = wire::read(&mut stream, || {}).await.unwrap();
        read.send(arguments.len()).unwrap();
        drop((stream, listener, first.lock));
    });
    let second = instance.claims(&["tool", "com.example.tool://callback?code=1"]).await.unwrap();
    assert!(second.is_some_and(|second| second.lock.is_some() && second.listener.is_some()));
    assert_eq!(was_read.await.unwrap(), 2);
    dies.await.unwrap();
}

#[tokio::test]
async fn exiting_primary_is_waited_for_until_lock_is_released() {
    let instance = TempInstance::set();
    let (lock, serving) = instance.first().await;
    serving.abort();
    let _ = serving.await;
    let place = instance.place();
    let second = tokio::spawn(async move { claim(&place, &owned(&["tool"])).await });
    // The lock is not released, so the second instance still waits.
    assert!(timeout(Duration::from_millis(300), place_is_free(&instance)).await.is_err());
    assert!(!second.is_finished());
    drop(lock);
    assert!(matches!(second.await.unwrap(), Ok(Role::Primary(Primary { listener: Some(_), .. }))));
}

async fn place_is_free(instance: &TempInstance) {
    drop(instance.place().lock().await.unwrap());
}

// req: J1
#[tokio::test]
async fn socket_file_of_killed_primary_is_replaced() {
    let instance = TempInstance::set();
    make_private(&instance.folder.path().join("instance")).unwrap();
    // Closing a socket leaves its file, as killing the process does.
    drop(Squatter::bind(instance.socket()).unwrap());
    assert!(instance.socket().exists());
    let (_lock, _serving) = instance.first().await;
    hand_over(&instance.place(), &owned(&["tool"])).await.unwrap();
    assert_eq!(instance.taken(), ["tool"]);
}

// req: J2
#[tokio::test]
async fn primary_starts_without_listener_if_socket_path_is_taken() {
    let instance = TempInstance::set();
    fs::create_dir_all(instance.socket().join("not empty")).unwrap();
    let first = instance.claims(&["tool"]).await.unwrap().unwrap();
    assert!(first.lock.is_some() && first.listener.is_none());
    // And a process that starts after its end becomes the primary instance.
    drop(first);
    assert!(instance.claims(&["tool"]).await.unwrap().unwrap().lock.is_some());
}

#[tokio::test]
async fn instance_starts_unlocked_if_lock_cannot_be_created() {
    let instance = TempInstance::set();
    fs::write(instance.folder.path().join("instance"), "a file where a folder should be").unwrap();
    for _ in 0..2 {
        let alone = instance.claims(&["tool"]).await.unwrap().unwrap();
        assert!(alone.lock.is_none() && alone.listener.is_none());
    }
}

#[tokio::test]
async fn unusable_instance_dir_falls_back_to_runtime_dir() {
    let instance = TempInstance::set();
    let folder = instance.folder.path().join("instance");
    fs::write(&folder, "a file where a folder should be").unwrap();
    let runtime = instance.folder.path().join("runtime/com.example.tool");
    let place = InstanceDir { folder, short_folder: Some(runtime) };
    let Role::Primary(first) = claim(&place, &owned(&["tool"])).await.unwrap() else {
        panic!("there was nobody before")
    };
    assert!(first.lock.is_some() && !first.is_elected);
    let _serving = tokio::spawn(first.listener.unwrap().serve(|_| {}));
    let second = claim(&place, &owned(&["tool"])).await;
    assert!(matches!(second, Ok(Role::HandedOver)));
}

#[tokio::test]
async fn instance_dir_permissions_are_tightened_to_0700() {
    let instance = TempInstance::set();
    let folder = instance.folder.path().join("instance");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let _first = instance.claims(&["tool"]).await.unwrap().unwrap();
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn instance_dir_symlink_is_not_followed() {
    let instance = TempInstance::set();
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), instance.folder.path().join("instance")).unwrap();
    assert!(instance.claims(&["tool"]).await.unwrap().unwrap().lock.is_none());
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn long_socket_path_falls_back_to_xdg_runtime_dir() {
    let instance = TempInstance::set();
    let runtime = tempfile::tempdir().unwrap();
    let place = InstanceDir {
        folder: instance.folder.path().join("x".repeat(100)),
        short_folder: Some(runtime.path().join("com.example.tool")),
    };
    let Role::Primary(first) = claim(&place, &owned(&["tool"])).await.unwrap() else {
        panic!("there was nobody before")
    };
    let _serving = tokio::spawn(first.listener.unwrap().serve(|_| {}));
    assert!(runtime.path().join("com.example.tool/socket").exists());
    let second = claim(&place, &owned(&["tool"])).await;
    assert!(matches!(second, Ok(Role::HandedOver)));
    let nowhere = InstanceDir { short_folder: None, ..place };
    assert!(Listener::open(&nowhere).is_err());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn socket_path_of_at_most_107_bytes_is_used() {
    let instance = TempInstance::set();
    for (len, fits) in [(107_usize, true), (108, false)] {
        let before = instance.folder.path().as_os_str().len() + "//socket".len();
        let padding = len.checked_sub(before).expect("the temporary folder has a short path");
        let folder = instance.folder.path().join("x".repeat(padding));
        assert_eq!(folder.join("socket").as_os_str().len(), len);
        // `sockaddr_un` holds 108 bytes on Linux (unix(7)), one of which ends the path.
        let place = InstanceDir { folder, short_folder: None };
        place.prepare().unwrap();
        let opened = Listener::open(&place);
        let refused = opened.err().map(|why| why.kind());
        assert_eq!(refused, (!fits).then_some(io::ErrorKind::InvalidInput), "{len}");
    }
}

#[test]
fn private_folder_of_another_mode_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    for (mode, expected) in [(0o500, 0o500), (0o2700, 0o2700), (0o750, 0o700)] {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        make_private(folder.path()).unwrap();
        let now = fs::metadata(folder.path()).unwrap().permissions().mode();
        assert_eq!(now & 0o7777, expected, "{mode:o}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn folder_in_place_of_socket_is_refused_with_its_reason() {
    let instance = TempInstance::set();
    fs::create_dir_all(instance.socket()).unwrap();
    let refused = Listener::open(&instance.place()).err().unwrap();
    assert_eq!(refused.kind(), io::ErrorKind::IsADirectory);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn full_backlog_of_primary_is_unanswered() {
    let instance = TempInstance::set();
    instance.place().prepare().unwrap();
    let socket = Squatter::bind(instance.socket()).unwrap();
    rustix::net::listen(&socket, 0).unwrap();
    // It accepts nobody: the first connection fills the backlog of one.
    let _first = std::os::unix::net::UnixStream::connect(instance.socket()).unwrap();
    let refused = hand_over(&instance.place(), &owned(&["tool"])).await;
    assert_eq!(refused, Err(HandoverError::Unanswered));
}

// req: X39
#[tokio::test]
async fn second_instance_without_sockets_fails_at_once() {
    let instance = TempInstance::set();
    let folder = instance.folder.path().join("x".repeat(100));
    let place = InstanceDir { folder, short_folder: None };
    let Role::Primary(first) = claim(&place, &owned(&["tool"])).await.unwrap() else {
        panic!("there was nobody before")
    };
    assert!(first.lock.is_some() && first.listener.is_none());
    let began = Instant::now();
    let refused = claim(&place, &owned(&["tool"])).await;
    assert!(matches!(refused, Err(HandoverError::NoSocket)), "{refused:?}");
    assert!(began.elapsed() < HANDOVER_TIMEOUT * 2, "it waited for the end of the first");
    // One that waits becomes primary when the first ends; a socket that can be created again is found.
    let waits = tokio::spawn({
        let place = place.clone();
        async move { claim(&place, &owned(&["tool"])).await }
    });
    drop(first);
    assert!(matches!(waits.await.unwrap(), Ok(Role::Primary(_))));
    let runtime = instance.folder.path().join("runtime");
    let place = InstanceDir { short_folder: Some(runtime), ..place };
    let Role::Primary(first) = claim(&place, &owned(&["tool"])).await.unwrap() else {
        panic!("the first has ended")
    };
    let _serving = tokio::spawn(first.listener.unwrap().serve(|_| {}));
    assert!(matches!(claim(&place, &owned(&["tool"])).await, Ok(Role::HandedOver)));
}

#[tokio::test]
async fn handler_panic_in_primary_loses_only_one_message() {
    let instance = TempInstance::set();
    let first = instance.claims(&["tool"]).await.unwrap().unwrap();
    let taken = Arc::clone(&instance.taken);
    let serving = first.listener.unwrap().serve(move |arguments| {
        assert!(arguments[0] != "fault", "a fault in the handler");
        taken.lock().unwrap().extend(arguments.iter().cloned());
    });
    let _serving = tokio::spawn(serving);
    let lost = hand_over(&instance.place(), &owned(&["fault"])).await;
    assert_eq!(lost, Err(HandoverError::Gone));
    hand_over(&instance.place(), &owned(&["tool"])).await.unwrap();
    assert_eq!(instance.taken(), ["tool"]);
}

// req: X29
#[tokio::test]
async fn socket_bind_refusal_falls_back_to_xdg_runtime_dir() {
    let (instance, runtime) = (TempInstance::set(), tempfile::tempdir().unwrap());
    let short_folder = Some(runtime.path().join("com.example.tool"));
    let place = InstanceDir { short_folder, ..instance.place() };
    place.prepare().unwrap();
    let lock = place.try_lock().unwrap();
    let home = instance.folder.path().to_owned();
    let refusing = |path: &std::path::Path| {
        if path.starts_with(&home) {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        tokio::net::UnixListener::bind(path)
    };
    let listener = channel::Listener::open_by(&place, refusing).map(Listener).unwrap();
    let taken = Arc::clone(&instance.taken);
    let serving = listener.serve(move |_| taken.lock().unwrap().push("taken".to_owned()));
    let serving = tokio::spawn(serving);
    assert!(matches!(claim(&place, &owned(&["tool"])).await, Ok(Role::HandedOver)));
    assert_eq!(instance.taken(), ["taken"]);
    // The next primary instance may find a file system that supports sockets.
    serving.abort();
    let _ = serving.await;
    drop(lock);
    let Role::Primary(_first) = claim(&place, &owned(&["tool"])).await.unwrap() else {
        panic!("the first has ended")
    };
    assert!(channel::connect(&place).await.is_ok() && instance.socket().exists());
    let nowhere = channel::Listener::open_by(&place, |_| Err(io::ErrorKind::Unsupported.into()));
    assert!(nowhere.is_err());
}

#[tokio::test]
async fn probe_of_a_running_instance_gets_a_response() {
    let instance = TempInstance::set();
    let (_lock, serving) = instance.first().await;
    let arguments = owned(&["tool", "probe"]);
    assert_eq!(probe(&instance.place(), &arguments).await.unwrap(), InstanceState::Answers);
    assert_eq!(instance.taken(), ["tool", "probe"]);
    serving.abort();
}

#[tokio::test]
async fn probe_without_an_instance_finds_none_and_creates_nothing() {
    let instance = TempInstance::set();
    let place = instance.place();
    assert_eq!(probe(&place, &[]).await.unwrap(), InstanceState::NotRunning);
    assert!(!place.folder.exists());
    let (lock, serving) = instance.first().await;
    serving.abort();
    let _ = serving.await;
    drop(lock);
    assert_eq!(probe(&place, &[]).await.unwrap(), InstanceState::NotRunning, "it has ended");
    assert!(place.try_lock().unwrap().is_some(), "the probe does not hold the lock");
}

#[tokio::test]
async fn probe_of_an_instance_without_its_socket_is_silent() {
    let instance = TempInstance::set();
    let (_lock, serving) = instance.first().await;
    fs::remove_file(instance.socket()).unwrap();
    assert_eq!(probe(&instance.place(), &[]).await.unwrap(), InstanceState::Silent);
    serving.abort();
}
