"""Addresses of trusts."""

from django.urls import path

from portal.workloads import views

app_name = "workloads"
urlpatterns = [
    path("", views.trust_list, name="list"),
    path("new/", views.trust_create, name="create"),
    path("<uuid:uid>/", views.trust_detail, name="detail"),
    path("<uuid:uid>/change/", views.trust_change, name="change"),
    path("<uuid:uid>/switch/", views.trust_switch, name="switch"),
    path("<uuid:uid>/roles/", views.role_give, name="role_give"),
    path("<uuid:uid>/delete/", views.trust_delete, name="delete"),
]
