"""A process of the platform that fails in every way, with secrets in every place; started by the
test beside it, which names the secrets in the environment."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import urllib.request

import django

django.setup()

import sentry_sdk  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402

from vibe import urls  # noqa: E402

SECRETS = json.loads(os.environ["CANARIES"])
REGISTRY = f"https://user:{SECRETS['registry']}@packages.example/simple"
SHOWN = {**SECRETS, "registry": REGISTRY}
call_command("migrate", verbosity=0)


def failing(request: HttpRequest, token: str) -> HttpResponse:
    held = dict(SHOWN)  # a local variable
    logging.getLogger("vibe.api").warning("before: %s", SHOWN)
    logging.getLogger("elsewhere").info("Authorization: Bearer %s", SECRETS["api_key"])
    try:
        urllib.request.urlopen(f"http://127.0.0.1:9/?token={SECRETS['ticket']}", timeout=1)
    except OSError:
        pass
    subprocess.run(["true", SECRETS["provider"]], check=True)
    raise ValueError(f"it failed with {held} at {request.build_absolute_uri()}")


urls.urlpatterns.insert(0, path("sign-in/<str:token>/x/", failing))
settings.ALLOWED_HOSTS = ["*"]
page = Client(raise_request_exception=False).post(
    f"/sign-in/{SECRETS['sign_in']}/x/?ticket={SECRETS['ticket']}",
    {"password": SECRETS["password"]},
    headers={
        "authorization": f"Bearer {SECRETS['api_key']}",
        "cookie": f"vibe_session={SECRETS['session']}",
        "x-csrftoken": SECRETS["csrf"],
        "sec-websocket-protocol": SECRETS["csrf"],
        "host": f"3000-{SECRETS['sandbox']}.localhost",
        "referer": f"http://x/?token={SECRETS['ticket']}",
    },
)
print("PAGE", page.status_code, page.content)
try:
    raise RuntimeError(f"registry at {REGISTRY}")
except RuntimeError:
    logging.getLogger("vibe").exception("no packages: %s", {"password": SECRETS["password"]})
logging.getLogger("django.request").error("/sign-in/%s/", SECRETS["sign_in"])
sentry_sdk.capture_message(f"Cookie: vibe_session={SECRETS['session']}", level="error")
sentry_sdk.flush(10)
