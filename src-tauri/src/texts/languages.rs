//! Generated from ui/src/languages by the tests of ui. Do not edit.

use serde::{Deserialize, Serialize};

/// A language of the window, by its tag (BCP 47).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Arabic.
    Ar,
    /// German.
    De,
    /// English.
    En,
    /// Japanese.
    Ja,
}

impl Language {
    /// All languages, in the order of the type.
    pub const ALL: &[Self] = &[Self::Ar, Self::De, Self::En, Self::Ja];

    /// The tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::De => "de",
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// Whether it is written from right to left.
    #[must_use]
    pub const fn is_rtl(self) -> bool {
        match self {
            Self::Ar => true,
            Self::De => false,
            Self::En => false,
            Self::Ja => false,
        }
    }

    /// Its texts outside of the window.
    #[must_use]
    pub const fn texts(self) -> &'static Texts {
        match self {
            Self::Ar => &AR,
            Self::De => &DE,
            Self::En => &EN,
            Self::Ja => &JA,
        }
    }
}

/// The texts outside of the window.
#[derive(Debug)]
pub struct Texts {
    pub tray: TrayTexts,
    pub notifications: NotificationsTexts,
    pub loopback_page: LoopbackPageTexts,
    pub message_box: MessageBoxTexts,
}

/// The member `tray` of the languages.
#[derive(Debug)]
pub struct TrayTexts {
    pub starting: &'static str,
    pub not_configured: &'static str,
    pub signed_out: &'static str,
    pub signing_in: &'static str,
    pub signed_in_as: &'static str,
    pub signed_in: &'static str,
    pub ends_soon: &'static str,
    pub ended: &'static str,
    pub signing_out: &'static str,
    pub asks: &'static str,
    pub open: &'static str,
    pub sign_in: &'static str,
    pub stay_signed_in: &'static str,
    pub sign_out: &'static str,
    pub quit: &'static str,
}

/// The member `notifications` of the languages.
#[derive(Debug)]
pub struct NotificationsTexts {
    pub ends_soon: &'static str,
    pub ends_soon_body: &'static str,
    pub ended: &'static str,
    pub ended_body: &'static str,
    pub sign_in_again: &'static str,
    pub sign_in_again_body: &'static str,
    pub keychain: &'static str,
    pub keychain_body: &'static str,
}

/// The member `loopbackPage` of the languages.
#[derive(Debug)]
pub struct LoopbackPageTexts {
    pub received: &'static str,
    pub received_lede: &'static str,
    pub unexpected: &'static str,
    pub unexpected_lede: &'static str,
}

/// The member `messageBox` of the languages.
#[derive(Debug)]
pub struct MessageBoxTexts {
    pub cannot_go_on: &'static str,
    pub problem: &'static str,
    pub close: &'static str,
    pub crashed: &'static str,
    pub page_crashed: &'static str,
    pub cannot_start: &'static str,
    pub folder_missing: &'static str,
    pub folder_unusable: &'static str,
    pub folder_silent: &'static str,
    pub root: &'static str,
    pub silent: &'static str,
    pub unreachable: &'static str,
    pub not_found: &'static str,
    pub may_be_running: &'static str,
}

static AR: Texts = Texts {
    tray: TrayTexts {
        starting: "جارٍ البدء…",
        not_configured: "لم يتم الإعداد بعد",
        signed_out: "تم تسجيل الخروج",
        signing_in: "جارٍ تسجيل الدخول…",
        signed_in_as: "تم تسجيل الدخول باسم {name}",
        signed_in: "تم تسجيل الدخول",
        ends_soon: "ستنتهي جلسة تسجيل دخولك قريبًا",
        ended: "انتهت جلسة تسجيل دخولك",
        signing_out: "جارٍ تسجيل الخروج…",
        asks: "هناك سؤال لك في النافذة",
        open: "فتح {app}",
        sign_in: "تسجيل الدخول",
        stay_signed_in: "البقاء مسجّل الدخول",
        sign_out: "تسجيل الخروج",
        quit: "إنهاء",
    },
    notifications: NotificationsTexts {
        ends_soon: "ستنتهي جلسة تسجيل دخولك قريبًا",
        ends_soon_body: "سجّل الدخول مرة أخرى في متصفحك للبقاء مسجّل الدخول باسم {name}.",
        ended: "انتهت جلسة تسجيل دخولك",
        ended_body: "سجّل الدخول مرة أخرى في متصفحك للمتابعة.",
        sign_in_again: "يُرجى تسجيل الدخول مرة أخرى",
        sign_in_again_body: "تعذّر تجديد تسجيل دخولك. سجّل الدخول مرة أخرى في متصفحك.",
        keychain: "تعذّرت قراءة تسجيل دخولك",
        keychain_body: "لا تستجيب سلسلة المفاتيح. افتح {app} لمعرفة ما يمكنك فعله.",
    },
    loopback_page: LoopbackPageTexts {
        received: "يمكنك إغلاق هذه الصفحة",
        received_lede: "عُد إلى {app} للمتابعة.",
        unexpected: "لا تخص هذه الصفحة أي تسجيل دخول",
        unexpected_lede: "لا يوجد تسجيل دخول ينتظرها. عُد إلى {app} وابدأ من جديد هناك.",
    },
    message_box: MessageBoxTexts {
        cannot_go_on: "تتعذّر متابعة {app}",
        problem: "هناك مشكلة في {app}",
        close: "إغلاق",
        crashed: "توقف {app} بسبب خطأ. تسجيل دخولك محفوظ. شغّل {app} مرة أخرى. إذا توقف مجددًا، فأبلغ الجهة التي حصلت منها على {app}، مع ما كتبه في مخرج الخطأ القياسي.",
        page_crashed: "توقف الجزء الذي يرسم نافذة {app} مرتين خلال دقيقة. لا يتغيّر شيء في تسجيل دخولك. أغلق هذه الرسالة لتحميل النافذة مرة أخرى. إذا توقف مجددًا، فأغلق برامج أخرى قد تحتاج إلى ذاكرة كبيرة، أو أعد تشغيل الحاسوب.",
        cannot_start: "يتعذّر بدء {app}: {why}. تسجيل دخولك محفوظ. أعد تشغيل الحاسوب وحاول مرة أخرى. إذا لم يفد ذلك، فثبّت {app} من جديد.",
        folder_missing: "يتعذّر بدء {app}. يحتاج إلى مجلد لبياناته، وهذا الحاسوب لا يحدد أي مجلد. سجّل الدخول إلى الحاسوب بحسابك، أو اضبط HOME على مجلدك. ثم شغّل {app} مرة أخرى.",
        folder_unusable: "يتعذّر بدء {app}. يحتاج إلى المجلد {folder} لبياناته، ولا يمكنه إنشاؤه: {why}. تأكد من وجود مجلدك الرئيسي، ومن أنه يمكنك الكتابة فيه، ومن أن القرص غير ممتلئ. ثم شغّل {app} مرة أخرى.",
        folder_silent: "يتعذّر بدء {app}. لا يستجيب المجلد {folder}. قد يكون على شبكة أو قرص غير متصل. تسجيل دخولك محفوظ. تأكد من أنه يمكنك فتح مجلدك الرئيسي. ثم شغّل {app} مرة أخرى.",
        root: "لا يعمل {app} بصلاحيات root، لأن نافذته ستملك عندئذٍ كل الصلاحيات على هذا الحاسوب. شغّله بحسابك، بدون sudo. في حاوية ليس فيها مستخدم آخر، اضبط {variable}=1.",
        silent: "{app} قيد التشغيل بالفعل، لكنه لا يستجيب. إذا فتحت رابطًا، فإنه لم يصل. انتظر لحظة وحاول مرة أخرى. إذا لم يفد ذلك، فأنهِ {app} في قائمة العمليات، ثم شغّله مرة أخرى.",
        unreachable: "{app} قيد التشغيل بالفعل، لكن يتعذّر الوصول إليه: ليس له مقبس في مجلده ولا في مجلد وقت التشغيل. إذا فتحت رابطًا، فإنه لم يصل. تأكد من أن XDG_RUNTIME_DIR يشير إلى مجلد لك على قرص محلي. ثم أنهِ {app} وشغّله مرة أخرى.",
        not_found: "{app} قيد التشغيل بالفعل، لكن هذا التشغيل لا يجده: لكل منهما مجلد بيانات مختلف، أو لا يُسمح لهما باستخدام المجلد نفسه. إذا فتحت رابطًا، فإنه لم يصل. تأكد من أن XDG_DATA_HOME هو نفسه في كل مكان، ومن أن المجلد {folder} لك.",
        may_be_running: "يتعذّر على {app} معرفة ما إذا كان قيد التشغيل بالفعل. المجلد {folder} ليس لك أو لا يمكن الكتابة فيه، وناقل الجلسة لا يستجيب. إذا فتحت رابطًا، فإنه لم يصل. أعد ملكية ذلك المجلد إليك (sudo chown)، وافتح الرابط مرة أخرى.",
    },
};

static DE: Texts = Texts {
    tray: TrayTexts {
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
        open: "{app} öffnen",
        sign_in: "Anmelden",
        stay_signed_in: "Angemeldet bleiben",
        sign_out: "Abmelden",
        quit: "Beenden",
    },
    notifications: NotificationsTexts {
        ends_soon: "Ihre Anmeldung endet bald",
        ends_soon_body: "Melden Sie sich im Browser noch einmal an, um als {name} angemeldet zu bleiben.",
        ended: "Ihre Anmeldung ist beendet",
        ended_body: "Melden Sie sich im Browser noch einmal an, um weiterzuarbeiten.",
        sign_in_again: "Bitte melden Sie sich erneut an",
        sign_in_again_body: "Ihre Anmeldung konnte nicht erneuert werden. Melden Sie sich im Browser noch einmal an.",
        keychain: "Ihre Anmeldung kann nicht gelesen werden",
        keychain_body: "Ihr Schlüsselbund antwortet nicht. Öffnen Sie {app}, um zu sehen, was Sie tun können.",
    },
    loopback_page: LoopbackPageTexts {
        received: "Sie können diese Seite schließen",
        received_lede: "Kehren Sie zu {app} zurück, um fortzufahren.",
        unexpected: "Diese Seite gehört zu keiner Anmeldung",
        unexpected_lede: "Keine Anmeldung wartet darauf. Kehren Sie zu {app} zurück und beginnen Sie dort neu.",
    },
    message_box: MessageBoxTexts {
        cannot_go_on: "{app} kann nicht fortfahren",
        problem: "{app} hat ein Problem",
        close: "Schließen",
        crashed: "{app} wurde durch einen Fehler beendet. Ihre Anmeldung bleibt erhalten. Starten Sie {app} neu. Wenn es wieder beendet wird, melden Sie das dort, wo Sie {app} erhalten haben, mit dem, was es auf die Standardfehlerausgabe geschrieben hat.",
        page_crashed: "Der Teil von {app}, der das Fenster zeichnet, ist innerhalb einer Minute zweimal ausgefallen. An Ihrer Anmeldung ändert sich nichts. Schließen Sie diese Meldung, um das Fenster neu zu laden. Wenn er wieder ausfällt, beenden Sie andere Programme, die vielleicht zu viel Speicher brauchen, oder starten Sie den Computer neu.",
        cannot_start: "{app} kann nicht starten: {why}. Ihre Anmeldung bleibt erhalten. Starten Sie den Computer neu und versuchen Sie es noch einmal. Wenn das nicht hilft, installieren Sie {app} neu.",
        folder_missing: "{app} kann nicht starten. Es braucht einen Ordner für seine Daten, und dieser Computer nennt keinen. Melden Sie sich am Computer mit Ihrem Konto an, oder setzen Sie HOME auf Ihren Ordner. Starten Sie {app} dann neu.",
        folder_unusable: "{app} kann nicht starten. Es braucht den Ordner {folder} für seine Daten und kann ihn nicht anlegen: {why}. Prüfen Sie, ob Ihr persönlicher Ordner vorhanden ist, ob Sie darin schreiben dürfen und ob der Datenträger nicht voll ist. Starten Sie {app} dann neu.",
        folder_silent: "{app} kann nicht starten. Der Ordner {folder} antwortet nicht. Vielleicht liegt er auf einem Netzlaufwerk oder Datenträger, der nicht verbunden ist. Ihre Anmeldung bleibt erhalten. Prüfen Sie, ob Sie Ihren persönlichen Ordner öffnen können. Starten Sie {app} dann neu.",
        root: "{app} läuft nicht als root: Sein Fenster hätte dann alle Rechte auf diesem Computer. Starten Sie es mit Ihrem Konto, ohne sudo. In einem Container ohne anderen Benutzer setzen Sie {variable}=1.",
        silent: "{app} läuft bereits, antwortet aber nicht. Wenn Sie einen Link geöffnet haben, ist er nicht angekommen. Warten Sie einen Moment und versuchen Sie es noch einmal. Wenn das nicht hilft, beenden Sie {app} in der Liste der Prozesse und starten Sie es neu.",
        unreachable: "{app} läuft bereits, ist aber nicht erreichbar: Es hat weder in seinem Ordner noch im Laufzeitordner einen Socket. Wenn Sie einen Link geöffnet haben, ist er nicht angekommen. Prüfen Sie, ob XDG_RUNTIME_DIR einen Ordner nennt, der Ihnen gehört und auf einem lokalen Datenträger liegt. Beenden Sie {app} dann und starten Sie es neu.",
        not_found: "{app} läuft bereits, aber dieser Start findet es nicht: Die beiden haben verschiedene Ordner für ihre Daten oder dürfen nicht denselben benutzen. Wenn Sie einen Link geöffnet haben, ist er nicht angekommen. Prüfen Sie, ob XDG_DATA_HOME überall gleich ist und ob der Ordner {folder} Ihnen gehört.",
        may_be_running: "{app} kann nicht feststellen, ob es bereits läuft. Der Ordner {folder} gehört Ihnen nicht oder kann nicht beschrieben werden, und der Sitzungsbus antwortet nicht. Wenn Sie einen Link geöffnet haben, ist er nicht angekommen. Machen Sie den Ordner wieder zu Ihrem (sudo chown) und öffnen Sie den Link noch einmal.",
    },
};

static EN: Texts = Texts {
    tray: TrayTexts {
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
        open: "Open {app}",
        sign_in: "Sign in",
        stay_signed_in: "Stay signed in",
        sign_out: "Sign out",
        quit: "Quit",
    },
    notifications: NotificationsTexts {
        ends_soon: "Your sign-in ends soon",
        ends_soon_body: "Sign in once more in your browser to stay signed in as {name}.",
        ended: "Your sign-in has ended",
        ended_body: "Sign in once more in your browser to go on.",
        sign_in_again: "Please sign in again",
        sign_in_again_body: "Your sign-in could not be renewed. Sign in once more in your browser.",
        keychain: "Your sign-in cannot be read",
        keychain_body: "Your keychain does not answer. Open {app} to see what you can do.",
    },
    loopback_page: LoopbackPageTexts {
        received: "You can close this page",
        received_lede: "Go back to {app} to go on.",
        unexpected: "This page belongs to no sign-in",
        unexpected_lede: "No sign-in waits for it. Go back to {app}, and start again there.",
    },
    message_box: MessageBoxTexts {
        cannot_go_on: "{app} cannot go on",
        problem: "{app} has a problem",
        close: "Close",
        crashed: "{app} was stopped by an error. Your sign-in is kept. Start {app} again. If it stops again, report it where you got {app}, with what it wrote to standard error.",
        page_crashed: "The part of {app} that draws its window has stopped twice within a minute. Your sign-in is not affected. Close this message to load the window again. If it stops again, close other programs, which may need too much memory, or restart the computer.",
        cannot_start: "{app} cannot start: {why}. Your sign-in is kept. Restart the computer and try again. If that does not help, install {app} again.",
        folder_missing: "{app} cannot start. It needs a folder for its data, and this computer names none. Log in to the computer as yourself, or set HOME to your folder. Then start {app} again.",
        folder_unusable: "{app} cannot start. It needs the folder {folder} for its data, and cannot create it: {why}. Make sure that your home folder is there, that you may write to it, and that the disk is not full. Then start {app} again.",
        folder_silent: "{app} cannot start. The folder {folder} does not answer. It may be on a network or a disk that is not connected. Your sign-in is kept. Make sure that you can open your home folder. Then start {app} again.",
        root: "{app} does not run as root: its window would have all rights on this computer. Start it as yourself, without sudo. In a container that has no other user, set {variable}=1.",
        silent: "{app} is running already, but does not answer. If you opened a link, it has not arrived. Wait a moment and try again. If that does not help, end {app} in the list of processes, and start it again.",
        unreachable: "{app} is running already, but cannot be reached: it has no socket in its folder or in the runtime folder. If you opened a link, it has not arrived. Make sure that XDG_RUNTIME_DIR names a folder of yours on a local disk. Then end {app}, and start it again.",
        not_found: "{app} is running already, but this start cannot find it: the two have different folders for their data, or may not use the same one. If you opened a link, it has not arrived. Make sure that XDG_DATA_HOME is the same everywhere, and that the folder {folder} is yours.",
        may_be_running: "{app} cannot find out whether it is running already. The folder {folder} is not yours or cannot be written, and the session bus does not answer. If you opened a link, it has not arrived. Make that folder yours again (sudo chown), and open the link once more.",
    },
};

static JA: Texts = Texts {
    tray: TrayTexts {
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
        open: "{app} を開く",
        sign_in: "サインイン",
        stay_signed_in: "サインインしたままにする",
        sign_out: "サインアウト",
        quit: "終了",
    },
    notifications: NotificationsTexts {
        ends_soon: "まもなくサインインの期限が切れます",
        ends_soon_body: "{name} としてサインインしたままにするには、ブラウザーでもう一度サインインしてください。",
        ended: "サインインの期限が切れました",
        ended_body: "続けるには、ブラウザーでもう一度サインインしてください。",
        sign_in_again: "もう一度サインインしてください",
        sign_in_again_body: "サインインを更新できませんでした。ブラウザーでもう一度サインインしてください。",
        keychain: "サインイン情報を読み取れません",
        keychain_body: "キーチェーンが応答しません。{app} を開いて対処方法を確認してください。",
    },
    loopback_page: LoopbackPageTexts {
        received: "このページを閉じてかまいません",
        received_lede: "{app} に戻って続けてください。",
        unexpected: "このページに対応するサインインはありません",
        unexpected_lede: "このページを待っているサインインはありません。{app} に戻って、もう一度始めてください。",
    },
    message_box: MessageBoxTexts {
        cannot_go_on: "{app} を続行できません",
        problem: "{app} に問題があります",
        close: "閉じる",
        crashed: "エラーのため {app} が停止しました。サインインは保持されています。{app} をもう一度起動してください。再び停止する場合は、標準エラー出力の内容を添えて、{app} の入手元に報告してください。",
        page_crashed: "{app} のウィンドウを描画する部分が、1 分以内に 2 回停止しました。サインインの状態は変わりません。このメッセージを閉じると、ウィンドウをもう一度読み込みます。再び停止する場合は、メモリを多く使うほかのプログラムを終了するか、コンピューターを再起動してください。",
        cannot_start: "{app} を起動できません: {why}。サインインは保持されています。コンピューターを再起動して、もう一度お試しください。それでも解決しない場合は、{app} をインストールし直してください。",
        folder_missing: "{app} を起動できません。データ用のフォルダーが必要ですが、このコンピューターには指定がありません。ご自分のアカウントでコンピューターにログインするか、HOME にご自分のフォルダーを設定してください。その後、{app} をもう一度起動してください。",
        folder_unusable: "{app} を起動できません。データ用のフォルダー {folder} が必要ですが、作成できません: {why}。ホームフォルダーがあること、書き込めること、ディスクがいっぱいでないことを確認してください。その後、{app} をもう一度起動してください。",
        folder_silent: "{app} を起動できません。フォルダー {folder} が応答しません。接続されていないネットワークまたはディスクにある可能性があります。サインインは保持されています。ホームフォルダーを開けることを確認してください。その後、{app} をもう一度起動してください。",
        root: "{app} は root では動作しません。ウィンドウがこのコンピューターのすべての権限を持つことになるためです。sudo を使わずに、ご自分のアカウントで起動してください。ほかのユーザーがいないコンテナーでは、{variable}=1 を設定してください。",
        silent: "{app} はすでに起動していますが、応答しません。リンクを開いた場合、そのリンクは届いていません。しばらく待ってから、もう一度お試しください。それでも解決しない場合は、プロセスの一覧で {app} を終了し、もう一度起動してください。",
        unreachable: "{app} はすでに起動していますが、接続できません。{app} のフォルダーにもランタイムフォルダーにもソケットがありません。リンクを開いた場合、そのリンクは届いていません。XDG_RUNTIME_DIR がローカルディスク上のご自分のフォルダーを指していることを確認してください。その後、{app} を終了し、もう一度起動してください。",
        not_found: "{app} はすでに起動していますが、今回の起動からは見つかりません。データ用のフォルダーが異なるか、同じフォルダーを使う権限がありません。リンクを開いた場合、そのリンクは届いていません。XDG_DATA_HOME がどこでも同じであること、フォルダー {folder} がご自分のものであることを確認してください。",
        may_be_running: "{app} がすでに起動しているかどうかを確認できません。フォルダー {folder} がご自分のものでないか、書き込めません。また、セッションバスが応答しません。リンクを開いた場合、そのリンクは届いていません。フォルダーの所有者をご自分に戻し (sudo chown)、リンクをもう一度開いてください。",
    },
};
