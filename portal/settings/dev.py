"""What ``make up`` runs: everything real, on this machine, over plain http.

Commands typed in another shell find the same secrets and the same database by the data folder.
"""

from portal.launcher.database import ensure_database
from portal.launcher.environment import data_dir, load

load(data_dir())
ensure_database(data_dir())

from portal.settings.base import *  # noqa: E402, F403
from portal.settings.base import DATABASES  # noqa: E402

DATABASES["default"]["CONN_MAX_AGE"] = 60
