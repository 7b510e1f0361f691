"""Addresses of the shell."""

from django.urls import path

from portal.ui import home, search, views

app_name = "ui"
urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("search/_/hits/", search.search_hits, name="search_hits"),
    path("spaces/_/switcher/", views.space_switcher, name="space_switcher"),
    path("theme/", views.theme, name="theme"),
]
