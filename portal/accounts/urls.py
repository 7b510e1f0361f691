"""Addresses of people, groups and API tokens."""

from django.urls import URLPattern, path

from portal.accounts import views

app_name = "accounts"
urlpatterns: list[URLPattern] = [path("tokens/", views.tokens, name="tokens")]
