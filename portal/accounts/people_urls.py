"""Addresses of people and groups."""

from django.urls import path

from portal.accounts import nesting_views
from portal.accounts import people_security_views as security
from portal.accounts import people_views as views

app_name = "people"
urlpatterns = [
    path("", views.person_list, name="list"),
    path("new-person/", views.person_create, name="person_create"),
    path("users/<str:username>/", views.person_detail, name="person"),
    path("users/<str:username>/change/", views.person_change, name="person_change"),
    path("users/<str:username>/password/", views.person_password, name="person_password"),
    path("users/<str:username>/state/", views.person_state, name="person_state"),
    path("users/<str:username>/sessions/end/", security.person_sessions_end, name="person_sessions_end"),
    path("users/<str:username>/factors/reset/", security.person_factors_reset, name="person_factors_reset"),
    path("groups/", views.group_list, name="groups"),
    path("new-group/", views.group_create, name="group_create"),
    path("groups/<int:pk>/", views.group_detail, name="group"),
    path("groups/<int:pk>/change/", views.group_change, name="group_change"),
    path("groups/<int:pk>/groups/", nesting_views.group_nest, name="group_nest"),
    path("groups/<int:pk>/groups/<int:child>/remove/", nesting_views.group_unnest, name="group_unnest"),
    path("groups/<int:pk>/delete/", views.group_delete, name="group_delete"),
]
