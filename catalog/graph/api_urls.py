"""Addresses of the graph in the API."""

from django.urls import re_path

from catalog.graph.api import EntityGraphView
from portal.api.routers import UUID

urlpatterns = [re_path(rf"^entities/(?P<uid>{UUID})/graph/?$", EntityGraphView.as_view(), name="api-entity-graph")]
