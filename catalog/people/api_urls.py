"""Addresses of links in the API."""

from django.urls import re_path

from catalog.people import api

urlpatterns = [
    re_path(r"^people/me/?\Z", api.MeView.as_view(), name="api-people-me"),
    re_path(r"^catalog-links/?\Z", api.LinksView.as_view(), name="api-catalog-links"),
    re_path(r"^catalog-links/rules/?\Z", api.RulesView.as_view(), name="api-catalog-link-rules"),
]
