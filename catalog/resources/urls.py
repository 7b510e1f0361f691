"""Addresses of the pages of resources, below ``/resources/``."""

from django.urls import path

from catalog.resources import views

app_name = "resources"
urlpatterns = [
    path("", views.resource_list, name="list"),
    path("<uuid:uid>/", views.resource_detail, name="detail"),
]
