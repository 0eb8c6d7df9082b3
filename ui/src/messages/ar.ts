import type { Messages } from "./messages";

export const ar: Messages = {
  app: "Latchkey",
  actions: {
    signIn: "تسجيل الدخول",
    createAccount: "إنشاء حساب",
    openBrowserAgain: "فتح المتصفح مرة أخرى",
    copyLink: "نسخ الرابط",
    cancel: "إلغاء",
    acceptInvitation: "متابعة",
    declineInvitation: "ليس الآن",
    renewNow: "التجديد الآن",
    goOnWithoutKeychain: "المتابعة دون سلسلة مفاتيح",
    signOut: "تسجيل الخروج",
    tryAgain: "المحاولة مرة أخرى",
    dismiss: "إخفاء",
    settings: "الإعدادات",
    check: "تحقّق",
    save: "حفظ",
    close: "إغلاق",
    showAll: (count) => `عرض الكل (${count})`,
    showFewer: "عرض أقل",
  },
  statuses: {
    notConfigured: "لم يُضبط التطبيق بعد.",
    starting: "جارٍ البدء.",
    signedOut: "لا أحد مسجّل الدخول.",
    invited: "رابط يطلب منك تسجيل الدخول.",
    signingIn: "جارٍ تسجيل الدخول.",
    signedIn: "تم تسجيل دخولك.",
    signingOut: "جارٍ تسجيل الخروج.",
    keychainUnavailable: "تتعذر قراءة جلستك.",
  },
  signedOut: {
    fresh: "مرحبًا",
    signedOut: "تم تسجيل خروجك.",
    cancelled: "ألغيت تسجيل الدخول.",
    signInFailed: "لم يتم تسجيل دخولك",
    sessionEnded: "انتهت جلستك",
    lede: "يتم تسجيل الدخول في متصفحك، ثم تعود إلى هنا عند الانتهاء.",
  },
  invited: {
    heading: "أنت مدعو إلى تسجيل الدخول",
    headingForAnybody: "هل تريد تسجيل الدخول؟",
    lede: "رابط من خارج هذه النافذة يطلب منك تسجيل الدخول إلى:",
    ledeForAnybody: "رابط من خارج هذه النافذة يطلب منك تسجيل الدخول، ولا يذكر من أرسله.",
    organization: "المؤسسة",
    organizationId: "معرّف المؤسسة",
    connection: "معرّف الاتصال",
    loginHint: "باسم",
    signedInAs: (name) => [
      "أنت مسجّل الدخول باسم ",
      name,
      "، ويبقى ذلك إلى أن يكتمل تسجيل الدخول الجديد.",
    ],
    notYou: "لا تتابع إلا إذا كنت قد فتحت الرابط بنفسك الآن وتعرف هذا الدخول.",
  },
  signingIn: {
    preparing: "جارٍ التحضير…",
    waitingForBrowser: "تابع في متصفحك",
    finishing: "جارٍ إنهاء تسجيل الدخول…",
    ledes: {
      preparing: "سيُفتح متصفحك بعد لحظات.",
      waitingForBrowser: "سجّل الدخول في الصفحة التي فُتحت، وستتابع هذه النافذة من تلقاء نفسها.",
      finishing: "يجري التحقق من الرد وحفظ جلستك بأمان.",
    },
    waiting: (duration) => `الوقت المتبقي للانتظار: ${duration}`,
    linkCopied: "تم نسخ الرابط.",
  },
  signedIn: {
    verified: "موثّق",
    notVerified: "غير موثّق",
    organization: "المؤسسة",
    organizationId: "المعرّف",
    externalId: "المعرّف الخارجي",
    noOrganization: "لا توجد مؤسسة",
    roles: "الأدوار",
    noRoles: "لا توجد أدوار",
    permissions: "الصلاحيات",
    noPermissions: "لا توجد صلاحيات",
    session: "الجلسة",
    notKept: "غير محفوظة: تبقى مسجّل الدخول إلى أن يُغلق هذا التطبيق.",
    renewsIn: (duration) => `تتجدد خلال ${duration}`,
    renewsSoon: "تتجدد في أي لحظة",
    renewing: "جارٍ التجديد…",
    renewed: "تم تجديد الجلسة.",
    nextTryIn: (duration) => `المحاولة التالية خلال ${duration}`,
    nextTrySoon: "المحاولة التالية في أي لحظة",
    endsAt: (time) => `تنتهي هذه الجلسة في ${time}`,
  },
  starting: "جارٍ البدء…",
  signingOut: "جارٍ تسجيل الخروج…",
  keychainUnavailable: "تتعذر قراءة جلستك",
  withoutKeychain:
    "يمكنك أيضًا المتابعة دونها. عندئذٍ لا تُحفظ جلستك في أي مكان، وتسجّل الدخول مجددًا كلما شُغّل هذا التطبيق.",
  notWatching: "هذه النافذة غير متصلة",
  settings: {
    welcome: "الاتصال بـ Scalekit",
    welcomeLede: "قيمتان من لوحة تحكم Scalekit ويمكنك بعدهما تسجيل الدخول.",
    environmentUrl: "عنوان URL للبيئة",
    environmentUrlHint: "مثل \u2066https://your-company.scalekit.com\u2069",
    environmentUrlMissing: "أدخل عنوان URL للبيئة من لوحة تحكم Scalekit.",
    clientId: "معرّف العميل",
    clientIdHint: "الخاص بالتطبيق الأصلي (Native Application) في لوحة تحكم Scalekit",
    clientIdMissing: "أدخل معرّف العميل الخاص بتطبيقك.",
    answers: "هذه البيئة تستجيب:",
    saved: "تم حفظ الإعدادات.",
    addresses: "سجّل هذه العناوين",
    addressesLede: "أدخل العناوين الثلاثة كما هي تمامًا مع التطبيق في لوحة تحكم Scalekit.",
    redirectUri: "عنوان إعادة التوجيه",
    postLogoutRedirectUri: "العنوان بعد تسجيل الخروج",
    initiateLoginUri: "عنوان بدء تسجيل الدخول",
    locked:
      "تُدار هذه الإعدادات خارج هذه النافذة، لذلك لا يمكن تغييرها هنا. لتغييرها اضبط SCALEKIT_ENVIRONMENT_URL وSCALEKIT_CLIENT_ID ثم ابدأ من جديد.",
    sources: {
      environment: "مضبوطة بمتغيرات البيئة",
      file: "أُدخلت في هذه النافذة",
      builtIn: "مضمّنة في هذا التطبيق",
      none: "غير مضبوطة بعد",
    },
    version: (version) => `الإصدار ${version}`,
  },
  code: "الرمز",
  serviceSaid: "قالت الخدمة:",
  detail: "التفاصيل:",
  problems: {
    environmentUrlInvalid: {
      heading: "عنوان URL للبيئة غير صحيح",
      sentence: "أدخل عنوان https من لوحة تحكم Scalekit دون أي شيء بعد اسم المضيف.",
    },
    clientIdInvalid: {
      heading: "معرّف العميل غير صحيح",
      sentence: "انسخه من التطبيق في لوحة تحكم Scalekit.",
    },
    settingsLocked: {
      heading: "هذه الإعدادات مقفلة",
      sentence: "ضُبطت بمتغيرات البيئة أو من قِبل المسؤول. غيّرها هناك.",
    },
    settingsFile: {
      heading: "يتعذر استخدام ملف الإعدادات",
      sentence: "تعذرت قراءته أو كتابته. تحقق من أذوناته ثم حاول مرة أخرى.",
    },
    environmentInvalid: {
      heading: "هذه ليست بيئة Scalekit",
      sentence: "ما استجاب ليس البيئة المطلوبة. تحقق من عنوان URL للبيئة.",
    },
    offline: {
      heading: "يتعذر الوصول إلى البيئة",
      sentence: "تحقق من اتصالك بالشبكة ثم حاول مرة أخرى.",
    },
    serviceTrouble: {
      heading: "تواجه البيئة مشكلة",
      sentence: "استجابت، لكن ليس كما ينبغي. حاول مرة أخرى بعد قليل.",
    },
    accessDenied: {
      heading: "رُفض تسجيل الدخول",
      sentence: "ابدأ من جديد أو اطلب الإذن بالوصول من المسؤول.",
    },
    signInRefused: {
      heading: "لم يُقبل تسجيل الدخول",
      sentence: "لم تقبله البيئة. ابدأ من جديد، وإن استمر ذلك فأخبر المسؤول.",
    },
    signInTimedOut: {
      heading: "استغرق تسجيل الدخول وقتًا طويلًا",
      sentence: "لم يكتمل في المتصفح في الوقت المحدد. ابدأ من جديد عندما تكون مستعدًا.",
    },
    browserUnavailable: {
      heading: "تعذر فتح أي متصفح",
      sentence: "انسخ الرابط وافتحه في متصفح على هذا الحاسوب.",
    },
    copyFailed: {
      heading: "تعذر نسخ الرابط",
      sentence: "حاول مرة أخرى أو افتح المتصفح من جديد.",
    },
    answerRejected: {
      heading: "لا يمكن الوثوق بالرد",
      sentence:
        "لم يجتز الرد فحوص الأمان، لذلك لم يُسجَّل دخول أحد. حاول مرة أخرى، وإن استمر ذلك فأخبر المسؤول.",
    },
    invitationExpired: {
      heading: "الرابط قديم جدًا",
      sentence:
        "طلب منك تسجيل الدخول ولم يبدأ شيء. افتحه مرة أخرى من حيث وجدته أو سجّل الدخول من هنا، وإن كان جديدًا فتحقق من ساعة هذا الحاسوب.",
    },
    invitationElsewhere: {
      heading: "الرابط لمؤسسة أخرى",
      sentence:
        "طلب منك تسجيل الدخول إليها، وهذا التطبيق لمؤسسة غيرها، لذلك لم يبدأ شيء. افتحه بتطبيق تلك المؤسسة أو اسأل من أرسله.",
    },
    invitationFailed: {
      heading: "لم يتم تسجيل الدخول من الخارج",
      sentence: "سجّل الدخول من هنا، وإن لم ينفع ذلك فأخبر المسؤول.",
    },
    clockWrong: {
      heading: "الساعة غير صحيحة",
      sentence: "الفارق بين ساعة هذا الحاسوب وساعة البيئة كبير جدًا. اضبط الساعة ثم حاول مرة أخرى.",
    },
    sessionEnded: {
      heading: "أُنهيت الجلسة",
      sentence: "لم تعد البيئة تقبلها. سجّل الدخول مرة أخرى.",
    },
    identityChanged: {
      heading: "سُجّل دخول شخص آخر",
      sentence: "عادت الجلسة باسم شخص آخر، لذلك أُنهيت. سجّل الدخول مرة أخرى.",
    },
    keychainLocked: {
      heading: "سلسلة المفاتيح مقفلة",
      sentence: "فيها تُحفظ جلستك. افتح قفلها ثم حاول مرة أخرى.",
    },
    keychainMissing: {
      heading: "لا توجد سلسلة مفاتيح",
      sentence:
        "لا تعمل على هذا الحاسوب خدمة سلسلة مفاتيح. شغّل إحداها، مثل GNOME Keyring أو KWallet، ثم حاول مرة أخرى.",
    },
    keychainSlow: {
      heading: "سلسلة المفاتيح لا تستجيب",
      sentence: "ربما تنتظر أن تفتح قفلها. ابحث عن نافذتها ثم حاول مرة أخرى.",
    },
    keychainFailed: {
      heading: "تعطلت سلسلة المفاتيح",
      sentence: "حاول مرة أخرى، وإن استمر ذلك فأعد تشغيل الحاسوب.",
    },
    sessionFiles: {
      heading: "جلستك غير مستخدمة الآن",
      sentence:
        "تعذّرت قراءة الملف الذي يبيّن الجلسات المنتهية. تُعاد المحاولة تلقائيًا. إن استمر ذلك فتأكد من أن هذا التطبيق يستطيع قراءة مجلد بياناته ومن سلامة القرص.",
    },
    notRenewable: {
      heading: "لا يمكن تجديد الجلسة",
      sentence: "لا تمنح البيئة هذا التطبيق وسيلة لذلك. سجّل الدخول مرة أخرى.",
    },
    storedByNewerVersion: {
      heading: "جلستك من إصدار أحدث",
      sentence: "حفظها إصدار أحدث من هذا التطبيق. حدّث هذا الإصدار أو سجّل الدخول مرة أخرى.",
    },
    notSaved: {
      heading: "جلستك غير محفوظة",
      sentence: "أنت مسجّل الدخول، لكن فقط إلى أن يُغلق هذا التطبيق.",
    },
    saveBlocked: {
      heading: "جلستك غير محفوظة بعد",
      sentence:
        "برنامج آخر على هذا الحاسوب يحتفظ بقفل الجلسة. تبقى مسجّل الدخول إلى أن يُغلق هذا التطبيق. أغلق نوافذه الأخرى، وعندها يُستأنف الحفظ تلقائيًا.",
    },
    sessionInterrupted: {
      heading: "تعذّرت متابعة جلستك",
      sentence:
        "انقطع الاتصال، أو أُغلق هذا التطبيق، أثناء تجديد جلستك، ولا تقبل البيئة التجديد مرة ثانية. سجّل الدخول مجددًا.",
    },
    otherProcess: {
      heading: "برنامج آخر يستخدم هذه الجلسة",
      sentence:
        "وهو لا يتركها، لذلك لا تُجدَّد الجلسة الآن. تبقى مسجّل الدخول. أغلق نوافذ هذا التطبيق الأخرى إن استمر ذلك.",
    },
    linksTaken: {
      heading: "استولى برنامج آخر على الروابط",
      sentence:
        "قد لا يصل تسجيل الدخول من المتصفح إلى هنا. أزل ذلك البرنامج، أو اختر هذا البرنامج لهذه الروابط، ثم شغّل هذا البرنامج من جديد.",
    },
    notCleared: {
      heading: "ما زالت جلستك في سلسلة المفاتيح",
      sentence:
        "سُجّل خروجك، لكن سلسلة المفاتيح لم تحذف الجلسة المحفوظة. تُعاد المحاولة تلقائيًا؛ افتح قفل سلسلة المفاتيح ولا تترك هذا الحاسوب لغيرك حتى تختفي هذه الرسالة.",
    },
    tooOften: {
      heading: "كان ذلك سريعا بعض الشيء",
      sentence:
        "طُلب الشيء نفسه مرات كثيرة في وقت قصير، لذلك لم يُنفذ شيء. انتظر بضع ثوان ثم حاول مرة أخرى.",
    },
    callRefused: {
      heading: "النافذة والبرنامج غير متوافقين",
      sentence:
        "طلبت النافذة شيئا لا يعرفه هذا البرنامج، لذلك لم يُنفذ شيء. أعد تشغيل التطبيق، وإذا استمر ذلك فثبّته من جديد.",
    },
  },
  unexpected: {
    heading: "حدث خطأ ما",
    sentence: "لم ينجح ذلك. حاول مرة أخرى، وإن استمر ذلك فأعد تشغيل التطبيق.",
  },
};
