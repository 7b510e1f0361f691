"""Addresses of the OpenID provider, under the names by which allauth finds them."""

from allauth.idp.oidc import views as allauth_views
from django.urls import include, path

from portal.oauth import device_views, views

oidc_urls = [
    path(".well-known/openid-configuration", allauth_views.configuration, name="configuration"),
    path(".well-known/oauth-authorization-server", allauth_views.configuration, name="metadata"),
    path(".well-known/jwks.json", allauth_views.jwks, name="jwks"),
    path("oauth/authorize", views.Authorization.as_view(), name="authorization"),
    path("oauth/token", views.Tokens.as_view(), name="token"),
    path("oauth/revoke", views.Revocation.as_view(), name="revoke"),
    path("oauth/userinfo", allauth_views.user_info, name="userinfo"),
    path("oauth/device/code", device_views.DeviceCode.as_view(), name="device_code"),
    path("oauth/device", device_views.device, name="device_authorization"),
    path("oauth/logout", views.SignOut.as_view(), name="logout"),
]
app_name = "idp"
urlpatterns = [path("", include((oidc_urls, "oidc")))]
