"""A Django site in one file, inside the sandbox, settled as `startproject` does it."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import path

settings.configure(
    DEBUG=True,
    ALLOWED_HOSTS=[],
    SECRET_KEY="of a test",
    ROOT_URLCONF=__name__,
    USE_I18N=False,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware"],
)  # fmt: skip


def form(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return HttpResponseRedirect(request.build_absolute_uri("/done/"))
    field = f'<input name="csrfmiddlewaretoken" value="{get_token(request)}">'
    return HttpResponse(f'<form method="post">{field}</form>')


urlpatterns = [path("form/", form)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
