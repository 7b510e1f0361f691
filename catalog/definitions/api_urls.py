"""Addresses of definitions in the API."""

from django.urls import re_path

from catalog.definitions.api import EntityDefinitionView
from portal.api.routers import UUID

urlpatterns = [
    re_path(rf"^entities/(?P<uid>{UUID})/definition/?$", EntityDefinitionView.as_view(), name="api-entity-definition")
]
