"""Addresses at which GitHub sends people back."""

from django.urls import path

from portal.identity.github.views import callback, login

urlpatterns = [
    path("github/<slug:provider_id>/login/", login, name="github_login"),
    path("github/<slug:provider_id>/login/callback/", callback, name="github_callback"),
]
