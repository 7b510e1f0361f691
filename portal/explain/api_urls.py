"""Addresses of questions about rights in the API."""

from django.urls import re_path

from portal.explain import api

urlpatterns = [
    re_path(r"^explain/?\Z", api.ExplainView.as_view(), name="api-explain"),
    re_path(r"^explain/who/?\Z", api.WhoView.as_view(), name="api-explain-who"),
]
