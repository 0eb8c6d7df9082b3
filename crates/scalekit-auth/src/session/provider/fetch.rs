//! The requests for the environment's metadata, its keys and its time.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::{
    problem::Problem,
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
    provider::cache::ProviderRequest,
};

/// The outcome of a discovery request.
pub(crate) enum Discovery {
    /// The metadata is known.
    Succeeded,
    /// With the delay that the environment requested.
    Failed(Problem, Option<Duration>),
}

impl Account {
    /// Fetches the metadata unless a request is pending. A sign-in and a refresh may both wait for it.
    pub(crate) fn discover(&mut self) {
        let Some(configuration) = &self.configuration else { return };
        if !self.provider.awaits(ProviderRequest::Discovery) {
            let request = metadata::request(&configuration.environment);
            let operation = self.operation();
            self.provider.requested(ProviderRequest::Discovery, operation, self.now);
            self.effects.push(Effect::Send(operation, RequestPurpose::Discovery, request));
        }
    }

    /// Adopts the metadata of a response.
    pub(crate) fn metadata_fetched(&mut self, outcome: HttpOutcome) -> Option<Discovery> {
        let configuration = self.configuration.as_ref()?;
        let body = outcome.as_ref().ok().map(|response| response.body.clone());
        let wall = self.now.wall;
        let retry_after = outcome.as_ref().ok().and_then(|response| response.retry_after(wall));
        match metadata::read(&configuration.environment, outcome) {
            Ok(metadata) => {
                if let Some(body) = body {
                    self.store_endpoints(&metadata, body);
                }
                self.provider.store_metadata(metadata, self.now.monotonic);
                Some(Discovery::Succeeded)
            }
            Err(problem) => {
                self.provider.discovery_failed(self.now.monotonic, &problem, retry_after);
                Some(Discovery::Failed(problem, retry_after))
            }
        }
    }

    /// Requests the time, bypassing caches, unless a request is pending.
    pub(crate) fn ask_time(&mut self) {
        let Some(configuration) = &self.configuration else { return };
        if !self.provider.awaits(ProviderRequest::Time) {
            let request = metadata::time_request(&configuration.environment);
            let operation = self.operation();
            self.provider.requested(ProviderRequest::Time, operation, self.now);
            self.effects.push(Effect::Send(operation, RequestPurpose::Time, request));
        }
    }

    /// Stores the metadata for a start without a connection to the environment.
    pub(crate) fn store_endpoints(&mut self, metadata: &Metadata, description: Zeroizing<Vec<u8>>) {
        let known = self.provider.is_stored(metadata);
        if !known && !self.in_memory && description.len() <= metadata::MAX_STORED_BYTES {
            self.provider.restore_metadata(Some(metadata.clone()));
            self.store(RecordKind::Endpoints, description);
        }
    }

    pub(crate) fn fetch_jwks(&mut self) {
        if self.provider.awaits(ProviderRequest::Keys) {
            return;
        }
        let Some(request) = self.provider.last_good_metadata().map(jwks::request) else {
            return;
        };
        let operation = self.operation();
        self.provider.requested(ProviderRequest::Keys, operation, self.now);
        self.effects.push(Effect::Send(operation, RequestPurpose::Jwks, request));
    }

    /// Adopts the keys of a response.
    pub(crate) fn jwks_fetched(&mut self, outcome: HttpOutcome) {
        if let Ok(keys) = JwkSet::read(outcome) {
            let rng = self.draw();
            self.provider.store_keys(keys, self.now.monotonic, rng);
        } else {
            self.provider.keys_failed();
        }
    }
}
