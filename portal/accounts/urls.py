"""Addresses of people, groups and API tokens, and of sign-in."""

from django.urls import path

from portal.accounts import people_views, views

app_name = "accounts"
urlpatterns = [
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<uuid:uid>/revoke/", views.token_revoke, name="token_revoke"),
    path("people/", people_views.person_list, name="people"),
    path("people/users/new/", people_views.person_create, name="person_create"),
    path("people/users/<str:username>/", people_views.person_detail, name="person"),
    path("people/users/<str:username>/change/", people_views.person_change, name="person_change"),
    path("people/users/<str:username>/password/", people_views.person_password, name="person_password"),
    path("people/users/<str:username>/state/", people_views.person_state, name="person_state"),
    path("people/groups/", people_views.group_list, name="groups"),
    path("people/groups/new/", people_views.group_create, name="group_create"),
    path("people/groups/<int:pk>/", people_views.group_detail, name="group"),
    path("people/groups/<int:pk>/change/", people_views.group_change, name="group_change"),
    path("people/groups/<int:pk>/delete/", people_views.group_delete, name="group_delete"),
]
