//! The texts of tray and notifications, in the languages of the window.

use crate::{
    preferences::Language,
    presence::{Notice, SignInOffer, TrayState, TrayView},
};

/// The name of this application, which is the same in each language.
pub const APPLICATION: &str = "Latchkey";

/// The placeholder for a name in a sentence.
const NAME: &str = "{name}";

/// The sentences of one language.
#[derive(Debug)]
struct Texts {
    starting: &'static str,
    not_configured: &'static str,
    signed_out: &'static str,
    signing_in: &'static str,
    /// Contains the user's name.
    signed_in_as: &'static str,
    signed_in: &'static str,
    ends_soon: &'static str,
    ended: &'static str,
    signing_out: &'static str,
    asks: &'static str,
    open: &'static str,
    sign_in: &'static str,
    stay_signed_in: &'static str,
    sign_out: &'static str,
    quit: &'static str,
    /// Contains the user's name.
    ends_soon_body: &'static str,
    ended_body: &'static str,
    sign_in_again: &'static str,
    sign_in_again_body: &'static str,
    keychain: &'static str,
    keychain_body: &'static str,
}

const ENGLISH: Texts = Texts {
    starting: "Starting…",
    not_configured: "Not set up yet",
    signed_out: "Signed out",
    signing_in: "Signing in…",
    signed_in_as: "Signed in as {name}",
    signed_in: "Signed in",
    ends_soon: "Your sign-in ends soon",
    ended: "Your sign-in has ended",
    signing_out: "Signing out…",
    asks: "A question for you in the window",
    open: "Open Latchkey",
    sign_in: "Sign in",
    stay_signed_in: "Stay signed in",
    sign_out: "Sign out",
    quit: "Quit",
    ends_soon_body: "Sign in once more in your browser to stay signed in as {name}.",
    ended_body: "Sign in once more in your browser to go on.",
    sign_in_again: "Please sign in again",
    sign_in_again_body: "Your sign-in could not be renewed. Sign in once more in your browser.",
    keychain: "Your sign-in cannot be read",
    keychain_body: "Your keychain does not answer. Open Latchkey to see what you can do.",
};

const GERMAN: Texts = Texts {
    starting: "Wird gestartet …",
    not_configured: "Noch nicht eingerichtet",
    signed_out: "Abgemeldet",
    signing_in: "Anmeldung läuft …",
    signed_in_as: "Angemeldet als {name}",
    signed_in: "Angemeldet",
    ends_soon: "Ihre Anmeldung endet bald",
    ended: "Ihre Anmeldung ist beendet",
    signing_out: "Abmeldung läuft …",
    asks: "Im Fenster wartet eine Frage",
    open: "Latchkey öffnen",
    sign_in: "Anmelden",
    stay_signed_in: "Angemeldet bleiben",
    sign_out: "Abmelden",
    quit: "Beenden",
    ends_soon_body: "Melden Sie sich im Browser noch einmal an, um als {name} angemeldet zu bleiben.",
    ended_body: "Melden Sie sich im Browser noch einmal an, um weiterzuarbeiten.",
    sign_in_again: "Bitte melden Sie sich erneut an",
    sign_in_again_body: "Ihre Anmeldung konnte nicht erneuert werden. Melden Sie sich im Browser noch einmal an.",
    keychain: "Ihre Anmeldung kann nicht gelesen werden",
    keychain_body: "Ihr Schlüsselbund antwortet nicht. Öffnen Sie Latchkey, um zu sehen, was Sie tun können.",
};

const JAPANESE: Texts = Texts {
    starting: "起動しています…",
    not_configured: "まだ設定されていません",
    signed_out: "サインアウトしています",
    signing_in: "サインイン中…",
    signed_in_as: "{name} としてサインイン中",
    signed_in: "サインインしています",
    ends_soon: "まもなくサインインの期限が切れます",
    ended: "サインインの期限が切れました",
    signing_out: "サインアウト中…",
    asks: "ウィンドウで確認が必要です",
    open: "Latchkey を開く",
    sign_in: "サインイン",
    stay_signed_in: "サインインしたままにする",
    sign_out: "サインアウト",
    quit: "終了",
    ends_soon_body: "{name} としてサインインしたままにするには、ブラウザーでもう一度サインインしてください。",
    ended_body: "続けるには、ブラウザーでもう一度サインインしてください。",
    sign_in_again: "もう一度サインインしてください",
    sign_in_again_body: "サインインを更新できませんでした。ブラウザーでもう一度サインインしてください。",
    keychain: "サインイン情報を読み取れません",
    keychain_body: "キーチェーンが応答しません。Latchkey を開いて対処方法を確認してください。",
};

const ARABIC: Texts = Texts {
    starting: "جارٍ البدء…",
    not_configured: "لم يتم الإعداد بعد",
    signed_out: "تم تسجيل الخروج",
    signing_in: "جارٍ تسجيل الدخول…",
    signed_in_as: "تم تسجيل الدخول باسم \u{2068}{name}\u{2069}",
    signed_in: "تم تسجيل الدخول",
    ends_soon: "ستنتهي جلسة تسجيل دخولك قريبًا",
    ended: "انتهت جلسة تسجيل دخولك",
    signing_out: "جارٍ تسجيل الخروج…",
    asks: "هناك سؤال لك في النافذة",
    open: "فتح Latchkey",
    sign_in: "تسجيل الدخول",
    stay_signed_in: "البقاء مسجّل الدخول",
    sign_out: "تسجيل الخروج",
    quit: "إنهاء",
    ends_soon_body: "سجّل الدخول مرة أخرى في متصفحك للبقاء مسجّل الدخول باسم \u{2068}{name}\u{2069}.",
    ended_body: "سجّل الدخول مرة أخرى في متصفحك للمتابعة.",
    sign_in_again: "يُرجى تسجيل الدخول مرة أخرى",
    sign_in_again_body: "تعذّر تجديد تسجيل دخولك. سجّل الدخول مرة أخرى في متصفحك.",
    keychain: "تعذّرت قراءة تسجيل دخولك",
    keychain_body: "لا تستجيب سلسلة المفاتيح. افتح Latchkey لمعرفة ما يمكنك فعله.",
};

/// The labels of the tray's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuTexts {
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
pub fn menu(language: Language, view: &TrayView) -> MenuTexts {
    let texts = texts(language);
    MenuTexts {
        state: state(texts, view),
        open: texts.open.to_owned(),
        sign_in: view.sign_in.map(|offer| sign_in(texts, offer).to_owned()),
        sign_out: view.can_sign_out.then(|| texts.sign_out.to_owned()),
        quit: texts.quit.to_owned(),
    }
}

/// The texts of a notification. The name is the only personal data in them.
pub fn notice(language: Language, notice: Notice, name: Option<&str>) -> NoticeTexts {
    let texts = texts(language);
    let (summary, body) = match notice {
        Notice::EndsSoon => {
            (texts.ends_soon, name.map_or(texts.ended_body, |_| texts.ends_soon_body))
        }
        Notice::Ended => (texts.ended, texts.ended_body),
        Notice::SignInAgain => (texts.sign_in_again, texts.sign_in_again_body),
        Notice::KeychainUnavailable => (texts.keychain, texts.keychain_body),
    };
    NoticeTexts {
        summary: summary.to_owned(),
        body: body.replace(NAME, name.unwrap_or_default()),
        sign_in: notice.sign_in().map(|offer| sign_in(texts, offer).to_owned()),
        open: texts.open.to_owned(),
    }
}

fn texts(language: Language) -> &'static Texts {
    match language {
        Language::En => &ENGLISH,
        Language::De => &GERMAN,
        Language::Ja => &JAPANESE,
        Language::Ar => &ARABIC,
    }
}

fn state(texts: &Texts, view: &TrayView) -> String {
    match (view.state, &view.name) {
        (TrayState::SignedIn, Some(name)) => texts.signed_in_as.replace(NAME, name),
        (TrayState::SignedIn, None) => texts.signed_in.to_owned(),
        (TrayState::EndsSoon, _) => texts.ends_soon.to_owned(),
        (TrayState::Starting, _) => texts.starting.to_owned(),
        (TrayState::NotConfigured, _) => texts.not_configured.to_owned(),
        (TrayState::SignedOut, _) => texts.signed_out.to_owned(),
        (TrayState::SigningIn, _) => texts.signing_in.to_owned(),
        (TrayState::Ended, _) => texts.ended.to_owned(),
        (TrayState::SigningOut, _) => texts.signing_out.to_owned(),
        (TrayState::Asks, _) => texts.asks.to_owned(),
    }
}

fn sign_in(texts: &Texts, offer: SignInOffer) -> &'static str {
    match offer {
        SignInOffer::SignIn => texts.sign_in,
        SignInOffer::StaySignedIn => texts.stay_signed_in,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 4] = [Language::En, Language::De, Language::Ja, Language::Ar];

    /// Every sentence by the name of its field, new fields included.
    fn sentences(language: Language) -> Vec<(String, String)> {
        let debug = format!("{:?}", texts(language));
        let fields = debug.trim_start_matches("Texts { ").trim_end_matches(" }");
        fields
            .split("\", ")
            .filter_map(|field| field.split_once(": \""))
            .map(|(name, text)| (name.to_owned(), text.trim_end_matches('"').to_owned()))
            .collect()
    }

    #[test]
    fn tray_texts_are_complete_and_translated_in_each_language() {
        let english = sentences(Language::En);
        assert!(english.len() > 20, "{english:?}");
        for language in LANGUAGES {
            let translated = sentences(language);
            assert_eq!(translated.len(), english.len(), "{language:?}");
            for ((name, text), (of_english, original)) in translated.iter().zip(&english) {
                assert_eq!(name, of_english);
                assert!(!text.trim().is_empty(), "{language:?} {name}");
                assert_eq!(text.contains(NAME), original.contains(NAME), "{language:?} {name}");
                let is_translated = language == Language::En || text != original;
                assert!(is_translated, "{language:?} {name}: {text}");
            }
        }
    }

    #[test]
    fn tray_texts_have_each_language_of_the_window() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/languages");
        for file in std::fs::read_dir(folder).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let tag = name.trim_end_matches(".ts");
            let is_known = Language::ALL.iter().any(|language| language.tag() == tag);
            assert!(tag == "messages" || is_known, "{tag}");
        }
    }

    #[test]
    fn notification_names_the_user_and_offers_the_sign_in() {
        let said = notice(Language::En, Notice::EndsSoon, Some("Ada"));
        assert!(said.body.ends_with("stay signed in as Ada."), "{}", said.body);
        assert_eq!(said.sign_in.as_deref(), Some("Stay signed in"));
        for language in LANGUAGES {
            let nameless = notice(language, Notice::EndsSoon, None);
            assert!(!nameless.body.contains('{') && !nameless.body.is_empty());
        }
        assert_eq!(notice(Language::En, Notice::KeychainUnavailable, None).sign_in, None);
    }
}
