"""The map of addresses. Upper packages are named as strings only."""

from django.urls import include, path

from portal.ui import health

handler404 = "portal.ui.views.page_not_found"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
]
