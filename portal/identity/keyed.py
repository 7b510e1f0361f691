"""How a sign-in that waits for a second factor remembers its provider."""

from __future__ import annotations

from typing import Any


class Keyed:
    """For providers: found again by their key. allauth's way, by kind and client id, would find two of one kind."""

    app: Any

    def serialize(self) -> dict[str, str]:
        """What the session keeps, as allauth reads it."""
        return {"id": self.app.provider_id, "app.client_id": self.app.client_id}
