"""Encryption of secrets at rest: Fernet keys from the environment, newest first, so that keys can be rotated."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from portal.lib.errors import Unavailable


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise Unavailable("No encryption key is configured. Set ENCRYPTION_KEYS to one or more Fernet keys.")
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(value: str) -> str:
    """The ciphertext of ``value`` under the newest key."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(value.encode()).decode()


def decrypt(token: str) -> str:
    """The plain text of ``token``; raises ``Unavailable`` when no configured key fits."""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise Unavailable("A stored secret cannot be decrypted. Was its key removed from ENCRYPTION_KEYS?") from error


def encrypt_bytes(data: bytes) -> bytes:
    """The ciphertext of ``data`` under the newest key."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(data)


def decrypt_bytes(token: bytes) -> bytes:
    """The plain bytes of ``token``; raises ``Unavailable`` when no configured key fits."""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(token)
    except InvalidToken as error:
        raise Unavailable("Stored data cannot be decrypted. Was its key removed from ENCRYPTION_KEYS?") from error


def rotate(token: str) -> str:
    """The same secret, encrypted again under the newest key."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).rotate(token.encode()).decode()


class SecretField(models.TextField):  # type: ignore[type-arg]
    """A text column that is encrypted in the database and plain in Python; it can not be filtered on."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way to the database; the empty string stays empty."""
        return encrypt(value) if value else value

    def from_db_value(self, value: Any, expression: object, connection: object) -> Any:
        """Decrypt on the way from the database."""
        return decrypt(value) if value else value
