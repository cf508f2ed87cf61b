"""What the palette offers besides the actions of the page."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from chat.services import conversations
from chat.services.search import LONGEST_QUERY
from chat.services.storable import storable
from sandboxes.services import files, finding
from vibe.accounts.models import User
from vibe.refusal import Refusal
from vibe.web.requests import UserRequest

EACH = 8  # of a kind
Item = dict[str, str]
PAGES = (
    ("Workbench", "chat:home"),
    ("Conversations", "chat:search"),
    ("Archive of conversations", "chat:archived"),
    ("Import a conversation", "chat:import"),
    ("Sandboxes", "sandboxes:index"),
    ("Snapshots", "sandboxes:snapshots"),
    ("Settings", "accounts:settings"),
    ("API", "api_docs"),
)


@require_GET
@login_required
def offered(request: UserRequest) -> HttpResponse:
    """What fits the words `q`; files of the sandbox `sandbox` from two characters on."""
    query = storable(request.GET.get("q", "").strip()[:LONGEST_QUERY])
    found = [
        *_conversations(request.user, query),
        *_files(request.user, request.GET.get("sandbox", ""), query),
        *_sandboxes(request.user, query),
        *_pages(request.user, query),
    ]
    return JsonResponse({"items": found})


def _conversations(user: User, query: str) -> Iterator[Item]:
    rows = conversations.list_for(user)
    if query:
        rows = rows.filter(title__icontains=query)
    for row in rows[:EACH]:
        yield _item("Conversations", str(row), reverse("chat:show", args=[row.pk]))
    if query:
        address = reverse("chat:search", query={"q": query})
        yield _item("Conversations", f"Search what was said for “{query}”", address)


def _files(user: User, sandbox_id: str, query: str) -> Iterator[Item]:
    if len(query) < 2 or not sandbox_id:
        return
    try:
        sandbox = finding.get_for(user, sandbox_id)
        matches, _, _ = files.search(sandbox, query, where="names", limit=EACH)
    except Refusal:  # it does not run, or is somebody else's
        return
    for match in matches:
        address = reverse("sandboxes:file", args=[sandbox.pk], query={"path": match.path})
        yield {**_item("Files", match.path, address), "file": match.path}


def _sandboxes(user: User, query: str) -> Iterator[Item]:
    rows = finding.list_for(user).filter(name__icontains=query).order_by("-updated_at")
    for row in rows[:EACH]:
        yield _item("Sandboxes", row.name, reverse("sandboxes:show", args=[row.pk]))


def _pages(user: User, query: str) -> Iterator[Item]:
    pages = [*PAGES, ("Administration", "admin:index")] if user.is_staff else PAGES
    for title, name in pages:
        if query.lower() in title.lower():
            yield _item("Pages", title, reverse(name))


def _item(group: str, title: str, url: str) -> Item:
    return {"group": group, "title": title, "url": url}
