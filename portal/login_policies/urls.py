"""Addresses of login policies."""

from django.urls import path

from portal.login_policies import views

app_name = "login_policies"
urlpatterns = [
    path("", views.policy_list, name="list"),
    path("new/", views.policy_create, name="create"),
    path("<uuid:uid>/", views.policy, name="policy"),
    path("<uuid:uid>/delete/", views.policy_delete, name="delete"),
    path("<uuid:uid>/clear/", views.notices_clear, name="clear"),
]
