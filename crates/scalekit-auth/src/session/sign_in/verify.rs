//! The verification of a sign-in's ID token, which creates the session.

use crate::{
    fingerprint::{Fingerprint, SessionId},
    json,
    problem::{Problem, ProblemCode},
    protocol::{
        id_token::{self, TokenBinding, Validation, VerifyError},
        profile::profile,
        token_response::TokenResponse,
    },
    secret::Secret,
    storage::record::SessionRecord,
};

use crate::session::{
    account::{Account, has_bug},
    provider::{cache::ProviderRequest, clock::lifetime_left},
    state::{
        announced_end::AnnouncedEnd,
        session::Session,
        sign_in::{Pending, SignInAttempt},
    },
};

impl Account {
    pub(crate) fn verify_sign_in(&mut self) {
        if self.provider.awaits(ProviderRequest::Keys) || self.awaits_refreshed_tokens() {
            return;
        }
        let Some((pending, response, refetched)) = self.attempt.take_verifying() else { return };
        match self.verified_session(&pending, &response) {
            Ok(record) => {
                self.delete_sign_in();
                self.signed_in(record);
            }
            // Without the rate limit for unknown keys: only a response to the user's own request comes this far, and
            // a refresh or an earlier sign-in may have used the limit up, when a cache still had the old keys.
            Err(SignInVerifyError::Keys | SignInVerifyError::UnknownKey) if !refetched => {
                self.attempt = SignInAttempt::Verifying(pending, response, true);
                self.fetch_jwks();
            }
            // The environment's time may be older than the tokens, or unknown.
            Err(SignInVerifyError::Time)
                if self.provider.awaits(ProviderRequest::Time)
                    || self.provider.clock().is_unconfirmed(self.now) =>
            {
                self.attempt = SignInAttempt::Verifying(pending, response, refetched);
                self.ask_time();
            }
            Err(why) => {
                self.revoke_dropped(response.refresh_token.as_ref());
                self.sign_in_failed(why.problem(self.provider.clock().agrees(self.now)));
                let is_other_issuer = matches!(why, SignInVerifyError::OtherIssuer(_));
                if is_other_issuer && self.provider.doubt_metadata(self.now.monotonic) {
                    self.discover();
                }
            }
        }
    }

    /// Whether the stored refresh token is spent, and the tokens that replace it are not stored yet. If the keychain
    /// then refused the session of the sign-in, a crash would leave nothing but the spent token.
    fn awaits_refreshed_tokens(&self) -> bool {
        !has_bug!(self, SignInBeforeRefreshResponse)
            && matches!(&self.session, Session::SignedIn(signed_in) if signed_in.is_replacing_stored_tokens())
    }

    fn verified_session(
        &self,
        pending: &Pending,
        response: &TokenResponse,
    ) -> Result<SessionRecord, SignInVerifyError> {
        let configuration = self.configuration.as_ref().ok_or(SignInVerifyError::Keys)?;
        let keys = self.provider.recent_keys(self.now.monotonic).ok_or(SignInVerifyError::Keys)?;
        let id_token = response
            .id_token
            .as_ref()
            .ok_or(SignInVerifyError::Rejected("There is no ID token"))?;
        let (issuer, custom) = (configuration.environment.issuer(), &configuration.custom_claims);
        let organization =
            pending.hints.organization(configuration).filter(|_| !has_bug!(self, AnyOrganization));
        let who = id_token::verify(
            id_token,
            keys,
            &Validation {
                issuer,
                client_id: configuration.client_id.as_str(),
                organization,
                connection: pending.hints.connection_proof(configuration),
                binding: TokenBinding::SignIn { nonce: &pending.binding.nonce },
                access_token: &response.access_token,
                clocks: self.clocks(),
            },
        )
        .map_err(|why| match why {
            VerifyError::UnknownKey => SignInVerifyError::UnknownKey,
            VerifyError::OtherIssuer(rule) => SignInVerifyError::OtherIssuer(rule),
            VerifyError::Time => SignInVerifyError::Time,
            VerifyError::OtherSubject => SignInVerifyError::Rejected("it is about another user"),
            VerifyError::Claims(rule) | VerifyError::Unusable(rule) => {
                SignInVerifyError::Rejected(rule)
            }
        })?;
        let access = id_token::access_claims(&response.access_token, keys, issuer, who.subject());
        let access = access.into_claims();
        // Where the ID token has no `oid`, the profile shows that of the access token.
        if let Some(claims) = access.as_ref().filter(|claims| json::string(claims, "oid").is_some())
        {
            id_token::verify_oid(claims, organization)
                .map_err(|_| SignInVerifyError::Rejected("it is for another organization"))?;
        }
        let session = if has_bug!(self, SessionNamedByAccessToken) {
            SessionId::of_sign_in(&Secret::new(""), &response.access_token)
        } else {
            pending.session.clone()
        };
        let left = lifetime_left(response.lifetime, pending.sent, self.now.monotonic);
        // Without a refresh token the session ends with the access token.
        let announced_end =
            AnnouncedEnd::of_token_response(response, None, configuration, self.now);
        let announced_end = announced_end.filter(|_| response.refresh_token.is_some());
        Ok(SessionRecord {
            session,
            generation: 0,
            refresh_token: response.refresh_token.clone(),
            access_token: response.access_token.clone(),
            access_token_ends: self.now.wall.after(left),
            lifetime: response.lifetime,
            announced_end: announced_end.map(AnnouncedEnd::ends),
            id_token: id_token.clone(),
            nonce: Some(Fingerprint::of_nonce(&pending.binding.nonce)),
            sign_in: pending.stored_as.clone(),
            profile: profile(&who, access.as_ref(), None, custom),
            picture_url: who.text("picture").map(str::to_owned),
            organizations: Vec::new(),
        })
    }
}

/// The reason the tokens create no session.
enum SignInVerifyError {
    Keys,
    UnknownKey,
    OtherIssuer(&'static str),
    Time,
    Rejected(&'static str),
}

impl SignInVerifyError {
    fn problem(&self, clocks_agree: bool) -> Problem {
        match self {
            Self::Keys => Problem::new(ProblemCode::SigningKeysUnavailable),
            Self::UnknownKey => Problem::rejected("The ID token is signed with an unknown key"),
            Self::Time if clocks_agree => {
                Problem::rejected("The ID token was refused: it is not valid now")
            }
            Self::Time => Problem::new(ProblemCode::ClockWrong),
            Self::OtherIssuer(rule) | Self::Rejected(rule) => {
                Problem::rejected(&format!("The ID token was refused: {rule}"))
            }
        }
    }
}
