"""Settings of the gallery: every page and part with fictional content, and the real log-in pages.

- Rows of the application's tables are only built in memory; the database holds log-ins alone.
- The policies on content, referrers and cookies are those of the application.
"""

from __future__ import annotations

import os
from pathlib import Path

from muniment_server import settings as application

SERVER = Path(__file__).resolve().parents[4] / "src" / "muniment_server"

SECRET_KEY = "the gallery keeps no secrets"
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "tests.server.look.gallery.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("GALLERY_DATABASE", ":memory:"),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [name for name in application.INSTALLED_APPS if not name.startswith("django_")]
CONTENT_SECURITY_POLICY = application.CONTENT_SECURITY_POLICY
SECURE_REFERRER_POLICY = application.SECURE_REFERRER_POLICY
SESSION_COOKIE_SAMESITE = application.SESSION_COOKIE_SAMESITE
CSRF_COOKIE_SAMESITE = application.CSRF_COOKIE_SAMESITE
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SERVER / "templates", Path(__file__).resolve().parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tests.server.look.gallery.views.everywhere",
            ],
        },
    }
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("uk", "Ukrainian"), ("ru", "Russian")]
LOCALE_PATHS = [SERVER / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATICFILES_DIRS = [SERVER / "static", Path(__file__).resolve().parent / "static"]

ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False
LOGIN_REDIRECT_URL = "/today"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
