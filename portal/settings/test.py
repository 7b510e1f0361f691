"""Settings of the tests: fast hashing, no network, a database of its own."""

import tempfile
from pathlib import Path

from portal.settings import env
from portal.settings.base import *  # noqa: F403
from portal.settings.base import DATABASES

SECRET_KEY = "test-only-key-with-enough-characters-to-be-accepted"  # noqa: S105
ENCRYPTION_KEYS = ["dGVzdC1vbmx5LWtleS10aGF0LWhhcy0zMi1ieXRlcyE="]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DATA_DIR = Path(tempfile.gettempdir()) / "callboard-tests"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
BROKER_DIR = DATA_DIR / "broker"
WORKSPACES_DIR = DATA_DIR / "workspaces"
GIT_ROOTS = [DATA_DIR / "git"]

DATABASES["default"].update(env.database(env.text("TEST_DATABASE_URL", "postgresql://callboard@127.0.0.1/callboard")))
DATABASES["default"]["TEST"] = {"NAME": env.text("CALLBOARD_TEST_DB", "test_callboard")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = env.text("TEST_BROKER_URL", "memory://")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOG_LEVEL = "WARNING"
