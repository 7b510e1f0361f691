"""allauth's addresses that this portal has: no sign-up and no mails, so no page that would promise them."""

from allauth.account import views as account
from allauth.urls import build_provider_urlpatterns
from django.urls import include, path

from portal.accounts import views

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", views.password_help, name="account_set_password"),
    path("password/reset/", views.password_help, name="account_reset_password"),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    *build_provider_urlpatterns(),
]
