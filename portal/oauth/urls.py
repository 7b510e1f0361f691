"""Addresses of clients and of one's own grants."""

from django.urls import path

from portal.oauth import client_views as views

app_name = "oauth"
urlpatterns = [
    path("clients/", views.client_list, name="list"),
    path("clients/new/", views.client_create, name="create"),
    path("clients/<slug:pk>/", views.client_detail, name="detail"),
    path("clients/<slug:pk>/change/", views.client_change, name="change"),
    path("clients/<slug:pk>/secret/", views.client_secret, name="secret"),
    path("clients/<slug:pk>/delete/", views.client_delete, name="delete"),
    path("grants/", views.grant_list, name="grants"),
    path("grants/<uuid:uid>/take-back/", views.grant_take_back, name="take_back"),
]
