"""The field rules of models, asked before anything is written."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from portal.lib.errors import Invalid


def clean(obj: models.Model) -> None:
    """Run the model's own field rules; raises ``Invalid`` naming each field."""
    try:
        obj.full_clean()
    except ValidationError as error:
        rows = [{"field": field, "message": " ".join(found)} for field, found in error.message_dict.items()]
        raise Invalid(" ".join(row["message"] for row in rows), errors=rows) from error
