"""Addresses of the API: with or without a slash at the end, so that no client loses a body to a redirect."""

from rest_framework.routers import SimpleRouter

# ``lookup_value_regex`` of what is found by its identifier.
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class PortalRouter(SimpleRouter):
    """DRF's router; addresses are written without a slash at the end and taken with one too."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"
