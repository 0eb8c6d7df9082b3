//! Machines that are broken on purpose: a simulation that cannot fail proves nothing.

/// One thing that the machine gets wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeededBug {
    /// It spends and writes without the lock.
    NoLock,
    /// It does not read what is kept once more when it has the lock.
    NoSecondReading,
    /// It does not look into the journal.
    NoJournal,
    /// It gives the lock back before the new token is kept.
    LockGivenBackEarly,
    /// It gives new access tokens away before the new refresh token is kept.
    TokensGivenEarly,
    /// It does not note that a session is over.
    NoTombstone,
    /// It ends the session on a transient error.
    TransientErrorEndsTheSession,
    /// It drops what is under way when the settings change.
    SettingsDropTheSession,
    /// Without a keychain it forgets how many answers were lost.
    LostAnswersForgottenInMemory,
    /// It knows of lost answers by the journal only.
    LostAnswersForgottenWithoutJournal,
    /// It refreshes the session for every access token that a service refuses.
    NoRateLimitForRejectedTokens,
    /// It lets callers wait for as long as it takes.
    CallersWaitForever,
    /// It names a session after its first access token.
    SessionNamedByAccessToken,
    /// It takes a list of ended sessions that cannot be read for an empty one.
    UnreadableEndedIsEmpty,
    /// It takes a refreshed access token of anybody.
    AnySubjectOfAccessToken,
    /// It exchanges every code with the deep link's redirect URI.
    RedirectUriOfTheDeepLink,
    /// It listens at the loopback redirect URI after the sign-in has ended.
    ListenerOutlivesItsSignIn,
    /// It does not verify the organization that was asked for.
    AnyOrganization,
    /// It sends requests although there is no network.
    SendsWithoutNetwork,
}

impl SeededBug {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::NoLock,
        Self::NoSecondReading,
        Self::NoJournal,
        Self::LockGivenBackEarly,
        Self::TokensGivenEarly,
        Self::NoTombstone,
        Self::TransientErrorEndsTheSession,
        Self::SettingsDropTheSession,
        Self::LostAnswersForgottenInMemory,
        Self::LostAnswersForgottenWithoutJournal,
        Self::NoRateLimitForRejectedTokens,
        Self::CallersWaitForever,
        Self::SessionNamedByAccessToken,
        Self::UnreadableEndedIsEmpty,
        Self::AnySubjectOfAccessToken,
        Self::RedirectUriOfTheDeepLink,
        Self::ListenerOutlivesItsSignIn,
        Self::AnyOrganization,
        Self::SendsWithoutNetwork,
    ];
}
