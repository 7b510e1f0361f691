"""Addresses of API tokens."""

from django.urls import path

from portal.accounts import views

app_name = "accounts"
urlpatterns = [
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<uuid:uid>/revoke/", views.token_revoke, name="token_revoke"),
]
