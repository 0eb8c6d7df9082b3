//! The requests for the environment's metadata, its keys and its time.

use zeroize::Zeroizing;

use crate::{
    protocol::{
        http_response::HttpOutcome,
        jwks::{self, JwkSet},
        metadata::{self, Metadata},
    },
    storage::record::RecordKind,
};

use crate::session::{
    account::Account,
    event::{Effect, RequestPurpose},
};

impl Account {
    /// Fetches the metadata unless a request is pending. A sign-in and a refresh may both wait for it.
    pub(crate) fn discover(&mut self) {
        let Some(configuration) = &self.configuration else { return };
        if self.provider.discovering.is_none() {
            let request = metadata::request(&configuration.environment);
            let operation = self.operation();
            self.provider.discovering = Some(operation);
            self.effects.push(Effect::Send(operation, RequestPurpose::Discovery, request));
        }
    }

    pub(crate) fn discovered(&mut self, outcome: HttpOutcome) {
        let Some(configuration) = &self.configuration else { return };
        let body = outcome.as_ref().ok().map(|answer| answer.body.clone());
        let wall = self.now.wall;
        let retry_after = outcome.as_ref().ok().and_then(|answer| answer.retry_after(wall));
        match metadata::read(&configuration.environment, outcome) {
            Ok(metadata) => {
                if let Some(body) = body {
                    self.store_endpoints(&metadata, body);
                }
                self.provider.store_metadata(metadata, self.now.monotonic);
                self.attempt_discovered();
                self.refresh_discovered();
                self.invitation_discovered();
            }
            Err(problem) => {
                let now = self.now.monotonic;
                self.provider.discovery_failed(now, &problem, retry_after);
                self.attempt_not_discovered(&problem);
                self.session.explain_rejected_sign_in(&problem);
                self.refresh_not_discovered(problem, retry_after);
                self.invitation_not_discovered();
            }
        }
    }

    /// Requests the time, bypassing caches, unless a request is pending.
    pub(crate) fn ask_time(&mut self) {
        let Some(configuration) = &self.configuration else { return };
        if self.provider.asking_time.is_none() {
            let request = metadata::time_request(&configuration.environment);
            let operation = self.operation();
            self.provider.asking_time = Some(operation);
            self.provider.clock.asking(self.now);
            self.effects.push(Effect::Send(operation, RequestPurpose::Time, request));
        }
    }

    /// The request for the time has completed. If it failed, this computer's clock is the best estimate.
    pub(crate) fn time_asked(&mut self) {
        self.attempt_time_asked();
        self.verify_sign_in();
        self.verify_invitations();
    }

    /// Stores the metadata for a start without a connection to the environment.
    pub(crate) fn store_endpoints(&mut self, metadata: &Metadata, description: Zeroizing<Vec<u8>>) {
        let known = self.provider.stored.as_ref() == Some(metadata);
        if !known && !self.in_memory && description.len() <= metadata::MAX_STORED_BYTES {
            self.provider.stored = Some(metadata.clone());
            self.store(RecordKind::Endpoints, description);
        }
    }

    pub(crate) fn fetch_jwks(&mut self) {
        if self.provider.fetching_keys.is_some() {
            return;
        }
        let Some(request) = self.provider.last_good_metadata().map(jwks::request) else {
            return;
        };
        let operation = self.operation();
        self.provider.fetching_keys = Some(operation);
        self.effects.push(Effect::Send(operation, RequestPurpose::Jwks, request));
    }

    pub(crate) fn jwks_fetched(&mut self, outcome: HttpOutcome) {
        let fetched = JwkSet::read(outcome);
        self.provider.keys_fetch_failed = fetched.is_err();
        if let Ok(keys) = fetched {
            let rng = self.draw();
            self.provider.store_keys(keys, self.now.monotonic, rng);
        }
        self.verify_sign_in();
        self.verify_refresh();
        self.verify_invitations();
    }
}
