"""Addresses below /api/scaffolder/."""

from django.urls import path

from scaffolder.tasks.wire import templates, views

app_name = "scaffolder-wire"
urlpatterns = [
    path(
        "v2/templates/<str:namespace>/<str:kind>/<str:name>/parameter-schema",
        templates.parameter_schema,
        name="parameter-schema",
    ),
    path("v2/actions", templates.actions, name="actions"),
    path("v2/dry-run", templates.try_out, name="dry-run"),
    path("v2/tasks", views.tasks, name="tasks"),
    path("v2/tasks/<str:uid>", views.task, name="task"),
    path("v2/tasks/<str:uid>/cancel", views.cancel, name="cancel"),
    path("v2/tasks/<str:uid>/retry", views.retry, name="retry"),
    path("v2/tasks/<str:uid>/events", views.events, name="events"),
    path("v2/tasks/<str:uid>/eventstream", views.eventstream, name="eventstream"),
]
