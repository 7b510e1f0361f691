"""Pages below /create/tasks/."""

from django.urls import path

from scaffolder.tasks import views

app_name = "tasks"
urlpatterns = [
    path("", views.task_list, name="list"),
    path("<uuid:uid>/", views.detail, name="detail"),
    path("<uuid:uid>/_/live/", views.live, name="live"),
    path("<uuid:uid>/cancel/", views.cancel, name="cancel"),
    path("<uuid:uid>/retry/", views.retry, name="retry"),
]
