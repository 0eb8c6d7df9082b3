import type { Language } from "./messages";

const de: Language = {
  tag: "de",
  direction: "ltr",
  messages: {
    actions: {
      signIn: "Anmelden",
      signInAgain: "Erneut anmelden",
      switchOrganization: "Organisation wechseln",
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
      invited: "Über einen Link sollen Sie sich anmelden.",
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
      lede: "Sie melden sich in Ihrem Browser an und kehren danach zu {app} zurück.",
      at: "Anmeldedienst: {host}",
    },
    invited: {
      heading: "Bei {organization} anmelden?",
      headingAt: "Bei {host} anmelden?",
      lede: "Sie haben einen Link geöffnet. Er fordert {app} auf, Sie anzumelden:",
      ledeForAnybody:
        "Sie haben einen Link geöffnet. Er fordert {app} auf, Sie anzumelden. Wer ihn verschickt hat, geht daraus nicht hervor.",
      account: "Konto",
      organizationId: "Organisations-ID",
      connection: "Verbindungs-ID",
      signedInAs:
        "Sie sind als {name} angemeldet. Wenn Sie die neue Anmeldung abschließen, ersetzt sie diese.",
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
        finishing: "Gleich geschafft.",
      },
      noBrowser: "Öffnen Sie diesen Link in Ihrem Browser",
      noBrowserLede:
        "Kopieren Sie den Link, öffnen Sie ihn in einem Browser auf diesem Computer und schließen Sie die Anmeldung bei {host} ab.",
      minutesLeft:
        "{minutes, plural, one {Noch # Minute Zeit, um die Anmeldung abzuschließen} other {Noch # Minuten Zeit, um die Anmeldung abzuschließen}}",
      unusableCallback:
        "Aus dem Browser kam etwas zurück, das nicht zu dieser Anmeldung gehört. Wenn sie laut Browser abgeschlossen ist, wählen Sie „Browser erneut öffnen“.",
      help: {
        heading: "Nichts passiert?",
        noPage: "Es hat sich keine Seite geöffnet: Wählen Sie „Browser erneut öffnen“.",
        notAllowed:
          "Der Browser meldet, dass er {app} nicht öffnen kann, oder er fragt nicht: Laden Sie die Seite neu und erlauben Sie es. Ein Browser aus Snap oder Flatpak kann das möglicherweise nicht; verwenden Sie dann einen anderen.",
        otherAccount:
          "Es wird das falsche Konto angemeldet: Melden Sie dieses Konto im Browser ab und wählen Sie dann „Browser erneut öffnen“.",
        otherBrowser:
          "Sie möchten einen anderen Browser oder ein anderes Profil auf diesem Computer: Wählen Sie „Link kopieren“ und öffnen Sie den Link dort.",
      },
      stop: "Anmeldung abbrechen?",
      stopLede:
        "Die Seite in Ihrem Browser funktioniert danach nicht mehr. Sie können neu beginnen.",
    },
    signedIn: {
      notVerified: "Nicht bestätigt",
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
      notTold: "Wird dieser Anwendung nicht mitgeteilt",
      session: "Erneuerung",
      notKept:
        "Ihre Anmeldung wird nirgends gespeichert. Sie melden sich jedes Mal neu an, wenn Sie {app} öffnen.",
      notSaved:
        "Ihre Anmeldung ist noch nicht gespeichert. Bis dahin wird sie auch nicht erneuert.",
      refreshesIn:
        "{minutes, plural, =0 {Wird in Kürze automatisch erneuert} one {Wird automatisch erneuert, das nächste Mal in etwa # Minute} other {Wird automatisch erneuert, das nächste Mal in etwa # Minuten}}",
      refreshing: "Wird erneuert…",
      refreshed: "Erneuert.",
      nextTryIn:
        "{minutes, plural, =0 {Nächster Versuch in Kürze} one {Nächster Versuch in etwa # Minute} other {Nächster Versuch in etwa # Minuten}}",
      endsAt: "Ende Ihrer Anmeldung: {time}",
    },
    starting: "Wird gestartet…",
    signingOut: "Abmeldung läuft…",
    keychainUnavailable: "Ihre Anmeldung kann nicht gelesen werden",
    withoutKeychain:
      "Sie können auch ohne den Schlüsselbund fortfahren. Dann melden Sie sich jedes Mal an, wenn Sie {app} öffnen.",
    notWatching: "Dieses Fenster ist nicht verbunden",
    setUp: {
      heading: "{app} einrichten",
      askAdministrator:
        "Möchten Sie nur mit {app} arbeiten? Bitten Sie Ihre Administration, es für Sie einzurichten.",
      register: "Diese Adressen registrieren",
      registerLede:
        "Fügen Sie sie im Scalekit-Dashboard zu Ihrer nativen Anwendung (Native Application) hinzu, genau so, wie sie hier stehen.",
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
      redirectUri: "Weiterleitungs-URI (Allowed callback URL)",
      postLogoutRedirectUri: "URL nach der Abmeldung (Post logout URL)",
      initiateLoginUri: "URL zum Starten der Anmeldung (Initiate login URL)",
      initiateLoginOptional:
        "Die letzte Adresse können Sie weglassen. Anmeldungen, die in einem Firmenportal oder mit einer Einladung beginnen, kommen dann nicht hier an.",
      locked: "Von Ihrer Administration festgelegt.",
      lockedDetails:
        "Die Werte stammen aus den Umgebungsvariablen {urlVariable} und {clientVariable}. Um sie zu ändern, setzen Sie diese Variablen und starten Sie {app} neu.",
      renamed:
        "Danach melden Sie sich noch einmal an. Eine Anmeldung unter der bisherigen Adresse wird nicht beendet: Sie bleibt gespeichert und ist wieder da, wenn Sie die Adresse zurückändern.",
      renamedLocked:
        "Für Ihre Administration: Sobald feststeht, dass dies die Adresse des Unternehmens ist, setzen Sie {urlVariable} genau auf den Wert unten und starten Sie neu. Alle melden sich danach noch einmal an; Anmeldungen unter der bisherigen Adresse bleiben gespeichert und werden nicht beendet.",
      signsOut: "Abmelden und speichern?",
      signsOutLede: "Beim Speichern wird {name} bei {host} abgemeldet.",
      discard: "Eingaben verwerfen?",
      appearance: "Sprache und Darstellung",
      language: "Sprache",
      theme: "Darstellung",
      themes: { system: "Wie das System", light: "Hell", dark: "Dunkel" },
      systemLanguage: "Wie das System ({language})",
      sources: {
        environment: "Durch Umgebungsvariablen festgelegt",
        file: "In diesem Fenster eingegeben",
        builtIn: "In dieser Anwendung fest eingebaut",
        none: "Noch nicht festgelegt",
      },
      version: "Version {version}",
      closing: "Wenn Sie dieses Fenster schließen, wird {app} beendet. Sie bleiben angemeldet.",
    },
    presence: {
      heading: "Immer da",
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
      serviceSaid: "Meldung des Dienstes",
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
          "Die Antwort auf Ihre Anmeldung hat die Sicherheitsprüfungen nicht bestanden, deshalb wurden Sie nicht angemeldet. Versuchen Sie es erneut. Wenn es wieder geschieht, informieren Sie Ihre Administration.",
      },
      applicationSetup: {
        heading: "Diese Anwendung ist nicht richtig registriert",
        sentence:
          "Diese Anwendung ist beim Anmeldedienst nicht so registriert, dass sie Sie anmelden darf. Das können Sie hier nicht ändern. Geben Sie die Angaben unten an Ihre Administration weiter.",
      },
      browserUnavailable: {
        heading: "Es konnte kein Browser geöffnet werden",
        sentence:
          "Es konnte kein Browser geöffnet werden. Kopieren Sie den Link und öffnen Sie ihn in einem Browser auf diesem Computer.",
      },
      callRefused: {
        heading: "Bitte starten Sie diese Anwendung neu",
        sentence:
          "Das Fenster hat etwas angefordert, das diese Anwendung nicht kennt, deshalb wurde nichts ausgeführt. Starten Sie die Anwendung neu. Wenn es wieder geschieht, installieren Sie sie neu.",
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
          "Das Zertifikat gehört zu einem anderen Server als dem Anmeldedienst, deshalb wurde nichts gesendet. Prüfen Sie die Umgebungs-URL. In einem Netzwerk mit eigener Anmeldeseite, zum Beispiel in einem Hotel, melden Sie sich zuerst dort an.",
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
          "Der Link konnte nicht kopiert werden. Versuchen Sie es erneut oder öffnen Sie den Browser erneut.",
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
      environmentRedirects: {
        heading: "Die Adresse führt woandershin",
        sentence:
          "Die Adresse {environment} leitet zu {address} weiter. Dem wurde nicht gefolgt, und dorthin wurde nichts gesendet. Wenn es die Adresse Ihres Unternehmens ist, geben Sie sie als Umgebungs-URL ein. Wenn Sie diese nicht ändern können, informieren Sie Ihre Administration. Wenn Sie die Adresse nicht kennen, hat vielleicht ein Netzwerk mit eigener Anmeldeseite geantwortet, zum Beispiel das eines Hotels. Melden Sie sich zuerst dort an und versuchen Sie es dann erneut.",
      },
      environmentRenamed: {
        heading: "Die Umgebung hat eine andere Adresse",
        sentence:
          "Die Umgebung unter {environment} nennt sich selbst {address}, wie es eine Umgebung mit eigener Domain tut. Dorthin wurde nichts gesendet. Wenn das die Adresse Ihres Unternehmens ist, geben Sie sie als Umgebungs-URL ein. Wenn Sie diese nicht ändern können, informieren Sie Ihre Administration.",
      },
      environmentUrlHasUserName: {
        heading: "Die Umgebungs-URL enthält einen Benutzernamen",
        sentence:
          "Die Umgebungs-URL enthält einen Benutzernamen und führt deshalb vielleicht nicht dorthin, wohin es scheint. Geben Sie nur den Teil ein, der so aussieht: https://your-company.scalekit.com.",
      },
      environmentUrlInvalid: {
        heading: "Die Umgebungs-URL stimmt nicht",
        sentence:
          "Das ist keine Webadresse. Geben Sie eine Adresse wie https://your-company.scalekit.com ein.",
      },
      environmentUrlMalformed: {
        heading: "Die Umgebungs-URL ist zu lang oder enthält Leerzeichen",
        sentence:
          "Die Umgebungs-URL ist zu lang oder enthält Leerzeichen. Kopieren Sie sie noch einmal aus Ihrem Scalekit-Dashboard.",
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
      identityChanged: {
        heading: "Sie wurden zur Sicherheit abgemeldet",
        sentence:
          "Der Anmeldedienst hat Ihre Anmeldung für jemand anderen erneuert. Zur Sicherheit wurden Sie abgemeldet. Melden Sie sich erneut an.",
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
          "Der Schlüsselbund ist gesperrt, deshalb kann Ihre Anmeldung nicht gelesen werden. Entsperren Sie ihn und versuchen Sie es dann erneut. Vielleicht ist ein Fenster für das Passwort hinter diesem verborgen.",
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
          "Der Schlüsselbund antwortet nicht. Vielleicht wartet er darauf, dass Sie ihn entsperren, in einem Fenster, das hinter diesem verborgen ist. Entsperren Sie ihn und versuchen Sie es dann erneut.",
      },
      linksLost: {
        heading: "Links führen nicht hierher zurück",
        sentence:
          "Kein Programm auf diesem Computer öffnet die Links, die aus dem Browser hierher zurückführen, deshalb würde eine Anmeldung nicht ankommen. Installieren Sie diese Anwendung mit ihrem Installationspaket oder stellen Sie sicher, dass sie in den Ordner für Anwendungen schreiben darf (unter Linux ~/.local/share/applications) und dass xdg-utils installiert ist. Wählen Sie dann „Erneut prüfen“.",
      },
      linksPerhapsTaken: {
        heading: "Links führen vielleicht nicht hierher zurück",
        sentence:
          "Links aus Ihrem Browser werden von einem Skript oder einem anderen Programm geöffnet, und bisher ist keiner hier angekommen. Wenn eine Anmeldung nicht aus dem Browser zurückkommt, machen Sie diese Anwendung zum Standard für diese Links und wählen Sie dann „Erneut prüfen“.",
      },
      linksTaken: {
        heading: "Ein anderes Programm hat die Links übernommen",
        sentence:
          "Links aus Ihrem Browser öffnen ein anderes Programm, deshalb kommt eine Anmeldung vielleicht nicht hier an. Das andere Programm kann mit den Links nichts anfangen. Machen Sie diese Anwendung zum Standard für diese Links oder entfernen Sie das andere Programm und wählen Sie dann „Erneut prüfen“.",
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
          "Es gibt keinen Link zum Kopieren, weil keine Anmeldung auf den Browser wartet. Starten Sie zuerst eine.",
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
          "Ihre Anmeldung konnte nicht im Schlüsselbund gespeichert werden. Sie bleiben angemeldet, bis Sie diese Anwendung schließen, und Ihre Anmeldung wird erst erneuert, wenn sie gespeichert ist. Entsperren Sie den Schlüsselbund. Das Speichern wird erneut versucht.",
      },
      offline: {
        heading: "Der Anmeldedienst ist nicht erreichbar",
        sentence:
          "Der Anmeldedienst unter {environment} ist nicht erreichbar. Prüfen Sie Ihre Internetverbindung und die Umgebungs-URL und versuchen Sie es dann erneut.",
      },
      otherProcess: {
        heading: "Eine andere Kopie verwendet Ihre Anmeldung",
        sentence:
          "Eine andere Kopie dieser Anwendung arbeitet gerade mit Ihrer Anmeldung, deshalb wird sie vorerst nicht erneuert. Sie bleiben angemeldet. Schließen Sie die andere Kopie, wenn diese Meldung bleibt.",
      },
      proxySignIn: {
        heading: "Der Proxy verlangt eine Anmeldung",
        sentence:
          "Der Proxy zwischen diesem Computer und dem Anmeldedienst verlangt eine eigene Anmeldung. Geben Sie den Benutzernamen und das Passwort für den Proxy in den Proxy-Einstellungen des Systems ein oder fragen Sie Ihre Administration und versuchen Sie es dann erneut.",
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
      saveBlocked: {
        heading: "Ihre Anmeldung ist noch nicht gespeichert",
        sentence:
          "Eine andere Kopie dieser Anwendung hält Ihre Anmeldung gesperrt, deshalb ist sie noch nicht gespeichert. Sie bleiben angemeldet, bis Sie diese Anwendung schließen. Schließen Sie die anderen Kopien. Das Speichern geht dann von selbst weiter.",
      },
      serviceTrouble: {
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
          "Ihre Anmeldung ist abgelaufen, oder sie wurde an anderer Stelle von Ihnen oder von der Administration beendet. Melden Sie sich erneut an.",
      },
      sessionExpired: {
        heading: "Ihre Anmeldung ist abgelaufen",
        sentence:
          "Ihre Anmeldung ist abgelaufen und kann nicht erneuert werden. Melden Sie sich erneut an.",
      },
      sessionFiles: {
        heading: "Ihre Anmeldung wird vorerst nicht verwendet",
        sentence:
          "Die Datei, in der die beendeten Anmeldungen stehen, kann nicht gelesen werden, deshalb wird Ihre vorerst nicht verwendet. Das Lesen wird erneut versucht. Wenn diese Meldung bleibt, stellen Sie sicher, dass diese Anwendung ihren eigenen Datenordner lesen darf und dass der Datenträger funktioniert.",
      },
      sessionInterrupted: {
        heading: "Ihre Anmeldung konnte nicht fortgesetzt werden",
        sentence:
          "Ihre Anmeldung konnte nicht fortgesetzt werden, weil die Verbindung abgebrochen ist oder diese Anwendung beendet wurde, während die Anmeldung erneuert wurde. Mit Ihrem Konto ist alles in Ordnung. Melden Sie sich erneut an.",
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
          "Die Verbindung ist abgebrochen, während Sie sich angemeldet haben. Prüfen Sie Ihre Internetverbindung und beginnen Sie dann neu.",
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
          "Sie sind hier abgemeldet, aber Ihr Browser ist vielleicht noch angemeldet, weil keiner geöffnet werden konnte, um Sie dort abzumelden. Wenn andere diesen Computer benutzen, melden Sie sich auch dort ab.",
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

export default de;
