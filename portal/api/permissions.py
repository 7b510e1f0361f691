"""The least that every endpoint asks for. Rights to objects are asked by the verbs themselves."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class SignedIn(BasePermission):
    """Somebody is known."""

    message = "Sign in, or send an API token as “Authorization: Bearer …”."

    def has_permission(self, request: Request, view: Any) -> bool:
        """True for persons and tokens, and for nobody else."""
        return request.user is not None and request.user.is_authenticated
