"""Addresses of ``/api/catalog``, those of Backstage."""

from django.urls import path

from catalog.entities.api import views as entities
from catalog.ingestion import api as ingestion
from catalog.ingestion import location_queries

_NAME = "<str:kind>/<str:namespace>/<str:name>"

urlpatterns = [
    path("entities", entities.entity_list, name="catalog-entities"),
    path("entities/by-query", entities.by_query, name="catalog-entities-by-query"),
    path("entities/by-refs", entities.by_refs, name="catalog-entities-by-refs"),
    path("entities/by-uid/<str:uid>", ingestion.by_uid, name="catalog-entity-by-uid"),
    path(f"entities/by-name/{_NAME}", entities.by_name, name="catalog-entity-by-name"),
    path(f"entities/by-name/{_NAME}/ancestry", entities.ancestry, name="catalog-entity-ancestry"),
    path("entity-facets", entities.entity_facets, name="catalog-entity-facets"),
    path("locations", ingestion.location_list, name="catalog-locations"),
    path("locations/by-query", location_queries.by_query, name="catalog-locations-by-query"),
    path(f"locations/by-entity/{_NAME}", ingestion.location_by_entity, name="catalog-location-by-entity"),
    path("locations/<str:uid>", ingestion.location_detail, name="catalog-location"),
    path("analyze-location", ingestion.analyze, name="catalog-analyze-location"),
    path("refresh", ingestion.refresh, name="catalog-refresh"),
    path("validate-entity", ingestion.validate_entity, name="catalog-validate-entity"),
]
