"""Pages of the graph, below those of entities."""

from django.urls import path

from catalog.graph import views

app_name = "graph"
urlpatterns = [path("<str:kind>/<str:namespace>/<str:name>/graph/", views.entity_graph, name="entity")]
