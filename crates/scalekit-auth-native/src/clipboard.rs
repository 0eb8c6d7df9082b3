//! The clipboard of the desktop.

use std::sync::{Arc, Mutex, PoisonError};

/// Connects at first use and stays: on X11 and Wayland whoever copied something has to hand it out
/// for as long as it may be pasted.
#[derive(Clone, Default)]
pub struct Clipboard(Arc<Mutex<Option<arboard::Clipboard>>>);

/// The clipboard does not accept a text.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ClipboardError(#[from] arboard::Error);

impl Clipboard {
    /// Copies `text`. May block.
    ///
    /// # Errors
    /// When the desktop has no clipboard, or it does not accept the text.
    pub fn copy(&self, text: String) -> Result<(), ClipboardError> {
        let mut connected = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let clipboard = match &mut *connected {
            Some(clipboard) => clipboard,
            none => none.insert(arboard::Clipboard::new()?),
        };
        Ok(clipboard.set_text(text)?)
    }
}
