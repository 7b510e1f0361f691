"""``/api/v1/entities/{uid}/definition``: the definition of an API as the text that it is."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.definitions.entries import definition_of
from catalog.entities.models import Entity
from portal.accounts.middleware import subject_of
from portal.lib.errors import NotFound
from portal.spaces import access


class EntityDefinitionView(APIView):
    """The text of a definition."""

    @extend_schema(
        parameters=[OpenApiParameter("uid", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def get(self, request: Request, uid: str) -> HttpResponse:
        """The definition of an API, whole and unchanged; 404 for what has none."""
        entity = access.get_for(subject_of(request._request), Entity.objects.all(), uid=uid)
        text = definition_of(entity) if entity.kind_key == "api" else ""
        if not text:
            raise NotFound(f"{entity.ref} has no definition.")
        # SECURITY: as plain text to be saved, whatever stands in it, so that no browser makes a page of it.
        answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{entity.name}.txt"'
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
