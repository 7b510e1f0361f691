"""Addresses of the pages of runs, below ``/stacks/runs/``."""

from django.urls import path

from scaffolder.runs import views

app_name = "runs"
urlpatterns = [
    path("", views.run_list, name="list"),
    path("<uuid:uid>/", views.run_detail, name="detail"),
    path("<uuid:uid>/log.txt", views.log_text, name="log"),
    path("<uuid:uid>/_/log/stream", views.log_stream, name="log_stream"),
    path("<uuid:uid>/_/standing/stream", views.standing_stream, name="standing_stream"),
    path("<uuid:uid>/<slug:verb>/", views.act, name="act"),
]
