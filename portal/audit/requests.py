"""What an address asks of the trail; the page and the API read it alike."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from portal.audit.querysets import day_of


def asked_for(query: QueryDict) -> dict[str, Any]:
    """The address's filters as arguments of ``filtered``. Raises ``Invalid`` for days that are none."""
    clean = {
        name: query.get(name, "").replace("\x00", "").strip()
        for name in ("actor", "q", "space", "object_type", "object_id", "address", "role")
    }
    return {
        "actor": clean["actor"],
        "actions": [name for name in query.getlist("action") if name],
        "text": clean["q"],
        "space": clean["space"],
        "object_type": clean["object_type"],
        "object_id": clean["object_id"],
        "address": clean["address"],
        "role": clean["role"],
        "since": day_of(query.get("since", ""), "since"),
        "until": day_of(query.get("until", ""), "until"),
    }
