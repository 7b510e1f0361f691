"""allauth's addresses that this portal has: no sign-up; second factors and mail as far as they are configured."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.urls import build_provider_urlpatterns
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache

from portal.accounts import security_views, views
from portal.accounts.factors import views as own_factors
from portal.accounts.limits import limited_factor, limited_mail
from portal.accounts.stepping_up import signed_in_and_fresh as fresh

factor_urls = [
    path("", never_cache(own_factors.index), name="mfa_index"),
    path("authenticate/", limited_factor(never_cache(factors.authenticate)), name="mfa_authenticate"),
    path("reauthenticate/", limited_factor(never_cache(factors.reauthenticate)), name="mfa_reauthenticate"),
    path("totp/activate/", fresh(never_cache(totp.activate_totp)), name="mfa_activate_totp"),
    path("totp/deactivate/", fresh(never_cache(totp.deactivate_totp)), name="mfa_deactivate_totp"),
    path("recovery-codes/", fresh(never_cache(codes.view_recovery_codes)), name="mfa_view_recovery_codes"),
    path("recovery-codes/generate/", fresh(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("keys/", own_factors.keys, name="mfa_list_webauthn"),
    path("keys/add/", fresh(never_cache(webauthn.add_webauthn)), name="mfa_add_webauthn"),
    path("keys/login/", limited_factor(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path(
        "keys/reauthenticate/",
        limited_factor(never_cache(webauthn.reauthenticate_webauthn)),
        name="mfa_reauthenticate_webauthn",
    ),
    path("keys/<int:pk>/remove/", fresh(own_factors.remove_key), name="mfa_remove_webauthn"),
    path("keys/<int:pk>/edit/", fresh(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]
urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", security_views.reauthenticate, name="account_reauthenticate"),
    path("reauthenticate/provider/", security_views.reauthenticate_elsewhere, name="account_reauthenticate_elsewhere"),
    path("email/", fresh(security_views.email), name="account_email"),
    path("confirm-email/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path("password/change/", security_views.password_change, name="account_change_password"),
    path("password/set/", views.password_help, name="account_set_password"),
    path("password/reset/", limited_mail(security_views.password_reset), name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        limited_mail(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("factors/", include(factor_urls)),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    *build_provider_urlpatterns(),
]
