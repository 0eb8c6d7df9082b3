"""An OpenID provider of another vendor and language (PyPI: django-oauth-toolkit), with Django's own accounts.

It listens on a port of the system's choosing and prints its URL on its first line.

    python server.py [seconds that an access token lives]

`GET /_record` gives every request so far, but for those to it, as ["POST /token/", ...]. Its access tokens are
opaque, and a new refresh token is given on every use; reuse of one revokes its family.
"""

import json
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

USERS = ["rosalind", "barbara"]
CLIENT_ID = "latchkey"
ACCESS_TOKEN_SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 299


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def signing_key():
    """Made anew at every start, so that none lies in a repository."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


# The package's pages load their style from elsewhere; these are the same forms without it.
TEMPLATES = {
    "registration/login.html": """<form method="post">{% csrf_token %}{{ form }}
        <button value="in">Log in</button></form>""",
    "oauth2_provider/logout_confirm.html": """<form method="post">{% csrf_token %}
        {% for field in form %}{% if field.is_hidden %}{{ field }}{% endif %}{% endfor %}
        {{ error.error }} {{ error.description }}
        <button name="allow" value="Logout">Log out</button></form>""",
}


def configure(issuer):
    settings.configure(
        SECRET_KEY=signing_key(),
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="urls",
        # In memory, and the same for all threads.
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": "file:third-provider?mode=memory&cache=shared",
                "OPTIONS": {"uri": True},
            }
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        # Tables as the models are now, without the way there.
        MIGRATION_MODULES={
            name: None for name in ["auth", "contenttypes", "sessions", "oauth2_provider"]
        },
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [("django.template.loaders.locmem.Loader", TEMPLATES)],
                    "context_processors": ["django.template.context_processors.request"],
                },
            }
        ],
        LOGIN_URL="/login/",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_ISS_ENDPOINT": issuer,
            "OIDC_RSA_PRIVATE_KEY": signing_key(),
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "OAUTH2_VALIDATOR_CLASS": "validator.Validator",
            "SCOPES": {name: name for name in ["openid", "profile", "email", "offline_access"]},
            "ALLOWED_REDIRECT_URI_SCHEMES": ["io.latchkey.desktop"],
            "ACCESS_TOKEN_EXPIRE_SECONDS": ACCESS_TOKEN_SECONDS,
            "ROTATE_REFRESH_TOKEN": True,
            "REFRESH_TOKEN_REUSE_PROTECTION": True,
        },
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


def register():
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    for name in USERS:
        User.objects.create_user(name, f"{name}@third.example", "any")
    Application.objects.create(
        client_id=CLIENT_ID,
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris="io.latchkey.desktop://callback",
        post_logout_redirect_uris="io.latchkey.desktop://signed-out",
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )


def recorded(application, record):
    def respond(environ, start):
        if environ["PATH_INFO"] == "/_record":
            start("200 OK", [("content-type", "application/json")])
            return [json.dumps(record).encode()]
        record.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return application(environ, start)

    return respond


def serve():
    server = make_server("127.0.0.1", 0, None, Server, Quiet)
    issuer = f"http://127.0.0.1:{server.server_port}"
    configure(issuer)
    # The tables are gone with the last connection; this thread's stays.
    register()
    server.set_app(recorded(get_wsgi_application(), []))
    print(f"third provider at {issuer}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve()
