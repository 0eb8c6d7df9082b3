import type { Language, OutsideTexts } from "./messages";

const ja: Language = {
  tag: "ja",
  direction: "ltr",
  punctuation: { colon: "：", sentences: "" },
  messages: {
    actions: {
      signIn: "サインイン",
      signInAgain: "もう一度サインイン",
      switchOrganization: "組織を切り替える",
      chooseOrganization: "別の組織を選ぶ",
      useAnotherAccount: "別のアカウントを使う",
      signInWithCompany: "会社のアカウントでサインイン",
      continueToCompany: "続ける",
      useLoopback: "別の戻り方でブラウザーを開く",
      pasteLink: "クリップボードから貼り付け",
      staySignedIn: "サインインしたままにする",
      signOutHere: "このコンピューターだけでサインアウト",
      useAddress: "このアドレスを使う",
      createAccount: "アカウントを作成",
      openBrowserAgain: "ブラウザーをもう一度開く",
      copyLink: "リンクをコピー",
      copy: "コピー",
      copied: "コピー済み",
      copyDetails: "詳細をコピー",
      cancel: "キャンセル",
      acceptInvitation: "続ける",
      declineInvitation: "今はしない",
      showQuestion: "表示",
      refreshNow: "今すぐ更新",
      continueWithoutKeychain: "キーチェーンなしで続ける",
      signOut: "サインアウト",
      tryAgain: "もう一度試す",
      unlock: "ロックを解除",
      checkAgain: "もう一度確認",
      dismiss: "非表示にする",
      settings: "設定",
      openSettings: "設定を開く",
      save: "保存",
      saveAnyway: "このまま保存",
      signOutAndSave: "サインアウトして保存",
      discard: "破棄",
      keepEditing: "編集を続ける",
      stopSignIn: "サインインを中止",
      goOn: "サインインを続ける",
      close: "閉じる",
      details: "詳細",
    },
    levels: { information: "お知らせ", caution: "注意", alarm: "警告" },
    statuses: {
      notConfigured: "まだ設定されていません。",
      starting: "起動しています。",
      signedOut: "誰もサインインしていません。",
      invited: "リンクがサインインを求めています。",
      signingIn: "サインイン中です。",
      signedIn: "サインイン済みです。",
      signingOut: "サインアウト中です。",
      keychainUnavailable: "サインイン情報を読み取れません。",
    },
    signedOut: {
      fresh: "ようこそ",
      signedOut: "サインアウトしました",
      cancelled: "ようこそ",
      signInFailed: "サインイン",
      sessionEnded: "もう一度サインインしてください",
      youCancelled: "サインインをキャンセルしました。",
      lede: "ブラウザーでサインインし、終わったら{app}に戻ります。",
      at: "サインインサービス：{host}",
      organization: "組織：{organization}",
      continueWith: "{provider}で続ける",
      company: "仕事用のメールアドレスまたは会社のドメイン",
      companyHint:
        "例：ada@acme.example または acme.example。会社のサインインページを見つけるために使います。",
      companyUnusable: "メールアドレスでもドメインでもないため、何も開始していません。",
    },
    invited: {
      heading: "{host}で{organization}にサインインしますか？",
      headingAt: "{host}にサインインしますか？",
      lede: "リンクが、{app}に次のサインインを求めています。",
      ledeForAnybody:
        "リンクが、{app}にサインインを求めています。リンクの送り主は示されていません。",
      account: "アカウント",
      organizationId: "組織ID",
      connection: "接続ID",
      signedInAs:
        "現在{name}としてサインインしています。新しいサインインを完了すると、現在のサインインと置き換わります。",
      parameters: "リンクがサインインページに渡す内容：",
      notYou:
        "このリンクをたった今ご自分で開いた場合にだけ続けてください。心当たりがない場合は、「今はしない」を選んでください。",
    },
    signingIn: {
      preparing: "準備しています…",
      waitingForBrowser: "ブラウザーで続けてください",
      finishing: "サインインを完了しています…",
      ledes: {
        preparing: "まもなくブラウザーが開きます。",
        waitingForBrowser:
          "開いた{host}のページで、サインインを完了してください。ブラウザーに確認されたら、{app}を開くことを許可してください。",
        withoutLinks: "開いた{host}のページで、サインインを完了してください。",
        selectOrganization:
          "開いた{host}のページで、サインインを完了してください。求められたら、組織または招待を選んでください。ブラウザーに確認されたら、{app}を開くことを許可してください。すでにサインインしている場合は、新しいサインインが完了するまでその状態が続きます。",
        selectOrganizationWithoutLinks:
          "開いた{host}のページで、サインインを完了してください。求められたら、組織または招待を選んでください。すでにサインインしている場合は、新しいサインインが完了するまでその状態が続きます。",
        finishing: "もう少しで完了します。",
      },
      sameBrowser: "メールでリンクが届いたら、同じブラウザーで開いてください。",
      noBrowser: "このリンクをブラウザーで開いてください",
      noBrowserLede: "そこで{host}でのサインインを完了してください。",
      minutesLeft: "{minutes, plural, other {サインインを完了できる時間は残り#分です}}",
      unusableCallback:
        "このサインインのものではない応答がブラウザーから届きました。ブラウザーに完了したと表示されている場合は、「ブラウザーをもう一度開く」を選んでください。",
      help: {
        heading: "ブラウザーから戻りませんか？",
        nothingYet: "ブラウザーからまだ何も届いていません。",
        noHurry:
          "ブラウザーでサインインの途中なら、急ぐ必要はありません。そうでなければ、次を順に試してください。",
        links: {
          linksTaken:
            "ブラウザーからのリンクで別のプログラムが開くため、リンクでは{app}に戻れません。次を順に試してください。",
          linksPerhapsTaken:
            "ブラウザーからのリンクで別のプログラムが開く可能性があり、リンクでは{app}に戻れないかもしれません。戻らない場合は、次を順に試してください。",
          linksLost:
            "{app}へのリンクを開くプログラムがこのコンピューターにないため、リンクでは戻れません。次を順に試してください。",
          linksUnreachable:
            "ブラウザーからのリンクが{app}に届かないため、リンクでは戻れません。次を順に試してください。",
        },
        openAgain:
          "ページが開かない、またはブラウザーが{app}を開いてよいか確認してこない場合：「ブラウザーをもう一度開く」を選び、許可してください。SnapやFlatpakのブラウザーでは開けないことがあります。その場合は別のブラウザーを使ってください。",
        loopback:
          "ブラウザーが{app}を開けないと表示する場合：ページがもう一度開き、リンクを使わずに、このコンピューター上のアドレスに戻ります。",
        listening:
          "ブラウザーは、このコンピューター上のアドレスに戻るようになりました。最後に開いたページでサインインを完了してください。",
        paste:
          "それでも解決しない場合：サインインが終わったときのアドレス全体をブラウザーのアドレスバーからコピーし、ここに貼り付けてください。",
        pasteFirefox:
          "Firefoxは、開くプログラムがないときにアドレスを表示します。{address}で始まります。",
        pasteLoopback:
          "別の方法で戻った後は、別のコンピューターでも、どのブラウザーにもアドレスが表示されます。",
        pasteChromium:
          "ChromeやEdgeなどのChromium系ブラウザーは、どのプログラムも開かなかったリンクのアドレスを表示しません。",
        otherAccount:
          "別のアカウントでサインインしてしまう場合：使いたいアカウントで始め直してください。",
        otherBrowser:
          "別のブラウザーやプロファイルを使いたい場合、またはメールのリンクがそこで開いた場合：「リンクをコピー」を選び、そこで開いて、すべてそこで行ってください。",
      },
      stop: "サインインを中止しますか？",
      stopLede: "中止すると、ブラウザーのページは使えなくなります。もう一度始めることはできます。",
    },
    signedIn: {
      notVerified: "メール未確認",
      notVerifiedMeans: "このメールアドレスは、サインインサービスで確認されていません。",
      organization: "組織",
      signInService: "サインインサービス",
      organizationId: "組織ID",
      externalId: "外部ID",
      subject: "ユーザーID",
      account: "アカウント",
      noOrganization: "組織なし",
      roles: "役割",
      noRoles: "役割なし",
      permissions: "権限",
      noPermissions: "権限なし",
      filter: "{count, number}件の権限を絞り込む",
      found: "{count, plural, =0 {見つかりません} other {#件見つかりました}}",
      claims: "サインインサービスからのその他の情報",
      notGiven: "{app}には知らされていません",
      session: "更新",
      notStored:
        "サインインはどこにも保存されていません。{app}を開くたびに、もう一度サインインします。",
      notSaved: "サインインはまだ保存されていません。保存されるまで更新されません。",
      refreshesIn:
        "{minutes, plural, =0 {まもなく自動的に更新されます} other {自動的に更新されます（次回は約#分後）}}",
      refreshing: "更新しています…",
      refreshed: "更新しました。",
      nextTryIn:
        "{minutes, plural, =0 {まもなくもう一度試します} other {約#分後にもう一度試します}}",
      nextTryWithNetwork: "このコンピューターがネットワークに接続されると、もう一度試します",
      endsAt: "サインインの期限：{time}",
      switchLede:
        "選ぶとブラウザーが開きます。「別の組織を選ぶ」では、所属する組織と保留中の招待がブラウザーに表示されます。新しいサインインが完了するまでは、今のままサインインした状態です。",
      inBrowser: "ブラウザーで開くページ",
      pages: {
        account: "アカウントの管理",
        passkeys: "パスキー",
        security: "サインイン中のデバイス",
        organization: "組織の管理",
      },
      securityHint:
        "開いたページで「Security」を選ぶと、ほかのデバイスの確認とサインアウトができます。",
      signOutMeans: "ここからも、ブラウザーからもサインアウトします。",
      otherSignOuts: "その他のサインアウト方法",
      onlyHere:
        "このコンピューターだけの場合：ブラウザーはサインインしたままなので、そのブラウザーを使う人は誰でもパスワードなしでサインインできます。",
      otherDevices: "ほかのデバイスの場合：下の「サインイン中のデバイス」を選んでください。",
      endsSoon: "サインインがまもなく終了します",
      endsSoonLede:
        "{time}に終了し、更新できません。サインインしたままにするには、もう一度サインインしてください。",
    },
    reports: {
      heading: "レポート",
      lede: "現在のサインインを使って、会社のサービスから取得します。",
      show: "レポートを表示",
      reload: "もう一度読み込む",
      loading: "レポートを読み込んでいます…",
      count: "{count, plural, =0 {レポートはありません。} other {#件のレポート}}",
      forbidden: "レポートを見るには、権限{permission}が必要です。",
      forbiddenUnnamed: "現在のアクセス権では、レポートを見ることができません。",
      wayOn: "管理者に権限を依頼し、その後、サインインを更新してください。",
      wayOnElsewhere: "または、権限を持つ組織に切り替えてください。",
      refreshAndRetry: "更新してもう一度試す",
      stillForbidden: "サインインは更新されました。権限はまだありません。",
    },
    starting: "起動しています…",
    signingOut: "サインアウトしています…",
    keychainUnavailable: "サインイン情報を読み取れません",
    withoutKeychain:
      "キーチェーンなしで続けることもできます。その場合は、{app}を開くたびにサインインします。",
    notConnected: "このウィンドウは接続されていません",
    setUp: {
      heading: "{app}のセットアップ",
      askAdministrator: "{app}を使うだけの場合は、設定を管理者に依頼してください。",
      register: "次のアドレスを登録する",
      registerLede:
        "Scalekitのダッシュボードで、これらのアドレスをネイティブアプリケーション（Native Application）に、このとおり正確に追加してください。",
      dashboard: "Scalekitのダッシュボード",
      enter: "ダッシュボードの2つの値を入力する",
      enterLede: "どちらもダッシュボードに表示されています。秘密の値ではありません。",
      finishLede: "最初にアドレスを確認します。その後、サインインできます。",
    },
    settings: {
      connection: "接続",
      environmentUrl: "環境URL（Environment URL）",
      environmentUrlHint: "例：https://your-company.scalekit.com",
      environmentUrlMissing: "Scalekitのダッシュボードにある環境URLを入力してください。",
      clientId: "クライアントID（Client ID）",
      clientIdHint:
        "Scalekitのダッシュボードで、ネイティブアプリケーション（Native Application）に表示されています",
      clientIdMissing: "アプリケーションのクライアントIDを入力してください。",
      found: "{host}が見つかりました。",
      saved: "設定を保存しました。",
      addresses: "登録するアドレス",
      addressesLede:
        "これらのアドレスを、Scalekitのダッシュボードでアプリケーションに追加してください。",
      redirectUri: "サインイン後のURL（Post login URLまたはAllowed callback URL）",
      loopbackRedirectUri: "2つ目のサインイン後のURL（Post login URLまたはAllowed callback URL）",
      postLogoutRedirectUri: "サインアウト後のURL（Post logout URL）",
      initiateLoginUri: "サインインを開始するURL（Initiate login URL）",
      initiateLoginOptional:
        "最後のアドレスは省略できます。省略すると、会社のポータルや招待から始めたサインインは、ここに届きません。",
      locked: "管理者が設定しています。",
      lockedDetails:
        "値は環境変数{urlVariable}と{clientVariable}で決められています。変更するには、これらを設定して{app}を起動し直してください。",
      lockedByPolicy:
        "値はポリシー{path}で決められています。変更するには、このファイルを変更して{app}を起動し直してください。",
      renamed:
        "その後、もう一度サインインします。以前のアドレスでのサインインは、サインアウトされません。保存されたまま残り、アドレスを元に戻すとまた使えます。",
      renamedLocked:
        "管理者の方へ：これが会社のアドレスだと確認できたら、{urlVariable}を下の値と正確に同じに設定し、{app}を起動し直してください。その後、全員がもう一度サインインします。以前のアドレスでのサインインは保存されたまま残り、サインアウトされません。",
      signsOut: "サインアウトして保存しますか？",
      signsOutLede: "保存すると、{name}は{host}からサインアウトされます。",
      discard: "入力した内容を破棄しますか？",
      appearance: "言語と外観",
      language: "言語",
      theme: "外観",
      themes: { system: "システムに合わせる", light: "ライト", dark: "ダーク" },
      systemLanguage: "システムに合わせる（{language}）",
      sources: {
        policy: "このコンピューターのポリシーで設定",
        environment: "環境変数で設定されています",
        file: "このウィンドウで入力されました",
        builtIn: "{app}に組み込まれています",
        none: "まだ設定されていません",
      },
      version: "バージョン{version}",
      closing: "このウィンドウを閉じると{app}は終了します。保存されたサインインは保たれます。",
    },
    selfCheck: {
      heading: "このコンピューターを確認",
      lede: "サインインに必要なものを確認します。サインインやサインアウトは行われません。",
      intro: "サインインできない場合は、何が妨げになっているかを確認してください。",
      checking: "確認しています…最長で1分ほどかかります。",
      copyReport: "レポートをコピー",
      inOrder: "正常",
      results: {
        ok: "すべて正常です",
        information: "問題は見つかりませんでした",
        caution: "サインインに失敗する可能性があります",
        alarm: "ここではサインインに失敗します",
      },
      remedies: {
        checkLinks: "リンクを設定し直す",
        openSettings: "設定を開く",
        checkAgain: "もう一度確認",
      },
      checks: {
        scheme: "ブラウザーからのリンク",
        instance: "二重起動",
        keychain: "キーチェーン",
        discovery: "サインインサービス",
        proxy: "プロキシ",
        certificate: "証明書",
        clock: "時計",
        redirectUri: "リダイレクトURI",
        loopbackRedirectUri: "2つ目のリダイレクトURI",
      },
      findings: {
        certificateLocal: {
          finding: "接続は暗号化されていません。通信はこのコンピューターの外に出ません。",
          advice: "",
        },
        certificateRejected: {
          finding: "証明書は信頼されていません。発行者は{issuer}です。",
          advice: "",
        },
        certificateTrusted: {
          finding: "証明書は信頼されています。発行者は{issuer}です。",
          advice: "",
        },
        checkFailed: {
          finding: "このアプリのエラーのため、確認できませんでした。",
          advice: "もう一度確認してください。繰り返す場合は、このアプリを起動し直してください。",
        },
        clockAhead: {
          finding:
            "このコンピューターの時計は、サインインサービスの時計より{apart}進んでいます（時:分:秒）。",
          advice: "時計を合わせてから、もう一度確認してください。",
        },
        clockBehind: {
          finding:
            "このコンピューターの時計は、サインインサービスの時計より{apart}遅れています（時:分:秒）。",
          advice: "時計を合わせてから、もう一度確認してください。",
        },
        clockFarAhead: {
          finding:
            "このコンピューターの時計が間違っています。サインインサービスの時計より{apart}進んでいます（時:分:秒）。",
          advice:
            "時計とタイムゾーンを合わせてから、もう一度確認してください。それまでは、サインインやほかのプログラムが失敗する可能性があります。",
        },
        clockFarBehind: {
          finding:
            "このコンピューターの時計が間違っています。サインインサービスの時計より{apart}遅れています（時:分:秒）。",
          advice:
            "時計とタイムゾーンを合わせてから、もう一度確認してください。それまでは、サインインやほかのプログラムが失敗する可能性があります。",
        },
        clockRight: {
          finding: "このコンピューターの時計とサインインサービスの時計は合っています。",
          advice: "",
        },
        clockUnknown: {
          finding: "サインインサービスは時刻を示しませんでした。",
          advice: "",
        },
        discoveryRejected: {
          finding: "{environment}からの応答は使用できません。",
          advice: "",
        },
        discoveryUnreached: {
          finding: "{environment}のサインインサービスが、正しく応答していません。",
          advice: "",
        },
        discoveryValid: {
          finding: "{environment}のサインインサービスは、正しく応答しています。",
          advice: "",
        },
        instanceAnswers: {
          finding: "動作中のアプリは、もう一度起動されたときに応答します。",
          advice: "",
        },
        instanceNoSocket: {
          finding:
            "動作中のアプリはソケットを作成できなかったため、もう一度起動されてもリンクを引き渡せません。",
          advice:
            "XDG_RUNTIME_DIRが、ローカルディスクにあるご自分のフォルダーを指していることを確認してから、このアプリを起動し直してください。",
        },
        instanceNotRunning: {
          finding: "このアプリは動作していないため、二重起動は確認していません。",
          advice: "",
        },
        instanceSilent: {
          finding:
            "このアプリは動作していますが、もう一度起動しても応答しないため、リンクが届きません。",
          advice:
            "アプリを閉じて、起動し直してください。閉じられない場合は、システムのプロセス一覧で終了してください。",
        },
        instanceUnknown: {
          finding: "もう一度起動したときに動作中のアプリに届くかどうかは、わかりませんでした。",
          advice: "このアプリが自身のデータフォルダーに書き込めることを確認してください。",
        },
        keychainAltered: {
          finding:
            "キーチェーンから、書き込んだものとは違うものが返されたため、サインイン情報を保存できません。",
          advice:
            "もう一度確認してください。繰り返す場合は、キーチェーンのサービスを更新するか、別のものを使ってください。",
        },
        keychainFailed: {
          finding: "キーチェーンでエラーが発生したため、サインイン情報を保存できません。",
          advice: "もう一度確認してください。繰り返す場合は、コンピューターを再起動してください。",
        },
        keychainLocked: {
          finding: "キーチェーンがロックされています。",
          advice:
            "ロックを解除してから、もう一度確認してください。パスワードのウィンドウが、このウィンドウの後ろに隠れている可能性があります。",
        },
        keychainMissing: {
          finding:
            "このコンピューターではキーチェーンのサービスが動作していないため、サインイン情報を保存できません。",
          advice: "GNOME KeyringやKWalletなどを起動してから、もう一度確認してください。",
        },
        keychainNotDeleted: {
          finding:
            "キーチェーンがこの確認用の項目を削除しませんでした。サインアウトしても、サインイン情報が残る可能性があります。",
          advice:
            "キーチェーンのロックを解除し、このアプリに項目の削除を許可してから、もう一度確認してください。",
        },
        keychainNotSetUp: {
          finding: "キーチェーンのサービスにキーリングがないため、サインイン情報を保存できません。",
          advice:
            "キーリングを作成するか、サインインして、求められたら新しいキーリングのパスワードを決めてください。",
        },
        keychainSlow: {
          finding: "キーチェーンが応答しません。",
          advice:
            "このウィンドウの後ろに隠れたウィンドウで、ロックの解除を待っている可能性があります。ロックを解除してから、もう一度確認してください。",
        },
        keychainWorks: {
          finding: "この確認用の項目を書き込み、読み取り、削除できました。",
          advice: "",
        },
        loopbackPortCompared: {
          finding:
            "サインインサービスは、{address}をポートなしでしか受け付けません。そのため、リンクが届かない場合、ブラウザーにはほかの戻り方がありません。",
          advice:
            "このアプリの構成で2つ目のリダイレクトURIに固定のポートを指定し、そのポートを付けたアドレスをScalekitのダッシュボードに登録してください。",
        },
        loopbackRedirectUriRejected: {
          finding:
            "サインインサービスは、設定のクライアントIDで{address}を受け付けません。そのため、リンクが届かない場合、ブラウザーにはほかの戻り方がありません。",
          advice:
            "このアドレスも、ここにあるとおりにScalekitのダッシュボードに登録し、そこのクライアントIDを設定のものと比べてください。",
        },
        notChecked: {
          finding: "サインインサービスからの応答が必要なため、確認していません。",
          advice: "",
        },
        notConfigured: {
          finding: "このアプリには、サインインサービスが設定されていません。",
          advice: "設定で環境URLとクライアントIDを入力してください。",
        },
        proxyInDoubt: {
          finding:
            "サインインサービスへの通信は、プロキシ{proxy}を経由しますが、応答がありません。",
          advice:
            "システムのプロキシ設定を確認してください。環境変数HTTPS_PROXYやALL_PROXYが設定されている場合は、それも確認してください。",
        },
        proxyNone: {
          finding: "サインインサービスへの通信は、プロキシを経由しません。",
          advice: "",
        },
        proxySignIn: {
          finding: "プロキシ{proxy}が、独自のサインインを求めています。",
          advice:
            "システムのプロキシ設定にプロキシのユーザー名とパスワードを入力するか、管理者に問い合わせてから、もう一度確認してください。",
        },
        proxyUsed: {
          finding: "サインインサービスへの通信は、プロキシ{proxy}を経由します。",
          advice: "",
        },
        redirectUriRegistered: {
          finding: "サインインサービスは、応答を{address}に送ります。",
          advice: "",
        },
        redirectUriRejected: {
          finding: "サインインサービスは、設定のクライアントIDで{address}を受け付けません。",
          advice:
            "このアドレスを、ここにあるとおりにScalekitのダッシュボードに登録し、そこのクライアントIDを設定のものと比べてください。",
        },
        redirectUriUnknown: {
          finding: "{address}がサインインサービスに登録されているかどうかは、わかりませんでした。",
          advice:
            "サインインのときにブラウザーにエラーが表示される場合は、Scalekitのダッシュボードのアドレスと比べてください。",
        },
        schemeBusy: {
          finding: "リンクはすでに確認中です。",
          advice: "数秒待ってから、もう一度確認してください。",
        },
        schemeInDoubt: {
          finding:
            "ブラウザーからのリンクで{program}が開きます。このアプリが起動するかどうかは不明で、リンクは届いていません。",
          advice: "サインインがブラウザーから戻らない場合は、リンクを設定し直してください。",
        },
        schemeLost: {
          finding:
            "デスクトップでは、このアプリがリンクを開くことになっていますが、送信したリンクは届きませんでした。",
          advice:
            "リンクを設定し直してください。解決しない場合は、xdg-utilsがインストールされていることを確認し、このアプリをパッケージからインストールしてください。",
        },
        schemeNamed: {
          finding:
            "システムでは、このアプリがリンクを開くことになっています。リンクを送って確かめてはいません。",
          advice: "",
        },
        schemeNobody: {
          finding: "このコンピューターには、このアプリのリンクを開くものがありません。",
          advice:
            "リンクを設定し直してください。解決しない場合は、このアプリをパッケージからインストールし、アプリケーション用のフォルダー（Linuxでは~/.local/share/applications）にこのアプリが書き込めることを確認してください。",
        },
        schemeNoOpener: {
          finding:
            "このコンピューターには、リンクを開くプログラムがインストールされていません。そのため、サインインはブラウザーから戻りません。",
          advice: "xdg-utilsをインストールしてから、もう一度確認してください。",
        },
        schemeProved: {
          finding: "デスクトップ経由で送信したリンクが、このアプリに届きました。",
          advice: "",
        },
        schemeTaken: {
          finding: "ブラウザーからのリンクで別のプログラムが開きます：{program}。",
          advice:
            "リンクを設定し直してください。解決しない場合は、このアプリをこれらのリンクの既定のアプリにするか、そのプログラムを削除してください。",
        },
        timedOut: {
          finding: "この確認には時間がかかりすぎたため、中止しました。",
          advice: "もう一度確認してください。",
        },
      },
    },
    presence: {
      heading: "バックグラウンド",
      closeToTray: "ウィンドウを閉じても実行を続ける",
      closeToTrayHint:
        "ウィンドウを閉じても{app}はトレイに残ります。トレイのメニューから、ウィンドウをもう一度開いたり、{app}を終了したりできます。",
      startAtLogin: "ログイン時に起動する",
      startAtLoginHint:
        "{app}はトレイで起動します。トレイがないデスクトップではウィンドウを表示します。",
      closing: "このウィンドウを閉じても、{app}はトレイで実行を続けます。",
    },
    details: {
      code: "コード",
      serviceText: "サービスからのメッセージ",
      cause: "原因",
      time: "時刻",
      version: "バージョン",
    },
    problems: {
      accessDenied: {
        heading: "サインインが拒否されました",
        sentence:
          "ブラウザーでサインインが拒否されました。もう一度始めるか、管理者にアクセスの許可を依頼してください。",
      },
      accountNotAllowed: {
        heading: "このアカウントではサインインできません",
        sentence:
          "サインインサービスは、このアカウントでこのアプリにサインインすることを許可していません。別のアカウントを使うか、このアカウントの許可を管理者に依頼してください。",
      },
      answerRejected: {
        heading: "安全のためサインインを中止しました",
        sentence:
          "サインインへの応答は安全性の確認に合格しなかったため、使用されませんでした。もう一度試してください。繰り返す場合は、管理者に知らせてください。",
      },
      applicationSetup: {
        heading: "このアプリが正しく登録されていません",
        sentence:
          "このアプリは、サインインできるようにサインインサービスに登録されていません。ここでは変更できません。下の内容を管理者に知らせてください。",
      },
      browserUnavailable: {
        heading: "ブラウザーを開けませんでした",
        sentence:
          "サインインページが開きませんでした。リンクをコピーして、このコンピューターのブラウザーで開いてください。",
      },
      callRefused: {
        heading: "実行できませんでした",
        sentence:
          "何も行いませんでした。アプリを再起動してください。繰り返す場合は、インストールし直してください。",
      },
      certificateExpired: {
        heading: "証明書の有効期限が切れています",
        sentence:
          "サインインサービスの証明書の有効期限が切れているため、何も送信しませんでした。このコンピューターの時計を確認してください。時計が正しい場合は、管理者に知らせてください。",
      },
      certificateNotYetValid: {
        heading: "証明書はまだ有効ではありません",
        sentence:
          "サインインサービスの証明書の有効期間がまだ始まっていないため、何も送信しませんでした。このコンピューターの時計が間違っている可能性があります。時計を合わせてから、もう一度試してください。",
      },
      certificateOtherName: {
        heading: "別のサーバーの証明書です",
        sentence:
          "証明書がサインインサービスのものではなく別のサーバーのものであるため、何も送信しませんでした。環境URLを確認してください。ホテルなど、独自のログインページがあるネットワークでは、先にそこでログインしてください。",
      },
      certificateRefused: {
        heading: "証明書を信頼できません",
        sentence:
          "サインインサービスの証明書を信頼できないため、何も送信しませんでした。下の内容を管理者に知らせてください。",
      },
      certificateRevoked: {
        heading: "証明書が取り消されています",
        sentence:
          "サインインサービスの証明書が発行者によって取り消されているため、何も送信しませんでした。管理者に知らせてください。",
      },
      certificateUnknownIssuer: {
        heading: "証明書の発行者が不明です",
        sentence:
          "サインインサービスの証明書の発行者を、このコンピューターは信頼していません。そのため、何も送信しませんでした。通信を検査するネットワークには独自の発行者があり、その名前は下に表示されています。知っている発行者の場合は、その証明書をこのコンピューターにインストールするよう、管理者に依頼してください。知らない場合は、別のネットワークを使ってください。",
      },
      clientIdInvalid: {
        heading: "クライアントIDが正しくありません",
        sentence:
          "クライアントIDがないか、クライアントIDには使われない文字が含まれています。Scalekitのダッシュボードにあるアプリケーションからコピーしてください。",
      },
      clockWrong: {
        heading: "時計が間違っています",
        sentence:
          "このコンピューターの時計とサインインサービスの時計が、大きくずれています。時計を合わせてから、もう一度試してください。",
      },
      connectionSetup: {
        heading: "会社のシングルサインオンはここでは使えません",
        sentence:
          "会社のシングルサインオンが、このアプリ向けに設定されていません。ここでは変更できません。下の内容を管理者に知らせてください。",
      },
      copyFailed: {
        heading: "リンクをコピーできませんでした",
        sentence:
          "クリップボードに書き込めませんでした。もう一度試すか、ブラウザーをもう一度開いてください。",
      },
      earlierEndNotWritten: {
        heading: "以前のサインインがほかで使われ続ける可能性があります",
        sentence:
          "以前のサインインは終了しましたが、そのことを保存できませんでした。そのため、別に起動しているこのアプリが、それを使い続ける可能性があります。ディスクの空き容量があることを確認してください。保存はもう一度試されます。このメッセージが消えない場合は、ほかに起動しているこのアプリを閉じてください。",
      },
      endNotWritten: {
        heading: "サインアウトがほかに伝わっていない可能性があります",
        sentence:
          "ここではサインアウトしましたが、そのことを保存できませんでした。そのため、別に起動しているこのアプリに、サインアウトが伝わっていない可能性があります。ディスクの空き容量があることを確認してください。保存はもう一度試されます。このメッセージが消えない場合は、ほかに起動しているこのアプリを閉じてください。",
      },
      entropyUnavailable: {
        heading: "このコンピューターは安全な鍵を作成できません",
        sentence:
          "このコンピューターは現在、安全な鍵を作成できません。鍵がないと、安全にサインインできません。コンピューターを再起動してから、もう一度試してください。",
      },
      environmentInvalid: {
        heading: "Scalekitの環境ではありません",
        sentence:
          "{environment}から応答したのは、このScalekitの環境ではありません。環境URLを確認してください。ホテルなど、独自のログインページがあるネットワークでは、先にそこでログインしてください。",
      },
      environmentNotFound: {
        heading: "ここにはScalekitの環境がありません",
        sentence: "{environment}にはScalekitの環境がありません。環境URLを確認してください。",
      },
      environmentForbidden: {
        heading: "サインインサービスへのアクセスが拒否されました",
        sentence:
          "{environment}へのアクセスが拒否されました。このネットワークのフィルターが遮断しているか、サービスが特定のネットワークだけを許可している可能性があります。別のネットワークで試すか、管理者に問い合わせてください。",
      },
      environmentRedirects: {
        heading: "アドレスが別の場所に転送されます",
        sentence:
          "アドレス{environment}は{address}に転送されます。転送先には進まず、何も送信しませんでした。それが会社のアドレスなら、環境URLとして入力してください。変更できない場合は、管理者に知らせてください。知らないアドレスの場合は、ホテルなど、独自のログインページがあるネットワークが応答した可能性があります。先にそこでログインしてから、もう一度試してください。",
      },
      environmentRenamed: {
        heading: "環境のアドレスが異なります",
        sentence:
          "{environment}の環境は、自分のアドレスを{address}としています。独自のドメインを持つ環境ではこうなります。そこには何も送信しませんでした。それが会社のアドレスなら、環境URLとして入力し、もう一度サインインしてください。変更できない場合は、管理者に知らせてください。",
      },
      environmentUrlHasUserName: {
        heading: "環境URLにユーザー名が含まれています",
        sentence:
          "環境URLにユーザー名が含まれているため、見かけとは違う場所につながる可能性があります。「https://your-company.scalekit.com」のような部分だけを入力してください。",
      },
      environmentUrlInvalid: {
        heading: "環境URLが正しくありません",
        sentence:
          "これはウェブのアドレスではありません。「https://your-company.scalekit.com」のようなアドレスを入力してください。",
      },
      environmentUrlMalformed: {
        heading: "環境URLが長すぎるか、空白が含まれています",
        sentence:
          "Scalekitのダッシュボードから環境URLをもう一度コピーしてください。長すぎるか、空白が含まれています。",
      },
      environmentUrlMissing: {
        heading: "環境URLがありません",
        sentence:
          "Scalekitのダッシュボードにある環境URLを入力してください。例：https://your-company.scalekit.com",
      },
      environmentUrlNotHttps: {
        heading: "環境URLが安全ではありません",
        sentence:
          "環境URLは「https://」で始まる必要があります。「https://your-company.scalekit.com」のようなアドレスを入力してください。",
      },
      hostedPageNotOpened: {
        heading: "ページを開けませんでした",
        sentence:
          "ブラウザーを開けなかったため、サインインサービスのページを表示できませんでした。このコンピューターにブラウザーがあることを確認してから、もう一度試してください。",
      },
      organizationUnknown: {
        heading: "組織が見つかりません",
        sentence:
          "このサインインで指定された組織を、サインインサービスが認識できませんでした。そのため、その組織にはサインインしていません。別の組織を選ぶか、どの組織を使えばよいか管理者に問い合わせてください。",
      },
      pastedLinkUnusable: {
        heading: "サインインのアドレスではありません",
        sentence:
          "コピーした内容は、サインインが終わったときのアドレスではないため、使用しませんでした。サインインしたブラウザーで、{address}で始まるアドレス全体をコピーしてから、もう一度貼り付けてください。",
      },
      pastedLinkOfAnotherSignIn: {
        heading: "別のサインインのアドレスです",
        sentence:
          "コピーしたアドレスは別のサインインのものなので、使用しませんでした。このアプリが最後に開いたサインインを完了するか、ブラウザーをもう一度開き、そのサインインが終わったときのアドレスをコピーしてください。",
      },
      clipboardUnreadable: {
        heading: "貼り付けるアドレスがありません",
        sentence:
          "クリップボードにテキストがないか、このアプリによる読み取りが許可されていません。サインインが終わったときのアドレスをブラウザーでコピーしてから、もう一度貼り付けてください。",
      },
      loopbackUnavailable: {
        heading: "この方法ではブラウザーから戻れません",
        sentence:
          "このアプリは、このコンピューターでブラウザーを待ち受けることができなかったため、別の方法では戻れません。サインインは引き続きブラウザーを待っています。別のプログラムが同じポートを使っている場合は、それを閉じてから、もう一度試してください。",
      },
      invitationDeclined: {
        heading: "リンクからのサインインが拒否されました",
        sentence:
          "このアプリの外で始めたサインインが拒否されました。ここでサインインするか、管理者にアクセスの許可を依頼してください。",
      },
      invitationElsewhere: {
        heading: "別の組織のリンクです",
        sentence:
          "サインインを求めたリンクは、このアプリとは別の組織のものです。そのため、サインインを始めませんでした。その組織のアプリで開くか、リンクの送り主に問い合わせてください。",
      },
      invitationExpired: {
        heading: "リンクが古すぎます",
        sentence:
          "サインインを求めたリンクが古すぎるため、サインインを始めませんでした。リンクがあった場所からもう一度開くか、ここでサインインしてください。新しいリンクの場合は、このコンピューターの時計を確認してください。",
      },
      invitationFailed: {
        heading: "リンクからサインインできませんでした",
        sentence:
          "そのリンクからはサインインできませんでした。代わりにここでサインインしてください。それもできない場合は、管理者に問い合わせてください。",
      },
      invitationUnavailable: {
        heading: "リンクは現在使えません",
        sentence:
          "サインインサービスが、そのリンクのサインインを始められませんでした。数分後にもう一度試すか、ここでサインインしてください。",
      },
      keychainFailed: {
        heading: "キーチェーンでエラーが発生しました",
        sentence:
          "キーチェーンでエラーが発生したため、サインイン情報を読み取れません。もう一度試してください。繰り返す場合は、コンピューターを再起動してください。",
      },
      keychainLocked: {
        heading: "キーチェーンがロックされています",
        sentence:
          "サインインした状態を続けるには、キーチェーンのロックを解除してください。パスワードのウィンドウが、このウィンドウの後ろに隠れている可能性があります。解除できない場合は、管理者に問い合わせてください。",
      },
      keychainMissing: {
        heading: "キーチェーンがありません",
        sentence:
          "このコンピューターではキーチェーンのサービスが動作していないため、サインイン情報を読み取れません。GNOME KeyringやKWalletなどを起動してから、もう一度試してください。",
      },
      keychainNotSetUp: {
        heading: "キーリングがまだありません",
        sentence:
          "このコンピューターのキーチェーンのサービスには、サインイン情報を入れるキーリングがありません。そのため、読み取り、保存、更新は行われません。もう一度試し、求められたら新しいキーリングのパスワードを決めてください。または、キーチェーンなしで続け、このアプリを開くたびにサインインしてください。",
      },
      keychainSlow: {
        heading: "キーチェーンが応答しません",
        sentence:
          "キーチェーンがロックされている場合は、解除してください。パスワードのウィンドウが、このウィンドウの後ろに隠れている可能性があります。その後、もう一度試してください。",
      },
      linksLost: {
        heading: "リンクからここに戻れません",
        sentence:
          "ブラウザーからここに戻るリンクを開くものが、このコンピューターにありません。そのため、サインインが届きません。このアプリをパッケージからインストールするか、アプリケーション用のフォルダー（Linuxでは~/.local/share/applications）にこのアプリが書き込めることと、xdg-utilsがインストールされていることを確認してください。その後、リンクを設定し直してください。",
      },
      linksPerhapsTaken: {
        heading: "リンクからここに戻れない可能性があります",
        sentence:
          "ブラウザーからのリンクはスクリプトまたは別のプログラムで開かれ、これまでのところ、ここには1つも届いていません。サインインがブラウザーから戻らない場合は、リンクを設定し直してください。",
      },
      linksTaken: {
        heading: "別のプログラムがリンクを受け取っています",
        sentence:
          "ブラウザーからのリンクで別のプログラムが開くため、サインインがここに届かない可能性があります。そのプログラムは、これらのリンクを利用できません。リンクを設定し直してください。解決しない場合は、このアプリをこれらのリンクの既定のアプリにするか、そのプログラムを削除してください。",
      },
      linksUnreachable: {
        heading: "リンクがこのアプリに届きません",
        sentence:
          "このアプリ用のソケットを、アプリのフォルダーにも実行時用のフォルダーにも作成できませんでした。そのため、アプリがもう一度起動されてもリンクを引き渡せず、サインインがブラウザーから届きません。XDG_RUNTIME_DIRが、ローカルディスクにあるご自分のフォルダーを指していることを確認してから、このアプリを起動し直してください。",
      },
      networkSignIn: {
        heading: "このネットワークへのログインが先に必要です",
        sentence:
          "ホテルや列車のネットワーク、会社の一部のプロキシのように、このネットワークでは先にログインが必要です。ブラウザーで適当なウェブページを開き、そこでログインしてから、もう一度試してください。",
      },
      noLinkToCopy: {
        heading: "コピーするリンクがありません",
        sentence:
          "ブラウザーを待っているサインインがないため、コピーするリンクがありません。先にサインインを始めてください。",
      },
      notCleared: {
        heading: "サインイン情報がこのコンピューターに残っています",
        sentence:
          "サインアウトしましたが、保存されたサインイン情報がこのコンピューターに残っています。キーチェーンのロックを解除してください。削除はもう一度試されます。このメッセージが消えるまで、ほかの人にこのコンピューターを使わせないでください。",
      },
      notRefreshable: {
        heading: "サインインを更新できません",
        sentence:
          "サインインを更新する手段が、サインインサービスからこのアプリに与えられていないため、これ以上アクセスできません。もう一度サインインしてください。",
      },
      notSaved: {
        heading: "サインインが保存されていません",
        sentence:
          "サインインをキーチェーンに保存できなかったため、今のところサインインは更新されません。キーチェーンがロックされている場合は、ロックを解除してください。保存はもう一度試されます。または、キーチェーンなしで続け、このアプリを開くたびにサインインしてください。",
      },
      notSignedIn: {
        heading: "サインインしていません",
        sentence:
          "誰もサインインしていないため、何も行われませんでした。サインインしてから、もう一度試してください。",
      },
      offline: {
        heading: "サインインサービスに接続できません",
        sentence:
          "{environment}への接続がありません。インターネット接続を確認してから、もう一度試してください。",
      },
      otherProcess: {
        heading: "別に起動したアプリがサインインを使用中です",
        sentence:
          "別に起動しているこのアプリがサインインを処理しているため、今のところ更新されません。サインインした状態は続きます。このメッセージが消えない場合は、もう一方のアプリを閉じてください。",
      },
      permissionMissing: {
        heading: "この操作は許可されていません",
        sentence:
          "この操作には権限{permission}が必要なため、何も行われませんでした。管理者に権限を依頼するか、その権限を持つ組織に切り替えてください。",
      },
      permissionsUnknown: {
        heading: "権限がわかりません",
        sentence:
          "許可されている操作が、サインインサービスからこのアプリに知らされていないため、何も行われませんでした。管理者に問い合わせてください。",
      },
      providerUnavailable: {
        heading: "このサインイン方法は使えません",
        sentence:
          "このプロバイダーでのサインインを、サインインサービスが受け付けませんでした。別の方法でサインインしてください。できない場合は、下の内容を管理者に知らせてください。",
      },
      proxySignIn: {
        heading: "プロキシへのサインインが必要です",
        sentence:
          "このコンピューターとサインインサービスの間にあるプロキシが、独自のサインインを求めています。システムのプロキシ設定にプロキシのユーザー名とパスワードを入力するか、管理者に問い合わせてから、もう一度試してください。",
      },
      proxyRejected: {
        heading: "プロキシが接続を確立しませんでした",
        sentence:
          "このコンピューターとサインインサービスの間にあるプロキシが、接続を確立しませんでした。もう一度試してください。繰り返し起こる場合は、サインインサービスのアドレスがプロキシで許可されているかどうかを管理者に問い合わせてください。",
      },
      refreshKeychainUnavailable: {
        heading: "今のところサインインは更新されません",
        sentence:
          "キーチェーンでサインイン情報を読み書きできないため、今のところ更新されません。サインインした状態は続きます。キーチェーンのロックを解除してから、もう一度試してください。",
      },
      refreshOffline: {
        heading: "接続がないためサインインを更新できません",
        sentence:
          "サインインサービスに接続できません。サインインした状態は続きます。接続が戻ると、サインインが更新されます。",
      },
      refreshRefused: {
        heading: "サインインはもう更新されません",
        sentence:
          "サインインサービスが、サインインの更新を繰り返し拒否しています。ここではサインインした状態が続きますが、ほかのものにはアクセスできません。もう一度サインインしてください。それまでは、ときどき更新が試されます。",
      },
      refreshResponseRejected: {
        heading: "安全のため更新を中止しました",
        sentence:
          "サインインの更新への応答が安全性の確認に合格しなかったため、使われませんでした。サインインした状態は続き、更新はもう一度試されます。",
      },
      refreshSlow: {
        heading: "サインインの更新に時間がかかっています",
        sentence:
          "サインインを更新していますが、通常より長くかかっています。数分後にもう一度試してください。",
      },
      refreshUnavailable: {
        heading: "サインインを更新できませんでした",
        sentence:
          "サインインサービスがサインインを更新できませんでした。サインインした状態は続き、更新はもう一度試されます。",
      },
      resourceNotAllowed: {
        heading: "このサービスは許可されていません",
        sentence:
          "{address}のサービスはこのアプリのものではないため、そこには何も送信しませんでした。設定のアドレスを直すよう管理者に依頼してください。",
      },
      resourceCertificate: {
        heading: "サービスの証明書が信頼されていません",
        sentence:
          "{address}のサービスの証明書を信頼できないため、何も送信しませんでした。このコンピューターの時計を確認してください。正しい場合は、下の内容を管理者に知らせてください。",
      },
      resourceOffline: {
        heading: "サービスに接続できません",
        sentence:
          "{address}のサービスに接続できません。インターネット接続を確認してから、もう一度試してください。",
      },
      resourcePermissionInvalid: {
        heading: "サービスの権限が正しくありません",
        sentence:
          "設定にあるサービスの権限{permission}は使用できないため、何も送信されませんでした。reports:read のような権限を入力するか、管理者に問い合わせてください。",
      },
      resourceRejectedSignIn: {
        heading: "サービスがサインインを受け付けません",
        sentence:
          "{address}のサービスは、更新した後もサインインを受け付けません。もう一度サインインしてください。それでも解決しない場合は、管理者に知らせてください。",
      },
      resourceResponseInvalid: {
        heading: "サービスの応答を使用できません",
        sentence:
          "{address}のサービスの応答は想定されたものではないため、表示されません。設定のアドレスが正しいか、管理者に問い合わせてください。",
      },
      resourceUnavailable: {
        heading: "サービスが動作していません",
        sentence: "{address}のサービスは現在動作していません。数分後にもう一度試してください。",
      },
      resourceUrlInvalid: {
        heading: "サービスのアドレスが正しくありません",
        sentence:
          "設定にあるサービスのアドレス{address}は使用できないため、何も送信されませんでした。https://api.example.com/reports のようなアドレスを入力するか、管理者に問い合わせてください。",
      },
      saveBlocked: {
        heading: "サインインがまだ保存されていません",
        sentence:
          "別に起動しているこのアプリがサインインをロックしているため、まだ保存されていません。このアプリを閉じるまではサインインしたままです。ほかに起動しているこのアプリを閉じてください。その後、保存は自動的に続行されます。",
      },
      serviceUnavailable: {
        heading: "サインインサービスが動作していません",
        sentence: "サインインサービスは現在動作していません。数分後にもう一度試してください。",
      },
      sessionClockWrong: {
        heading: "このコンピューターの時計が間違っています",
        sentence:
          "このコンピューターの時計とサインインサービスの時計が、30分を超えてずれています。サインインした状態は続きます。ほかのプログラムやウェブページが正しく動作しない可能性があるため、時計を合わせてください。",
      },
      sessionEnded: {
        heading: "サインインが終了しました",
        sentence:
          "組織が定めたサインインの時間制限に達したか、別の場所でサインアウトしたか、管理者がサインインを終了しました。もう一度サインインしてください。",
      },
      sessionExpired: {
        heading: "サインインの期限が切れました",
        sentence: "サインインの期限が切れ、更新できません。もう一度サインインしてください。",
      },
      sessionFiles: {
        heading: "今のところサインインは使われません",
        sentence:
          "終了したサインインの一覧のファイルを読み取れないため、今のところサインインは使われません。読み取りはもう一度試されます。このメッセージが消えない場合は、このアプリが自分のデータフォルダーを読み取れることと、ディスクが正常に動作していることを確認してください。",
      },
      sessionInterrupted: {
        heading: "サインインを継続できませんでした",
        sentence:
          "サインインの更新中に接続が切れたか、このアプリが終了したため、サインインを継続できませんでした。アカウントに問題はありません。もう一度サインインしてください。",
      },
      settingsChanged: {
        heading: "設定が変更されました",
        sentence:
          "その間に設定が変更されたため、それ以上は送信されませんでした。必要な場合は、もう一度試してください。",
      },
      policyUnusable: {
        heading: "ポリシーを使用できません",
        sentence:
          "ファイル{path}が修正されるまで、このコンピューターでは誰もサインインできません。管理者に修正を依頼し、その後このアプリを起動し直してください。",
      },
      settingsFileSlow: {
        heading: "設定ファイルが応答しません",
        sentence:
          "設定ファイル{path}が応答しないため、使われません。接続されていないネットワークやディスクにある可能性があります。ファイルを開けることを確認してから、このアプリを起動し直してください。",
      },
      settingsFileUnreadable: {
        heading: "設定ファイルを使えません",
        sentence:
          "設定ファイル{path}を読み取れません。ファイルはそのまま残されています。設定をもう一度入力するか、ファイルを修復してこのアプリを起動し直してください。",
      },
      settingsLocked: {
        heading: "これらの設定は変更できません",
        sentence:
          "設定は環境変数{urlVariable}と{clientVariable}で決められているため、何も保存しませんでした。そこで変更するか、管理者に問い合わせてください。",
      },
      settingsLockedByPolicy: {
        heading: "この設定はポリシーでロックされています",
        sentence:
          "設定はこのコンピューターのポリシー{path}で決められているため、何も保存されませんでした。変更は管理者に依頼してください。",
      },
      settingsNotSaved: {
        heading: "設定は保存されませんでした",
        sentence:
          "設定を{path}に保存できなかったため、何も変更されていません。そこに書き込めることと、ディスクの空き容量があることを確認してから、もう一度保存してください。",
      },
      settingsUnavailable: {
        heading: "設定にアクセスできません",
        sentence:
          "このアプリのエラーのため、設定の読み取りまたは保存ができませんでした。アプリを起動し直してください。",
      },
      signInKeychainUnavailable: {
        heading: "サインインを完了できませんでした",
        sentence:
          "ブラウザーから戻りましたが、始めたサインインをキーチェーンから読み取れなかったため、完了できませんでした。キーチェーンのロックを解除してから、もう一度サインインしてください。",
      },
      signInOffline: {
        heading: "接続が切れました",
        sentence:
          "サインインの途中で接続が切れました。インターネット接続を確認してから、もう一度始めてください。",
      },
      signInRefused: {
        heading: "サインインが受け付けられませんでした",
        sentence:
          "サインインサービスが、このサインインを受け付けませんでした。もう一度始めてください。繰り返す場合は、管理者に知らせてください。",
      },
      signInTimedOut: {
        heading: "サインインに時間がかかりすぎました",
        sentence:
          "ブラウザーでのサインインが時間内に完了しませんでした。準備ができたら、もう一度始めてください。",
      },
      signInUnfinished: {
        heading: "サインインが完了しませんでした",
        sentence:
          "ブラウザーでのサインインが完了しませんでした。もう一度始め、開いたページで完了してください。",
      },
      signOutBrowserUnavailable: {
        heading: "ブラウザーはサインインしたままの可能性があります",
        sentence:
          "ここではサインアウトしましたが、サインアウトするためのブラウザーを開けなかったため、ブラウザーはサインインしたままの可能性があります。このコンピューターをほかの人も使う場合は、ブラウザーを開き、そこでもサインアウトしてください。",
      },
      signUpUnavailable: {
        heading: "ここではアカウントを作成できません",
        sentence:
          "サインインサービスは、アカウントの作成を許可していません。お持ちのアカウントでサインインするか、管理者にアカウントを依頼してください。",
      },
      signingKeysUnavailable: {
        heading: "サインインを検証できませんでした",
        sentence:
          "サインインサービスの署名鍵を取得できなかったため、サインインを検証できませんでした。数分後にもう一度試してください。",
      },
      storedByNewerVersion: {
        heading: "新しいバージョンのサインイン情報です",
        sentence:
          "サインイン情報はこのアプリの新しいバージョンで保存されたもので、そのまま残されています。新しいバージョンを開くか、このバージョンをアップデートしてください。",
      },
      storedSessionDamaged: {
        heading: "保存されたサインイン情報が壊れています",
        sentence:
          "キーチェーンに保存されたサインイン情報が壊れていて、使えません。もう一度サインインしてください。",
      },
      tooOften: {
        heading: "操作が速すぎます",
        sentence:
          "短い時間に何度も要求されたため、何も行いませんでした。数秒待ってから、もう一度試してください。",
      },
    },
    unexpected: {
      heading: "問題が発生しました",
      sentence:
        "うまくいきませんでした。もう一度試してください。繰り返す場合は、{app}を再起動してください。",
    },
  },
};

export const outside: OutsideTexts = {
  tray: {
    starting: "起動しています…",
    notConfigured: "まだ設定されていません",
    signedOut: "サインアウトしています",
    signingIn: "サインイン中…",
    signedInAs: "{name} としてサインイン中",
    signedIn: "サインインしています",
    endsSoon: "まもなくサインインの期限が切れます",
    ended: "サインインの期限が切れました",
    signingOut: "サインアウト中…",
    asks: "ウィンドウで確認が必要です",
    open: "{app} を開く",
    signIn: "サインイン",
    staySignedIn: "サインインしたままにする",
    signOut: "サインアウト",
    quit: "終了",
  },
  notifications: {
    endsSoon: "まもなくサインインの期限が切れます",
    endsSoonBody:
      "{name} としてサインインしたままにするには、ブラウザーでもう一度サインインしてください。",
    ended: "サインインの期限が切れました",
    endedBody: "続けるには、ブラウザーでもう一度サインインしてください。",
    signInAgain: "もう一度サインインしてください",
    signInAgainBody:
      "サインインを更新できませんでした。ブラウザーでもう一度サインインしてください。",
    keychain: "サインイン情報を読み取れません",
    keychainBody: "キーチェーンが応答しません。{app} を開いて対処方法を確認してください。",
  },
  loopbackPage: {
    received: "このページを閉じてかまいません",
    receivedLede: "{app} に戻って続けてください。",
    unexpected: "このページに対応するサインインはありません",
    unexpectedLede:
      "このページを待っているサインインはありません。{app} に戻って、もう一度始めてください。",
  },
  messageBox: {
    cannotGoOn: "{app} を続行できません",
    problem: "{app} に問題があります",
    close: "閉じる",
    crashed:
      "エラーのため {app} が停止しました。サインインは保持されています。{app} をもう一度起動してください。再び停止する場合は、標準エラー出力の内容を添えて、{app} の入手元に報告してください。",
    pageCrashed:
      "{app} のウィンドウを描画する部分が、1 分以内に 2 回停止しました。サインインの状態は変わりません。このメッセージを閉じると、ウィンドウをもう一度読み込みます。再び停止する場合は、メモリを多く使うほかのプログラムを終了するか、コンピューターを再起動してください。",
    cannotStart:
      "{app} を起動できません: {why}。サインインは保持されています。コンピューターを再起動して、もう一度お試しください。それでも解決しない場合は、{app} をインストールし直してください。",
    folderMissing:
      "{app} を起動できません。データ用のフォルダーが必要ですが、このコンピューターには指定がありません。ご自分のアカウントでコンピューターにログインするか、HOME にご自分のフォルダーを設定してください。その後、{app} をもう一度起動してください。",
    folderUnusable:
      "{app} を起動できません。データ用のフォルダー {folder} が必要ですが、作成できません: {why}。ホームフォルダーがあること、書き込めること、ディスクがいっぱいでないことを確認してください。その後、{app} をもう一度起動してください。",
    folderSilent:
      "{app} を起動できません。フォルダー {folder} が応答しません。接続されていないネットワークまたはディスクにある可能性があります。サインインは保持されています。ホームフォルダーを開けることを確認してください。その後、{app} をもう一度起動してください。",
    root: "{app} は root では動作しません。ウィンドウがこのコンピューターのすべての権限を持つことになるためです。sudo を使わずに、ご自分のアカウントで起動してください。ほかのユーザーがいないコンテナーでは、{variable}=1 を設定してください。",
    silent:
      "{app} はすでに起動していますが、応答しません。リンクを開いた場合、そのリンクは届いていません。しばらく待ってから、もう一度お試しください。それでも解決しない場合は、プロセスの一覧で {app} を終了し、もう一度起動してください。",
    unreachable:
      "{app} はすでに起動していますが、接続できません。{app} のフォルダーにもランタイムフォルダーにもソケットがありません。リンクを開いた場合、そのリンクは届いていません。XDG_RUNTIME_DIR がローカルディスク上のご自分のフォルダーを指していることを確認してください。その後、{app} を終了し、もう一度起動してください。",
    notFound:
      "{app} はすでに起動していますが、今回の起動からは見つかりません。データ用のフォルダーが異なるか、同じフォルダーを使う権限がありません。リンクを開いた場合、そのリンクは届いていません。XDG_DATA_HOME がどこでも同じであること、フォルダー {folder} がご自分のものであることを確認してください。",
    mayBeRunning:
      "{app} がすでに起動しているかどうかを確認できません。フォルダー {folder} がご自分のものでないか、書き込めません。また、セッションバスが応答しません。リンクを開いた場合、そのリンクは届いていません。フォルダーの所有者をご自分に戻し (sudo chown)、リンクをもう一度開いてください。",
  },
};

export default ja;
