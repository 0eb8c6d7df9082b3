//! The user's clipboard, for the one thing that is copied: the address of a sign-in.

use std::sync::{Arc, Mutex, PoisonError};

/// Connects at first use and stays: on X11 and Wayland whoever copied something has to hand it out
/// for as long as it may be pasted.
#[derive(Clone, Default)]
pub struct Clipboard(Arc<Mutex<Option<arboard::Clipboard>>>);

impl Clipboard {
    /// Copies `text`. May block.
    pub fn copy(&self, text: String) -> Result<(), String> {
        let mut connected = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let clipboard = match &mut *connected {
            Some(clipboard) => clipboard,
            none => none.insert(arboard::Clipboard::new().map_err(|why| why.to_string())?),
        };
        clipboard.set_text(text).map_err(|why| why.to_string())
    }
}
