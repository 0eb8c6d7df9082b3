"""The quick-start of Scalekit's own SDK for Python.

    python quick_start.py <environment> <client id> <client secret>
"""

import base64
import hashlib
import re
import secrets
import sys
from urllib.parse import parse_qs, urlencode, urlsplit

from scalekit import ScalekitClient
from scalekit.common.scalekit import (
    AuthorizationUrlOptions,
    CodeAuthenticationOptions,
    LogoutUrlOptions,
    TokenValidationOptions,
)

CALLBACK = "http://localhost:3000/auth/callback"
ADA = "ada@analytical.example"
KATHERINE = "katherine@orbit.example"
SCOPES = ["openid", "profile", "email", "offline_access"]


def request(line):
    """A line out, a line in: the test is the user and their browser."""
    print(line, flush=True)
    return sys.stdin.readline().strip()


def parameter(link, name):
    return parse_qs(urlsplit(link).query)[name][0]


def options(**wanted):
    made = AuthorizationUrlOptions()
    made.scopes, made.state = SCOPES, "s1"
    for name, value in wanted.items():
        setattr(made, name, value)
    return made


def exchanged(email, url, code_verifier=None):
    link = request(f"user {email} {url}")
    assert parameter(link, "state") == "s1"
    made = CodeAuthenticationOptions()
    made.code_verifier = code_verifier
    response = scalekit.authenticate_with_code(parameter(link, "code"), CALLBACK, made)
    assert response["user"]["email"] == email, response["user"]
    return response


environment, client_id, client_secret = sys.argv[1:]
scalekit = ScalekitClient(environment, client_id, client_secret)

# As printed: no PKCE, no nonce.
first = exchanged(ADA, scalekit.get_authorization_url(CALLBACK, options()))
checks = TokenValidationOptions(issuer=environment, audience=[client_id])
assert scalekit.validate_access_token(first["access_token"], options=checks)
assert not scalekit.validate_access_token(first["access_token"] + "x", options=checks)
for wrong in [
    TokenValidationOptions(issuer="https://other.example", audience=[client_id]),
    TokenValidationOptions(issuer=environment, audience=["another"]),
]:
    assert not scalekit.validate_access_token(first["access_token"], options=wrong)
assert scalekit.validate_token(first["id_token"], options=checks)["email"] == ADA
rights = scalekit.validate_access_token_and_get_claims(first["access_token"], options=checks)
assert "reports:read" in rights["permissions"]
assert re.fullmatch(r"org_\d+", first["organization_id"])
assert re.fullmatch(r"conn_\d+", first["connection_id"])

second = scalekit.refresh_access_token(first["refresh_token"])
assert scalekit.validate_access_token(second["access_token"], options=checks)
assert second["refresh_token"] != first["refresh_token"]

# Every option of the authorization URL. The token of the link has no audience.
token = parameter(request("login-link"), "idp_initiated_login")
issued = TokenValidationOptions(issuer=environment)
orbit = scalekit.get_idp_initiated_login_claims(token, options=issued)
assert orbit["login_hint"] == KATHERINE
for email, page, wanted in [
    (KATHERINE, "/sso", {"connection_id": orbit["connection_id"]}),
    (KATHERINE, "/sso", {"organization_id": orbit["organization_id"]}),
    (KATHERINE, "/sso", {"login_hint": KATHERINE}),
    (KATHERINE, "/sso", {"domain_hint": "orbit.example"}),
    (ADA, "/sso", {"provider": "google"}),
    (ADA, "/sign-in", {"prompt": "login"}),
    (ADA, "/sign-up", {"prompt": "create", "nonce": "n1"}),
]:
    url = scalekit.get_authorization_url(CALLBACK, options(**wanted))
    assert request(f"visit {url}").startswith(page), wanted
    response = exchanged(email, url)
    claims = scalekit.validate_token(response["id_token"], options=checks)
    assert claims.get("nonce") == wanted.get("nonce"), claims

# PKCE (RFC 7636): the SDK sends the verifier, and leaves the challenge to its caller.
verifier = secrets.token_urlsafe(32)
digest = hashlib.sha256(verifier.encode()).digest()
challenge = {
    "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    "code_challenge_method": "S256",
}
url = f"{scalekit.get_authorization_url(CALLBACK, options())}&{urlencode(challenge)}"
exchanged(ADA, url, verifier)
for wrong in [secrets.token_urlsafe(32), None]:
    try:
        exchanged(ADA, url, wrong)
    except Exception:
        continue
    raise AssertionError(f"the code was exchanged with the verifier {wrong}")

out = scalekit.get_logout_url(LogoutUrlOptions(first["id_token"], "http://localhost:3000/", "bye"))
assert request(f"visit {out}") == "http://localhost:3000/?state=bye"
try:
    scalekit.refresh_access_token(second["refresh_token"])
except Exception:
    print("done", flush=True)
else:
    raise AssertionError("the session has not ended")
