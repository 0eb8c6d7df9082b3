//! Seeded bugs: machines with a known defect, which the simulation must detect.

/// One defect of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeededBug {
    /// Sends the refresh token and writes the session without the lock.
    NoLock,
    /// Does not read the stored session again under the lock.
    NoSecondReading,
    /// Ignores the journal.
    NoJournal,
    /// Releases the lock before the new refresh token is stored.
    LockGivenBackEarly,
    /// Returns new access tokens before the new refresh token is stored.
    TokensGivenEarly,
    /// Writes no tombstone for an ended session.
    NoTombstone,
    /// Ends the session on a transient error.
    TransientErrorEndsTheSession,
    /// Drops pending operations when the settings change.
    SettingsDropTheSession,
    /// Without a keychain, does not count lost responses.
    LostResponsesNotCountedInMemory,
    /// Counts lost responses in the journal only.
    LostResponsesNotCountedWithoutJournal,
    /// Refreshes the session for every rejected access token.
    NoRateLimitForRejectedTokens,
    /// Lets callers wait without a timeout.
    CallersWaitForever,
    /// Derives the session id from the first access token.
    SessionNamedByAccessToken,
    /// Treats unreadable tombstones as an empty list.
    UnreadableEndedIsEmpty,
    /// Accepts a refreshed access token of any user.
    AnySubjectOfAccessToken,
    /// Exchanges every code with the deep link's redirect URI.
    RedirectUriOfTheDeepLink,
    /// Listens at the loopback redirect URI after the sign-in has ended.
    ListenerOutlivesItsSignIn,
    /// Does not verify the requested organization.
    AnyOrganization,
    /// Sends requests without a network.
    SendsWithoutNetwork,
    /// Ignores `Retry-After`.
    NoRetryAfter,
    /// Begins the retry windows anew when another process has spent the refresh token.
    BackoffResetByAdoption,
    /// Returns an access token of another `sub` when the keys are unavailable.
    UnverifiedSubject,
    /// Revokes the tokens of a session that another sign-in replaces.
    RevokesTheReplacedSession,
    /// Begins refreshes after the exit of the process was announced.
    BeginsAfterExit,
    /// Continues without a lock when the system fails to give it.
    LockErrorIsNoLock,
    /// Replaces the session by a sign-in while its refresh token is in flight.
    SignInBeforeRefreshResponse,
    /// Announces the end of a session again after a sign-in of the same user.
    AnnouncesAgain,
}

impl SeededBug {
    /// All seeded bugs.
    pub const ALL: &[Self] = &[
        Self::NoLock,
        Self::NoSecondReading,
        Self::NoJournal,
        Self::LockGivenBackEarly,
        Self::TokensGivenEarly,
        Self::NoTombstone,
        Self::TransientErrorEndsTheSession,
        Self::SettingsDropTheSession,
        Self::LostResponsesNotCountedInMemory,
        Self::LostResponsesNotCountedWithoutJournal,
        Self::NoRateLimitForRejectedTokens,
        Self::CallersWaitForever,
        Self::SessionNamedByAccessToken,
        Self::UnreadableEndedIsEmpty,
        Self::AnySubjectOfAccessToken,
        Self::RedirectUriOfTheDeepLink,
        Self::ListenerOutlivesItsSignIn,
        Self::AnyOrganization,
        Self::SendsWithoutNetwork,
        Self::NoRetryAfter,
        Self::BackoffResetByAdoption,
        Self::UnverifiedSubject,
        Self::RevokesTheReplacedSession,
        Self::BeginsAfterExit,
        Self::LockErrorIsNoLock,
        Self::SignInBeforeRefreshResponse,
        Self::AnnouncesAgain,
    ];
}
