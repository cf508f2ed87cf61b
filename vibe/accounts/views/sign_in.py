"""Signing in by password or one-time link, and out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from vibe import client_address
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
            throttle.take(client_address.network_of(request), self._name())
        except Refusal as error:
            # The form is not bound: a password must not even be looked at.
            context = self.get_context_data(form=AuthenticationForm(request), error=error)
            return self.render_to_response(context, status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        throttle.forget(client_address.network_of(self.request), self._name())
        return super().form_valid(form)

    def _name(self) -> str:
        """The name as the form hands it to whoever checks the password; empty if it does not."""
        field = AuthenticationForm(self.request).fields["username"]
        try:
            return str(field.clean(self.request.POST.get("username", "")))
        except ValidationError:
            return ""


def to_admin(request: HttpRequest) -> HttpResponse:
    """The admin's own sign-in page: there is one road for passwords, which counts them."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied
    next_page = request.GET.get("next", reverse("admin:index"))
    return redirect(f"{reverse('accounts:sign_in')}?{urlencode({'next': next_page})}")


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
