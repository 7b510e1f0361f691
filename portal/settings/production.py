"""Behind TLS, with every secret from the environment."""

from django.core.exceptions import ImproperlyConfigured

from portal.settings import env
from portal.settings.base import *  # noqa: F403
from portal.settings.base import ENCRYPTION_KEYS, SECRET_KEY, SILENCED_SYSTEM_CHECKS

if not SECRET_KEY or not ENCRYPTION_KEYS:
    raise ImproperlyConfigured("Set SECRET_KEY and ENCRYPTION_KEYS (or SECRET_KEY_FILE and ENCRYPTION_KEYS_FILE).")

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS")
SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD")
if env.flag("TRUST_PROXY_TLS"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The browser itself holds these names to TLS, to this host and to the whole site: no neighbour can set them for us.
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
# HSTS for subdomains and in browsers' lists binds other hosts than this one: operators decide it, see above.
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W005", "security.W021"]
