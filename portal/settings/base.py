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
# What seals the audit trail, newest first; without any, the keys above do. Old ones verify what they sealed.
AUDIT_KEYS = env.words("AUDIT_KEYS")
AUDIT_RETENTION_DAYS = env.integer("AUDIT_RETENTION_DAYS", 0)
# Where admins may have the trail sent (hosts as in READING_ALLOW), and a certificate authority for syslog over TLS.
AUDIT_ALLOW = env.words("AUDIT_ALLOW")
AUDIT_ALLOW_PRIVATE = env.words("AUDIT_ALLOW_PRIVATE")
AUDIT_TLS_CA = env.text("AUDIT_TLS_CA")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
BASE_URL = env.text("BASE_URL", f"http://127.0.0.1:{env.integer('PORT', 8000)}").rstrip("/")

INSTALLED_APPS = [
    "portal.ui",
    "portal.accounts",
    "portal.sessions",
    "portal.limits",
    "portal.spaces",
    "portal.audit",
    "portal.scim",
    "portal.jobs",
    "portal.api",
    "portal.identity",
    "portal.oauth",
    "portal.login_policies",
    "portal.workloads",
    "catalog.entities",
    "catalog.ingestion",
    "catalog.providers",
    "catalog.search",
    "catalog.resources",
    "catalog.people",
    "catalog.graph",
    "catalog.definitions",
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
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.idp.oidc",
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
    "portal.identity.sessions.ProviderSessionMiddleware",
    "portal.accounts.proxy_header.ProxyHeaderMiddleware",
    "portal.limits.middleware.LimitsMiddleware",
    "portal.api.nul.NulMiddleware",
    "portal.accounts.factors.middleware.FactorMiddleware",
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
    "portal.accounts.passwords.PasswordBackend",
    "portal.accounts.ldap.backend.DirectoryBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
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

ACCOUNT_ADAPTER = "portal.identity.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "portal.identity.adapters.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
# Our own limits count (portal.limits): theirs stop everybody where the cache does not answer.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_PREVENT_ENUMERATION = True

# Who must have a second factor: nobody, admins (of the root space) or everybody. API tokens are not asked.
MFA_REQUIRED = env.choice("MFA_REQUIRED", "nobody", "admins", "everybody")
MFA_ADAPTER = "portal.accounts.factors.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = False
# Browsers let pages of 127.0.0.1 and localhost use keys without TLS; no other plain http page gets to them.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_URL.startswith(("http://127.0.0.1", "http://localhost"))
ACCOUNT_SESSION_REMEMBER = True
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_QUERY_EMAIL = True
# Identity providers of the operators, beside those that admins make: one by OIDC_*, any by IDENTITY_PROVIDERS (JSON).
OIDC_PROVIDER_ID = env.text("OIDC_PROVIDER_ID", "oidc")
IDENTITY_PROVIDERS: list[dict[str, Any]] = env.objects("IDENTITY_PROVIDERS")
if env.text("OIDC_ISSUER"):
    IDENTITY_PROVIDERS.insert(0, {
        "key": OIDC_PROVIDER_ID, "kind": "oidc", "name": env.text("OIDC_NAME", "Single sign-on"),
        "server": env.text("OIDC_ISSUER"), "client_id": env.text("OIDC_CLIENT_ID"),
        "client_secret": env.text("OIDC_CLIENT_SECRET"),
        "scopes": env.words("OIDC_SCOPES", "openid,profile,email,groups"),
        "groups_claim": env.text("OIDC_GROUPS_CLAIM", "groups"),
        "recheck_minutes": env.integer("OIDC_RECHECK_MINUTES", 60), "join": "anybody",
    })  # fmt: skip
# Hosts of providers made in the interface that may have private addresses.
IDENTITY_ALLOW_PRIVATE = env.words("IDENTITY_ALLOW_PRIVATE")
# Hosts of issuers of CI systems that may have private addresses and speak http.
WORKLOAD_ALLOW_PRIVATE = env.words("WORKLOAD_ALLOW_PRIVATE")
# Newcomers by whichever provider need a verified e-mail address of one of these domains; empty: the providers decide.
JOIN_DOMAINS = env.words("JOIN_DOMAINS")
# Whom people are told to ask who may not join.
JOIN_CONTACT = env.text("JOIN_CONTACT")
# How far the clocks of SAML providers may be off. Seconds.
SAML_CLOCK_SKEW_SECONDS = env.integer("SAML_CLOCK_SKEW_SECONDS", 60)
# Tools that act for people (docs/oauth.md). How long their access lasts, and how long they may renew it unused.
IDP_OIDC_ADAPTER = "portal.oauth.adapter.OIDCAdapter"
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = env.integer("OAUTH_ACCESS_SECONDS", 3600)
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = env.integer("OAUTH_REFRESH_DAYS", 30) * 24 * 3600
IDP_OIDC_DEVICE_CODE_EXPIRES_IN = 15 * 60
IDP_OIDC_RATE_LIMITS = False
# How long after a sign-in (or a confirmation) dangerous acts are done without asking again who it is. Seconds.
FRESH_SECONDS = env.integer("FRESH_SECONDS", 15 * 60)

# Whether admins of a space may make spaces below it; else only admins of root do.
SPACE_ADMINS_MAY_CREATE = env.flag("SPACE_ADMINS_MAY_CREATE", default=True)

# A directory whose passwords let people in (docs/security.md). Servers are tried in their order.
LDAP: dict[str, Any] = {
    "urls": tuple(env.words("LDAP_URL")),
    "bind_dn": env.text("LDAP_BIND_DN"),
    "bind_password": env.text("LDAP_BIND_PASSWORD"),
    "user_dn": env.text("LDAP_USER_DN"),
    "user_base": env.text("LDAP_USER_BASE"),
    "user_filter": env.text("LDAP_USER_FILTER", "(uid={login})"),
    "group_base": env.text("LDAP_GROUP_BASE"),
    "group_filter": env.text("LDAP_GROUP_FILTER", "(|(member={dn})(uniqueMember={dn}))"),
    "group_depth": env.integer("LDAP_GROUP_DEPTH", 5),
    "attributes": {
        "uid": env.text("LDAP_UID_ATTRIBUTE", "entryUUID"),
        "username": env.text("LDAP_USERNAME_ATTRIBUTE", "uid"),
        "name": env.text("LDAP_NAME_ATTRIBUTE", "cn"),
        "email": env.text("LDAP_EMAIL_ATTRIBUTE", "mail"),
        "groups": env.text("LDAP_GROUPS_ATTRIBUTE", "memberOf"),
    },
    "is_starttls": env.flag("LDAP_STARTTLS", default=True),
    "is_plain_allowed": env.flag("LDAP_ALLOW_PLAIN"),
    "ca_file": env.text("LDAP_CA_FILE"),
    "timeout": env.integer("LDAP_TIMEOUT", 5),
}
# A proxy in front that says who it is, in a header; believed from these networks alone.
PROXY_AUTH_HEADER = env.text("PROXY_AUTH_HEADER")
PROXY_AUTH_FROM = env.networks("PROXY_AUTH_FROM")
PROXY_AUTH_EMAIL_HEADER = env.text("PROXY_AUTH_EMAIL_HEADER")
PROXY_AUTH_NAME_HEADER = env.text("PROXY_AUTH_NAME_HEADER")
PROXY_AUTH_GROUPS_HEADER = env.text("PROXY_AUTH_GROUPS_HEADER")

# Mail: EMAIL_URL (smtp://user:password@host:587, smtps://… for TLS from the start) or EMAIL_HOST and the others.
_MAIL = env.mail()
MAIL_IS_CONFIGURED = bool(_MAIL.host)
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_SSL, EMAIL_USE_TLS = _MAIL.is_tls, _MAIL.is_starttls
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Callboard <callboard@localhost>")

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
SESSION_ENGINE = "portal.sessions.store"
# A session ends when nobody used it for so long, and in any case so long after its sign-in. Seconds.
SESSION_IDLE_SECONDS = env.integer("SESSION_IDLE_SECONDS", 12 * 3600)
SESSION_LONGEST_SECONDS = env.integer("SESSION_LONGEST_SECONDS", 7 * 24 * 3600)
SESSION_COOKIE_AGE = SESSION_LONGEST_SECONDS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.ui.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 10
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

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
    "ENUM_NAME_OVERRIDES": {
        "HolderKindEnum": "portal.explain.chains.HOLDER_KINDS",
        "GranteeKindEnum": "portal.sharing.services.GRANTEE_KINDS",
        "RunStateEnum": "scaffolder.runs.models.RunState",
        "IdentityProviderKindEnum": "portal.identity.models.Kind",
        "CatalogProviderKindEnum": "catalog.providers.models.Kind",
        "AuditDestinationKindEnum": "portal.audit.models.Destination.Kind",
        "CatalogLinkRuleEnum": "catalog.people.models.Rule",
    },
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
READING_ALLOW = env.words("READING_ALLOW", "github.com,api.github.com,*.githubusercontent.com,gitlab.com,codeberg.org")
# Hosts of that list that may resolve to private or loopback addresses.
READING_ALLOW_PRIVATE = env.words("READING_ALLOW_PRIVATE")
# Folders below which operators allow local Git repositories (read and push).
GIT_ROOTS = [Path(word).resolve() for word in env.words("GIT_ROOTS", str(DATA_DIR / "git"))]

# Backstage's ``catalog.rules``: a list of {"allow": [kinds], "locations"?: [...]}; None lets every kind in.
CATALOG_RULES: list[dict[str, Any]] | None = None
# How often locations are looked at again, in seconds. What has not changed is not read again.
CATALOG_REFRESH_SECONDS = env.integer("CATALOG_REFRESH_SECONDS", 300)
# How accounts and groups are found in the catalog, the strongest rule first, until an admin of root says otherwise.
PEOPLE_RULES = env.some_of("PEOPLE_RULES", "annotation", "email", "name")

# Repository hosts beside the public ones, each with its kind: ``git.example.com=gitlab,code.example.com=gitea``.
SCM_HOSTS = dict(word.split("=", 1) for word in env.words("SCM_HOSTS") if "=" in word)

TOFU_BINARY = env.text("TOFU_BINARY")
# Open Policy Agent for Rego policies, as a server or as a program; without either the embedded engine evaluates them.
OPA_URL = env.text("OPA_URL")
OPA_BINARY = env.text("OPA_BINARY")
ANSIBLE_PLAYBOOK_BINARY = env.text("ANSIBLE_PLAYBOOK_BINARY")
RUN_DEADLINE_SECONDS = env.integer("RUN_DEADLINE_SECONDS", 70 * 60)
RUN_SILENCE_SECONDS = env.integer("RUN_SILENCE_SECONDS", 7 * 60)
WORKSPACES_DIR = DATA_DIR / "workspaces"

# SECURITY: one cache for all web processes, as used codes of second factors are remembered in it.
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "limits_cache"}
}
if env.text("CACHE_URL"):
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env.text("CACHE_URL"),
        "KEY_PREFIX": "callboard",
    }  # fmt: skip

# Proxies in front of the portal (networks): what they say of the caller's address is believed, and nobody else's word.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
# How often (“tries/seconds”) an address, an account or a caller may try before it is asked to wait; 0 tries: no limit.
LIMITS = {
    "sign_in_address": env.limit("LIMIT_SIGN_IN_ADDRESS", "50/600"),
    "sign_in_account": env.limit("LIMIT_SIGN_IN_ACCOUNT", "20/600"),
    "second_factor": env.limit("LIMIT_SECOND_FACTOR", "10/300"),
    "mail": env.limit("LIMIT_MAIL", "10/3600"),
    "token": env.limit("LIMIT_TOKEN", "60/60"),
    "search": env.limit("LIMIT_SEARCH", "1200/60"),
    "schema": env.limit("LIMIT_SCHEMA", "120/60"),
    "dry_run": env.limit("LIMIT_DRY_RUN", "600/60"),
    "export": env.limit("LIMIT_EXPORT", "60/60"),
    "device_code": env.limit("LIMIT_DEVICE_CODE", "20/600"),
    "device_start": env.limit("LIMIT_DEVICE_START", "60/60"),
    "git_webhook": env.limit("LIMIT_GIT_WEBHOOK", "60/60"),
}
LIMITED_ADDRESSES = {
    "ui:search": "search",
    "ui:search_hits": "search",
    "api-schema": "schema",
    "scaffolder-wire:dry-run": "dry_run",
    "idp:oidc:device_code": "device_start",
    "audit:export": "export",
    "api-audit-export": "export",
}
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
