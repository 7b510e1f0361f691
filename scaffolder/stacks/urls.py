"""Addresses of the pages of stacks, below ``/stacks/``."""

from django.urls import path

from scaffolder.stacks import role_views, views

app_name = "stacks"
urlpatterns = [
    path("", views.stack_list, name="list"),
    path("new/", views.stack_create, name="create"),
    path("<slug:slug>/", views.stack_detail, name="detail"),
    path("<slug:slug>/resources/", views.stack_resources, name="resources"),
    path("<slug:slug>/variables/", views.stack_variables, name="variables"),
    path("<slug:slug>/variables/delete/", views.variable_delete, name="variable_delete"),
    path("<slug:slug>/state/", views.stack_state, name="state"),
    path("<slug:slug>/state/unlock/", views.state_unlock, name="state_unlock"),
    path("<slug:slug>/settings/", views.stack_settings, name="settings"),
    path("<slug:slug>/roles/", role_views.stack_role_give, name="role_give"),
    path("<slug:slug>/runs/", views.stack_trigger, name="trigger"),
    path("<slug:slug>/delete/", views.stack_delete, name="delete"),
]
