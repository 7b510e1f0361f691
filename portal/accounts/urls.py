"""Addresses of API tokens."""

from django.urls import path

from portal.accounts import security_views, views

app_name = "accounts"
urlpatterns = [
    path("account/", security_views.security, name="security"),
    path("account/continue/", security_views.go_on, name="continue"),
    path("account/sessions/end-others/", security_views.session_end_others, name="session_end_others"),
    path("account/sessions/<uuid:uid>/end/", security_views.session_end, name="session_end"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<uuid:uid>/revoke/", views.token_revoke, name="token_revoke"),
]
