"""Addresses of spaces. No short name of a space starts with a hyphen: ``-`` is free for pages about all of them."""

from django.urls import path

from portal.spaces import requests_views, views

app_name = "spaces"
urlpatterns = [
    path("", views.space_list, name="list"),
    path("-/new/", views.space_create, name="create"),
    path("-/roles/", views.role_list, name="roles"),
    path("-/requests/", requests_views.request_list, name="requests"),
    path("-/requests/<uuid:uid>/", requests_views.request_answer, name="request_answer"),
    path("<slug:slug>/ask/", requests_views.ask, name="ask"),
    path("<slug:slug>/", views.space_detail, name="detail"),
    path("<slug:slug>/change/", views.space_change, name="change"),
    path("<slug:slug>/delete/", views.space_delete, name="delete"),
    path("<slug:slug>/bindings/", views.bind, name="bind"),
    path("<slug:slug>/bindings/<uuid:uid>/delete/", views.unbind, name="unbind"),
    path("<slug:slug>/_/subjects/", views.subject_options, name="subject_options"),
]
