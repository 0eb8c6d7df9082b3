//! The adapters of a session.

use std::sync::Arc;

use crate::{
    browser::Browser, files::Files, http::HttpClient, keychain::Keychain, loopback::LoopbackTexts,
};

/// The adapters of a session.
pub struct Platform {
    /// The client for the environment.
    pub http: HttpClient,
    /// The store of the session.
    pub keychain: Keychain,
    /// The directory of the journal and the lock: one of this program alone, the same for all of its
    /// processes.
    pub files: Files,
    /// Opens the page of the sign-in.
    pub browser: Arc<dyn Browser>,
    /// The texts of the page at the loopback redirect URI.
    pub loopback_texts: Arc<LoopbackTexts>,
    /// Brings the program's window to the front. Must not block.
    pub bring_to_front: Box<dyn Fn() + Send + Sync>,
}
