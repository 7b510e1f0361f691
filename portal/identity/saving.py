"""From what a form or an API call holds to the fields of a provider, metadata included."""

from __future__ import annotations

from typing import Any

from portal.identity.checking import fetch_metadata, read_metadata
from portal.identity.models import IdentityProvider, Kind


def with_metadata(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    """``values`` with what the metadata says, which was pasted or is fetched; it wins over fields filled by hand."""
    values = dict(values)
    text = values.pop("metadata", "")
    if kind != Kind.SAML:
        return values
    if not text and values.get("metadata_url"):
        text = fetch_metadata(IdentityProvider(kind=kind, metadata_url=values["metadata_url"]))
    return values | (read_metadata(text) if text else {})
