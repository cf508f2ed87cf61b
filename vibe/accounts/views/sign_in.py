"""Signing in by password or one-time link, and out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from vibe.accounts.services import sign_in, throttle
from vibe.refusal import Refusal

BACKEND = "django.contrib.auth.backends.ModelBackend"


@method_decorator(never_cache, name="dispatch")
class PasswordSignIn(LoginView):
    """The page `/sign-in/`: name and password, and where the one-time link is found."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            throttle.take(self._address(), request.POST.get("username", ""))
        except Refusal as error:
            # The form is not bound: a password must not even be looked at.
            context = self.get_context_data(form=AuthenticationForm(request), error=error)
            return self.render_to_response(context, status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        throttle.forget(self._address(), self.request.POST.get("username", ""))
        return super().form_valid(form)

    def _address(self) -> str:
        return str(self.request.META.get("REMOTE_ADDR", ""))


@require_safe
@never_cache
def show_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button: who merely looks at the link (a preview, a prefetch) does not use it up."""
    try:
        link = sign_in.check(token)
    except Refusal as error:
        response = render(request, "accounts/dead_link.html", {"error": error}, status=410)
    else:
        response = render(request, "accounts/link.html", {"token": token, "who": link.user})
    # Not "no-referrer", which would make browsers send "Origin: null" with the form.
    response["Referrer-Policy"] = "strict-origin"
    return response


@sensitive_post_parameters("token")
@require_POST
@never_cache
def use_link(request: HttpRequest) -> HttpResponse:
    try:
        user = sign_in.redeem(request.POST.get("token", ""))
    except Refusal as error:
        return render(request, "accounts/dead_link.html", {"error": error}, status=410)
    login(request, user, backend=BACKEND)
    return redirect("/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("accounts:sign_in")
