"""Addresses of spaces. No short name of a space starts with a hyphen: ``-`` is free for pages about all of them."""

from django.urls import path

from portal.spaces import move_views, requests_views, role_views, views

app_name = "spaces"
urlpatterns = [
    path("", views.space_list, name="list"),
    path("-/new/", views.space_create, name="create"),
    path("-/roles/", role_views.role_list, name="roles"),
    path("-/roles/-/new/", role_views.role_create, name="role_create"),
    path("-/roles/<slug:slug>/", role_views.role_detail, name="role"),
    path("-/roles/<slug:slug>/change/", role_views.role_change, name="role_change"),
    path("-/roles/<slug:slug>/delete/", role_views.role_delete, name="role_delete"),
    path("-/requests/", requests_views.request_list, name="requests"),
    path("-/requests/<uuid:uid>/", requests_views.request_answer, name="request_answer"),
    path("<slug:slug>/ask/", requests_views.ask, name="ask"),
    path("<slug:slug>/", views.space_detail, name="detail"),
    path("<slug:slug>/move/", move_views.space_move, name="move"),
    path("<slug:slug>/change/", views.space_change, name="change"),
    path("<slug:slug>/delete/", views.space_delete, name="delete"),
    path("<slug:slug>/bindings/", views.bind, name="bind"),
    path("<slug:slug>/bindings/<uuid:uid>/delete/", views.unbind, name="unbind"),
    path("<slug:slug>/_/subjects/", views.subject_options, name="subject_options"),
]
