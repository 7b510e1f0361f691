"""Address of the tester of rights."""

from django.urls import path

from portal.explain import views

app_name = "explain"
urlpatterns = [path("", views.tester, name="tester")]
