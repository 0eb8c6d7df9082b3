//! The texts of tray and notifications, in the languages of the window.

use crate::{
    presence::content::{Notice, SignInOffer, TrayState, TrayView},
    texts::wording::Wording,
};

/// The labels of the tray's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuTexts {
    /// The name of this application.
    pub application: String,
    /// The session's state.
    pub state: String,
    /// The item that shows the window.
    pub open: String,
    /// The item that begins the offered sign-in.
    pub sign_in: Option<String>,
    /// The item that signs out.
    pub sign_out: Option<String>,
    /// The item that ends the application.
    pub quit: String,
}

/// The sentences of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeTexts {
    /// The name of this application.
    pub application: String,
    /// The heading.
    pub summary: String,
    /// The instruction to the user.
    pub body: String,
    /// The action that begins the offered sign-in.
    pub sign_in: Option<String>,
    /// The action that shows the window.
    pub open: String,
}

/// The texts of the menu.
pub fn menu(wording: Wording<'_>, view: &TrayView) -> MenuTexts {
    let texts = &wording.texts().tray;
    MenuTexts {
        application: wording.app.to_owned(),
        state: state(wording, view),
        open: wording.format(texts.open, &[]),
        sign_in: view.sign_in.map(|offer| sign_in(wording, offer)),
        sign_out: view.can_sign_out.then(|| wording.format(texts.sign_out, &[])),
        quit: wording.format(texts.quit, &[]),
    }
}

/// The texts of a notification. The name is the only personal data in them.
pub fn notice(wording: Wording<'_>, notice: Notice, name: Option<&str>) -> NoticeTexts {
    let texts = &wording.texts().notifications;
    let (summary, body) = match notice {
        Notice::EndsSoon => {
            (texts.ends_soon, name.map_or(texts.ended_body, |_| texts.ends_soon_body))
        }
        Notice::Ended => (texts.ended, texts.ended_body),
        Notice::SignInAgain => (texts.sign_in_again, texts.sign_in_again_body),
        Notice::KeychainUnavailable => (texts.keychain, texts.keychain_body),
    };
    NoticeTexts {
        application: wording.app.to_owned(),
        summary: wording.format(summary, &[]),
        body: wording.format(body, &[("name", name.unwrap_or_default())]),
        sign_in: notice.sign_in().map(|offer| sign_in(wording, offer)),
        open: wording.format(wording.texts().tray.open, &[]),
    }
}

fn state(wording: Wording<'_>, view: &TrayView) -> String {
    let texts = &wording.texts().tray;
    let sentence = match (view.state, &view.name) {
        (TrayState::SignedIn, Some(_)) => texts.signed_in_as,
        (TrayState::SignedIn, None) => texts.signed_in,
        (TrayState::EndsSoon, _) => texts.ends_soon,
        (TrayState::Starting, _) => texts.starting,
        (TrayState::NotConfigured, _) => texts.not_configured,
        (TrayState::SignedOut, _) => texts.signed_out,
        (TrayState::SigningIn, _) => texts.signing_in,
        (TrayState::Ended, _) => texts.ended,
        (TrayState::SigningOut, _) => texts.signing_out,
        (TrayState::Question, _) => texts.asks,
    };
    wording.format(sentence, &[("name", view.name.as_deref().unwrap_or_default())])
}

fn sign_in(wording: Wording<'_>, offer: SignInOffer) -> String {
    let texts = &wording.texts().tray;
    let label = match offer {
        SignInOffer::SignIn => texts.sign_in,
        SignInOffer::StaySignedIn => texts.stay_signed_in,
    };
    wording.format(label, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::languages::Language;

    #[test]
    fn notification_names_the_user_and_offers_the_sign_in() {
        let wording = |language| Wording { language, app: "Tool" };
        let texts = notice(wording(Language::En), Notice::EndsSoon, Some("Ada"));
        assert!(texts.body.ends_with("stay signed in as Ada."), "{}", texts.body);
        assert_eq!(texts.sign_in.as_deref(), Some("Stay signed in"));
        assert_eq!((texts.open.as_str(), texts.application.as_str()), ("Open Tool", "Tool"));
        for language in Language::ALL {
            let nameless = notice(wording(*language), Notice::EndsSoon, None);
            assert!(!nameless.body.contains('{') && !nameless.body.is_empty());
        }
        let keychain = notice(wording(Language::En), Notice::KeychainUnavailable, None);
        assert_eq!(keychain.sign_in, None);
    }
}
