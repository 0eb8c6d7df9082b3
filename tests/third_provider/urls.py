"""Where the provider's pages and endpoints are: at the top, as an environment has them."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

urlpatterns = [
    path("login/", LoginView.as_view()),
    path("", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
