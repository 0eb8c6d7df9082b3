//! The picture of the signed-in user.

use crate::configuration::EnvironmentUrl;

use crate::session::{
    account::Account,
    event::{Effect, Operation},
};

impl Account {
    pub(super) fn fetch_picture(&mut self, address: Option<String>) {
        let Some(address) = address else { return };
        let operation = self.operation();
        let environment = self.configuration.as_ref().map(|one| &one.environment);
        let is_local = environment.is_some_and(EnvironmentUrl::is_loopback);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.fetching_picture = Some(operation);
            self.effects.push(Effect::FetchPicture(operation, address, is_local));
        }
    }

    pub(super) fn picture_fetched(&mut self, operation: Operation, picture: Option<String>) {
        if let Some(signed_in) = self.session.signed_in()
            && signed_in.fetching_picture == Some(operation)
        {
            signed_in.fetching_picture = None;
            signed_in.record.profile.picture = picture;
        }
    }
}
