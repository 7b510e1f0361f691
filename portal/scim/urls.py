"""Addresses of SCIM."""

from django.urls import path, re_path

from portal.api.routers import UUID
from portal.scim import views

app_name = "scim"
_KIND = "(?P<kind>Users|Groups)"
urlpatterns = [
    path("ServiceProviderConfig", views.service_config, name="config"),
    re_path(r"^(?P<what>ResourceTypes|Schemas)$", views.described, name="described"),
    re_path(r"^(?P<what>ResourceTypes|Schemas)/(?P<name>[\w:.-]+)$", views.described, name="described_one"),
    re_path(rf"^{_KIND}$", views.many, name="many"),
    re_path(rf"^{_KIND}/\.search$", views.search, name="search"),
    re_path(rf"^{_KIND}/(?P<uid>{UUID})$", views.one, name="one"),
    path("<path:rest>", views.missing, name="missing"),
]
