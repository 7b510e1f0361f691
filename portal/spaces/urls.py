"""Addresses of spaces."""

from django.urls import URLPattern, path

from portal.spaces import views

app_name = "spaces"
urlpatterns: list[URLPattern] = [path("", views.space_list, name="list")]
