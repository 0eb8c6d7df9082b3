//! The clipboard of the desktop.

use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

/// Connects at first use and stays connected: on X11 and Wayland the application that copied a text serves
/// it as long as it can be pasted.
#[derive(Clone, Default)]
pub struct Clipboard(Arc<Mutex<Option<arboard::Clipboard>>>);

/// The clipboard does not accept a text, or does not contain one.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ClipboardError(#[from] arboard::Error);

impl Clipboard {
    /// Copies `text`. May block.
    ///
    /// # Errors
    /// When the desktop has no clipboard, or it does not accept the text.
    pub fn copy(&self, text: String) -> Result<(), ClipboardError> {
        self.with(|clipboard| clipboard.set_text(text))
    }

    /// The text to paste. May block.
    ///
    /// # Errors
    /// When the desktop has no clipboard, or it contains no text.
    pub fn paste(&self) -> Result<Zeroizing<String>, ClipboardError> {
        self.with(|clipboard| clipboard.get_text().map(Zeroizing::new))
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut arboard::Clipboard) -> Result<T, arboard::Error>,
    ) -> Result<T, ClipboardError> {
        let mut connected = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let clipboard = match &mut *connected {
            Some(clipboard) => clipboard,
            none => none.insert(arboard::Clipboard::new()?),
        };
        Ok(work(clipboard)?)
    }
}
