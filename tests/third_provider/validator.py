"""The claims of the ID token about a user."""

from oauth2_provider.oauth2_validators import OAuth2Validator


class Validator(OAuth2Validator):
    # As Scalekit does: the user is in the ID token.
    def get_additional_claims(self, request):
        return {
            "email": request.user.email,
            "email_verified": True,
            "name": f"{request.user.username} of the third provider",
        }
