"""An answer is good once: ids of used ones are kept until they could not be used anyway."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.identity.models import SeenAssertion

# For answers that do not say how long they are good.
LONGEST = timedelta(days=1)


def use_once(provider_key: str, answer_id: str, good_until: float | None) -> bool:
    """Mark an answer as used; False where it was used before. Holds between processes, by a unique row."""
    now = timezone.now()
    SeenAssertion.objects.filter(expires_at__lt=now).delete()
    skew = timedelta(seconds=2 * settings.SAML_CLOCK_SKEW_SECONDS)
    expires_at = datetime.fromtimestamp(good_until, UTC) + skew if good_until else now + LONGEST
    digest = hashlib.sha256(answer_id.encode()).hexdigest()
    try:
        with transaction.atomic():
            SeenAssertion.objects.create(provider_key=provider_key, digest=digest, expires_at=expires_at)
    except IntegrityError:
        return False
    return True
