"""What holds in every environment. Upper packages are named as strings only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from portal.settings import env

BASE_DIR = Path(__file__).resolve().parents[2]
NODE_MODULES = Path(env.text("NODE_MODULES", str(BASE_DIR / "node_modules")))
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "data"))).resolve()

DEBUG = False
SECRET_KEY = env.text("SECRET_KEY")
# Fernet keys, newest first: the first encrypts, all of them decrypt.
ENCRYPTION_KEYS = env.words("ENCRYPTION_KEYS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
BASE_URL = env.text("BASE_URL", f"http://127.0.0.1:{env.integer('PORT', 8000)}").rstrip("/")

INSTALLED_APPS = [
    "portal.ui",
    "portal.accounts",
    "portal.spaces",
    "portal.audit",
    "portal.jobs",
    "portal.api",
    "catalog.entities",
    "catalog.ingestion",
    "catalog.search",
    "catalog.resources",
    "scaffolder.blueprints",
    "scaffolder.tasks",
    "scaffolder.stacks",
    "scaffolder.runs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "portal.ui.static_files.PortalStaticFilesConfig",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "portal.ui.middleware.RequestFactsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.ui.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.SubjectMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.leaving.LeavingMiddleware",
    "portal.ui.middleware.SpaceChoiceMiddleware",
    "portal.ui.middleware.ErrorPagesMiddleware",
]

ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.ui.context.shell",
            ],
            "builtins": ["portal.ui.templatetags.components"],
        },
    },
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **env.database(env.text("DATABASE_URL", "postgresql://callboard@127.0.0.1:5432/callboard")),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"

# Grants on single objects go through guardian's per-model tables; it must not add users or backends of its own.
GUARDIAN_AUTO_PREFETCH = False
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False

ACCOUNT_ADAPTER = "portal.accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "portal.accounts.adapters.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_SESSION_REMEMBER = True
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if env.text("OIDC_ISSUER"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": env.text("OIDC_PROVIDER_ID", "oidc"),
                "name": env.text("OIDC_NAME", "Single sign-on"),
                "client_id": env.text("OIDC_CLIENT_ID"),
                "secret": env.text("OIDC_CLIENT_SECRET"),
                "settings": {
                    "server_url": env.text("OIDC_ISSUER"),
                    "fetch_userinfo": True,
                    "scope": env.words("OIDC_SCOPES", "openid,profile,email,groups"),
                },
            }
        ],
    }
OIDC_GROUPS_CLAIM = env.text("OIDC_GROUPS_CLAIM", "groups")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portal.ui.finders.NodeModulesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.ui.storage.HashedStaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "media"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.ui.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.api.authentication.BearerTokenAuthentication",
        "portal.api.authentication.PortalSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.permissions.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "portal.api.pagination.CursorPage",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "portal.api.schema.PortalSchema",
    "EXCEPTION_HANDLER": "portal.api.errors.problem_json",
    "UNAUTHENTICATED_USER": None,
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Callboard",
    "DESCRIPTION": "Everything the portal does, by HTTP.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/(?:v1/)?",
    "SERVE_AUTHENTICATION": None,
    "SWAGGER_UI_DIST": None,
}

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "filesystem://")
BROKER_DIR = DATA_DIR / "broker"

# How long a claim on a task or run holds without a sign of life, and how often the reaper looks. Seconds.
LEASE_SECONDS = env.integer("LEASE_SECONDS", 20)
HEARTBEAT_SECONDS = env.integer("HEARTBEAT_SECONDS", 5)
REAPER_SECONDS = env.integer("REAPER_SECONDS", 5)

# Hosts that locations, templates and Git remotes may be read from (``github.com``, ``*.example.com``, ``host:port``).
READING_ALLOW = env.words("READING_ALLOW", "github.com,*.githubusercontent.com,gitlab.com,codeberg.org")
# Hosts of that list that may resolve to private or loopback addresses.
READING_ALLOW_PRIVATE = env.words("READING_ALLOW_PRIVATE")
# Folders below which operators allow local Git repositories (read and push).
GIT_ROOTS = [Path(word).resolve() for word in env.words("GIT_ROOTS", str(DATA_DIR / "git"))]

# Backstage's ``catalog.rules``: a list of {"allow": [kinds], "locations"?: [...]}; None lets every kind in.
CATALOG_RULES: list[dict[str, Any]] | None = None
# How often locations are looked at again, in seconds. What has not changed is not read again.
CATALOG_REFRESH_SECONDS = env.integer("CATALOG_REFRESH_SECONDS", 300)

# Repository hosts beside the public ones, each with its kind: ``git.example.com=gitlab,code.example.com=gitea``.
SCM_HOSTS = dict(word.split("=", 1) for word in env.words("SCM_HOSTS") if "=" in word)

TOFU_BINARY = env.text("TOFU_BINARY")
ANSIBLE_PLAYBOOK_BINARY = env.text("ANSIBLE_PLAYBOOK_BINARY")
RUN_DEADLINE_SECONDS = env.integer("RUN_DEADLINE_SECONDS", 70 * 60)
RUN_SILENCE_SECONDS = env.integer("RUN_SILENCE_SECONDS", 7 * 60)
WORKSPACES_DIR = DATA_DIR / "workspaces"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "portal.lib.logs.json_formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "ERROR"},
        "urllib3": {"level": "ERROR"},
    },
}
# Guardian's backend is left out on purpose: ``portal.spaces.access`` alone answers questions about rights.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
