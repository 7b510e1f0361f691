"""What the endpoints of ``/api/v1`` have in common: they know who acts, and they hold no rules of their own."""

from __future__ import annotations

from typing import Any

from rest_framework.viewsets import GenericViewSet

from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject


class PortalViewSet(GenericViewSet[Any]):
    """A viewset whose actions read with ``visible_to`` and write with verbs."""

    @property
    def subject(self) -> Subject:
        """Who acts: the session's person, or the token's."""
        return subject_of(self.request._request)

    def valid(self, data: Any, **options: Any) -> dict[str, Any]:
        """The checked input. Raises a validation error that names each field."""
        serializer = self.get_serializer(data=data, **options)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def listed(self, queryset: Any) -> Any:
        """One page of ``queryset`` as an answer."""
        page = self.paginate_queryset(queryset)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
