import type { Language, OutsideTexts } from "./messages";

const de: Language = {
  tag: "de",
  direction: "ltr",
  punctuation: { colon: ": ", sentences: " " },
  messages: {
    actions: {
      signIn: "Anmelden",
      signInAgain: "Erneut anmelden",
      switchOrganization: "Organisation wechseln",
      chooseOrganization: "Andere Organisation wählen",
      useAnotherAccount: "Anderes Konto verwenden",
      signInWithCompany: "Über Ihr Unternehmen anmelden",
      continueToCompany: "Weiter",
      useLoopback: "Browser mit anderem Rückweg öffnen",
      pasteLink: "Aus Zwischenablage einfügen",
      staySignedIn: "Angemeldet bleiben",
      signOutHere: "Nur auf diesem Computer abmelden",
      useAddress: "Diese Adresse verwenden",
      createAccount: "Konto erstellen",
      openBrowserAgain: "Browser erneut öffnen",
      copyLink: "Link kopieren",
      copy: "Kopieren",
      copied: "Kopiert",
      copyDetails: "Details kopieren",
      cancel: "Abbrechen",
      acceptInvitation: "Weiter",
      declineInvitation: "Jetzt nicht",
      showQuestion: "Anzeigen",
      refreshNow: "Jetzt erneuern",
      continueWithoutKeychain: "Ohne Schlüsselbund fortfahren",
      signOut: "Abmelden",
      tryAgain: "Erneut versuchen",
      unlock: "Entsperren",
      checkAgain: "Erneut prüfen",
      dismiss: "Ausblenden",
      settings: "Einstellungen",
      openSettings: "Einstellungen öffnen",
      save: "Speichern",
      saveAnyway: "Trotzdem speichern",
      signOutAndSave: "Abmelden und speichern",
      discard: "Verwerfen",
      keepEditing: "Weiter bearbeiten",
      stopSignIn: "Anmeldung abbrechen",
      goOn: "Fortsetzen",
      close: "Schließen",
      details: "Details",
    },
    levels: { information: "Hinweis", caution: "Achtung", alarm: "Warnung" },
    statuses: {
      notConfigured: "Noch nicht eingerichtet.",
      starting: "Wird gestartet.",
      signedOut: "Niemand ist angemeldet.",
      invited: "Ein Link fordert Sie auf, sich anzumelden.",
      signingIn: "Anmeldung läuft.",
      signedIn: "Sie sind angemeldet.",
      signingOut: "Abmeldung läuft.",
      keychainUnavailable: "Ihre Anmeldung kann nicht gelesen werden.",
    },
    signedOut: {
      fresh: "Willkommen",
      signedOut: "Sie sind abgemeldet",
      cancelled: "Willkommen",
      signInFailed: "Anmelden",
      sessionEnded: "Bitte melden Sie sich erneut an",
      youCancelled: "Sie haben die Anmeldung abgebrochen.",
      lede: "Sie melden sich in Ihrem Browser an und kehren danach zu {app} zurück.",
      at: "Anmeldedienst: {host}",
      organization: "Organisation: {organization}",
      continueWith: "Weiter mit {provider}",
      company: "Geschäftliche E-Mail-Adresse oder Domain des Unternehmens",
      companyHint:
        "Zum Beispiel ada@acme.example oder acme.example. Damit wird die Anmeldeseite Ihres Unternehmens gefunden.",
      companyUnusable:
        "Das ist weder eine E-Mail-Adresse noch eine Domain, deshalb wurde nichts gestartet.",
    },
    invited: {
      heading: "Bei {organization} über {host} anmelden?",
      headingAt: "Bei {host} anmelden?",
      lede: "Ein Link fordert {app} auf, Sie anzumelden:",
      ledeForAnybody:
        "Ein Link fordert {app} auf, Sie anzumelden. Wer ihn verschickt hat, geht daraus nicht hervor.",
      account: "Konto",
      organizationId: "Organisations-ID",
      connection: "Verbindungs-ID",
      signedInAs:
        "Sie sind als {name} angemeldet. Wenn Sie die neue Anmeldung abschließen, ersetzt sie Ihre bisherige Anmeldung.",
      parameters: "Das gibt der Link an die Anmeldeseite weiter:",
      notYou:
        "Fahren Sie nur fort, wenn Sie diesen Link gerade selbst geöffnet haben. Wenn Sie ihn nicht erwartet haben, wählen Sie „Jetzt nicht“.",
    },
    signingIn: {
      preparing: "Wird vorbereitet…",
      waitingForBrowser: "Weiter in Ihrem Browser",
      finishing: "Anmeldung wird abgeschlossen…",
      ledes: {
        preparing: "Ihr Browser öffnet sich gleich.",
        waitingForBrowser:
          "Schließen Sie die Anmeldung auf der Seite von {host} ab, die wir geöffnet haben. Wenn Ihr Browser fragt, erlauben Sie ihm, {app} zu öffnen.",
        withoutLinks:
          "Schließen Sie die Anmeldung auf der Seite von {host} ab, die wir geöffnet haben.",
        selectOrganization:
          "Schließen Sie die Anmeldung auf der Seite von {host} ab, die wir geöffnet haben. Wenn Sie dort gefragt werden, wählen Sie eine Organisation oder eine Einladung. Wenn Ihr Browser fragt, erlauben Sie ihm, {app} zu öffnen. Wenn Sie schon angemeldet sind, bleiben Sie es, bis die neue Anmeldung abgeschlossen ist.",
        selectOrganizationWithoutLinks:
          "Schließen Sie die Anmeldung auf der Seite von {host} ab, die wir geöffnet haben. Wenn Sie dort gefragt werden, wählen Sie eine Organisation oder eine Einladung. Wenn Sie schon angemeldet sind, bleiben Sie es, bis die neue Anmeldung abgeschlossen ist.",
        finishing: "Gleich geschafft.",
      },
      sameBrowser: "Wenn Sie einen Link per E-Mail erhalten, öffnen Sie ihn in demselben Browser.",
      noBrowser: "Öffnen Sie diesen Link in Ihrem Browser",
      noBrowserLede: "Schließen Sie dort die Anmeldung bei {host} ab.",
      minutesLeft:
        "{minutes, plural, one {Noch # Minute Zeit, um die Anmeldung abzuschließen} other {Noch # Minuten Zeit, um die Anmeldung abzuschließen}}",
      unusableCallback:
        "Aus dem Browser kam etwas zurück, das nicht zu dieser Anmeldung gehört. Wenn sie laut Browser abgeschlossen ist, wählen Sie „Browser erneut öffnen“.",
      help: {
        heading: "Browser nicht zurückgekehrt?",
        nothingYet: "Bisher kam nichts aus dem Browser zurück.",
        noHurry:
          "Wenn Sie sich dort noch anmelden, lassen Sie sich Zeit. Sonst versuchen Sie der Reihe nach:",
        links: {
          linksTaken:
            "Links aus Ihrem Browser öffnen ein anderes Programm, deshalb kann der Browser nicht mit einem Link zu {app} zurückkehren. Versuchen Sie der Reihe nach:",
          linksPerhapsTaken:
            "Links aus Ihrem Browser öffnen vielleicht ein anderes Programm, deshalb kehrt der Browser vielleicht nicht mit einem Link zu {app} zurück. Wenn nicht, versuchen Sie der Reihe nach:",
          linksLost:
            "Kein Programm auf diesem Computer öffnet die Links zu {app}, deshalb kann der Browser nicht mit einem Link zurückkehren. Versuchen Sie der Reihe nach:",
          linksUnreachable:
            "Links aus Ihrem Browser erreichen {app} nicht, deshalb kann der Browser nicht mit einem Link zurückkehren. Versuchen Sie der Reihe nach:",
        },
        openAgain:
          "Wenn sich keine Seite geöffnet hat oder der Browser nicht gefragt hat, ob er {app} öffnen darf: Wählen Sie „Browser erneut öffnen“ und erlauben Sie es dort. Ein Browser aus Snap oder Flatpak kann das möglicherweise nicht; verwenden Sie dann einen anderen.",
        loopback:
          "Wenn der Browser meldet, dass er {app} nicht öffnen kann: Die Seite öffnet sich noch einmal und kehrt ohne einen solchen Link an eine Adresse auf diesem Computer zurück.",
        listening:
          "Der Browser kehrt jetzt an eine Adresse auf diesem Computer zurück. Schließen Sie die Anmeldung auf der zuletzt geöffneten Seite ab.",
        paste:
          "Wenn das nicht hilft: Kopieren Sie aus der Adressleiste des Browsers die ganze Adresse, bei der die Anmeldung geendet hat, und fügen Sie sie hier ein.",
        pasteFirefox:
          "Firefox zeigt sie an, wenn kein Programm sie öffnet. Sie beginnt mit {address}.",
        pasteLoopback:
          "Nach der anderen Rückkehr zeigt jeder Browser sie an, auch auf einem anderen Computer.",
        pasteChromium:
          "Chrome, Edge und andere Chromium-Browser zeigen für einen Link, den kein Programm geöffnet hat, keine Adresse an.",
        otherAccount: "Es wird das falsche Konto angemeldet: Beginnen Sie mit einem anderen neu.",
        otherBrowser:
          "Sie möchten einen anderen Browser oder ein anderes Profil, oder ein Link aus einer E-Mail hat sich dort geöffnet: Wählen Sie „Link kopieren“, öffnen Sie den Link dort und erledigen Sie alles dort.",
      },
      stop: "Anmeldung abbrechen?",
      stopLede:
        "Die Seite in Ihrem Browser funktioniert danach nicht mehr. Sie können neu beginnen.",
    },
    signedIn: {
      notVerified: "E-Mail nicht bestätigt",
      notVerifiedMeans: "Der Anmeldedienst hat diese E-Mail-Adresse nicht bestätigt.",
      organization: "Organisation",
      signInService: "Anmeldedienst",
      organizationId: "Organisations-ID",
      externalId: "Externe ID",
      subject: "Benutzer-ID",
      account: "Konto",
      noOrganization: "Keine Organisation",
      roles: "Rollen",
      noRoles: "Keine Rollen",
      permissions: "Berechtigungen",
      noPermissions: "Keine Berechtigungen",
      filter: "{count, plural, one {# Berechtigung filtern} other {# Berechtigungen filtern}}",
      found: "{count, plural, =0 {Keine gefunden} one {# gefunden} other {# gefunden}}",
      claims: "Weitere Angaben des Anmeldedienstes",
      notGiven: "Wird {app} nicht mitgeteilt",
      session: "Erneuerung",
      notStored:
        "Ihre Anmeldung wird nirgends gespeichert. Sie melden sich jedes Mal neu an, wenn Sie {app} öffnen.",
      notSaved:
        "Ihre Anmeldung ist noch nicht gespeichert. Bis dahin wird sie auch nicht erneuert.",
      refreshesIn:
        "{minutes, plural, =0 {Wird in Kürze automatisch erneuert} one {Wird automatisch erneuert, das nächste Mal in etwa # Minute} other {Wird automatisch erneuert, das nächste Mal in etwa # Minuten}}",
      refreshing: "Wird erneuert…",
      refreshed: "Erneuert.",
      nextTryIn:
        "{minutes, plural, =0 {Nächster Versuch in Kürze} one {Nächster Versuch in etwa # Minute} other {Nächster Versuch in etwa # Minuten}}",
      nextTryWithNetwork: "Nächster Versuch, sobald dieser Computer ein Netz hat",
      endsAt: "Ende Ihrer Anmeldung: {time}",
      switchLede:
        "Ihre Auswahl öffnet sich im Browser. „Andere Organisation wählen“ zeigt dort Ihre Organisationen und offene Einladungen. Bis die neue Anmeldung abgeschlossen ist, bleiben Sie wie jetzt angemeldet.",
      inBrowser: "In Ihrem Browser",
      pages: {
        account: "Konto verwalten",
        passkeys: "Passkeys",
        security: "Wo Sie angemeldet sind",
        organization: "Organisation verwalten",
      },
      securityHint:
        "Wählen Sie dort „Security“, um andere Geräte zu sehen und sich auf ihnen abzumelden.",
      signOutMeans: "Sie werden hier und in Ihrem Browser abgemeldet.",
      otherSignOuts: "Andere Arten der Abmeldung",
      onlyHere:
        "Nur auf diesem Computer: Ihr Browser bleibt angemeldet. Alle, die ihn verwenden, können sich dann ohne Passwort anmelden.",
      otherDevices: "Auf anderen Geräten: Wählen Sie unten „Wo Sie angemeldet sind“.",
      endsSoon: "Ihre Anmeldung endet bald",
      endsSoonLede:
        "Sie endet um {time} und kann nicht erneuert werden. Melden Sie sich noch einmal an, um angemeldet zu bleiben.",
    },
    reports: {
      heading: "Berichte",
      lede: "Vom Dienst Ihres Unternehmens, mit Ihrer Anmeldung.",
      show: "Berichte anzeigen",
      reload: "Erneut laden",
      loading: "Berichte werden geladen…",
      count: "{count, plural, =0 {Es gibt keine Berichte.} one {# Bericht} other {# Berichte}}",
      forbidden: "Um die Berichte zu sehen, brauchen Sie die Berechtigung {permission}.",
      forbiddenUnnamed: "Ihr Zugriff reicht nicht aus, um die Berichte zu sehen.",
      wayOn:
        "Bitten Sie Ihre Administration um die Berechtigung und erneuern Sie danach Ihre Anmeldung.",
      wayOnElsewhere: "Oder wechseln Sie zu einer Organisation, in der Sie sie haben.",
      refreshAndRetry: "Erneuern und erneut versuchen",
      stillForbidden: "Ihre Anmeldung wurde erneuert. Die Berechtigung fehlt weiterhin.",
    },
    starting: "Wird gestartet…",
    signingOut: "Abmeldung läuft…",
    keychainUnavailable: "Ihre Anmeldung kann nicht gelesen werden",
    withoutKeychain:
      "Sie können auch ohne den Schlüsselbund fortfahren. Dann melden Sie sich jedes Mal an, wenn Sie {app} öffnen.",
    notConnected: "Dieses Fenster ist nicht verbunden",
    setUp: {
      heading: "{app} einrichten",
      askAdministrator:
        "Möchten Sie nur mit {app} arbeiten? Bitten Sie Ihre Administration, es für Sie einzurichten.",
      register: "Diese Adressen registrieren",
      registerLede:
        "Fügen Sie sie im Scalekit-Dashboard zu Ihrer nativen Anwendung (Native Application) hinzu, genau so, wie sie hier stehen.",
      dashboard: "Scalekit-Dashboard",
      enter: "Zwei Werte aus dem Dashboard eingeben",
      enterLede: "Beide stehen im Dashboard, und keiner davon ist geheim.",
      finishLede: "Zuerst wird die Adresse geprüft. Danach können Sie sich anmelden.",
    },
    settings: {
      connection: "Verbindung",
      environmentUrl: "Umgebungs-URL (Environment URL)",
      environmentUrlHint: "Zum Beispiel https://your-company.scalekit.com",
      environmentUrlMissing: "Geben Sie die Umgebungs-URL aus Ihrem Scalekit-Dashboard ein.",
      clientId: "Client-ID",
      clientIdHint:
        "Steht in Ihrem Scalekit-Dashboard bei der nativen Anwendung (Native Application)",
      clientIdMissing: "Geben Sie die Client-ID Ihrer Anwendung ein.",
      found: "{host} wurde gefunden.",
      saved: "Einstellungen gespeichert.",
      addresses: "Zu registrierende Adressen",
      addressesLede: "Fügen Sie diese Adressen im Scalekit-Dashboard zu Ihrer Anwendung hinzu.",
      redirectUri: "URL nach der Anmeldung (Post login URL oder Allowed callback URL)",
      loopbackRedirectUri:
        "Zweite URL nach der Anmeldung (Post login URL oder Allowed callback URL)",
      postLogoutRedirectUri: "URL nach der Abmeldung (Post logout URL)",
      initiateLoginUri: "URL zum Starten der Anmeldung (Initiate login URL)",
      initiateLoginOptional:
        "Die letzte Adresse können Sie weglassen. Anmeldungen, die in einem Firmenportal oder mit einer Einladung beginnen, kommen dann nicht hier an.",
      locked: "Von Ihrer Administration festgelegt.",
      lockedDetails:
        "Die Werte stammen aus den Umgebungsvariablen {urlVariable} und {clientVariable}. Um sie zu ändern, setzen Sie diese Variablen und starten Sie {app} neu.",
      lockedByPolicy:
        "Die Werte stammen aus der Richtlinie {path}. Um sie zu ändern, ändern Sie diese Datei und starten Sie {app} neu.",
      renamed:
        "Danach melden Sie sich noch einmal an. Eine Anmeldung unter der bisherigen Adresse wird nicht beendet: Sie bleibt gespeichert und ist wieder da, wenn Sie die Adresse zurückändern.",
      renamedLocked:
        "Für Ihre Administration: Sobald feststeht, dass dies die Adresse des Unternehmens ist, setzen Sie {urlVariable} genau auf den Wert unten und starten Sie {app} neu. Alle melden sich danach noch einmal an; Anmeldungen unter der bisherigen Adresse bleiben gespeichert und werden nicht beendet.",
      signsOut: "Abmelden und speichern?",
      signsOutLede: "Beim Speichern wird {name} bei {host} abgemeldet.",
      discard: "Eingaben verwerfen?",
      appearance: "Sprache und Darstellung",
      language: "Sprache",
      theme: "Darstellung",
      themes: { system: "Wie das System", light: "Hell", dark: "Dunkel" },
      systemLanguage: "Wie das System ({language})",
      sources: {
        policy: "Durch die Richtlinie dieses Computers festgelegt",
        environment: "Durch Umgebungsvariablen festgelegt",
        file: "In diesem Fenster eingegeben",
        builtIn: "In {app} fest eingebaut",
        none: "Noch nicht festgelegt",
      },
      version: "Version {version}",
      closing:
        "Wenn Sie dieses Fenster schließen, wird {app} beendet. Eine gespeicherte Anmeldung bleibt erhalten.",
    },
    selfCheck: {
      heading: "Diesen Computer prüfen",
      lede: "Geprüft wird, was eine Anmeldung braucht. Niemand wird an- oder abgemeldet.",
      intro: "Wenn eine Anmeldung nicht gelingt, sehen Sie nach, was im Weg ist.",
      checking: "Wird geprüft… Das kann bis zu einer Minute dauern.",
      copyReport: "Bericht kopieren",
      inOrder: "In Ordnung",
      results: {
        ok: "Alles ist in Ordnung",
        information: "Keine Probleme gefunden",
        caution: "Eine Anmeldung kann scheitern",
        alarm: "Eine Anmeldung scheitert hier",
      },
      remedies: {
        checkLinks: "Links neu einrichten",
        openSettings: "Einstellungen öffnen",
        checkAgain: "Erneut prüfen",
      },
      checks: {
        scheme: "Links aus dem Browser",
        instance: "Zweiter Start",
        keychain: "Schlüsselbund",
        discovery: "Anmeldedienst",
        proxy: "Proxy-Server",
        certificate: "Zertifikat",
        clock: "Uhr",
        redirectUri: "Weiterleitungs-URI",
        loopbackRedirectUri: "Zweite Weiterleitungs-URI",
      },
      findings: {
        certificateLocal: {
          finding: "Die Verbindung ist nicht verschlüsselt. Sie verlässt diesen Computer nicht.",
          advice: "",
        },
        certificateRejected: {
          finding: "Dem Zertifikat wird nicht vertraut. Sein Aussteller ist {issuer}.",
          advice: "",
        },
        certificateTrusted: {
          finding: "Das Zertifikat ist vertrauenswürdig. Sein Aussteller ist {issuer}.",
          advice: "",
        },
        checkFailed: {
          finding: "Ein Fehler in dieser Anwendung hat diese Prüfung verhindert.",
          advice: "Prüfen Sie erneut. Wenn es wieder geschieht, starten Sie diese Anwendung neu.",
        },
        clockAhead: {
          finding:
            "Die Uhr dieses Computers geht gegenüber der des Anmeldedienstes um {apart} vor (Stunden:Minuten:Sekunden).",
          advice: "Stellen Sie die Uhr und prüfen Sie dann erneut.",
        },
        clockBehind: {
          finding:
            "Die Uhr dieses Computers geht gegenüber der des Anmeldedienstes um {apart} nach (Stunden:Minuten:Sekunden).",
          advice: "Stellen Sie die Uhr und prüfen Sie dann erneut.",
        },
        clockFarAhead: {
          finding:
            "Die Uhr dieses Computers geht falsch: Sie geht gegenüber der des Anmeldedienstes um {apart} vor (Stunden:Minuten:Sekunden).",
          advice:
            "Stellen Sie die Uhr und ihre Zeitzone und prüfen Sie dann erneut. Bis dahin können Anmeldungen und andere Programme scheitern.",
        },
        clockFarBehind: {
          finding:
            "Die Uhr dieses Computers geht falsch: Sie geht gegenüber der des Anmeldedienstes um {apart} nach (Stunden:Minuten:Sekunden).",
          advice:
            "Stellen Sie die Uhr und ihre Zeitzone und prüfen Sie dann erneut. Bis dahin können Anmeldungen und andere Programme scheitern.",
        },
        clockRight: {
          finding: "Die Uhr dieses Computers und die des Anmeldedienstes stimmen überein.",
          advice: "",
        },
        clockUnknown: {
          finding: "Der Anmeldedienst hat seine Zeit nicht genannt.",
          advice: "",
        },
        discoveryRejected: {
          finding: "Was unter {environment} antwortet, ist nicht verwendbar.",
          advice: "",
        },
        discoveryUnreached: {
          finding: "Der Anmeldedienst unter {environment} antwortet nicht wie erwartet.",
          advice: "",
        },
        discoveryValid: {
          finding: "Der Anmeldedienst unter {environment} antwortet wie erwartet.",
          advice: "",
        },
        instanceAnswers: {
          finding: "Die laufende Anwendung antwortet auf einen zweiten Start.",
          advice: "",
        },
        instanceNoSocket: {
          finding:
            "Die laufende Anwendung konnte keinen Socket anlegen, deshalb kann ein zweiter Start seinen Link nicht übergeben.",
          advice:
            "Stellen Sie sicher, dass XDG_RUNTIME_DIR einen Ihrer Ordner auf einem lokalen Datenträger nennt, und starten Sie diese Anwendung dann neu.",
        },
        instanceNotRunning: {
          finding: "Diese Anwendung läuft nicht, deshalb wurde kein zweiter Start versucht.",
          advice: "",
        },
        instanceSilent: {
          finding:
            "Diese Anwendung läuft, antwortet aber nicht auf einen zweiten Start, deshalb würde ein Link nicht ankommen.",
          advice:
            "Schließen Sie sie und starten Sie sie neu. Wenn sie sich nicht schließen lässt, beenden Sie sie in der Prozessliste des Systems.",
        },
        instanceUnknown: {
          finding:
            "Ob ein zweiter Start die laufende Anwendung erreicht, ließ sich nicht feststellen.",
          advice:
            "Stellen Sie sicher, dass diese Anwendung in ihren eigenen Datenordner schreiben darf.",
        },
        keychainAltered: {
          finding:
            "Der Schlüsselbund hat nicht zurückgegeben, was in ihn geschrieben wurde, deshalb kann eine Anmeldung nicht gespeichert werden.",
          advice:
            "Prüfen Sie erneut. Wenn es wieder geschieht, aktualisieren Sie den Schlüsselbund-Dienst oder verwenden Sie einen anderen.",
        },
        keychainFailed: {
          finding:
            "Im Schlüsselbund ist ein Fehler aufgetreten, deshalb kann eine Anmeldung nicht gespeichert werden.",
          advice:
            "Prüfen Sie erneut. Wenn der Fehler wieder auftritt, starten Sie den Computer neu.",
        },
        keychainLocked: {
          finding: "Der Schlüsselbund ist gesperrt.",
          advice:
            "Entsperren Sie ihn und prüfen Sie dann erneut. Vielleicht ist ein Fenster für das Passwort hinter diesem verborgen.",
        },
        keychainMissing: {
          finding:
            "Auf diesem Computer läuft kein Schlüsselbund-Dienst, deshalb kann eine Anmeldung nicht gespeichert werden.",
          advice:
            "Starten Sie einen, zum Beispiel GNOME Keyring oder KWallet, und prüfen Sie dann erneut.",
        },
        keychainNotDeleted: {
          finding:
            "Der Schlüsselbund hat den Eintrag dieser Prüfung nicht gelöscht, deshalb kann eine Anmeldung nach dem Abmelden darin bleiben.",
          advice:
            "Entsperren Sie den Schlüsselbund, erlauben Sie dieser Anwendung, Einträge darin zu löschen, und prüfen Sie dann erneut.",
        },
        keychainNotSetUp: {
          finding:
            "Der Schlüsselbund-Dienst hat keinen Schlüsselbund, deshalb kann eine Anmeldung nicht gespeichert werden.",
          advice:
            "Legen Sie einen Schlüsselbund an oder melden Sie sich an und wählen Sie ein Passwort für einen neuen, wenn Sie danach gefragt werden.",
        },
        keychainSlow: {
          finding: "Der Schlüsselbund antwortet nicht.",
          advice:
            "Vielleicht wartet er darauf, dass Sie ihn entsperren, in einem Fenster, das hinter diesem verborgen ist. Entsperren Sie ihn und prüfen Sie dann erneut.",
        },
        keychainWorks: {
          finding: "Ein Eintrag für diese Prüfung wurde geschrieben, gelesen und gelöscht.",
          advice: "",
        },
        loopbackPortCompared: {
          finding:
            "Der Anmeldedienst akzeptiert {address} nur ohne Port, deshalb hat der Browser keinen anderen Rückweg, wenn ein Link nicht ankommt.",
          advice:
            "Legen Sie in der Konfiguration dieser Anwendung einen festen Port für die zweite Weiterleitungs-URI fest und registrieren Sie die Adresse mit diesem Port im Scalekit-Dashboard.",
        },
        loopbackRedirectUriRejected: {
          finding:
            "Der Anmeldedienst akzeptiert {address} nicht zusammen mit der Client-ID der Einstellungen, deshalb hat der Browser keinen anderen Rückweg, wenn ein Link nicht ankommt.",
          advice:
            "Registrieren Sie auch diese Adresse im Scalekit-Dashboard genau so, wie sie hier steht, und vergleichen Sie die Client-ID dort mit der in den Einstellungen.",
        },
        notChecked: {
          finding: "Das wurde nicht geprüft, weil dazu eine Antwort des Anmeldedienstes nötig ist.",
          advice: "",
        },
        notConfigured: {
          finding: "Diese Anwendung ist für keinen Anmeldedienst eingerichtet.",
          advice: "Geben Sie die Umgebungs-URL und die Client-ID in den Einstellungen ein.",
        },
        proxyInDoubt: {
          finding:
            "Anfragen an den Anmeldedienst gehen über den Proxy {proxy} und werden nicht beantwortet.",
          advice:
            "Prüfen Sie die Proxy-Einstellungen des Systems oder die Variablen HTTPS_PROXY und ALL_PROXY, falls sie gesetzt sind.",
        },
        proxyNone: {
          finding: "Anfragen an den Anmeldedienst gehen über keinen Proxy.",
          advice: "",
        },
        proxySignIn: {
          finding: "Der Proxy {proxy} verlangt eine eigene Anmeldung.",
          advice:
            "Geben Sie den Benutzernamen und das Passwort für den Proxy in den Proxy-Einstellungen des Systems ein oder fragen Sie Ihre Administration und prüfen Sie dann erneut.",
        },
        proxyUsed: {
          finding: "Anfragen an den Anmeldedienst gehen über den Proxy {proxy}.",
          advice: "",
        },
        redirectUriRegistered: {
          finding: "Der Anmeldedienst sendet seine Antworten an {address}.",
          advice: "",
        },
        redirectUriRejected: {
          finding:
            "Der Anmeldedienst akzeptiert {address} nicht zusammen mit der Client-ID der Einstellungen.",
          advice:
            "Registrieren Sie diese Adresse im Scalekit-Dashboard genau so, wie sie hier steht, und vergleichen Sie die Client-ID dort mit der in den Einstellungen.",
        },
        redirectUriUnknown: {
          finding: "Ob {address} beim Anmeldedienst registriert ist, ließ sich nicht feststellen.",
          advice:
            "Wenn der Browser bei der Anmeldung einen Fehler zeigt, vergleichen Sie sie mit der Adresse im Scalekit-Dashboard.",
        },
        schemeBusy: {
          finding: "Die Links werden bereits geprüft.",
          advice: "Warten Sie einige Sekunden und prüfen Sie dann erneut.",
        },
        schemeInDoubt: {
          finding:
            "Links aus dem Browser öffnen {program}. Ob damit diese Anwendung startet, ist unklar; es ist kein Link angekommen.",
          advice:
            "Wenn eine Anmeldung nicht aus dem Browser zurückkommt, richten Sie die Links neu ein.",
        },
        schemeLost: {
          finding:
            "Der Desktop nennt diese Anwendung für ihre Links, aber ein gesendeter Link ist nicht angekommen.",
          advice:
            "Richten Sie die Links neu ein. Wenn das nicht hilft, stellen Sie sicher, dass xdg-utils installiert ist, und installieren Sie diese Anwendung mit ihrem Installationspaket.",
        },
        schemeNamed: {
          finding:
            "Das System nennt diese Anwendung für ihre Links. Mit einem Link wurde das nicht überprüft.",
          advice: "",
        },
        schemeNobody: {
          finding: "Kein Programm auf diesem Computer öffnet die Links dieser Anwendung.",
          advice:
            "Richten Sie die Links neu ein. Wenn das nicht hilft, installieren Sie diese Anwendung mit ihrem Installationspaket und stellen Sie sicher, dass sie in den Ordner für Anwendungen schreiben darf (unter Linux ~/.local/share/applications).",
        },
        schemeNoOpener: {
          finding:
            "Auf diesem Computer ist kein Programm installiert, das Links öffnet, deshalb kommt eine Anmeldung nicht aus dem Browser zurück.",
          advice: "Installieren Sie xdg-utils und prüfen Sie dann erneut.",
        },
        schemeProved: {
          finding:
            "Ein Link, der über den Desktop gesendet wurde, ist bei dieser Anwendung angekommen.",
          advice: "",
        },
        schemeTaken: {
          finding: "Links aus dem Browser öffnen ein anderes Programm: {program}.",
          advice:
            "Richten Sie die Links neu ein. Wenn das nicht hilft, machen Sie diese Anwendung zum Standard für diese Links oder entfernen Sie das andere Programm.",
        },
        timedOut: {
          finding: "Diese Prüfung hat zu lange gedauert und wurde beendet.",
          advice: "Prüfen Sie erneut.",
        },
      },
    },
    presence: {
      heading: "Im Hintergrund",
      closeToTray: "Weiterlaufen, wenn das Fenster geschlossen wird",
      closeToTrayHint:
        "Nach dem Schließen bleibt {app} im Infobereich. Das Menü dort öffnet das Fenster wieder und beendet {app}.",
      startAtLogin: "Beim Anmelden am Computer starten",
      startAtLoginHint:
        "{app} startet im Infobereich, oder mit Fenster, wenn die Arbeitsumgebung keinen hat.",
      closing: "Wenn Sie dieses Fenster schließen, läuft {app} im Infobereich weiter.",
    },
    details: {
      code: "Code",
      serviceText: "Meldung des Dienstes",
      cause: "Ursache",
      time: "Zeitpunkt",
      version: "Version",
    },
    problems: {
      accessDenied: {
        heading: "Die Anmeldung wurde abgelehnt",
        sentence:
          "Die Anmeldung wurde im Browser abgelehnt. Beginnen Sie neu oder bitten Sie Ihre Administration um Zugriff.",
      },
      accountNotAllowed: {
        heading: "Dieses Konto darf sich nicht anmelden",
        sentence:
          "Der Anmeldedienst lässt nicht zu, dass sich dieses Konto bei dieser Anwendung anmeldet. Verwenden Sie ein anderes Konto oder bitten Sie Ihre Administration, dieses zuzulassen.",
      },
      answerRejected: {
        heading: "Die Anmeldung wurde zu Ihrer Sicherheit gestoppt",
        sentence:
          "Die Antwort auf Ihre Anmeldung hat die Sicherheitsprüfungen nicht bestanden und wurde nicht verwendet. Versuchen Sie es erneut. Wenn es wieder geschieht, informieren Sie Ihre Administration.",
      },
      applicationSetup: {
        heading: "Diese Anwendung ist nicht richtig registriert",
        sentence:
          "Diese Anwendung ist beim Anmeldedienst nicht so registriert, dass sie Sie anmelden darf. Das können Sie hier nicht ändern. Geben Sie die Angaben unten an Ihre Administration weiter.",
      },
      browserUnavailable: {
        heading: "Es konnte kein Browser geöffnet werden",
        sentence:
          "Dieser Computer hat die Anmeldeseite nicht geöffnet. Kopieren Sie den Link und öffnen Sie ihn in einem Browser auf diesem Computer.",
      },
      callRefused: {
        heading: "Das konnte nicht ausgeführt werden",
        sentence:
          "Es wurde nichts ausgeführt. Starten Sie diese Anwendung neu. Wenn es wieder geschieht, installieren Sie sie neu.",
      },
      certificateExpired: {
        heading: "Das Zertifikat ist abgelaufen",
        sentence:
          "Das Zertifikat des Anmeldedienstes ist abgelaufen, deshalb wurde nichts gesendet. Prüfen Sie die Uhr dieses Computers. Wenn sie richtig geht, informieren Sie Ihre Administration.",
      },
      certificateNotYetValid: {
        heading: "Das Zertifikat ist noch nicht gültig",
        sentence:
          "Das Zertifikat des Anmeldedienstes gilt erst ab einem späteren Zeitpunkt, deshalb wurde nichts gesendet. Möglicherweise geht die Uhr dieses Computers falsch. Stellen Sie die Uhr und versuchen Sie es dann erneut.",
      },
      certificateOtherName: {
        heading: "Das Zertifikat gehört zu einem anderen Server",
        sentence:
          "Der Anmeldedienst hat kein eigenes Zertifikat gezeigt, deshalb wurde nichts gesendet. Prüfen Sie die Umgebungs-URL. In einem Netzwerk mit eigener Anmeldeseite, zum Beispiel in einem Hotel, melden Sie sich zuerst dort an.",
      },
      certificateRefused: {
        heading: "Dem Zertifikat kann nicht vertraut werden",
        sentence:
          "Dem Zertifikat des Anmeldedienstes kann nicht vertraut werden, deshalb wurde nichts gesendet. Geben Sie die Angaben unten an Ihre Administration weiter.",
      },
      certificateRevoked: {
        heading: "Das Zertifikat wurde zurückgezogen",
        sentence:
          "Das Zertifikat des Anmeldedienstes wurde von seinem Aussteller zurückgezogen, deshalb wurde nichts gesendet. Informieren Sie Ihre Administration.",
      },
      certificateUnknownIssuer: {
        heading: "Der Aussteller des Zertifikats ist nicht bekannt",
        sentence:
          "Das Zertifikat des Anmeldedienstes stammt von einem Aussteller, dem dieser Computer nicht vertraut, deshalb wurde nichts gesendet. Ein Netzwerk, das seinen Datenverkehr prüft, hat einen eigenen Aussteller, der unten genannt ist. Wenn Sie ihn kennen, bitten Sie Ihre Administration, sein Zertifikat auf diesem Computer zu installieren. Wenn nicht, verwenden Sie ein anderes Netzwerk.",
      },
      clientIdInvalid: {
        heading: "Die Client-ID stimmt nicht",
        sentence:
          "Die Client-ID fehlt oder enthält Zeichen, die in keiner Client-ID vorkommen. Kopieren Sie sie in Ihrem Scalekit-Dashboard von der Anwendung.",
      },
      clockWrong: {
        heading: "Die Uhr geht falsch",
        sentence:
          "Die Uhr dieses Computers und die des Anmeldedienstes weichen zu weit voneinander ab. Stellen Sie die Uhr und versuchen Sie es dann erneut.",
      },
      connectionSetup: {
        heading: "Das Single Sign-on Ihres Unternehmens funktioniert hier nicht",
        sentence:
          "Das Single Sign-on Ihres Unternehmens ist für diese Anwendung nicht eingerichtet. Das können Sie hier nicht ändern. Geben Sie die Angaben unten an Ihre Administration weiter.",
      },
      copyFailed: {
        heading: "Der Link konnte nicht kopiert werden",
        sentence:
          "Die Zwischenablage hat den Link nicht angenommen. Versuchen Sie es erneut oder öffnen Sie den Browser erneut.",
      },
      earlierEndNotWritten: {
        heading: "Andere Kopien nutzen Ihre frühere Anmeldung vielleicht weiter",
        sentence:
          "Ihre frühere Anmeldung ist beendet, aber das konnte nicht gespeichert werden. Eine andere laufende Kopie dieser Anwendung nutzt sie deshalb vielleicht weiter. Stellen Sie sicher, dass der Datenträger nicht voll ist. Das Speichern wird erneut versucht. Schließen Sie die anderen Kopien, wenn diese Meldung bleibt.",
      },
      endNotWritten: {
        heading: "Andere Kopien wissen vielleicht nicht, dass Sie abgemeldet sind",
        sentence:
          "Sie sind hier abgemeldet, aber das konnte nicht gespeichert werden. Eine andere laufende Kopie dieser Anwendung weiß es deshalb vielleicht nicht. Stellen Sie sicher, dass der Datenträger nicht voll ist. Das Speichern wird erneut versucht. Schließen Sie die anderen Kopien, wenn diese Meldung bleibt.",
      },
      entropyUnavailable: {
        heading: "Dieser Computer kann keine sicheren Schlüssel erzeugen",
        sentence:
          "Dieser Computer kann zurzeit keine sicheren Schlüssel erzeugen, und ohne sie ist eine Anmeldung nicht sicher. Starten Sie ihn neu und versuchen Sie es dann erneut.",
      },
      environmentInvalid: {
        heading: "Das ist keine Scalekit-Umgebung",
        sentence:
          "Was unter {environment} geantwortet hat, ist nicht diese Scalekit-Umgebung. Prüfen Sie die Umgebungs-URL. In einem Netzwerk mit eigener Anmeldeseite, zum Beispiel in einem Hotel, melden Sie sich zuerst dort an.",
      },
      environmentNotFound: {
        heading: "Hier gibt es keine Scalekit-Umgebung",
        sentence:
          "Unter {environment} gibt es keine Scalekit-Umgebung. Prüfen Sie die Umgebungs-URL.",
      },
      environmentForbidden: {
        heading: "Der Zugriff auf den Anmeldedienst wurde verweigert",
        sentence:
          "Der Zugriff auf {environment} wurde verweigert. Vielleicht sperrt ihn ein Filter in diesem Netzwerk, oder der Dienst lässt nur bestimmte Netzwerke zu. Versuchen Sie es in einem anderen Netzwerk oder fragen Sie Ihre Administration.",
      },
      environmentRedirects: {
        heading: "Die Adresse führt woandershin",
        sentence:
          "Die Adresse {environment} leitet zu {address} weiter. Dem wurde nicht gefolgt, und dorthin wurde nichts gesendet. Wenn es die Adresse Ihres Unternehmens ist, geben Sie sie als Umgebungs-URL ein. Wenn Sie diese nicht ändern können, informieren Sie Ihre Administration. Wenn Sie die Adresse nicht kennen, hat vielleicht ein Netzwerk mit eigener Anmeldeseite geantwortet, zum Beispiel das eines Hotels. Melden Sie sich zuerst dort an und versuchen Sie es dann erneut.",
      },
      environmentRenamed: {
        heading: "Die Umgebung hat eine andere Adresse",
        sentence:
          "Die Umgebung unter {environment} nennt sich selbst {address}, wie es eine Umgebung mit eigener Domain tut. Dorthin wurde nichts gesendet. Wenn das die Adresse Ihres Unternehmens ist, geben Sie sie als Umgebungs-URL ein und melden Sie sich dann noch einmal an. Wenn Sie diese nicht ändern können, informieren Sie Ihre Administration.",
      },
      environmentUrlHasUserName: {
        heading: "Die Umgebungs-URL enthält einen Benutzernamen",
        sentence:
          "Eine Adresse mit einem Benutzernamen führt vielleicht nicht dorthin, wohin es scheint. Geben Sie nur den Teil ein, der so aussieht: https://your-company.scalekit.com.",
      },
      environmentUrlInvalid: {
        heading: "Die Umgebungs-URL stimmt nicht",
        sentence:
          "Das ist keine Webadresse. Geben Sie eine Adresse wie https://your-company.scalekit.com ein.",
      },
      environmentUrlMalformed: {
        heading: "Die Umgebungs-URL ist zu lang oder enthält Leerzeichen",
        sentence:
          "Kopieren Sie die Umgebungs-URL noch einmal aus Ihrem Scalekit-Dashboard: Sie ist zu lang oder enthält Leerzeichen.",
      },
      environmentUrlMissing: {
        heading: "Die Umgebungs-URL fehlt",
        sentence:
          "Geben Sie die Umgebungs-URL aus Ihrem Scalekit-Dashboard ein, zum Beispiel https://your-company.scalekit.com.",
      },
      environmentUrlNotHttps: {
        heading: "Die Umgebungs-URL ist nicht sicher",
        sentence:
          "Die Umgebungs-URL muss mit https:// beginnen. Geben Sie eine Adresse wie https://your-company.scalekit.com ein.",
      },
      hostedPageNotOpened: {
        heading: "Die Seite konnte nicht geöffnet werden",
        sentence:
          "Es konnte kein Browser geöffnet werden, deshalb wurde die Seite des Anmeldedienstes nicht angezeigt. Prüfen Sie, ob dieser Computer einen Browser hat, und versuchen Sie es dann erneut.",
      },
      organizationUnknown: {
        heading: "Die Organisation ist nicht bekannt",
        sentence:
          "Der Anmeldedienst kennt die Organisation nicht, für die diese Anmeldung war. Deshalb wurden Sie dort nicht angemeldet. Wählen Sie eine andere Organisation, oder fragen Sie Ihre Administration, welche die richtige ist.",
      },
      pastedLinkUnusable: {
        heading: "Das ist nicht die Adresse der Anmeldung",
        sentence:
          "Was Sie kopiert haben, ist nicht die Adresse, bei der eine Anmeldung endet, deshalb wurde es nicht verwendet. Kopieren Sie in dem Browser, in dem Sie sich angemeldet haben, die ganze Adresse, die mit {address} beginnt, und fügen Sie sie dann erneut ein.",
      },
      pastedLinkOfAnotherSignIn: {
        heading: "Diese Adresse gehört zu einer anderen Anmeldung",
        sentence:
          "Die kopierte Adresse gehört zu einer anderen Anmeldung, deshalb wurde sie nicht verwendet. Schließen Sie die Anmeldung ab, die diese Anwendung zuletzt geöffnet hat, oder öffnen Sie den Browser erneut, und kopieren Sie dann die Adresse, bei der diese Anmeldung endet.",
      },
      clipboardUnreadable: {
        heading: "Es gibt keine Adresse zum Einfügen",
        sentence:
          "Die Zwischenablage enthält keinen Text, oder diese Anwendung darf sie nicht lesen. Kopieren Sie die Adresse, bei der die Anmeldung im Browser geendet hat, und fügen Sie sie dann erneut ein.",
      },
      loopbackUnavailable: {
        heading: "Der Browser kann auf diesem Weg nicht zurückkehren",
        sentence:
          "Diese Anwendung konnte auf diesem Computer nicht auf den Browser warten, deshalb steht der andere Rückweg nicht offen. Die Anmeldung wartet weiter auf den Browser. Wenn ein anderes Programm denselben Port verwendet, schließen Sie es und versuchen Sie es dann erneut.",
      },
      invitationDeclined: {
        heading: "Die Anmeldung über den Link wurde abgelehnt",
        sentence:
          "Die Anmeldung, die Sie außerhalb dieser Anwendung begonnen haben, wurde abgelehnt. Melden Sie sich hier an oder bitten Sie Ihre Administration um Zugriff.",
      },
      invitationElsewhere: {
        heading: "Der Link gehört zu einer anderen Organisation",
        sentence:
          "Der Link, über den Sie sich anmelden sollten, gehört zu einer anderen Organisation als diese Anwendung, deshalb wurde keine Anmeldung gestartet. Öffnen Sie ihn mit der Anwendung der anderen Organisation oder fragen Sie die Person, die ihn verschickt hat.",
      },
      invitationExpired: {
        heading: "Der Link ist zu alt",
        sentence:
          "Der Link, über den Sie sich anmelden sollten, ist zu alt, deshalb wurde keine Anmeldung gestartet. Öffnen Sie ihn noch einmal dort, wo Sie ihn gefunden haben, oder melden Sie sich hier an. Wenn er neu ist, prüfen Sie die Uhr dieses Computers.",
      },
      invitationFailed: {
        heading: "Die Anmeldung über den Link ist nicht gelungen",
        sentence:
          "Die Anmeldung über diesen Link ist nicht gelungen. Melden Sie sich stattdessen hier an. Wenn auch das nicht gelingt, fragen Sie Ihre Administration.",
      },
      invitationUnavailable: {
        heading: "Der Link funktioniert gerade nicht",
        sentence:
          "Der Anmeldedienst konnte die Anmeldung über diesen Link nicht starten. Versuchen Sie es in einigen Minuten erneut oder melden Sie sich hier an.",
      },
      keychainFailed: {
        heading: "Fehler im Schlüsselbund",
        sentence:
          "Im Schlüsselbund ist ein Fehler aufgetreten, deshalb kann Ihre Anmeldung nicht gelesen werden. Versuchen Sie es erneut. Wenn der Fehler wieder auftritt, starten Sie den Computer neu.",
      },
      keychainLocked: {
        heading: "Der Schlüsselbund ist gesperrt",
        sentence:
          "Entsperren Sie Ihren Schlüsselbund, um angemeldet zu bleiben. Vielleicht ist ein Fenster für das Passwort hinter diesem verborgen. Wenn Sie ihn nicht entsperren können, fragen Sie Ihre Administration.",
      },
      keychainMissing: {
        heading: "Es gibt keinen Schlüsselbund",
        sentence:
          "Auf diesem Computer läuft kein Schlüsselbund-Dienst, deshalb kann Ihre Anmeldung nicht gelesen werden. Starten Sie einen, zum Beispiel GNOME Keyring oder KWallet, und versuchen Sie es dann erneut.",
      },
      keychainNotSetUp: {
        heading: "Es ist noch kein Schlüsselbund angelegt",
        sentence:
          "Der Schlüsselbund-Dienst dieses Computers hat keinen Schlüsselbund für Ihre Anmeldung, deshalb wird sie nicht gelesen, gespeichert oder erneuert. Versuchen Sie es erneut und wählen Sie ein Passwort für einen neuen Schlüsselbund, wenn Sie danach gefragt werden. Oder fahren Sie ohne Schlüsselbund fort und melden Sie sich jedes Mal an, wenn Sie diese Anwendung öffnen.",
      },
      keychainSlow: {
        heading: "Der Schlüsselbund antwortet nicht",
        sentence:
          "Entsperren Sie Ihren Schlüsselbund, falls er gesperrt ist. Vielleicht ist ein Fenster für das Passwort hinter diesem verborgen. Versuchen Sie es dann erneut.",
      },
      linksLost: {
        heading: "Links führen nicht hierher zurück",
        sentence:
          "Kein Programm auf diesem Computer öffnet die Links, die aus dem Browser hierher zurückführen, deshalb würde eine Anmeldung nicht ankommen. Installieren Sie diese Anwendung mit ihrem Installationspaket oder stellen Sie sicher, dass sie in den Ordner für Anwendungen schreiben darf (unter Linux ~/.local/share/applications) und dass xdg-utils installiert ist. Richten Sie dann die Links neu ein.",
      },
      linksPerhapsTaken: {
        heading: "Links führen vielleicht nicht hierher zurück",
        sentence:
          "Links aus Ihrem Browser werden von einem Skript oder einem anderen Programm geöffnet, und bisher ist keiner hier angekommen. Wenn eine Anmeldung nicht aus dem Browser zurückkommt, richten Sie die Links neu ein.",
      },
      linksTaken: {
        heading: "Ein anderes Programm hat die Links übernommen",
        sentence:
          "Links aus Ihrem Browser öffnen ein anderes Programm, deshalb kommt eine Anmeldung vielleicht nicht hier an. Das andere Programm kann mit den Links nichts anfangen. Richten Sie die Links neu ein. Wenn das nicht hilft, machen Sie diese Anwendung zum Standard für diese Links oder entfernen Sie das andere Programm.",
      },
      linksUnreachable: {
        heading: "Links können diese Anwendung nicht erreichen",
        sentence:
          "Für diese Anwendung konnte kein Socket angelegt werden, weder in ihrem eigenen Ordner noch im Laufzeitordner. Deshalb kann ein zweiter Start seinen Link nicht übergeben, und eine Anmeldung aus dem Browser würde nicht ankommen. Stellen Sie sicher, dass XDG_RUNTIME_DIR einen Ihrer Ordner auf einem lokalen Datenträger nennt, und starten Sie diese Anwendung dann neu.",
      },
      networkSignIn: {
        heading: "Dieses Netzwerk verlangt zuerst eine Anmeldung",
        sentence:
          "Dieses Netzwerk verlangt, dass Sie sich zuerst bei ihm anmelden, wie es Netzwerke in Hotels und Zügen und manche Proxys in Büros tun. Öffnen Sie eine beliebige Webseite, melden Sie sich dort an und versuchen Sie es dann erneut.",
      },
      noLinkToCopy: {
        heading: "Es gibt keinen Link zum Kopieren",
        sentence:
          "Keine Anmeldung wartet auf den Browser, deshalb wurde nichts kopiert. Starten Sie zuerst eine.",
      },
      notCleared: {
        heading: "Ihre Anmeldung ist noch auf diesem Computer",
        sentence:
          "Sie sind abgemeldet, aber Ihre gespeicherte Anmeldung ist noch auf diesem Computer. Entsperren Sie den Schlüsselbund. Das Entfernen wird erneut versucht. Lassen Sie niemand anderen diesen Computer benutzen, bis diese Meldung verschwunden ist.",
      },
      notRefreshable: {
        heading: "Ihre Anmeldung kann nicht erneuert werden",
        sentence:
          "Der Anmeldedienst gibt dieser Anwendung keine Möglichkeit, Ihre Anmeldung zu erneuern, deshalb besteht kein weiterer Zugriff. Melden Sie sich erneut an.",
      },
      notSaved: {
        heading: "Ihre Anmeldung ist nicht gespeichert",
        sentence:
          "Ihre Anmeldung konnte nicht im Schlüsselbund gespeichert werden, deshalb wird sie vorerst nicht erneuert. Falls der Schlüsselbund gesperrt ist, entsperren Sie ihn. Das Speichern wird erneut versucht. Oder fahren Sie ohne Schlüsselbund fort und melden Sie sich jedes Mal an, wenn Sie diese Anwendung öffnen.",
      },
      notSignedIn: {
        heading: "Niemand ist angemeldet",
        sentence:
          "Es ist nichts geschehen, weil dafür jemand angemeldet sein muss. Melden Sie sich an und versuchen Sie es dann erneut.",
      },
      offline: {
        heading: "Der Anmeldedienst ist nicht erreichbar",
        sentence:
          "Es besteht keine Verbindung zu {environment}. Prüfen Sie Ihre Internetverbindung und versuchen Sie es dann erneut.",
      },
      otherProcess: {
        heading: "Eine andere Kopie verwendet Ihre Anmeldung",
        sentence:
          "Eine andere Kopie dieser Anwendung arbeitet gerade mit Ihrer Anmeldung, deshalb wird sie vorerst nicht erneuert. Sie bleiben angemeldet. Schließen Sie die andere Kopie, wenn diese Meldung bleibt.",
      },
      permissionMissing: {
        heading: "Das dürfen Sie nicht",
        sentence:
          "Dafür brauchen Sie die Berechtigung {permission}, deshalb ist nichts geschehen. Bitten Sie Ihre Administration darum oder wechseln Sie zu einer Organisation, in der Sie diese Berechtigung haben.",
      },
      permissionsUnknown: {
        heading: "Ihre Berechtigungen sind nicht bekannt",
        sentence:
          "Der Anmeldedienst teilt dieser Anwendung nicht mit, was Sie dürfen, deshalb ist nichts geschehen. Fragen Sie Ihre Administration.",
      },
      providerUnavailable: {
        heading: "Diese Art der Anmeldung wird nicht angeboten",
        sentence:
          "Der Anmeldedienst hat die Anmeldung mit diesem Anbieter nicht angenommen. Melden Sie sich auf andere Weise an. Wenn das nicht möglich ist, geben Sie die Angaben unten an Ihre Administration weiter.",
      },
      proxySignIn: {
        heading: "Der Proxy verlangt eine Anmeldung",
        sentence:
          "Der Proxy zwischen diesem Computer und dem Anmeldedienst verlangt eine eigene Anmeldung. Geben Sie den Benutzernamen und das Passwort für den Proxy in den Proxy-Einstellungen des Systems ein oder fragen Sie Ihre Administration und versuchen Sie es dann erneut.",
      },
      proxyRejected: {
        heading: "Der Proxy hat die Verbindung nicht hergestellt",
        sentence:
          "Der Proxy zwischen diesem Computer und dem Anmeldedienst hat die Verbindung nicht hergestellt. Versuchen Sie es erneut. Wenn es wieder geschieht, fragen Sie Ihre Administration, ob der Proxy die Adresse des Anmeldediensts zulässt.",
      },
      refreshKeychainUnavailable: {
        heading: "Ihre Anmeldung wird vorerst nicht erneuert",
        sentence:
          "Der Schlüsselbund gibt Ihre Anmeldung nicht heraus oder nimmt sie nicht an, deshalb wird sie vorerst nicht erneuert. Sie bleiben angemeldet. Entsperren Sie den Schlüsselbund und versuchen Sie es dann erneut.",
      },
      refreshOffline: {
        heading: "Ohne Verbindung kann Ihre Anmeldung nicht erneuert werden",
        sentence:
          "Der Anmeldedienst ist nicht erreichbar. Sie bleiben angemeldet. Ihre Anmeldung wird erneuert, sobald die Verbindung wieder da ist.",
      },
      refreshRefused: {
        heading: "Ihre Anmeldung wird nicht mehr erneuert",
        sentence:
          "Der Anmeldedienst lehnt es immer wieder ab, Ihre Anmeldung zu erneuern. Sie bleiben hier angemeldet, haben aber auf nichts anderes Zugriff. Melden Sie sich erneut an. Bis dahin wird die Erneuerung hin und wieder versucht.",
      },
      refreshResponseRejected: {
        heading: "Die Erneuerung wurde zu Ihrer Sicherheit gestoppt",
        sentence:
          "Die Antwort auf die Erneuerung Ihrer Anmeldung hat die Sicherheitsprüfungen nicht bestanden und wurde nicht verwendet. Sie bleiben angemeldet, und die Erneuerung wird noch einmal versucht.",
      },
      refreshSlow: {
        heading: "Die Erneuerung Ihrer Anmeldung dauert lange",
        sentence:
          "Ihre Anmeldung wird gerade erneuert. Das dauert ungewöhnlich lange. Versuchen Sie es in einigen Minuten erneut.",
      },
      refreshUnavailable: {
        heading: "Ihre Anmeldung konnte nicht erneuert werden",
        sentence:
          "Der Anmeldedienst konnte Ihre Anmeldung nicht erneuern. Sie bleiben angemeldet, und die Erneuerung wird noch einmal versucht.",
      },
      resourceNotAllowed: {
        heading: "Dieser Dienst ist nicht zugelassen",
        sentence:
          "Der Dienst unter {address} gehört nicht zu dieser Anwendung, deshalb wurde nichts dorthin gesendet. Bitten Sie Ihre Administration, die Adresse in den Einstellungen zu berichtigen.",
      },
      resourceCertificate: {
        heading: "Dem Zertifikat des Dienstes wird nicht vertraut",
        sentence:
          "Dem Zertifikat des Dienstes unter {address} kann nicht vertraut werden, deshalb wurde nichts dorthin gesendet. Prüfen Sie die Uhr dieses Computers. Wenn sie richtig geht, geben Sie die Angaben unten an Ihre Administration weiter.",
      },
      resourceOffline: {
        heading: "Der Dienst ist nicht erreichbar",
        sentence:
          "Der Dienst unter {address} ist nicht erreichbar. Prüfen Sie Ihre Internetverbindung und versuchen Sie es dann erneut.",
      },
      resourcePermissionInvalid: {
        heading: "Die Berechtigung des Dienstes stimmt nicht",
        sentence:
          "Die Berechtigung {permission} des Dienstes in den Einstellungen kann nicht verwendet werden, deshalb wurde nichts gesendet. Geben Sie eine wie reports:read ein oder fragen Sie Ihre Administration.",
      },
      resourceRejectedSignIn: {
        heading: "Der Dienst nimmt Ihre Anmeldung nicht an",
        sentence:
          "Der Dienst unter {address} nimmt Ihre Anmeldung nicht an, auch nachdem sie erneuert wurde. Melden Sie sich erneut an. Wenn das nicht hilft, informieren Sie Ihre Administration.",
      },
      resourceResponseInvalid: {
        heading: "Die Antwort des Dienstes kann nicht verwendet werden",
        sentence:
          "Die Antwort des Dienstes unter {address} ist nicht die erwartete, deshalb wird sie nicht gezeigt. Fragen Sie Ihre Administration, ob die Adresse in den Einstellungen stimmt.",
      },
      resourceUnavailable: {
        heading: "Der Dienst funktioniert nicht",
        sentence:
          "Der Dienst unter {address} funktioniert gerade nicht. Versuchen Sie es in einigen Minuten erneut.",
      },
      resourceUrlInvalid: {
        heading: "Die Adresse des Dienstes stimmt nicht",
        sentence:
          "Die Adresse {address} des Dienstes in den Einstellungen kann nicht verwendet werden, deshalb wurde nichts dorthin gesendet. Geben Sie eine wie https://api.example.com/reports ein oder fragen Sie Ihre Administration.",
      },
      saveBlocked: {
        heading: "Ihre Anmeldung ist noch nicht gespeichert",
        sentence:
          "Eine andere Kopie dieser Anwendung hält Ihre Anmeldung gesperrt, deshalb ist sie noch nicht gespeichert. Sie bleiben angemeldet, bis Sie diese Anwendung schließen. Schließen Sie die anderen Kopien. Das Speichern geht dann von selbst weiter.",
      },
      serviceUnavailable: {
        heading: "Der Anmeldedienst funktioniert nicht",
        sentence:
          "Der Anmeldedienst funktioniert zurzeit nicht. Versuchen Sie es in einigen Minuten erneut.",
      },
      sessionClockWrong: {
        heading: "Die Uhr dieses Computers geht falsch",
        sentence:
          "Die Uhr dieses Computers und die des Anmeldedienstes weichen um mehr als eine halbe Stunde voneinander ab. Sie bleiben angemeldet. Stellen Sie die Uhr, denn andere Programme und Webseiten funktionieren sonst vielleicht nicht.",
      },
      sessionEnded: {
        heading: "Ihre Anmeldung ist beendet",
        sentence:
          "Das Zeitlimit Ihrer Organisation für Anmeldungen ist erreicht, Sie haben sich an anderer Stelle abgemeldet, oder die Administration hat die Anmeldung beendet. Melden Sie sich erneut an.",
      },
      sessionExpired: {
        heading: "Ihre Anmeldung ist abgelaufen",
        sentence:
          "Melden Sie sich erneut an: Ihre Anmeldung hat ihr Ende erreicht und kann nicht erneuert werden.",
      },
      sessionFiles: {
        heading: "Ihre Anmeldung wird vorerst nicht verwendet",
        sentence:
          "Die Datei, in der die beendeten Anmeldungen stehen, kann nicht gelesen werden, deshalb wird Ihre vorerst nicht verwendet. Das Lesen wird erneut versucht. Wenn diese Meldung bleibt, stellen Sie sicher, dass diese Anwendung ihren eigenen Datenordner lesen darf und dass der Datenträger funktioniert.",
      },
      sessionInterrupted: {
        heading: "Ihre Anmeldung konnte nicht fortgesetzt werden",
        sentence:
          "Die Verbindung ist abgebrochen oder diese Anwendung wurde beendet, während Ihre Anmeldung erneuert wurde. Mit Ihrem Konto ist alles in Ordnung. Melden Sie sich erneut an.",
      },
      settingsChanged: {
        heading: "Die Einstellungen haben sich geändert",
        sentence:
          "Die Einstellungen haben sich inzwischen geändert, deshalb wurde nichts weiter gesendet. Versuchen Sie es erneut, wenn Sie es noch möchten.",
      },
      policyUnusable: {
        heading: "Die Richtlinie kann nicht verwendet werden",
        sentence:
          "Auf diesem Computer kann sich niemand anmelden, bis die Datei {path} berichtigt ist. Bitten Sie Ihre Administration darum, und starten Sie dann diese Anwendung neu.",
      },
      settingsFileSlow: {
        heading: "Die Einstellungsdatei antwortet nicht",
        sentence:
          "Die Einstellungsdatei {path} antwortet nicht, deshalb wird sie nicht verwendet. Vielleicht liegt sie in einem Netzwerk oder auf einem Datenträger, der nicht mehr verbunden ist. Stellen Sie sicher, dass Sie die Datei öffnen können, und starten Sie diese Anwendung dann neu.",
      },
      settingsFileUnreadable: {
        heading: "Die Einstellungsdatei kann nicht verwendet werden",
        sentence:
          "Die Einstellungsdatei {path} kann nicht gelesen werden. Sie wurde nicht verändert. Geben Sie die Einstellungen noch einmal ein, oder reparieren Sie die Datei und starten Sie diese Anwendung neu.",
      },
      settingsLocked: {
        heading: "Diese Einstellungen sind gesperrt",
        sentence:
          "Die Einstellungen stammen aus den Umgebungsvariablen {urlVariable} und {clientVariable}, deshalb wurde nichts gespeichert. Ändern Sie sie dort oder fragen Sie Ihre Administration.",
      },
      settingsLockedByPolicy: {
        heading: "Eine Richtlinie sperrt diese Einstellungen",
        sentence:
          "Die Einstellungen stammen aus der Richtlinie {path} dieses Computers, deshalb wurde nichts gespeichert. Bitten Sie Ihre Administration, sie zu ändern.",
      },
      settingsNotSaved: {
        heading: "Die Einstellungen wurden nicht gespeichert",
        sentence:
          "Die Einstellungen konnten nicht in {path} gespeichert werden, deshalb wurde nichts geändert. Stellen Sie sicher, dass Sie dort schreiben dürfen und dass der Datenträger nicht voll ist, und speichern Sie dann noch einmal.",
      },
      settingsUnavailable: {
        heading: "Auf die Einstellungen kann nicht zugegriffen werden",
        sentence:
          "Wegen eines Fehlers in dieser Anwendung konnten die Einstellungen nicht gelesen oder gespeichert werden. Starten Sie die Anwendung neu.",
      },
      signInKeychainUnavailable: {
        heading: "Die Anmeldung konnte nicht abgeschlossen werden",
        sentence:
          "Sie sind aus dem Browser zurückgekommen, aber der Schlüsselbund hat die begonnene Anmeldung nicht herausgegeben, deshalb konnte sie nicht abgeschlossen werden. Entsperren Sie den Schlüsselbund und melden Sie sich dann erneut an.",
      },
      signInOffline: {
        heading: "Die Verbindung ist abgebrochen",
        sentence:
          "Ohne Verbindung konnte die Anmeldung nicht abgeschlossen werden. Prüfen Sie Ihre Internetverbindung und beginnen Sie dann neu.",
      },
      signInRefused: {
        heading: "Die Anmeldung wurde nicht angenommen",
        sentence:
          "Der Anmeldedienst hat diese Anmeldung nicht angenommen. Beginnen Sie neu. Wenn es wieder geschieht, informieren Sie Ihre Administration.",
      },
      signInTimedOut: {
        heading: "Die Anmeldung hat zu lange gedauert",
        sentence:
          "Die Anmeldung wurde im Browser nicht rechtzeitig abgeschlossen. Beginnen Sie neu, wenn Sie bereit sind.",
      },
      signInUnfinished: {
        heading: "Die Anmeldung wurde nicht abgeschlossen",
        sentence:
          "Die Anmeldung wurde im Browser nicht abgeschlossen. Beginnen Sie neu und schließen Sie sie auf der Seite ab, die sich öffnet.",
      },
      signOutBrowserUnavailable: {
        heading: "Ihr Browser ist vielleicht noch angemeldet",
        sentence:
          "Sie sind hier abgemeldet, aber Ihr Browser ist vielleicht noch angemeldet, weil keiner geöffnet werden konnte, um Sie dort abzumelden. Wenn andere diesen Computer benutzen, öffnen Sie Ihren Browser und melden Sie sich auch dort ab.",
      },
      signUpUnavailable: {
        heading: "Hier werden keine Konten erstellt",
        sentence:
          "Der Anmeldedienst lässt nicht zu, dass Sie ein Konto erstellen. Melden Sie sich mit dem Konto an, das Sie haben, oder bitten Sie Ihre Administration um eines.",
      },
      signingKeysUnavailable: {
        heading: "Die Anmeldung konnte nicht überprüft werden",
        sentence:
          "Ihre Anmeldung konnte nicht überprüft werden, weil die Signaturschlüssel des Anmeldedienstes nicht abgerufen werden konnten. Versuchen Sie es in einigen Minuten erneut.",
      },
      storedByNewerVersion: {
        heading: "Ihre Anmeldung stammt aus einer neueren Version",
        sentence:
          "Eine neuere Version dieser Anwendung hat Ihre Anmeldung gespeichert, und diese wurde nicht verändert. Öffnen Sie die neuere Version oder aktualisieren Sie diese hier.",
      },
      storedSessionDamaged: {
        heading: "Ihre gespeicherte Anmeldung ist beschädigt",
        sentence:
          "Die im Schlüsselbund gespeicherte Anmeldung ist beschädigt und kann nicht verwendet werden. Melden Sie sich erneut an.",
      },
      tooOften: {
        heading: "Das ging zu schnell",
        sentence:
          "Das wurde in kurzer Zeit zu oft angefordert, deshalb wurde nichts ausgeführt. Warten Sie einige Sekunden und versuchen Sie es dann erneut.",
      },
    },
    unexpected: {
      heading: "Etwas ist schiefgegangen",
      sentence:
        "Das hat nicht funktioniert. Versuchen Sie es erneut. Wenn es wieder geschieht, starten Sie {app} neu.",
    },
  },
};

export const outside: OutsideTexts = {
  tray: {
    starting: "Wird gestartet …",
    notConfigured: "Noch nicht eingerichtet",
    signedOut: "Abgemeldet",
    signingIn: "Anmeldung läuft …",
    signedInAs: "Angemeldet als {name}",
    signedIn: "Angemeldet",
    endsSoon: "Ihre Anmeldung endet bald",
    ended: "Ihre Anmeldung ist beendet",
    signingOut: "Abmeldung läuft …",
    asks: "Im Fenster wartet eine Frage",
    open: "{app} öffnen",
    signIn: "Anmelden",
    staySignedIn: "Angemeldet bleiben",
    signOut: "Abmelden",
    quit: "Beenden",
  },
  notifications: {
    endsSoon: "Ihre Anmeldung endet bald",
    endsSoonBody: "Melden Sie sich im Browser noch einmal an, um als {name} angemeldet zu bleiben.",
    ended: "Ihre Anmeldung ist beendet",
    endedBody: "Melden Sie sich im Browser noch einmal an, um weiterzuarbeiten.",
    signInAgain: "Bitte melden Sie sich erneut an",
    signInAgainBody:
      "Ihre Anmeldung konnte nicht erneuert werden. Melden Sie sich im Browser noch einmal an.",
    keychain: "Ihre Anmeldung kann nicht gelesen werden",
    keychainBody:
      "Ihr Schlüsselbund antwortet nicht. Öffnen Sie {app}, um zu sehen, was Sie tun können.",
  },
  loopbackPage: {
    received: "Sie können diese Seite schließen",
    receivedLede: "Kehren Sie zu {app} zurück, um fortzufahren.",
    unexpected: "Diese Seite gehört zu keiner Anmeldung",
    unexpectedLede:
      "Keine Anmeldung wartet darauf. Kehren Sie zu {app} zurück und beginnen Sie dort neu.",
  },
  messageBox: {
    cannotGoOn: "{app} kann nicht fortfahren",
    problem: "{app} hat ein Problem",
    close: "Schließen",
    crashed:
      "{app} wurde durch einen Fehler beendet. Ihre Anmeldung bleibt erhalten. Starten Sie {app} neu. Wenn es wieder beendet wird, melden Sie das dort, wo Sie {app} erhalten haben, mit dem, was es auf die Standardfehlerausgabe geschrieben hat.",
    pageCrashed:
      "Der Teil von {app}, der das Fenster zeichnet, ist innerhalb einer Minute zweimal ausgefallen. An Ihrer Anmeldung ändert sich nichts. Schließen Sie diese Meldung, um das Fenster neu zu laden. Wenn er wieder ausfällt, beenden Sie andere Programme, die vielleicht zu viel Speicher brauchen, oder starten Sie den Computer neu.",
    cannotStart:
      "{app} kann nicht starten: {why}. Ihre Anmeldung bleibt erhalten. Starten Sie den Computer neu und versuchen Sie es noch einmal. Wenn das nicht hilft, installieren Sie {app} neu.",
    folderMissing:
      "{app} kann nicht starten. Es braucht einen Ordner für seine Daten, und dieser Computer nennt keinen. Melden Sie sich am Computer mit Ihrem Konto an, oder setzen Sie HOME auf Ihren Ordner. Starten Sie {app} dann neu.",
    folderUnusable:
      "{app} kann nicht starten. Es braucht den Ordner {folder} für seine Daten und kann ihn nicht anlegen: {why}. Prüfen Sie, ob Ihr persönlicher Ordner vorhanden ist, ob Sie darin schreiben dürfen und ob der Datenträger nicht voll ist. Starten Sie {app} dann neu.",
    folderSilent:
      "{app} kann nicht starten. Der Ordner {folder} antwortet nicht. Vielleicht liegt er auf einem Netzlaufwerk oder Datenträger, der nicht verbunden ist. Ihre Anmeldung bleibt erhalten. Prüfen Sie, ob Sie Ihren persönlichen Ordner öffnen können. Starten Sie {app} dann neu.",
    root: "{app} läuft nicht als root: Sein Fenster hätte dann alle Rechte auf diesem Computer. Starten Sie es mit Ihrem Konto, ohne sudo. In einem Container ohne anderen Benutzer setzen Sie {variable}=1.",
    silent:
      "{app} läuft bereits, antwortet aber nicht. Wenn Sie einen Link geöffnet haben, ist er nicht angekommen. Warten Sie einen Moment und versuchen Sie es noch einmal. Wenn das nicht hilft, beenden Sie {app} in der Liste der Prozesse und starten Sie es neu.",
    unreachable:
      "{app} läuft bereits, ist aber nicht erreichbar: Es hat weder in seinem Ordner noch im Laufzeitordner einen Socket. Wenn Sie einen Link geöffnet haben, ist er nicht angekommen. Prüfen Sie, ob XDG_RUNTIME_DIR einen Ordner nennt, der Ihnen gehört und auf einem lokalen Datenträger liegt. Beenden Sie {app} dann und starten Sie es neu.",
    notFound:
      "{app} läuft bereits, aber dieser Start findet es nicht: Die beiden haben verschiedene Ordner für ihre Daten oder dürfen nicht denselben benutzen. Wenn Sie einen Link geöffnet haben, ist er nicht angekommen. Prüfen Sie, ob XDG_DATA_HOME überall gleich ist und ob der Ordner {folder} Ihnen gehört.",
    mayBeRunning:
      "{app} kann nicht feststellen, ob es bereits läuft. Der Ordner {folder} gehört Ihnen nicht oder kann nicht beschrieben werden, und der Sitzungsbus antwortet nicht. Wenn Sie einen Link geöffnet haben, ist er nicht angekommen. Machen Sie den Ordner wieder zu Ihrem (sudo chown) und öffnen Sie den Link noch einmal.",
  },
};

export default de;
