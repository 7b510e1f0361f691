"""Pages below /create/."""

from django.urls import path

from scaffolder.blueprints import views

app_name = "create"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("templates/<str:namespace>/<str:name>/", views.start, name="start"),
    path("drafts/<uuid:uid>/<int:number>/", views.page, name="page"),
    path("drafts/<uuid:uid>/review/", views.review, name="review"),
    path("drafts/<uuid:uid>/discard/", views.discard, name="discard"),
]
