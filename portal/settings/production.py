"""Behind TLS, with every secret from the environment."""

from django.core.exceptions import ImproperlyConfigured

from portal.settings import env
from portal.settings.base import *  # noqa: F403
from portal.settings.base import ENCRYPTION_KEYS, SECRET_KEY

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
