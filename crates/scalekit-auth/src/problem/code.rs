//! The kinds of problems, each with its English text.

use serde::Serialize;

/// What a problem is called, and the sentence about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ProblemText {
    /// What stands above the sentence.
    pub heading: &'static str,
    /// What happened, what it means and what to do. It stands alone, too; `{name}` is a parameter of the problem.
    pub sentence: &'static str,
}

macro_rules! problem_codes {
    ($($(#[$meta:meta])* $code:ident: $heading:literal, $sentence:literal;)+) => {
        /// The kinds of problems a user can meet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(rename_all = "camelCase")]
        pub enum ProblemCode {
            $($(#[$meta])* $code,)+
        }

        impl ProblemCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code,)+];

            /// Its text in English.
            #[must_use]
            pub const fn english(self) -> ProblemText {
                match self {
                    $(Self::$code => ProblemText { heading: $heading, sentence: $sentence },)+
                }
            }
        }
    };
}

// A sentence names no product: other applications show it as well.
problem_codes! {
    /// There is no environment URL.
    EnvironmentUrlMissing:
        "The environment URL is missing",
        "Enter the environment URL from your Scalekit dashboard, such as https://your-company.scalekit.com.";
    /// The environment URL is too long, or has spaces or control characters.
    EnvironmentUrlMalformed:
        "The environment URL is too long or has spaces",
        "Copy the environment URL from your Scalekit dashboard again: it is too long, or has spaces in it.";
    /// The environment URL is no URL.
    EnvironmentUrlInvalid:
        "The environment URL is not right",
        "This is not a web address. Enter one such as https://your-company.scalekit.com.";
    /// The environment URL has another scheme than `https` (or `http` to loopback).
    EnvironmentUrlNotHttps:
        "The environment URL is not secure",
        "The environment URL must start with https://. Enter one such as https://your-company.scalekit.com.";
    /// The environment URL has a user name or a password.
    EnvironmentUrlHasUserName:
        "The environment URL has a user name in it",
        "An address with a user name in it may not lead where it seems to. Enter only the part such as https://your-company.scalekit.com.";
    /// The client id is empty or has characters no client id has.
    ClientIdInvalid:
        "The client ID is not right",
        "The client ID is missing or has characters that no client ID has. Copy it from the application in your Scalekit dashboard.";
    /// The settings come from the environment variables and cannot be changed here.
    SettingsLocked:
        "These settings are locked",
        "The settings come from the environment variables {urlVariable} and {clientVariable}, so nothing was saved. Change them there, or ask your administrator.";
    /// The settings come from the policy of this computer and cannot be changed here.
    SettingsLockedByPolicy:
        "A policy locks these settings",
        "The settings come from the policy {path} of this computer, so nothing was saved. Ask your administrator to change it.";
    /// The policy of this computer could not be read, or has invalid values. No other settings are used.
    PolicyUnusable:
        "The policy cannot be used",
        "Nobody can sign in on this computer until the file {path} is corrected. Ask your administrator to do that, then start this application again.";
    /// The settings file could not be read.
    SettingsFileUnreadable:
        "The settings file cannot be used",
        "The settings file {path} cannot be read. It was left as it is. Enter the settings again, or repair the file and start this application again.";
    /// The settings file could not be read in time.
    SettingsFileSlow:
        "The settings file does not answer",
        "The settings file {path} does not answer, so it is not used. It may be on a network or a disk that is not connected any more. Make sure that you can open the file, then start this application again.";
    /// The settings file could not be written.
    SettingsNotSaved:
        "The settings were not saved",
        "The settings could not be saved in {path}, so nothing was changed. Make sure that you may write there and that the disk is not full, then save again.";
    /// The task that reads or writes the settings file ended early.
    SettingsUnavailable:
        "The settings cannot be reached",
        "An error in this application kept it from reading or saving the settings. Start it again.";
    /// What answered is not a Scalekit environment, or not this one.
    EnvironmentInvalid:
        "This is not a Scalekit environment",
        "What answered at {environment} is not this Scalekit environment. Check the environment URL. On a network with a login page of its own, such as a hotel's, log in there first.";
    /// There is no discovery document at the environment URL.
    EnvironmentNotFound:
        "There is no Scalekit environment here",
        "There is no Scalekit environment at {environment}. Check the environment URL.";
    /// The request for the discovery document was refused, by the environment or by a filter in between.
    EnvironmentForbidden:
        "Access to the sign-in service was refused",
        "Access to {environment} was refused. A filter on this network may block it, or the service may admit other networks only. Try another network, or ask your administrator.";
    /// The environment calls itself by another address, which stands in the detail.
    EnvironmentRenamed:
        "The environment has another address",
        "The environment at {environment} calls itself {address}, as one with a domain of its own does. Nothing was sent there. If that is your company's address, enter it as the environment URL, then sign in once more. If you cannot change it, tell your administrator.";
    /// The environment's address leads on to another one, whose origin stands in the detail.
    EnvironmentRedirects:
        "The address leads elsewhere",
        "The address {environment} leads on to {address}. That was not followed, and nothing was sent there. If it is your company's address, enter it as the environment URL. If you cannot change it, tell your administrator. If you do not know it, a network with a login page of its own, such as a hotel's, may have answered. Log in there first, then try again.";
    /// The environment lets no user create an account.
    SignUpUnavailable:
        "No accounts are created here",
        "The sign-in service does not let you create an account. Sign in with the account you have, or ask your administrator for one.";
    /// A page of the environment could not be opened.
    HostedPageNotOpened:
        "The page could not be opened",
        "No web browser could be opened, so the page of the sign-in service was not shown. Check that this computer has a web browser, then try again.";
    /// What the user pasted is no address that a sign-in ends at.
    PastedLinkUnusable:
        "This is not the address of the sign-in",
        "What you copied is not the address that a sign-in ends at, so it was not used. In the browser in which you signed in, copy the whole address that begins with {address}, then paste it again.";
    /// What the user pasted answers another sign-in.
    PastedLinkOfAnotherSignIn:
        "This address is from another sign-in",
        "The address you copied is from another sign-in, so it was not used. Finish the sign-in that this application opened last, or open the browser again, then copy the address at which that one ends.";
    /// The clipboard holds no text, or cannot be read.
    ClipboardUnreadable:
        "There is no address to paste",
        "The clipboard holds no text, or this application may not read it. Copy the address at which the sign-in ended in the browser, then paste it again.";
    /// The loopback redirect URI cannot be listened at.
    LoopbackUnavailable:
        "The browser cannot come back this way",
        "This application could not wait for the browser on this computer, so the other way back is not open. The sign-in still waits for the browser. If another program uses the same port, close it, then try again.";
    /// The environment could not be reached.
    Offline:
        "The sign-in service cannot be reached",
        "There is no connection to {environment}. Check your internet connection, then try again.";
    /// The connection was lost during a sign-in.
    SignInOffline:
        "The connection was lost",
        "The sign-in could not be finished without a connection. Check your internet connection, then start again.";
    /// The environment could not be reached to refresh the session.
    RefreshOffline:
        "Your sign-in cannot be renewed without a connection",
        "The sign-in service cannot be reached. You stay signed in. Your sign-in is renewed when the connection is back.";
    /// A proxy on the way wants to be signed in to.
    ProxySignIn:
        "The proxy wants a sign-in",
        "The proxy between this computer and the sign-in service wants a sign-in of its own. Enter the proxy's user name and password in the system's proxy settings, or ask your administrator, then try again.";
    /// A proxy on the way did not make the connection.
    ProxyRejected:
        "The proxy did not make the connection",
        "The proxy between this computer and the sign-in service did not make the connection. Try again. If it happens again, ask your administrator whether the proxy permits the sign-in service's address.";
    /// A captive portal or a proxy answered in the environment's place.
    NetworkSignIn:
        "This network wants you to log in first",
        "Open any web page, log in there, then try again. Networks of hotels and trains and some office proxies want that first.";
    /// The environment's certificate is not valid yet.
    CertificateNotYetValid:
        "The certificate is not valid yet",
        "The sign-in service's certificate is for a later time, so nothing was sent. This computer's clock may be wrong. Set the clock, then try again.";
    /// The environment's certificate has expired.
    CertificateExpired:
        "The certificate has expired",
        "The sign-in service's certificate has expired, so nothing was sent. Check this computer's clock. If it is right, tell your administrator.";
    /// The environment's certificate is from an issuer that this computer does not trust.
    CertificateUnknownIssuer:
        "The certificate's issuer is not known",
        "The sign-in service's certificate is from an issuer that this computer does not trust, so nothing was sent. A network that inspects its traffic has an issuer of its own, named below. If you know it, ask your administrator to install its certificate on this computer. If not, use another network.";
    /// The certificate is for another host than the environment's.
    CertificateOtherName:
        "The certificate is for another server",
        "The sign-in service did not show a certificate of its own, so nothing was sent. Check the environment URL. On a network with a login page of its own, such as a hotel's, log in there first.";
    /// The environment's certificate was revoked.
    CertificateRevoked:
        "The certificate was revoked",
        "The sign-in service's certificate was revoked by its issuer, so nothing was sent. Tell your administrator.";
    /// The environment's certificate was refused for another reason.
    CertificateRefused:
        "The certificate cannot be trusted",
        "The sign-in service's certificate cannot be trusted, so nothing was sent. Give your administrator the details below.";
    /// The environment answered, but not as it should: overloaded or broken.
    ServiceUnavailable:
        "The sign-in service is not working",
        "There is a fault at the sign-in service right now. Try again in a few minutes.";
    /// The environment's signing keys could not be fetched, so a sign-in could not be verified.
    SigningKeysUnavailable:
        "The sign-in could not be verified",
        "Your sign-in could not be verified, because the sign-in service's signing keys could not be fetched. Try again in a few minutes.";
    /// The environment answered a refresh, but not as it should.
    RefreshUnavailable:
        "Your sign-in could not be renewed",
        "The sign-in service could not renew your sign-in. You stay signed in, and renewing is tried again.";
    /// A refresh takes longer than a caller waits.
    RefreshSlow:
        "Renewing your sign-in is taking a long time",
        "Your sign-in is being renewed, which is taking longer than usual. Try again in a few minutes.";
    /// The system gives no random numbers.
    EntropyUnavailable:
        "This computer cannot create secure keys",
        "Without secure keys a sign-in is not safe, so none was started. Restart this computer, then try again.";
    /// The user or an administrator said no in the browser.
    AccessDenied:
        "The sign-in was declined",
        "The browser came back with a refusal, so you are not signed in. Start again, or ask your administrator for access.";
    /// The environment refused the sign-in.
    SignInRefused:
        "The sign-in was refused",
        "The sign-in service did not accept this sign-in. Start again. If it happens again, tell your administrator.";
    /// The user's account may not sign in to this application.
    AccountNotAllowed:
        "This account may not sign in",
        "The sign-in service does not let this account sign in to this application. Use another account, or ask your administrator to allow this one.";
    /// The company's single sign-on is not set up right.
    ConnectionSetup:
        "Your company's single sign-on does not work here",
        "Your company's single sign-on is not set up for this application. You cannot change that here. Give your administrator the details below.";
    /// The environment does not know the organization that was asked for.
    OrganizationUnknown:
        "The organization is not known",
        "The sign-in service does not know the organization that this sign-in was for, so you were not signed in to it. Choose another organization, or ask your administrator which one to use.";
    /// The environment does not take a sign-in with the social provider that was asked for.
    ProviderUnavailable:
        "This way to sign in is not offered",
        "The sign-in service did not accept a sign-in with this provider. Sign in another way. If that is not possible, give your administrator the details below.";
    /// The application's registration with the environment is not right.
    ApplicationSetup:
        "This application is not registered properly",
        "This application is not registered with the sign-in service in a way that lets it sign you in. You cannot change that here. Give your administrator the details below.";
    /// The user did not come to the end of the sign-in in the browser.
    SignInUnfinished:
        "The sign-in was not finished",
        "The browser came back before you were signed in. Start again, and finish it on the page that opens.";
    /// No authorization response came in time.
    SignInTimedOut:
        "The sign-in took too long",
        "The sign-in was not finished in the browser in time. Start again when you are ready.";
    /// No browser could be opened for a sign-in.
    BrowserUnavailable:
        "No browser could be opened",
        "This computer did not open the sign-in page. Copy the link and open it in a browser on this computer.";
    /// No browser could be opened to sign out of the environment.
    SignOutBrowserUnavailable:
        "Your browser may still be signed in",
        "You are signed out here, but your browser may still be signed in, because none could be opened to sign you out there. If others use this computer, open your browser and sign out there too.";
    /// No sign-in waits for the browser, so there is no link.
    NoLinkToCopy:
        "There is no link to copy",
        "No sign-in waits for the browser, so nothing was copied. Start one first.";
    /// The link could not be copied.
    CopyFailed:
        "The link could not be copied",
        "The clipboard did not take the link. Try again, or open the browser again.";
    /// The environment's answer did not pass verification.
    AnswerRejected:
        "The sign-in was stopped for your safety",
        "The reply to your sign-in did not pass the security checks and was not used. Try again. If it happens again, tell your administrator.";
    /// The token response to a refresh did not pass verification.
    RefreshResponseRejected:
        "The renewal was stopped for your safety",
        "The reply to the renewal of your sign-in did not pass the security checks and was not used. You stay signed in, and renewing is tried again.";
    /// The link that asked for a sign-in is too old.
    InvitationExpired:
        "The link is too old",
        "The link that asked you to sign in is too old, so no sign-in was started. Open it again where you found it, or sign in here. If it is new, check this computer's clock.";
    /// The link that asked for a sign-in is for another organization than the application's.
    InvitationElsewhere:
        "The link is for another organization",
        "The link that asked you to sign in is for another organization than this application, so no sign-in was started. Open it with that organization's application, or ask whoever sent it.";
    /// A sign-in that began outside this application was declined there.
    InvitationDeclined:
        "The sign-in of the link was declined",
        "The sign-in that you began outside this application was declined. Sign in here, or ask your administrator for access.";
    /// The environment could not begin a sign-in outside this application.
    InvitationUnavailable:
        "The link does not work right now",
        "The sign-in service could not start the sign-in of that link. Try again in a few minutes, or sign in here.";
    /// A sign-in that began outside this application went wrong there.
    InvitationFailed:
        "That link did not sign you in",
        "No sign-in came of the link that you opened. Sign in here instead. If that fails too, ask your administrator.";
    /// This computer's clock is too far from the environment's for a sign-in.
    ClockWrong:
        "The clock is wrong",
        "This computer's clock and the sign-in service's are too far apart. Set the clock, then try again.";
    /// This computer's clock is too far from the environment's, and the session goes on.
    SessionClockWrong:
        "This computer's clock is wrong",
        "This computer's clock and the sign-in service's are more than half an hour apart. You stay signed in. Set the clock, because other programs and web pages may fail.";
    /// The environment ended the session.
    SessionEnded:
        "Your sign-in has ended",
        "The time limit that your organization sets was reached, you signed out somewhere else, or an administrator ended your sign-in. Sign in again.";
    /// The session expired, and there is no refresh token.
    SessionExpired:
        "Your sign-in has expired",
        "Sign in again: your sign-in reached its end and cannot be renewed.";
    /// What the keychain holds is no session.
    StoredSessionDamaged:
        "Your saved sign-in is damaged",
        "The sign-in saved in the keychain is damaged and cannot be used. Sign in again.";
    /// The answer to a refresh was lost, and the environment does not give it again.
    SessionInterrupted:
        "Your sign-in could not be continued",
        "The connection was lost, or this application ended, while your sign-in was being renewed. Nothing is wrong with your account. Sign in again.";
    /// Another process of this application keeps the session to itself.
    OtherProcess:
        "Another copy is using your sign-in",
        "Another copy of this application is busy with your sign-in, so it is not renewed for now. You stay signed in. Close the other copy if this message stays.";
    /// The keychain is locked.
    KeychainLocked:
        "The keychain is locked",
        "Unlock your keychain to stay signed in. A password window may be hidden behind this one. If you cannot unlock it, ask your administrator.";
    /// There is no keychain service.
    KeychainMissing:
        "There is no keychain",
        "This computer has no keychain service running, so your sign-in cannot be read. Start one, such as GNOME Keyring or KWallet, then try again.";
    /// The keychain service has no keyring to store anything in, and none was made.
    KeychainNotSetUp:
        "There is no keyring yet",
        "This computer's keychain service has no keyring for your sign-in, so it is not read, saved or renewed. Try again, and choose a password for a new keyring when you are asked. Or continue without a keychain, and sign in each time you open this application.";
    /// The keychain did not answer in time.
    KeychainSlow:
        "The keychain does not answer",
        "Unlock your keychain if it is locked. A password window may be hidden behind this one. Then try again.";
    /// The keychain failed in some other way.
    KeychainFailed:
        "The keychain failed",
        "Your sign-in cannot be read, because the keychain reported an error. Try again. If it fails again, restart the computer.";
    /// The keychain did not give the sign-in that the authorization response belongs to.
    SignInKeychainUnavailable:
        "The sign-in could not be finished",
        "You came back from the browser, but the keychain did not give the sign-in that you had begun, so it could not be finished. Unlock the keychain, then sign in again.";
    /// The keychain does not give or take the session, so it is not refreshed.
    RefreshKeychainUnavailable:
        "Your sign-in is not renewed for now",
        "The keychain does not give or take your sign-in, so it is not renewed for now. You stay signed in. Unlock the keychain, then try again.";
    /// A file beside the keychain, without which no session can be trusted, could not be read.
    SessionFiles:
        "Your sign-in is not used for now",
        "The file that lists the sign-ins that have ended cannot be read, so yours is not used for now. It is tried again. If this message stays, make sure that this application may read its own data folder and that the disk works.";
    /// An action needs a signed-in user.
    NotSignedIn:
        "Nobody is signed in",
        "Nothing was done, because that needs a signed-in user. Sign in, then try again.";
    /// The user lacks a permission in the organization they are signed in to.
    PermissionMissing:
        "You may not do this",
        "You need the permission {permission} for this, so nothing was done. Ask your administrator for it, or switch to an organization where you have it.";
    /// The access token is opaque to the application, so the user's permissions are not known.
    PermissionsUnknown:
        "Your permissions are not known",
        "The sign-in service does not tell this application what you may do, so nothing was done. Ask your administrator.";
    /// The address of a protected service is no URL that a token may be sent to.
    ResourceUrlInvalid:
        "The service's address is not right",
        "The address {address} of the service in the settings cannot be used, so nothing was sent there. Enter one such as https://api.example.com/reports, or ask your administrator.";
    /// The permission that a protected service needs has a form that no permission has.
    ResourcePermissionInvalid:
        "The service's permission is not right",
        "The permission {permission} of the service in the settings cannot be used, so nothing was sent. Enter one such as reports:read, or ask your administrator.";
    /// The origin of a protected service is neither the environment nor one that the configuration names.
    ResourceNotAllowed:
        "This service is not allowed",
        "The service at {address} does not belong to this application, so nothing was sent there. Ask your administrator to correct the address in the settings.";
    /// A protected service did not respond.
    ResourceOffline:
        "The service cannot be reached",
        "The service at {address} cannot be reached. Check your internet connection, then try again.";
    /// The certificate of a protected service is not trusted.
    ResourceCertificate:
        "The service's certificate is not trusted",
        "The certificate of the service at {address} cannot be trusted, so nothing was sent there. Check this computer's clock. If it is right, give your administrator the details below.";
    /// A protected service responded with an error of its own.
    ResourceUnavailable:
        "The service is not working",
        "The service at {address} is not working right now. Try again in a few minutes.";
    /// What a protected service sent is not of the expected form.
    ResourceResponseInvalid:
        "The service's reply cannot be used",
        "The reply of the service at {address} is not what was expected, so it is not shown. Ask your administrator whether the address in the settings is right.";
    /// A protected service rejected the access token, also after a refresh.
    ResourceRejectedSignIn:
        "The service does not accept your sign-in",
        "The service at {address} does not accept your sign-in, even after it was renewed. Sign in again. If that does not help, tell your administrator.";
    /// The settings changed while a protected service was asked.
    SettingsChanged:
        "The settings have changed",
        "The settings changed in the meantime, so nothing more was sent. Try again if you still want it.";
    /// The environment gives this application no means to refresh the session.
    NotRefreshable:
        "Your sign-in cannot be renewed",
        "The sign-in service gives this application no means to renew your sign-in, so there is no further access. Sign in again.";
    /// The environment has refused several times to refresh the session, and did not end it.
    RefreshRefused:
        "Your sign-in is not renewed any more",
        "The sign-in service refuses again and again to renew your sign-in. You stay signed in here, but without access to anything else. Sign in again. Until then, renewing is tried now and then.";
    /// What the keychain holds was written by a newer version.
    StoredByNewerVersion:
        "Your sign-in is from a newer version",
        "A newer version of this application saved your sign-in, and it was left as it is. Open the newer version, or update this one.";
    /// The session could not be saved and will not survive a restart.
    NotSaved:
        "Your sign-in is not saved",
        "Your sign-in could not be saved in the keychain, so it is not renewed for now. If the keychain is locked, unlock it. Saving is tried again. Or continue without a keychain, and sign in each time you open this application.";
    /// The session is not saved yet, because another process keeps its lock.
    SaveBlocked:
        "Your sign-in is not saved yet",
        "Another copy of this application holds the lock of your sign-in, so it is not saved yet. You stay signed in until you close this application. Close the other copies. Saving then goes on by itself.";
    /// The keychain would not remove the session of a user who has signed out.
    NotCleared:
        "Your sign-in is still on this computer",
        "You are signed out, but your saved sign-in is still on this computer. Unlock the keychain. Removing it is tried again. Until this message is gone, do not let others use this computer.";
    /// That a session has ended could not be written for other processes.
    EndNotWritten:
        "Other copies may not know that you signed out",
        "You are signed out here, but that could not be saved, so another running copy of this application may not know it. Make sure that the disk is not full. Saving is tried again. Close the other copies if this message stays.";
    /// That the session before this one has ended could not be written for other processes.
    EarlierEndNotWritten:
        "Other copies may go on with your earlier sign-in",
        "Your earlier sign-in has ended, but that could not be saved, so another running copy of this application may go on with it. Make sure that the disk is not full. Saving is tried again. Close the other copies if this message stays.";
    /// The same was asked for too often in a short time.
    TooOften:
        "That was too fast",
        "This was asked for too often in a short time, so nothing was done. Wait a few seconds, then try again.";
    /// A call that this application does not make.
    CallRefused:
        "This could not be done",
        "Nothing was done. Restart this application. If it happens again, install it again.";
    /// The desktop gives this application's links to another one.
    LinksTaken:
        "Another program has taken the links",
        "Links from your browser open another program, so a sign-in may not arrive here. The other program can do nothing with them. Set the links up again. If that does not help, make this application the default for these links, or remove the other program.";
    /// The desktop gives this application's links to something that may or may not be this application.
    LinksPerhapsTaken:
        "Links may not lead back here",
        "Links from your browser are opened by a script or another program, and none has arrived here so far. If a sign-in does not come back from the browser, set the links up again.";
    /// Nothing on this computer opens this application's links.
    LinksLost:
        "Links do not lead back here",
        "Nothing on this computer opens the links that lead back here from the browser, so a sign-in would not arrive. Install this application with its package, or make sure that it may write into the folder for applications (on Linux ~/.local/share/applications) and that xdg-utils is installed. Then set the links up again.";
    /// A second process cannot hand its link over to this one.
    LinksUnreachable:
        "Links cannot reach this application",
        "No socket could be made for this application, neither in its own folder nor in the runtime folder. So a second start cannot hand its link over, and a sign-in would not arrive from the browser. Make sure that XDG_RUNTIME_DIR names a folder of yours on a local disk, then start this application again.";
}
