"""Addresses of the audit trail."""

from django.urls import path

from portal.audit import views
from portal.audit.streaming import views as streaming

app_name = "audit"
urlpatterns = [
    path("", views.event_list, name="list"),
    path("export/", views.export, name="export"),
    path("destinations/", streaming.destination_list, name="destinations"),
    path("destinations/new/<slug:kind>/", streaming.destination_create, name="destination_create"),
    path("destinations/<uuid:uid>/", streaming.destination_change, name="destination_change"),
    path("destinations/<uuid:uid>/delete/", streaming.destination_delete, name="destination_delete"),
    path("destinations/<uuid:uid>/test/", streaming.destination_test, name="destination_test"),
]
