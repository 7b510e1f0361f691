"""Addresses of grants in the API."""

from django.urls import re_path

from portal.sharing import api

urlpatterns = [re_path(r"^grants/?\Z", api.GrantsView.as_view(), name="api-grants")]
