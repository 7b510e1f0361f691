"""What ``make up`` runs: everything real, on this machine, over plain http."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import CELERY_BROKER_URL, DATABASES

if not CELERY_BROKER_URL.startswith("filesystem"):
    BROKER_DIR = None
DATABASES["default"]["CONN_MAX_AGE"] = 60
