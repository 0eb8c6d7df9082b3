//! The token request of a refresh.

use crate::{problem::Problem, protocol::token_response};

use crate::session::{
    account::Account,
    event::{Effect, RequestPurpose},
    state::{backoff::MAX_WAIT, refresh::Refresh},
};

impl Account {
    pub(crate) fn send_refresh_token(&mut self, lost: u32) {
        let now = self.now.monotonic;
        let Some(signed_in) = self.session.signed_in() else { return };
        let Some(refresh_token) = signed_in.record.refresh_token.clone() else { return };
        let request = self.configuration.as_ref().zip(self.provider.last_good_metadata()).and_then(
            |(configuration, metadata)| {
                token_response::refresh_request(configuration, metadata, &refresh_token)
            },
        );
        let Some(request) = request else {
            let problem = Problem::rejected("The token endpoint cannot be used");
            self.delay_refresh(MAX_WAIT, problem);
            return;
        };
        let operation = self.operation();
        self.effects.push(Effect::Send(operation, RequestPurpose::Refresh, request));
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.refreshes.sends(now);
            signed_in.refresh = Refresh::Requested(operation, lost);
        }
    }
}
