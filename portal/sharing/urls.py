"""Addresses of sharing one thing, which ``?object=stack:network`` names."""

from django.urls import path

from portal.sharing import views

app_name = "sharing"
urlpatterns = [path("", views.page, name="page"), path("revoke/", views.revoke, name="revoke")]
