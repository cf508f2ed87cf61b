"""Every address of the platform; previews never come here (see vibe/asgi.py)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from vibe import live_reload, native_api
from vibe.accounts.views.sign_in import to_admin
from vibe.health import views as health

urlpatterns = [
    *health.urlpatterns,
    *(live_reload.urlpatterns if settings.RELOAD else ()),
    path("admin/login/", to_admin),
    path("admin/", admin.site.urls),
    *native_api.urlpatterns,
    path("", include("sandboxes.vercel.urls")),
    path("", include("vibe.accounts.urls")),
    path("", include("sandboxes.urls")),
    path("", include("chat.urls")),
]
