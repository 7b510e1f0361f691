"""Pages of the catalog. No kind begins with a hyphen, so ``-`` is free for pages about locations."""

from django.urls import path

from catalog.entities import views as entities
from catalog.ingestion import views as ingestion

_NAME = "<str:kind>/<str:namespace>/<str:name>"

app_name = "catalog"
urlpatterns = [
    path("", entities.entity_list, name="list"),
    path("-/register/", ingestion.register, name="register"),
    path("-/locations/", ingestion.location_list, name="locations"),
    path("-/locations/<uuid:uid>/", ingestion.location_detail, name="location"),
    path("-/locations/<uuid:uid>/refresh/", ingestion.location_refresh, name="location_refresh"),
    path("-/locations/<uuid:uid>/unregister/", ingestion.location_unregister, name="location_unregister"),
    path(f"{_NAME}/", entities.entity_detail, name="entity_detail"),
    path(f"{_NAME}/refresh/", entities.entity_refresh, name="entity_refresh"),
    path(f"{_NAME}/delete/", entities.entity_delete, name="entity_delete"),
]
