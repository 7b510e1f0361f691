"""Addresses of ``/api/catalog``, those of Backstage."""

from django.urls import path

from catalog.entities.api import views as entities
from catalog.ingestion import api as ingestion

_NAME = "<str:kind>/<str:namespace>/<str:name>"

urlpatterns = [
    path("entities", entities.entity_list, name="entities"),
    path("entities/by-query", entities.by_query, name="entities-by-query"),
    path("entities/by-refs", entities.by_refs, name="entities-by-refs"),
    path("entities/by-uid/<str:uid>", ingestion.by_uid, name="entity-by-uid"),
    path(f"entities/by-name/{_NAME}", entities.by_name, name="entity-by-name"),
    path(f"entities/by-name/{_NAME}/ancestry", entities.ancestry, name="entity-ancestry"),
    path("entity-facets", entities.entity_facets, name="entity-facets"),
    path("locations", ingestion.location_list, name="locations"),
    path(f"locations/by-entity/{_NAME}", ingestion.location_by_entity, name="location-by-entity"),
    path("locations/<str:uid>", ingestion.location_detail, name="location"),
    path("refresh", ingestion.refresh, name="refresh"),
    path("validate-entity", ingestion.validate_entity, name="validate-entity"),
]
