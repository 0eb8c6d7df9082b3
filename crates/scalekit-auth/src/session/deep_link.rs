//! Deep links: they are parsed and dispatched; those received before the keychain was read are queued.

use zeroize::Zeroizing;

use crate::protocol::{
    deep_link::{self, Link},
    query::MAX_LINK_LEN,
};

use crate::session::{account::Account, state::sign_in::RedirectKind};

/// The maximum number of queued links of each kind.
const MAX_EARLY: usize = 16;

impl Account {
    pub(crate) fn link(&mut self, link: Zeroizing<Vec<u8>>) {
        if self.session.is_unread() {
            self.queue_link(link);
            return;
        }
        let Some(configuration) = &self.configuration else { return };
        match deep_link::read(&link, &configuration.redirect_uris) {
            Ok(Link::Callback(callback)) => {
                self.authorization_response(RedirectKind::DeepLink, callback);
            }
            Ok(Link::UnusableCallback) => self.unrelated_link(),
            Ok(Link::SignedOut { state }) => self.returned_from_signing_out(state),
            Ok(Link::InitiateLogin(initiation)) => self.initiated(initiation),
            // A link that is not one of this application has no effect.
            Err(_) => {}
        }
    }

    /// Dispatches the queued links.
    pub(crate) fn take_queued_links(&mut self) {
        let queued = std::mem::take(&mut self.early_links);
        if queued.unusable_callback {
            self.unrelated_link();
        }
        for link in queued.into_links() {
            self.link(link);
        }
    }

    fn queue_link(&mut self, link: Zeroizing<Vec<u8>>) {
        let stored = match &self.configuration {
            None if link.len() <= MAX_LINK_LEN => &mut self.early_links.unknown,
            None => return,
            Some(configuration) => match deep_link::read(&link, &configuration.redirect_uris) {
                Ok(Link::Callback(_)) => &mut self.early_links.callbacks,
                Ok(Link::SignedOut { .. } | Link::InitiateLogin(_)) => &mut self.early_links.others,
                Ok(Link::UnusableCallback) => {
                    self.early_links.unusable_callback = true;
                    return;
                }
                Err(_) => return,
            },
        };
        if stored.len() < MAX_EARLY {
            stored.push(link);
        }
    }
}
