"""Addresses of the pages of providers, below ``/catalog/-/providers/``."""

from django.urls import path

from catalog.providers import views

_NAME = "<str:name>"

app_name = "providers"
urlpatterns = [
    path("", views.provider_list, name="list"),
    path("new/<slug:kind>/", views.provider_create, name="create"),
    path(f"{_NAME}/", views.provider_detail, name="detail"),
    path(f"{_NAME}/change/", views.provider_change, name="change"),
    path(f"{_NAME}/delete/", views.provider_delete, name="delete"),
    path(f"{_NAME}/refresh/", views.provider_refresh, name="refresh"),
    path(f"{_NAME}/webhook/", views.provider_hook, name="hook"),
    path("webhooks/<uuid:uid>/delete/", views.hook_delete, name="hook_delete"),
    path("webhooks/location/<uuid:uid>/", views.location_hook, name="location_hook"),
]
