"""Addresses of the page of links."""

from django.urls import path

from catalog.people import views

app_name = "catalog_links"
urlpatterns = [
    path("", views.link_list, name="list"),
    path("rules/", views.rules, name="rules"),
    path("rules/reset/", views.rules_reset, name="rules_reset"),
]
