"""Addresses of identity providers."""

from django.urls import path

from portal.identity import views

app_name = "identity"
urlpatterns = [
    path("", views.provider_list, name="list"),
    path("new/<slug:kind>/", views.provider_create, name="create"),
    path("<slug:key>/", views.provider_detail, name="detail"),
    path("<slug:key>/change/", views.provider_change, name="change"),
    path("<slug:key>/check/", views.provider_check, name="check"),
    path("<slug:key>/delete/", views.provider_delete, name="delete"),
    path("<slug:key>/rules/", views.rule_create, name="rule_create"),
    path("<slug:key>/rules/<uuid:uid>/delete/", views.rule_delete, name="rule_delete"),
    path("<slug:key>/groups/", views.group_create, name="group_create"),
]
