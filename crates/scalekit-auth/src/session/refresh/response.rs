//! The response to a refresh, and its effect on the session.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    configuration::{Configuration, OrganizationId},
    json,
    problem::{Problem, ProblemCode, without},
    protocol::{
        http_response::HttpOutcome,
        id_token::{self, AccessTokenClaims, Clocks, TokenBinding, Validation, VerifyError},
        profile::{profile, with_access},
        token_response::{self, TokenResponse, TokenResult},
    },
    secret::Secret,
    storage::record::SessionRecord,
    view::Profile,
};

use crate::session::{
    account::{Account, has_bug},
    provider::{cache::ProviderRequest, clock::lifetime_left},
    refresh::schedule::QUICK_RETRY,
    state::{
        announced_end::AnnouncedEnd,
        refresh::Refresh,
        session::{Session, SignedIn},
    },
};

impl Account {
    pub(crate) fn refresh_responded(&mut self, outcome: HttpOutcome) {
        let Some(signed_in) = self.session.signed_in() else { return };
        let Refresh::Requested(_, lost) = &signed_in.refresh else { return };
        let lost = *lost;
        let sent = signed_in.record.refresh_token.clone();
        let shown = |text: &str| without(text, &sent);
        match token_response::read(outcome, self.now.wall) {
            TokenResult::Success(response) => self.tokens_refreshed(response),
            // Another process may have used the refresh token first, so the stored session is read again before
            // the rejection takes effect.
            TokenResult::Rejected { error, description } => {
                let problem = if lost > 0 {
                    Problem::new(ProblemCode::SessionInterrupted)
                } else {
                    Problem::new(ProblemCode::SessionEnded)
                };
                let problem = problem.with_detail(shown(&description.unwrap_or(error)));
                if self.in_memory {
                    self.end_session(problem);
                    return;
                }
                if let Some(signed_in) = self.session.signed_in() {
                    signed_in.refreshes.reject(problem);
                }
                self.reload_before_refresh();
            }
            TokenResult::Transient {
                retry_after,
                may_have_been_processed,
                salvaged,
                unreached,
                rejection,
                detail,
            } => {
                if has_bug!(self, TransientErrorEndsTheSession) {
                    self.end_session(Problem::new(ProblemCode::SessionEnded));
                    return;
                }
                let without_response =
                    may_have_been_processed && salvaged.is_none() && rejection.is_none();
                if let Some(signed_in) = self.session.signed_in().filter(|_| without_response) {
                    signed_in.refreshes.lose_response(lost);
                }
                if let Some(refresh_token) = salvaged {
                    self.store_issued_tokens(refresh_token);
                } else if !without_response {
                    self.roll_back_request();
                }
                let problem = Problem::new(match unreached {
                    None => ProblemCode::RefreshUnavailable,
                    Some(ProblemCode::Offline) => ProblemCode::RefreshOffline,
                    // A proxy or a certificate error, which the user can resolve.
                    Some(code) => code,
                });
                let problem = problem.with_detail(shown(&detail));
                let wait = if without_response && lost == 0 && retry_after.is_none() {
                    QUICK_RETRY
                } else {
                    self.wait_before_retry(retry_after)
                };
                if rejection.is_some() {
                    self.on_unusable_response(problem, wait);
                } else {
                    self.delay_refresh(wait, problem);
                }
                self.accepts_retry_hint(retry_after.is_none());
            }
        }
    }

    /// Verifies the refreshed tokens as soon as no request for the keys is pending.
    pub(crate) fn verify_refresh(&mut self) {
        if self.provider.awaits(ProviderRequest::Keys) {
            return;
        }
        let Some((response, refetched)) = self.session.unverified_tokens() else { return };
        match self.refreshed_profile(response) {
            Ok(user) => self.refreshed(user),
            Err(RefreshVerifyError::Keys) if !refetched => self.await_jwks(),
            Err(RefreshVerifyError::Rejected(VerifyError::UnknownKey))
                if !refetched && self.provider.try_refetch_keys(self.now.monotonic) =>
            {
                self.await_jwks();
            }
            Err(RefreshVerifyError::Rejected(why @ VerifyError::UnknownKey))
                if !self.provider.has_failed_keys() =>
            {
                self.refresh_not_verified(why);
            }
            Err(
                RefreshVerifyError::Keys | RefreshVerifyError::Rejected(VerifyError::UnknownKey),
            ) => self.refreshed_without_keys(),
            // Issuer, audience, subject and `at_hash` of the ID token have been verified. Without `at_hash` it does not
            // state which access token it belongs to.
            Err(RefreshVerifyError::Rejected(VerifyError::Unusable(_))) => {
                if self.is_about_this_user(&response.access_token) {
                    self.refreshed(None);
                } else {
                    self.refresh_not_verified(VerifyError::OtherSubject);
                }
            }
            Err(RefreshVerifyError::Rejected(why @ VerifyError::OtherIssuer(_))) => {
                // The next attempt fetches the metadata, which shows whether the environment was renamed.
                self.provider.doubt_metadata(self.now.monotonic);
                self.refresh_not_verified(why);
            }
            // Only a sign-in returns `Time`; for a refresh the verifier returns `Unusable` instead.
            Err(RefreshVerifyError::Rejected(
                why @ (VerifyError::OtherSubject | VerifyError::Time | VerifyError::Claims(_)),
            )) => self.refresh_not_verified(why),
        }
    }

    /// Without the present keys the tokens are used: they came over TLS directly from the environment (OpenID Connect
    /// Core §3.1.3.7 rule 6). The profile stays unchanged. Tokens that contradict the session in any case are not used.
    fn refreshed_without_keys(&mut self) {
        let Some((response, _)) = self.session.unverified_tokens() else { return };
        if let Some(why) = self.contradiction(response) {
            self.refresh_not_verified(why);
        } else if !self.may_be_about_another(response) || has_bug!(self, UnverifiedSubject) {
            self.refreshed(None);
        } else {
            // The refresh token is stored; the next access token is verified.
            let wait = self.wait_before_retry(None);
            self.delay_refresh(wait, not_passed("its subject cannot be verified now"));
        }
    }

    /// Only the refresh token of the response is adopted.
    fn refresh_not_verified(&mut self, why: VerifyError) {
        if let (VerifyError::OtherSubject, Some(signed_in)) = (&why, self.session.signed_in()) {
            signed_in.refreshes.name_other_subject();
        }
        let wait = self.wait_before_retry(None);
        self.on_unusable_response(not_passed(&why.to_string()), wait);
    }

    /// A response that cannot be used. After several in a row the user is offered another sign-in, while this
    /// session continues.
    fn on_unusable_response(&mut self, problem: Problem, wait: Duration) {
        let problem = match self.session.signed_in() {
            Some(signed_in) => {
                signed_in.refreshes.count_unusable();
                if signed_in.refreshes.wants_another_sign_in() {
                    Problem::new(ProblemCode::RefreshRefused)
                        .with_detail(problem.detail.as_deref().unwrap_or_default())
                } else {
                    problem
                }
            }
            None => problem,
        };
        self.delay_refresh(wait, problem);
    }

    /// RFC 6749 §6: the old refresh token is discarded. The new one is stored before the response is verified
    /// or used, as the old one is spent in any case.
    fn tokens_refreshed(&mut self, response: TokenResponse) {
        match response.refresh_token.clone() {
            Some(refresh_token) => self.store_issued_tokens(refresh_token),
            // RFC 6749 §6: the old token stays valid, and the response to it was received.
            None => self.roll_back_request(),
        }
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.refreshes.receive_response();
            signed_in.refresh = Refresh::AwaitingKeys(response, false);
        }
        self.verify_refresh();
    }

    /// RFC 6749 §6: an environment may return the same refresh token, which then stays valid.
    fn store_issued_tokens(&mut self, refresh_token: Secret) {
        let record = self.session.record();
        let present = record.and_then(|record| record.refresh_token.as_ref());
        if present.is_some_and(|present| present.matches(refresh_token.expose())) {
            self.roll_back_request();
        } else {
            self.store_refresh_token(refresh_token);
        }
    }

    fn await_jwks(&mut self) {
        if let Some(SignedIn { refresh: Refresh::AwaitingKeys(_, refetched), .. }) =
            self.session.signed_in()
        {
            *refetched = true;
            self.fetch_jwks();
        }
    }

    /// The user of the new tokens.
    fn refreshed_profile(
        &self,
        response: &TokenResponse,
    ) -> Result<Option<User>, RefreshVerifyError> {
        let names_other = self.names_other_subject(response);
        let Session::SignedIn(signed_in) = &self.session else { return Ok(None) };
        let record = &signed_in.record;
        let stated = id_token::sub_claim(&response.access_token);
        let names_the_same =
            stated.is_some() && stated == id_token::sub_claim(&record.access_token);
        let before = &carried_over(&record.profile, &response.access_token);
        let (Some(configuration), Some(keys)) =
            (&self.configuration, self.provider.recent_keys(self.now.monotonic))
        else {
            return Err(RefreshVerifyError::Keys);
        };
        let (issuer, custom) = (configuration.environment.issuer(), &configuration.custom_claims);
        let expected = expected(configuration, record, response, self.clocks());
        let Some(id_token) = &response.id_token else {
            let token = &response.access_token;
            let access = match id_token::access_claims(token, keys, issuer, &before.subject) {
                AccessTokenClaims::Of(access) => access,
                // The key that has signed it may be new.
                AccessTokenClaims::Opaque if names_other => {
                    return Err(RefreshVerifyError::Rejected(VerifyError::UnknownKey));
                }
                AccessTokenClaims::Opaque if signed_in.refreshes.has_other_subject() => {
                    return Err(RefreshVerifyError::Rejected(VerifyError::OtherSubject));
                }
                // RFC 6749 §1.4: an access token may be opaque.
                AccessTokenClaims::Opaque => return Ok(None),
                AccessTokenClaims::OtherSubject if has_bug!(self, AnySubjectOfAccessToken) => {
                    return Ok(None);
                }
                // OpenID Connect Core §2: access tokens need not identify users as ID tokens do. One with the
                // same `sub` as the previous access token is about the same user.
                AccessTokenClaims::OtherSubject if names_the_same => return Ok(None),
                AccessTokenClaims::OtherSubject => {
                    return Err(RefreshVerifyError::Rejected(VerifyError::OtherSubject));
                }
            };
            // Access tokens of modular SSO have no `oid`; this user's organization was verified at the sign-in.
            if json::optional(&access, "oid").is_some() {
                id_token::verify_oid(&access, expected.organization)
                    .map_err(RefreshVerifyError::Rejected)?;
            }
            let profile = with_access(before.clone(), &access, custom);
            return Ok(Some(User { profile, id_token: None, picture: None }));
        };
        let who =
            id_token::verify(id_token, keys, &expected).map_err(RefreshVerifyError::Rejected)?;
        let access = id_token::access_claims(&response.access_token, keys, issuer, who.subject());
        // Without `at_hash` the ID token does not state which access token it belongs to.
        let is_named = !names_other || who.names_access_token();
        let access = match access {
            AccessTokenClaims::Of(access) => Some(access),
            AccessTokenClaims::OtherSubject | AccessTokenClaims::Opaque if is_named => None,
            AccessTokenClaims::OtherSubject => {
                return Err(RefreshVerifyError::Rejected(VerifyError::OtherSubject));
            }
            AccessTokenClaims::Opaque => {
                return Err(RefreshVerifyError::Rejected(VerifyError::UnknownKey));
            }
        };
        let profile = profile(&who, access.as_ref(), Some(before), custom);
        let picture = who.text("picture").map(str::to_owned);
        Ok(Some(User { profile, id_token: Some(id_token.clone()), picture }))
    }

    /// The rule that the ID token of a response violates, as far as that can be known without the keys.
    fn contradiction(&self, response: &TokenResponse) -> Option<VerifyError> {
        let id_token = response.id_token.as_ref()?;
        let (configuration, record) = self.configuration.as_ref().zip(self.session.record())?;
        let expected = expected(configuration, record, response, self.clocks());
        id_token::contradiction(id_token, &expected)
    }

    /// Whether the new access token has another `sub` than the present one, if both have one.
    fn names_other_subject(&self, response: &TokenResponse) -> bool {
        let Some(record) = self.session.record() else { return false };
        let before = id_token::sub_claim(&record.access_token);
        let now = id_token::sub_claim(&response.access_token);
        before.zip(now).is_some_and(|(before, now)| before != now)
    }

    /// Whether only the keys can show that the response is about this session's user.
    fn may_be_about_another(&self, response: &TokenResponse) -> bool {
        let Session::SignedIn(signed_in) = &self.session else { return false };
        let is_unproven = signed_in.refreshes.has_other_subject() && response.id_token.is_none();
        is_unproven || self.names_other_subject(response)
    }

    /// Whether the access token may be used without an ID token that vouches for it: it is about the session's user, or
    /// has the `sub` of the token before, or is opaque and no response was about another user.
    fn is_about_this_user(&self, token: &Secret) -> bool {
        let Session::SignedIn(signed_in) = &self.session else { return false };
        let stated = id_token::sub_claim(token);
        let before = id_token::sub_claim(&signed_in.record.access_token);
        match &stated {
            None => !signed_in.refreshes.has_other_subject(),
            Some(subject) => *subject == signed_in.record.profile.subject || stated == before,
        }
    }

    /// The new tokens are used, as those of this user, if they have shown one.
    fn refreshed(&mut self, user: Option<User>) {
        let now = self.now;
        let Session::SignedIn(signed_in) = &self.session else { return };
        let Some((response, _)) = self.session.unverified_tokens() else { return };
        let left = lifetime_left(response.lifetime, signed_in.refreshes.sent_at(), now.monotonic);
        let announced_end = self.configuration.as_ref().and_then(|configuration| {
            let before = signed_in.announced_end;
            AnnouncedEnd::of_token_response(response, before, configuration, now)
        });
        let mut record = SessionRecord {
            access_token: response.access_token.clone(),
            access_token_ends: now.wall.after(left),
            lifetime: response.lifetime,
            announced_end: announced_end.map(AnnouncedEnd::ends),
            profile: carried_over(&signed_in.record.profile, &response.access_token),
            ..signed_in.record.clone()
        };
        let mut new_picture = None;
        if let Some(User { profile, id_token, picture }) = user {
            record.profile = profile;
            if let Some(id_token) = id_token {
                record.id_token = id_token;
            }
            if picture.is_some() && picture != record.picture_url {
                record.picture_url.clone_from(&picture);
                new_picture = picture;
            }
        }
        let clock_wrong = self.provider.clock().is_certainly_wrong(now);
        self.mark_token_requests_refreshed();
        let refresh = self.scheduled_after_response(&record, left);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.record = record;
            signed_in.refresh = refresh;
            signed_in.announced_end = announced_end;
            signed_in.access_token_ends = now.monotonic.after(left);
            signed_in.refreshes.succeed();
            report_clock(&mut signed_in.problem, clock_wrong);
        }
        self.save();
        self.fetch_picture(new_picture);
    }
}

/// The values that the ID token of a response is compared with.
fn expected<'a>(
    configuration: &'a Configuration,
    record: &'a SessionRecord,
    response: &'a TokenResponse,
    clocks: Clocks,
) -> Validation<'a> {
    let subject = &record.profile.subject;
    Validation {
        issuer: configuration.environment.issuer(),
        client_id: configuration.client_id.as_str(),
        organization: configuration.organization.as_ref().map(OrganizationId::as_str),
        connection: None,
        binding: TokenBinding::Refresh { subject, nonce: record.nonce.as_ref() },
        access_token: &response.access_token,
        clocks,
    }
}

/// What stays of the profile with this access token: the claims of a readable one show nothing about an opaque one.
fn carried_over(profile: &Profile, access_token: &Secret) -> Profile {
    let profile = profile.clone();
    if id_token::is_opaque(access_token) {
        Profile { roles: None, permissions: None, claims: BTreeMap::new(), ..profile }
    } else {
        profile
    }
}

fn not_passed(rule: &str) -> Problem {
    Problem::new(ProblemCode::RefreshResponseRejected).with_detail(rule)
}

/// Reports a wrong clock, which ends no session, as tokens are verified by the environment's clock.
fn report_clock(problem: &mut Option<Problem>, is_wrong: bool) {
    let is_reported =
        problem.as_ref().is_some_and(|one| one.code == ProblemCode::SessionClockWrong);
    if is_wrong {
        problem.get_or_insert_with(|| Problem::new(ProblemCode::SessionClockWrong));
    } else if is_reported {
        *problem = None;
    }
}

/// The user of verified, refreshed tokens.
struct User {
    profile: Profile,
    id_token: Option<Secret>,
    /// The URL of the picture.
    picture: Option<String>,
}

/// The reason a refreshed ID token is not used.
enum RefreshVerifyError {
    Keys,
    Rejected(VerifyError),
}
