from __future__ import annotations

from django.urls import path

from vibe.accounts.views import api_keys, settings, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.PasswordSignIn.as_view(), name="sign_in"),
    path("sign-in/link/", sign_in.use_link, name="use_link"),
    path("sign-in/<str:token>/", sign_in.show_link, name="sign_in_link"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("settings/", settings.show, name="settings"),
    path("settings/password/", settings.password, name="password"),
    path("settings/appearance/", settings.appearance, name="appearance"),
    path("settings/api-keys/", api_keys.create, name="create_api_key"),
    path("settings/api-keys/<str:key_id>/revoke/", api_keys.revoke, name="revoke_api_key"),
]
