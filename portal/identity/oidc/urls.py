"""Addresses at which OpenID providers send people back, and tell of sign-outs."""

from django.urls import path

from portal.identity.oidc.logout import back_channel
from portal.identity.oidc.views import callback, login

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", callback, name="openid_connect_callback"),
    path("oidc/<slug:provider_id>/logout/", back_channel, name="openid_connect_back_channel"),
]
