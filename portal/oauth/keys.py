"""Keys that sign: made when first needed, renewed by the clock, published for a day on either side of their time."""

from __future__ import annotations

from datetime import timedelta

from allauth.idp.oidc.models import PrivateKey
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection, transaction
from django.utils import timezone

from portal.oauth.models import SigningKey

# How long a key signs, and how long it is known before and after.
SIGNS_FOR = timedelta(days=90)
OVERLAP = timedelta(days=1)
_LOCK = 0x0A0701


def private_keys() -> list[PrivateKey]:
    """All keys that are not over, as allauth wants them. Makes the first one."""
    rows = list(_live()) or [_first()]
    return [
        PrivateKey(pem=row.pem, not_before=row.signs_from, expires_at=row.expires_at, issued_at=row.signs_from)
        for row in rows
    ]


def _live() -> list[SigningKey]:
    return [row for row in SigningKey.objects.all() if row.expires_at is None or row.expires_at > timezone.now()]


@transaction.atomic
def _first() -> SigningKey:
    _lock()
    found = _live()
    return found[0] if found else SigningKey.objects.create(pem=_new_pem())


@transaction.atomic
def tend() -> None:
    """Make the next key when the newest has signed for its time; forget those that are over."""
    _lock()
    now = timezone.now()
    SigningKey.objects.filter(expires_at__lt=now - OVERLAP).delete()
    newest = SigningKey.objects.first()
    if newest is None or newest.signs_from > now - SIGNS_FOR:
        return
    rotate()


@transaction.atomic
def rotate(*, at_once: bool = False) -> SigningKey:
    """A new key signs from tomorrow on; ``at_once`` is for a key that leaked: the others are no longer believed."""
    now = timezone.now()
    signs_from = now if at_once else now + OVERLAP
    ends = now if at_once else signs_from + OVERLAP
    SigningKey.objects.filter(expires_at__isnull=True).update(expires_at=ends)
    if at_once:
        SigningKey.objects.update(expires_at=now)
    return SigningKey.objects.create(pem=_new_pem(), signs_from=signs_from)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _new_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
