"""The settings of the application, read once from the workspace and nowhere else.

- `MUNIMENT_WORKSPACE` names the workspace; the command line sets it before Django starts.
- Nothing here switches a log, a check or a filter off.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from muniment.archive.workspace import ENVIRONMENT, Workspace, read_settings

_HERE = Path(__file__).resolve().parent


def _workspace() -> Workspace | None:
    named = os.environ.get(ENVIRONMENT)
    return read_settings(Path(named)) if named else None


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite(path: str) -> dict[str, Any]:
    return {
        "ENGINE": "muniment_server.database",
        "NAME": path,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30},
    }


def databases_of(workspace: Workspace | None) -> dict[str, dict[str, Any]]:
    """Return both databases of a workspace as Django is told of them."""
    if workspace is None:  # building messages, checking types: no rows are touched
        nowhere = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        return {"default": dict(nowhere), "access": dict(nowhere)}
    if workspace.database:
        return {
            "default": _postgres(workspace.database),
            "access": _postgres(workspace.access_database),
        }
    return {
        "default": _sqlite(str(workspace.database_file)),
        "access": _sqlite(str(workspace.access_file)),
    }


def _secret(workspace: Workspace | None) -> str:
    if workspace is None:
        return "only for building messages and checking types"
    return (workspace.keys / "web.key").read_text(encoding="ascii").strip()


WORKSPACE = _workspace()
SECRET_KEY = _secret(WORKSPACE)
DATABASES = databases_of(WORKSPACE)
DATABASE_ROUTERS = ["muniment_server.database.router.AccessRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DEBUG = False
#: where people reach the pages through a TLS proxy; without one, on this machine only
ADDRESS = WORKSPACE.address if WORKSPACE else ""
ALLOWED_HOSTS = [urlsplit(ADDRESS).hostname] if ADDRESS else ["localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "muniment_server.urls"
WSGI_APPLICATION = "muniment_server.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "muniment_server.custody",
    "muniment_server.accounts",
    "muniment_server.catalogue",
    "muniment_server.oversight",
    "muniment_server.entities",
    "muniment_server.incidents",
    "muniment_server.casualties",
    "muniment_server.cases",
    "muniment_server.disclosure",
]
INSTALLED_APPS = [
    name
    for name in INSTALLED_APPS
    if not name.startswith("muniment_server.") or (_HERE / name.split(".")[1]).is_dir()
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "muniment_server.doors.ActorMiddleware",
    "muniment_server.doors.ErrorMiddleware",
    "muniment_server.doors.OnceMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "muniment_server.pages.frame.frame",
            ],
            "string_if_invalid": "",
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # nothing is ever sent
ACCOUNT_ADAPTER = "muniment_server.doors.ClosedAdapter"
ACCOUNT_FORMS = {"login": "muniment_server.accounts.forms.LogInForm"}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# browsers allow passkeys without TLS on localhost only
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ADDRESS
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SAMESITE = "Strict"
SECURE_CONTENT_TYPE_NOSNIFF = True
# Behind a proxy that speaks TLS: everything below holds together or not at all.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = bool(ADDRESS)
CSRF_TRUSTED_ORIGINS = [ADDRESS] if ADDRESS else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ADDRESS else None
SECURE_SSL_REDIRECT = bool(ADDRESS)
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if ADDRESS else 0
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ADDRESS else 0  # whose attempts to log in are counted
# Under "no-referrer" browsers send `Origin: null` with every form, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "media-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("uk", _("Ukrainian")), ("ru", _("Russian"))]
LOCALE_PATHS = [_HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [_HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
