"""The admin's own name, and its way in: the platform's sign-in page, not a second one."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_required

admin.site.site_header = admin.site.site_title = "Vibe"
admin.site.index_title = "Administration"
# Administrators may have no password (they sign in by link), so its own form would lock them out.
admin.site.login = login_required(admin.site.login)  # type: ignore[method-assign]  # as meant
